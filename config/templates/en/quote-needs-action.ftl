<#-- A quote waits for its owner (status returned, recalled or failedToSubmit). -->
<#assign
  tone = "action"
  subject = "Quote ${key} " + {"failedToSubmit": "could not be submitted"}[letter.status!""]!"was ${status}"
  subject = subject + ": action needed"
  headline = {
    "returned": "Quote returned to you",
    "recalled": "Quote recalled",
    "failedToSubmit": "Quote could not be submitted"
  }[letter.status!""]!("Quote " + status)
  happened = {
    "returned": "Zoom's reviewer sent quote ${key} back for changes.",
    "recalled": "Quote ${key} was recalled from review. Nobody works on it until it is submitted again.",
    "failedToSubmit": "Quote ${key} could not be submitted to Zoom and is still a draft there."
  }[letter.status!""]!"Quote ${key} is now ${status}."
  next = {
    "returned": "Open the quote in Zoom Commerce, read the reviewer's comments, change what they ask for and submit it again.",
    "recalled": "Open the quote in Zoom Commerce, make your changes and submit it again, or cancel it if it is no longer needed.",
    "failedToSubmit": "Open the quote in Zoom Commerce, correct the fields it marks and submit it again."
  }[letter.status!""]!"Open the quote in Zoom Commerce, correct it and submit it again."
>
