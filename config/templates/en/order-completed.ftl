<#-- An order was fulfilled (status completed). -->
<#assign
  tone = "good"
  subject = "Order ${key} is completed"
  headline = "Order completed"
  happened = "Zoom has completed order ${key}."
  next = (variables.audience?starts_with("finance"))?then(
    "The order can be invoiced. Compare it with Zoom's invoice when that arrives.",
    "Let the customer know that the services are active. Finance has been told as well.")
>
