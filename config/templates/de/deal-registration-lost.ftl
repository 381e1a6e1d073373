<#-- A deal registration ended without a sale (status closed-lost, denied, expired or revoked). -->
<#assign
  tone = "bad"
  subject = "Deal-Registrierung ${key} " + {
    "closed-lost": "wurde als verloren geschlossen",
    "denied": "wurde abgelehnt",
    "expired": "ist abgelaufen",
    "revoked": "wurde widerrufen"
  }[letter.status!""]!"ist verloren (${status})"
  headline = {
    "closed-lost": "Deal verloren",
    "denied": "Deal-Registrierung abgelehnt",
    "expired": "Deal-Registrierung abgelaufen",
    "revoked": "Deal-Registrierung widerrufen"
  }[letter.status!""]!"Deal-Registrierung verloren"
  happened = {
    "closed-lost": "Die Deal-Registrierung ${key} wurde als verloren geschlossen.",
    "denied": "Zoom hat die Deal-Registrierung ${key} abgelehnt. Der Registrierungsrabatt gilt nicht.",
    "expired": "Die Deal-Registrierung ${key} ist abgelaufen. Der Registrierungsrabatt gilt nicht mehr.",
    "revoked": "Zoom hat die Deal-Registrierung ${key} widerrufen. Der Registrierungsrabatt gilt nicht mehr."
  }[letter.status!""]!"Die Deal-Registrierung ${key} ist verloren: ihr Status ist jetzt ${status}."
  next = {
    "closed-lost": "Schließen Sie die Opportunity mit dem Grund des Verlusts, oder registrieren Sie den Deal neu, falls der Kunde zurückkommt.",
    "denied": "Fragen Sie Ihren Channel Manager bei Zoom nach dem Grund. Oft hat ein anderer Partner den Deal schon registriert.",
    "expired": "Will der Kunde weiterhin kaufen, registrieren Sie den Deal neu, bevor Sie ein Angebot machen.",
    "revoked": "Fragen Sie Ihren Channel Manager bei Zoom nach dem Grund, und prüfen Sie offene Angebote mit dieser Registrierung: ihre Preise haben sich geändert."
  }[letter.status!""]!"Fragen Sie Ihren Channel Manager bei Zoom nach dem Grund."
>
