<#-- A deal registration waits for its owner (status returned or submit failed). -->
<#assign
  tone = "action"
  subject = "Deal registration ${key} " + {"submit failed": "could not be submitted"}[letter.status!""]!"was ${status}"
  subject = subject + ": action needed"
  headline = {
    "returned": "Deal registration returned to you",
    "submit failed": "Deal registration could not be submitted"
  }[letter.status!""]!("Deal registration " + status)
  happened = {
    "returned": "Zoom's reviewer sent deal registration ${key} back for changes.",
    "submit failed": "Deal registration ${key} could not be submitted to Zoom. The deal isn't protected yet."
  }[letter.status!""]!"Deal registration ${key} is now ${status}."
  next = {
    "returned": "Open the registration in Zoom Commerce, answer the reviewer's questions and submit it again. The deal isn't protected until it is approved.",
    "submit failed": "Open the registration in Zoom Commerce, correct the fields it marks and submit it again soon."
  }[letter.status!""]!"Open the registration in Zoom Commerce, correct it and submit it again."
>
