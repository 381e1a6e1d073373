<#-- A deal registration waits for its owner (status returned or submit failed). -->
<#assign
  tone = "action"
  subject = "Deal-Registrierung ${key} " + {
    "returned": "wurde zurückgegeben",
    "submit failed": "konnte nicht eingereicht werden"
  }[letter.status!""]!"ist ${status}"
  subject = subject + ": bitte handeln"
  headline = {
    "returned": "Deal-Registrierung an Sie zurückgegeben",
    "submit failed": "Deal-Registrierung konnte nicht eingereicht werden"
  }[letter.status!""]!"Deal-Registrierung: ${status}"
  happened = {
    "returned": "Der Prüfer bei Zoom hat die Deal-Registrierung ${key} zur Änderung zurückgegeben.",
    "submit failed": "Die Deal-Registrierung ${key} konnte nicht bei Zoom eingereicht werden. Der Deal ist noch nicht geschützt."
  }[letter.status!""]!"Die Deal-Registrierung ${key} ist jetzt ${status}."
  next = {
    "returned": "Öffnen Sie die Registrierung in Zoom Commerce, beantworten Sie die Fragen des Prüfers und reichen Sie sie erneut ein. Bis zur Genehmigung ist der Deal nicht geschützt.",
    "submit failed": "Öffnen Sie die Registrierung in Zoom Commerce, korrigieren Sie die markierten Felder und reichen Sie sie bald erneut ein."
  }[letter.status!""]!"Öffnen Sie die Registrierung in Zoom Commerce, korrigieren Sie sie und reichen Sie sie erneut ein."
>
