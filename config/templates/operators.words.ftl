<#-- What operators read of each kind of trouble: title, what it means, what to do. -->
<#assign words = {
  "dead-letters": {
    "title": "dead letters",
    "means": "Deliveries that no retry can mend, or that used up their attempts. Nothing is lost: they wait for you.",
    "do": "Mend the cause, then replay them: POST /api/replays with {\"deliveries\": {\"cause\": \"…\"}}."
  },
  "unroutable": {
    "title": "unroutable events",
    "means": "Genuine webhooks whose type or status no routing file knows. They are kept.",
    "do": "Add the status or a file in routes/routing, then route them again: POST /api/replays with {\"events\": {}}."
  },
  "on-hold": {
    "title": "target on hold",
    "means": "Deliveries to it wait and are not lost; no attempt is counted meanwhile.",
    "do": "Look at the reason. Deliveries go on by themselves when the target is well, or with POST /api/targets/…/resume."
  },
  "untimely": {
    "title": "webhooks with the wrong time",
    "means": "Their signatures are right, but they were signed too long ago or in the future. They were refused, and the sender does not send them again.",
    "do": "Compare the clock of this machine. If it is right, somebody replays old webhooks: look at GET /api/rejected for the addresses."
  },
  "unproved": {
    "title": "webhooks that are not proved",
    "means": "So many within an hour bore no signature, or a wrong one. They were refused.",
    "do": "If the sender's secret was changed, change it here too. Otherwise it is a forger or a scanner: GET /api/rejected has the addresses."
  },
  "balance": {
    "title": "events that are not accounted for",
    "means": "Events that were routed, but have no delivery to a target that should hear of every event.",
    "do": "Look at the routing file of this type: it must book every target."
  }
}>
<#assign word = words[body.kind]>
<#assign lead = (body.kind == "on-hold")?then("", body.count + " × ") + word.title + ": " + body.what>
