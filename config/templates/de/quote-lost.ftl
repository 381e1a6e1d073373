<#-- A quote ended without a sale (status rejected or canceled). -->
<#assign
  tone = "bad"
  subject = "Angebot ${key} wurde ${status}"
  headline = "Angebot ${status}"
  happened = {
    "rejected": "Das Angebot ${key} wurde abgelehnt und kann nicht mehr bestellt werden.",
    "canceled": "Das Angebot ${key} wurde storniert und kann nicht mehr bestellt werden."
  }[letter.status!""]!"Das Angebot ${key} ist verloren: sein Status ist jetzt ${status}."
  next = {
    "rejected": "Klären Sie, warum es abgelehnt wurde. Will der Kunde weiterhin kaufen, erstellen Sie ein neues Angebot mit geänderten Bedingungen.",
    "canceled": "Kam die Stornierung unerwartet, fragen Sie, wer sie veranlasst hat. Ein storniertes Angebot lässt sich nicht wieder öffnen: erstellen Sie ein neues."
  }[letter.status!""]!"Klären Sie, was geschehen ist, und erstellen Sie ein neues Angebot, falls der Kunde weiterhin kaufen will."
>
