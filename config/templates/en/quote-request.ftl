<#-- A shopper, or an agent for them, asks for a quote. -->
<#assign
  tone = "news"
  subject = "Quote request ${key} from ${shopper}" + (amount != "")?then(": ${amount}", "")
  headline = "New quote request"
  happened = shopper?cap_first + " asks for a quote for order ${key}" + (amount != "")?then(", ${amount} in all.", ".")
  next = "Check the items and the note, work out the prices and send the quote in Oracle Commerce. The order waits until you do."
>
