<#-- Wie der letzte Tag war. -->
<#assign words = words + {"items": "Im Einzelnen"}>
<#assign paused = letter.paused!false>
<#assign
  tone = letter.trouble
  subject = "Der letzte Tag: " + number(letter.received) + (letter.received == "1")?then(" Ereignis, ", " Ereignisse, ")
    + number(letter.dead) + " unzustellbar, " + number(letter.unroutable) + " ohne Weg"
  headline = "Wie der letzte Tag war"
  happened = {"good": "Alles, was kam, ist zugestellt oder unterwegs. Nichts wartet auf Sie.",
    "action": "Ein Ziel ist angehalten: seine Zustellungen warten, nichts geht verloren.",
    "bad": "Es gibt unzustellbare Ereignisse oder solche ohne Weg; sie warten auf Sie. Nichts geht verloren."}[tone]
  next = {"good": "Es ist nichts zu tun.",
    "action": paused?then("Ein Operator hat ein Ziel angehalten: geben Sie es in der Übersicht der Konsole wieder frei, oder mit POST /api/targets/…/resume. Jedes andere geht von selbst weiter, sobald es wieder antwortet.",
      "Sehen Sie nach dem Grund: GET /api/targets. Sobald das Ziel wieder antwortet, geht es von selbst weiter."),
    "bad": "Beheben Sie die Ursachen unten und stellen Sie dann neu zu: POST /api/replays."}[tone]
>
