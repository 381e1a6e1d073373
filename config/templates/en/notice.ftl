<#-- What operators read of each kind of trouble, and that it is gone. -->
<#assign paused = (letter.reason!"") == "paused">
<#-- A cause is its target, then the code; the filter of a replay wants them apart. -->
<#assign what = letter.key!"">
<#assign deadLetters = "{\"deliveries\": {\"target\": \"" + what?keep_before(" ") + "\", \"cause\": \"" + what?keep_after(" ") + "\"}}">
<#assign trouble = {
  "dead-letters": {
    "one": "dead letter",
    "title": "dead letters",
    "means": "Deliveries that no retry can mend, or that used up their attempts. Nothing is lost: they wait for you.",
    "next": "Mend the cause, then replay them: POST /api/replays with ${deadLetters}."
  },
  "failing": {
    "one": "delivery that keeps failing",
    "title": "deliveries that keep failing",
    "means": "They failed, and so did every try since. They are tried on, and become dead letters when their attempts are used up.",
    "next": "When the cause is mended they go by themselves, an hour later at most. GET /api/causes?state=waiting has them all."
  },
  "unroutable": {
    "one": "unroutable event",
    "title": "unroutable events",
    "means": "Genuine webhooks whose type or status no routing file knows, or that name no object. They are kept.",
    "next": "Add the status or a file in routes/routing, or mend the mapping, then route them again: POST /api/replays with {\"events\": {\"state\": \"unroutable\"}}."
  },
  "on-hold": {
    "title": "target on hold",
    "means": "Deliveries to it wait and are not lost; no attempt is counted meanwhile.",
    "next": paused?then("An operator paused it: deliveries go on when somebody resumes it, on the console's overview or with POST /api/targets/…/resume.",
      "Look at the reason. Deliveries go on by themselves when the target is well, or with POST /api/targets/…/resume.")
  },
  "untimely": {
    "one": "webhook with the wrong time",
    "title": "webhooks with the wrong time",
    "means": "Their signatures are right, but they were signed too long ago or in the future. They were refused, and the sender does not send them again.",
    "next": "Compare the clock of this machine. If it is right, somebody replays old webhooks: look at GET /api/rejected for the addresses."
  },
  "unproved": {
    "one": "webhook that is not proved",
    "title": "webhooks that are not proved",
    "means": "So many within an hour bore no signature, or a wrong one. They were refused.",
    "next": "If the sender's secret was changed, change it here too. Otherwise it is a forger or a scanner: GET /api/rejected has the addresses."
  },
  "silence": {
    "one": "silent sender",
    "title": "silent senders",
    "means": "Nothing has come for longer than the last twenty webhooks took together. Nothing failed here: whether the sender still sends can't be seen from here.",
    "next": "Check at the sender that the webhook is still switched on and has this address; then that the address can be reached from outside (DNS, proxy, certificate), and look at GET /api/rejected. What the sender gave up meanwhile doesn't come by itself: compare the objects with the sender's."
  },
  "balance": {
    "one": "event that is not accounted for",
    "title": "events that are not accounted for",
    "means": "Events that were routed, but have no delivery to a target that should hear of every event.",
    "next": "Look first whether the routing file of this type leaves the target out: add it there, or take it off ledger.balance.targets. Else somebody changed the ledger by hand or restored a backup: the runbook says what to do (BalanceDoesNotAddUp)."
  },
  "drift": {
    "one": "finding in webhooks that no schema knows",
    "title": "findings in webhooks that no schema knows",
    "means": "The sender sends fields, kinds of values or statuses that config/schemas doesn't know. Nothing was refused for it.",
    "next": "Look at GET /api/drift. Take up what matters in the mapping and in config/schemas, and dismiss what doesn't: DELETE /api/drift/…"
  }
}[letter.trouble]>
<#assign
  gone = letter.status == "gone"
  tone = gone?then("good", (letter.trouble == "on-hold")?then("action", "bad"))
  counted = (letter.trouble == "on-hold")?then(trouble.title, number(letter.count?c) + " " + (letter.count == 1)?then(trouble.one, trouble.title))
  subject = gone?then("Gone: " + trouble.title, counted?cap_first) + ": " + key
  headline = gone?then("Gone: " + trouble.title?cap_first, counted?cap_first)
  happened = gone?then("This trouble is over.", trouble.means)
  noteTitle = (letter.trouble == "on-hold")?then(words.labels.reason, words.example)
  next = gone?then("Nothing has to be done.", (paused?then("", letter.advice!"") + " " + trouble.next)?trim)
>
