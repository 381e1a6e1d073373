<#-- A quote went all the way (status completed). -->
<#assign
  tone = "good"
  subject = "Quote ${key} is completed"
  headline = "Quote completed"
  happened = "Quote ${key} is completed: Zoom has provisioned what it contains."
  next = "Nothing has to be done in Zoom. Let the customer know that the services are active, and close the opportunity."
>
