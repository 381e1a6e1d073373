<#-- What operators read of each kind of trouble, and that it is gone. -->
<#assign paused = (letter.reason!"") == "paused">
<#-- A cause is its target, then the code; the filter of a replay wants them apart. -->
<#assign what = letter.key!"">
<#assign deadLetters = "{\"deliveries\": {\"target\": \"" + what?keep_before(" ") + "\", \"cause\": \"" + what?keep_after(" ") + "\"}}">
<#assign trouble = {
  "dead-letters": {
    "one": "unzustellbare Lieferung",
    "title": "unzustellbare Lieferungen",
    "means": "Lieferungen, denen kein weiterer Versuch hilft oder deren Versuche aufgebraucht sind. Nichts ist verloren: sie warten auf Sie.",
    "next": "Beheben Sie die Ursache und liefern Sie dann erneut: POST /api/replays mit ${deadLetters}."
  },
  "failing": {
    "one": "immer wieder scheiternde Lieferung",
    "title": "immer wieder scheiternde Lieferungen",
    "means": "Sie sind gescheitert, und seither jeder weitere Versuch. Sie werden weiter versucht; sind ihre Versuche aufgebraucht, gelten sie als unzustellbar.",
    "next": "Ist die Ursache behoben, gehen sie von selbst, spätestens eine Stunde danach. Alle nennt GET /api/causes?state=waiting."
  },
  "unroutable": {
    "one": "nicht zuordenbares Ereignis",
    "title": "nicht zuordenbare Ereignisse",
    "means": "Echte Webhooks, deren Typ oder Status keine Routing-Datei kennt oder die kein Objekt nennen. Sie sind aufbewahrt.",
    "next": "Ergänzen Sie den Status oder eine Datei in routes/routing oder berichtigen Sie die Zuordnung, und ordnen Sie sie dann neu zu: POST /api/replays mit {\"events\": {\"state\": \"unroutable\"}}."
  },
  "on-hold": {
    "title": "Ziel angehalten",
    "means": "Lieferungen dorthin warten und gehen nicht verloren; Versuche werden solange nicht gezählt.",
    "next": paused?then("Ein Operator hat es angehalten: weiter geht es, wenn jemand es wieder freigibt, in der Übersicht der Konsole oder mit POST /api/targets/…/resume.",
      "Sehen Sie nach dem Grund. Sobald es dem Ziel gut geht, geht es von selbst weiter, oder mit POST /api/targets/…/resume.")
  },
  "untimely": {
    "one": "Webhook mit falscher Zeit",
    "title": "Webhooks mit falscher Zeit",
    "means": "Ihre Signaturen stimmen, aber sie wurden vor zu langer Zeit oder in der Zukunft signiert. Sie wurden abgewiesen, und der Absender schickt sie nicht noch einmal.",
    "next": "Vergleichen Sie die Uhr dieser Maschine. Geht sie richtig, spielt jemand alte Webhooks wieder ein: GET /api/rejected nennt die Adressen."
  },
  "unproved": {
    "one": "Webhook ohne gültigen Nachweis",
    "title": "Webhooks ohne gültigen Nachweis",
    "means": "So viele trugen innerhalb einer Stunde keine oder eine falsche Signatur. Sie wurden abgewiesen.",
    "next": "Wurde das Geheimnis beim Absender geändert, so ändern Sie es auch hier. Sonst ist es ein Fälscher oder ein Scanner: GET /api/rejected nennt die Adressen."
  },
  "silence": {
    "one": "verstummter Absender",
    "title": "verstummte Absender",
    "means": "Es ist länger nichts gekommen, als die letzten zwanzig Webhooks zusammen gebraucht haben. Hier ist nichts gescheitert: ob der Absender noch sendet, ist von hier aus nicht zu sehen.",
    "next": "Sehen Sie beim Absender nach, ob der Webhook noch eingeschaltet ist und diese Adresse hat; dann, ob die Adresse von außen erreichbar ist (DNS, Proxy, Zertifikat), und in GET /api/rejected. Was der Absender inzwischen aufgegeben hat, kommt nicht von selbst: vergleichen Sie die Objekte mit denen beim Absender."
  },
  "balance": {
    "one": "Ereignis mit fehlender Lieferung",
    "title": "Ereignisse mit fehlenden Lieferungen",
    "means": "Zugeordnete Ereignisse ohne Lieferung an ein Ziel, das von jedem Ereignis erfahren soll.",
    "next": "Sehen Sie zuerst, ob die Routing-Datei dieses Typs das Ziel auslässt: ergänzen Sie es dort, oder nehmen Sie es aus ledger.balance.targets. Sonst hat jemand das Ledger von Hand geändert oder eine Sicherung eingespielt: was dann zu tun ist, steht im Runbook (BalanceDoesNotAddUp)."
  },
  "drift": {
    "one": "Fund in Webhooks, den kein Schema kennt",
    "title": "Funde in Webhooks, die kein Schema kennt",
    "means": "Der Absender schickt Felder, Arten von Werten oder Status, die config/schemas nicht kennt. Abgewiesen wurde deshalb nichts.",
    "next": "Sehen Sie in GET /api/drift. Nehmen Sie das Wichtige in die Zuordnung und in config/schemas auf, und verwerfen Sie den Rest: DELETE /api/drift/…"
  }
}[letter.trouble]>
<#assign
  gone = letter.status == "gone"
  tone = gone?then("good", (letter.trouble == "on-hold")?then("action", "bad"))
  counted = (letter.trouble == "on-hold")?then(trouble.title, number(letter.count?c) + " " + (letter.count == 1)?then(trouble.one, trouble.title))
  subject = gone?then("Behoben: " + trouble.title, counted?cap_first) + ": " + key
  headline = gone?then("Behoben: " + trouble.title?cap_first, counted?cap_first)
  happened = gone?then("Diese Störung ist vorbei.", trouble.means)
  noteTitle = (letter.trouble == "on-hold")?then(words.labels.reason, words.example)
  next = gone?then("Es ist nichts zu tun.", (paused?then("", letter.advice!"") + " " + trouble.next)?trim)
>
