<#-- A deal registration was approved (status approved). -->
<#assign
  tone = "good"
  subject = "Deal-Registrierung ${key} ist genehmigt"
  headline = "Deal-Registrierung genehmigt"
  happened = "Zoom hat die Deal-Registrierung ${key} genehmigt: der Deal gehört Ihnen, mit dem Registrierungsrabatt."
  next = "Verwenden Sie die Registrierung im Angebot oder in der Bestellung für diesen Kunden. Sie kann noch ablaufen; achten Sie auf das Enddatum."
>
