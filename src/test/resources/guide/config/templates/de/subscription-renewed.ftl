<#-- A subscription was renewed (status renewed). -->
<#assign
  tone = "good"
  subject = "Abonnement ${key} ist verlängert"
  headline = "Abonnement verlängert"
  happened = "Zoom hat das Abonnement ${key} verlängert."
  next = "Es ist nichts zu tun."
>
