<#-- An order could not be submitted (status failedToSubmit). -->
<#assign
  tone = "action"
  subject = "Order ${key} could not be submitted: action needed"
  headline = "Order could not be submitted"
  happened = "Order ${key} could not be submitted to Zoom. Nothing has been ordered yet."
  next = "Open the order in Zoom Commerce, correct the fields it marks and submit it again, so that the customer doesn't wait."
>
