<#-- An order was fulfilled (status completed). -->
<#assign
  tone = "good"
  subject = "Bestellung ${key} ist abgeschlossen"
  headline = "Bestellung abgeschlossen"
  happened = "Zoom hat die Bestellung ${key} abgeschlossen."
  next = (variables.audience?starts_with("finance"))?then(
    "Die Bestellung kann in Rechnung gestellt werden. Vergleichen Sie sie mit der Rechnung von Zoom, sobald diese kommt.",
    "Sagen Sie dem Kunden, dass die Dienste aktiv sind. Die Buchhaltung wurde ebenfalls informiert.")
>
