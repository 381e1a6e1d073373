<#-- Mehrere Mails in einer: die einer Stunde, eines Tages, einer Ruhezeit, oder ein Schwall von einer Art. -->
<#assign words = words + {
  "items": "Was geschehen ist",
  "reasonOfNotice": "Sie erhalten diese E-Mail, weil Sie zum Team „" + (words.audiences[variables.audience]!variables.audience)
    + "“ gehören. Sie wurde automatisch verschickt; bitte antworten Sie nicht darauf."
}>
<#assign
  tone = "news"
  subject = (letter.first!"Nichts Neues")?truncate_c(90, "…") + (letter.others??)?then(", und " + (letter.others!"") + " weitere", "")
  headline = letter.count + " Nachrichten in einer"
  happened = (letter.burst!false)?then(
    "In kurzer Zeit kamen so viele Mails einer Art für Sie, dass diese als eine kommen.",
    "Diese Mails wurden für Sie gesammelt, die älteste zuerst.")
  next = "Achten Sie auf die, in denen steht, dass Sie etwas tun müssen. Alle Einzelheiten stehen in den Systemen, um die es geht."
>
