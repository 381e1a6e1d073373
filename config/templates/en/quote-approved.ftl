<#-- A quote was approved (status approved). -->
<#assign
  tone = "good"
  subject = "Quote ${key} is approved"
  headline = "Quote approved"
  happened = "Quote ${key} has been approved in Zoom Commerce."
  next = "Send the quote to the customer, and turn it into an order once they accept."
>
