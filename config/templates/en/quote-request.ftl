<#-- A shopper, or an agent for them, asks for a quote. Management hears only of those over the limit of its rule in notifications.yaml. -->
<#-- The name is last in the subject: written from right to left, it would take along a number that follows it. -->
<#assign
  large = variables.audience?ends_with("-management")
  tone = "news"
  subject = large?then("Large quote request", again?then("Repeated quote request", "Quote request")) + " ${key}" + (amount != "")?then(" (${amount})", "") + " from ${shopper}"
  headline = large?then("Large quote request", again?then("Quote requested again", "New quote request"))
  happened = shopper?cap_first + again?then(" asks again for a quote", " asks for a quote") + " for order ${key}" + (amount != "")?then(", ${amount} in all", "")
    + large?then(": more than the limit that you want to know of.", again?then(". This is a requote: it replaces the earlier request.", "."))
  next = large?then(
    "Sales has this request as well. Decide who looks after it and which discount they may give.",
    again?then("Compare it with the earlier request, work out the prices again", "Check the items and the note, work out the prices")
      + " and send the quote in Oracle Commerce. The order waits until you do.")
>
