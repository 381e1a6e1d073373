<#-- Zoom could not process a quote (status failed). -->
<#assign
  tone = "bad"
  subject = "Angebot ${key} ist in Zoom fehlgeschlagen"
  headline = "Angebot fehlgeschlagen"
  happened = "Zoom hat das Angebot ${key} angenommen, konnte es aber nicht verarbeiten."
  next = "Suchen Sie den Fehler in Zoom Commerce, beheben Sie die Ursache und reichen Sie das Angebot erneut ein. Ist die Ursache dort nicht zu sehen, melden Sie den Fall bei Zoom, und sagen Sie dem Verkäufer, dass sich das Angebot verspätet."
>
