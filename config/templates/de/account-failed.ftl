<#-- Zoom could not set up an account (status failure). -->
<#assign
  tone = "bad"
  subject = "Konto ${key} konnte in Zoom nicht eingerichtet werden"
  headline = "Einrichtung des Kontos fehlgeschlagen"
  happened = "Zoom konnte das Konto ${key} nicht einrichten."
  next = "Prüfen Sie die Daten des Antrags (Firmenname, Adresse, Kontakt, Dubletten) und legen Sie das Konto erneut an. Schlägt es wieder fehl, melden Sie den Fall bei Zoom und nennen Sie die Referenzen unten."
>
