<#-- A deal registration was approved (status approved). -->
<#assign
  tone = "good"
  subject = "Deal registration ${key} is approved"
  headline = "Deal registration approved"
  happened = "Zoom approved deal registration ${key}: the deal is yours, with the registration discount."
  next = "Use the registration on the quote or order for this customer. It can still expire, so watch its end date."
>
