<#-- Zoom could not process a quote (status failed). -->
<#assign
  tone = "bad"
  subject = "Quote ${key} failed in Zoom"
  headline = "Quote failed"
  happened = "Zoom accepted quote ${key} but could not process it."
  next = "Look up the error in Zoom Commerce, correct the cause and submit the quote again. If the cause isn't visible there, open a case with Zoom, and tell the seller that the quote is late."
>
