<#-- The refund of a return is due (state PENDING_REFUND). Management hears of large ones, over the limit of its rule in notifications.yaml, in any state. -->
<#assign
  large = variables.audience?ends_with("-management")
  due = (letter.status!"") == "PENDING_REFUND"
  kind = exchange?then("Exchange", "Return")
  tone = due?then("action", "news")
  headline = large?then("Large refund", "Refund") + due?then(" due", "")
  subject = "${headline} for ${kind?lower_case} ${key}" + (amount != "")?then(": ${amount}", "")
  happened = "${kind} ${key}" + (order != "")?then(" of order ${order}", "") + " is ${status}. The refund"
    + (amount != "")?then(" of ${amount}", "") + large?then(" is more than the limit that you want to know of.", " can be paid now.")
  next = large?then(
    due?then("Decide whether the refund may be paid, and tell Finance, who handle it.", "You only need to know. If you have doubts about this refund, tell Finance, who handle it."),
    "Check the amount and the refund method below and start the refund in Oracle Commerce.")
  next = next + exchange?then(" This is an exchange: compare the refund with the price of the replacement order first.", "")
>
