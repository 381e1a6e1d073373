<#-- Several mails in one: those of an hour, of a day, of a quiet time, or of a burst of one kind. -->
<#assign words = words + {
  "items": "What happened",
  "reasonOfNotice": "You get this mail because you belong to " + (words.audiences[variables.audience]!variables.audience)
    + ". It was sent automatically; please don't reply."
}>
<#assign
  tone = "news"
  subject = (letter.first!"Nothing new")?truncate_c(90, "…") + (letter.others??)?then(", and " + (letter.others!"") + " more", "")
  headline = letter.count + " messages in one"
  happened = (letter.burst!false)?then(
    "So many mails of one kind came for you in a short time that these came as one.",
    "These mails were collected for you, the oldest first.")
  next = "Look for those that say that action is needed. The systems they are about have all details."
>
