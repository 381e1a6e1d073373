<#-- Zoom could not process a deal registration (status failure). -->
<#assign
  tone = "bad"
  subject = "Deal registration ${key} failed in Zoom"
  headline = "Deal registration failed"
  happened = "Zoom could not process deal registration ${key}. The deal isn't protected."
  next = "Look up the error in Zoom Commerce, correct the cause and submit the registration again. If the cause isn't visible there, open a case with Zoom, and tell the partner seller."
>
