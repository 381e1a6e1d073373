<#-- Zoom could not set up an account (status failure). -->
<#assign
  tone = "bad"
  subject = "Account ${key} could not be set up in Zoom"
  headline = "Account setup failed"
  happened = "Zoom could not set up account ${key}."
  next = "Check the data of the request (company name, address, contact, duplicates) and create the account again. If it fails again, open a case with Zoom and name the references below."
>
