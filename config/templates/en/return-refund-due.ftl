<#-- The goods of a return arrived and the refund is due (state PENDING_REFUND). Management hears only of those over the limit of its rule in notifications.yaml. -->
<#assign
  large = variables.audience?ends_with("-management")
  kind = exchange?then("Exchange", "Return")
  tone = "action"
  subject = large?then("Large refund", "Refund") + " due for ${kind?lower_case} ${key}" + (amount != "")?then(": ${amount}", "")
  headline = large?then("Large refund due", "Refund due")
  happened = "${kind} ${key}" + (order != "")?then(" of order ${order}", "") + " is waiting for its refund"
    + (amount != "")?then(" of ${amount}", "") + large?then(": more than the limit that you want to know of.", ".")
  next = large?then(
    "Decide whether the refund may be paid, and tell Finance, who handle it.",
    "Check the amount and the refund method below and start the refund in Oracle Commerce.")
  next = next + exchange?then(" This is an exchange: compare the refund with the price of the replacement order first.", "")
>
