<#-- Zoom set up an account only in part (status partial success). -->
<#assign
  tone = "action"
  subject = "Account ${key} is only partly set up: action needed"
  headline = "Account only partly set up"
  happened = "Zoom created account ${key}, but not everything that was asked for."
  next = "Open the account in Zoom Commerce, compare it with the request and complete what is missing. Sales can't rely on this account until then."
>
