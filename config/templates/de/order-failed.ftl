<#-- Zoom could not process an order (status failed). -->
<#assign
  tone = "bad"
  subject = "Bestellung ${key} ist in Zoom fehlgeschlagen"
  headline = "Bestellung fehlgeschlagen"
  happened = "Zoom hat die Bestellung ${key} angenommen, konnte sie aber nicht verarbeiten. Der Kunde hat nicht, was er bestellt hat."
  next = "Suchen Sie den Fehler in Zoom Commerce, beheben Sie die Ursache und bestellen Sie erneut. Ist die Ursache dort nicht zu sehen, melden Sie den Fall bei Zoom, und sagen Sie dem Verkäufer, dass sich die Bestellung verspätet."
>
