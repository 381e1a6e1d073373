<#-- How the last day went. -->
<#assign words = words + {"items": "In detail"}>
<#assign paused = letter.paused!false>
<#assign
  tone = letter.trouble
  subject = "The last day: " + number(letter.received) + (letter.received == "1")?then(" event, ", " events, ")
    + number(letter.dead) + (letter.dead == "1")?then(" dead letter, ", " dead letters, ") + number(letter.unroutable) + " unroutable"
  headline = "How the last day went"
  happened = {"good": "All that came was delivered or is on its way. Nothing waits for you.",
    "action": "A target is on hold: its deliveries wait, and nothing is lost.",
    "bad": "There are dead letters or unroutable events, which wait for you. Nothing is lost."}[tone]
  next = {"good": "Nothing has to be done.",
    "action": paused?then("An operator paused a target: resume it on the console's overview, or with POST /api/targets/…/resume. Any other goes on by itself when it is well.",
      "Look at the reason: GET /api/targets. Deliveries go on by themselves when the target is well."),
    "bad": "Mend the causes below, then replay: POST /api/replays."}[tone]
>
