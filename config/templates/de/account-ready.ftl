<#-- Zoom finished setting up an account (status success). -->
<#assign
  tone = "good"
  subject = "Konto ${key} ist in Zoom eingerichtet"
  headline = "Konto eingerichtet"
  happened = "Zoom hat das Konto ${key} eingerichtet. Es kann jetzt für Angebote und Bestellungen verwendet werden."
  next = "Sagen Sie dem Kunden, dass sein Konto bereit ist, und fahren Sie mit dem Angebot oder der Bestellung fort, die darauf gewartet hat."
>
