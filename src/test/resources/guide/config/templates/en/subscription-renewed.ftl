<#-- A subscription was renewed (status renewed). -->
<#assign
  tone = "good"
  subject = "Subscription ${key} is renewed"
  headline = "Subscription renewed"
  happened = "Zoom has renewed subscription ${key}."
  next = "Nothing has to be done."
>
