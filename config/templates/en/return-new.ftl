<#-- A return or exchange was opened or approved (state INCOMPLETE or PENDING_CUSTOMER_ACTION). -->
<#assign
  kind = exchange?then("Exchange", "Return")
  tone = "news"
  subject = "New ${kind?lower_case} ${key}" + (order != "")?then(" for order ${order}", "")
  headline = "New ${kind?lower_case}"
  happened = {
    "INCOMPLETE": "${kind} ${key} was started" + (order != "")?then(" for order ${order}", "") + " but isn't complete yet.",
    "PENDING_CUSTOMER_ACTION": "${kind} ${key}" + (order != "")?then(" for order ${order}", "") + " is approved and waits for the customer to send the goods back."
  }[letter.status!""]!"${kind} ${key} was opened; it is ${status}."
  next = {
    "INCOMPLETE": "Complete the ${kind?lower_case} in the agent console: check the items and reasons, and choose how the customer is refunded.",
    "PENDING_CUSTOMER_ACTION": "Make sure that the customer has the return label and the return number. Nothing is refunded until the goods arrive."
  }[letter.status!""]!"Look at the ${kind?lower_case} in the agent console."
  next = next + exchange?then(" This is an exchange: the customer gets other goods in return.", "")
>
