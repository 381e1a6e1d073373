<#-- Goods of a return arrived, in part or all, or the return is closed (state PARTIAL_RETURN, FULL_RETURN or COMPLETE). -->
<#assign
  kind = exchange?then("Exchange", "Return")
  tone = "good"
  subject = "${kind} ${key} " + {
    "PARTIAL_RETURN": "arrived in part",
    "FULL_RETURN": "arrived complete",
    "COMPLETE": "is closed"
  }[letter.status!""]!"is ${status}"
  headline = {
    "PARTIAL_RETURN": "Part of the goods arrived",
    "FULL_RETURN": "All goods arrived",
    "COMPLETE": "${kind} closed"
  }[letter.status!""]!"${kind} ${status}"
  happened = {
    "PARTIAL_RETURN": "Part of the goods of ${kind?lower_case} ${key} arrived.",
    "FULL_RETURN": "All goods of ${kind?lower_case} ${key} arrived.",
    "COMPLETE": "${kind} ${key} is closed."
  }[letter.status!""]!"${kind} ${key} is now ${status}."
  next = {
    "PARTIAL_RETURN": "Ask the customer for the rest, or close the ${kind?lower_case} with what arrived.",
    "FULL_RETURN": "Check the state of the goods. Nothing else is open for the customer.",
    "COMPLETE": "Nothing has to be done. Use the details below if the customer asks."
  }[letter.status!""]!"Look at the ${kind?lower_case} in the agent console."
  next = next + exchange?then(" This is an exchange: make sure that the replacement order is on its way.", "")
>
