<#-- The goods of a return arrived and the refund is due (state PENDING_REFUND). -->
<#assign
  kind = exchange?then("Exchange", "Return")
  tone = "action"
  subject = "Refund due for ${kind?lower_case} ${key}" + (amount != "")?then(": ${amount}", "")
  headline = "Refund due"
  happened = "${kind} ${key}" + (order != "")?then(" of order ${order}", "") + " is waiting for its refund" + (amount != "")?then(" of ${amount}.", ".")
  next = "Check the amount and the refund method below and start the refund in Oracle Commerce."
    + exchange?then(" This is an exchange: compare the refund with the price of the replacement order first.", "")
>
