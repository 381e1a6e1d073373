<#-- Zoom could not process a deal registration (status failure). -->
<#assign
  tone = "bad"
  subject = "Deal-Registrierung ${key} ist in Zoom fehlgeschlagen"
  headline = "Deal-Registrierung fehlgeschlagen"
  happened = "Zoom konnte die Deal-Registrierung ${key} nicht verarbeiten. Der Deal ist nicht geschützt."
  next = "Suchen Sie den Fehler in Zoom Commerce, beheben Sie die Ursache und reichen Sie die Registrierung erneut ein. Ist die Ursache dort nicht zu sehen, melden Sie den Fall bei Zoom, und informieren Sie den Partnerverkäufer."
>
