<#-- Wie der letzte Tag war. -->
<#assign words = words + {"items": "Im Einzelnen"}>
<#assign
  tone = letter.trouble
  subject = "Der letzte Tag: " + letter.received + " Ereignisse, " + letter.dead + " unzustellbar, " + letter.unroutable + " ohne Weg"
  headline = "Wie der letzte Tag war"
  happened = {"good": "Alles, was kam, ist zugestellt oder unterwegs. Nichts wartet auf Sie.",
    "action": "Ein Ziel ist angehalten: seine Zustellungen warten, nichts geht verloren.",
    "bad": "Es gibt unzustellbare Ereignisse oder solche ohne Weg; sie warten auf Sie. Nichts geht verloren."}[tone]
  next = {"good": "Es ist nichts zu tun.",
    "action": "Sehen Sie nach dem Grund: GET /api/targets. Sobald das Ziel wieder antwortet, geht es von selbst weiter.",
    "bad": "Beheben Sie die Ursachen unten und stellen Sie dann neu zu: POST /api/replays."}[tone]
>
