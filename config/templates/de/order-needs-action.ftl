<#-- An order could not be submitted (status failedToSubmit). -->
<#assign
  tone = "action"
  subject = "Bestellung ${key} konnte nicht eingereicht werden: bitte handeln"
  headline = "Bestellung konnte nicht eingereicht werden"
  happened = "Die Bestellung ${key} konnte nicht bei Zoom eingereicht werden. Bestellt ist noch nichts."
  next = "Öffnen Sie die Bestellung in Zoom Commerce, korrigieren Sie die markierten Felder und reichen Sie sie erneut ein, damit der Kunde nicht wartet."
>
