<#-- An order was canceled (status canceled). -->
<#assign
  tone = "bad"
  subject = "Order ${key} was canceled"
  headline = "Order canceled"
  happened = "Order ${key} was canceled and will not be delivered."
  next = (variables.audience?starts_with("finance"))?then(
    "Don't invoice this order. If it was invoiced already, prepare a credit note.",
    "If the cancellation wasn't expected, call the customer. Finance has been told not to invoice the order.")
>
