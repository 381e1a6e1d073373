<#-- A quote waits for its owner (status returned, recalled or failedToSubmit). -->
<#assign
  tone = "action"
  subject = "Angebot ${key} " + {
    "failedToSubmit": "konnte nicht eingereicht werden"
  }[letter.status!""]!"wurde ${status}"
  subject = subject + ": bitte handeln"
  headline = {
    "returned": "Angebot an Sie zurückgegeben",
    "recalled": "Angebot zurückgezogen",
    "failedToSubmit": "Angebot konnte nicht eingereicht werden"
  }[letter.status!""]!"Angebot ${status}"
  happened = {
    "returned": "Der Prüfer bei Zoom hat das Angebot ${key} zur Änderung zurückgegeben.",
    "recalled": "Das Angebot ${key} wurde aus der Prüfung zurückgezogen. Bis zur erneuten Einreichung arbeitet niemand daran.",
    "failedToSubmit": "Das Angebot ${key} konnte nicht bei Zoom eingereicht werden und ist dort noch ein Entwurf."
  }[letter.status!""]!"Das Angebot ${key} ist jetzt ${status}."
  next = {
    "returned": "Öffnen Sie das Angebot in Zoom Commerce, lesen Sie die Anmerkungen des Prüfers, ändern Sie, was er verlangt, und reichen Sie es erneut ein.",
    "recalled": "Öffnen Sie das Angebot in Zoom Commerce, nehmen Sie Ihre Änderungen vor und reichen Sie es erneut ein, oder stornieren Sie es, wenn es nicht mehr gebraucht wird.",
    "failedToSubmit": "Öffnen Sie das Angebot in Zoom Commerce, korrigieren Sie die markierten Felder und reichen Sie es erneut ein."
  }[letter.status!""]!"Öffnen Sie das Angebot in Zoom Commerce, korrigieren Sie es und reichen Sie es erneut ein."
>
