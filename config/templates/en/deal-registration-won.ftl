<#-- A registered deal was won (status closed-won). -->
<#assign
  tone = "good"
  subject = "Deal registration ${key} is won"
  headline = "Deal won"
  happened = "Deal registration ${key} was closed as won."
  next = "Nothing has to be done in Zoom. Close the opportunity, and check that the order carries the registration."
>
