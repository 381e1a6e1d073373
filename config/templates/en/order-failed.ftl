<#-- Zoom could not process an order (status failed). -->
<#assign
  tone = "bad"
  subject = "Order ${key} failed in Zoom"
  headline = "Order failed"
  happened = "Zoom accepted order ${key} but could not process it. The customer doesn't have what they ordered."
  next = "Look up the error in Zoom Commerce, correct the cause and order again. If the cause isn't visible there, open a case with Zoom, and tell the seller that the order is late."
>
