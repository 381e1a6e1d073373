<#-- A quote went all the way (status completed). -->
<#assign
  tone = "good"
  subject = "Angebot ${key} ist abgeschlossen"
  headline = "Angebot abgeschlossen"
  happened = "Das Angebot ${key} ist abgeschlossen: Zoom hat bereitgestellt, was es enthält."
  next = "In Zoom ist nichts zu tun. Sagen Sie dem Kunden, dass die Dienste aktiv sind, und schließen Sie die Opportunity."
>
