<#-- A quote was approved (status approved). -->
<#assign
  tone = "good"
  subject = "Angebot ${key} ist genehmigt"
  headline = "Angebot genehmigt"
  happened = "Das Angebot ${key} wurde in Zoom Commerce genehmigt."
  next = "Schicken Sie dem Kunden das Angebot, und machen Sie eine Bestellung daraus, sobald er zusagt."
>
