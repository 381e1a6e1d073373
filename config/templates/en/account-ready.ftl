<#-- Zoom finished setting up an account (status success). -->
<#assign
  tone = "good"
  subject = "Account ${key} is ready in Zoom"
  headline = "Account ready"
  happened = "Zoom has set up account ${key}. It can be used for quotes and orders now."
  next = "Tell the customer that the account is ready, and continue with the quote or order that was waiting for it."
>
