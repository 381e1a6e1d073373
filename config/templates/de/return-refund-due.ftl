<#-- The refund of a return is due (state PENDING_REFUND). Management hears of large ones, over the limit that routing knows, in any state. -->
<#assign
  large = variables.audience?ends_with("-management")
  due = (letter.status!"") == "PENDING_REFUND"
  tone = due?then("action", "news")
  headline = large?then("Hohe Erstattung", "Erstattung") + due?then(" fällig", "")
  subject = "${headline}: " + exchange?then("Umtausch", "Rücksendung") + " ${key}" + (amount != "")?then(", ${amount}", "")
  happened = exchange?then("Umtausch", "Rücksendung") + " ${key}" + (order != "")?then(" zur Bestellung ${order}", "")
    + " (${status}): die Erstattung" + (amount != "")?then(" von ${amount}", "")
    + large?then(" liegt über der Grenze, ab der Sie davon erfahren möchten.", " kann jetzt ausgezahlt werden.")
  next = large?then(
    due?then("Entscheiden Sie, ob die Erstattung ausgezahlt werden darf, und sagen Sie es der Buchhaltung, die sie bearbeitet.", "Das ist nur zu Ihrer Kenntnis. Haben Sie Zweifel an dieser Erstattung, sagen Sie es der Buchhaltung, die sie bearbeitet."),
    "Prüfen Sie unten den Betrag und den Weg der Erstattung, und stoßen Sie sie in Oracle Commerce an.")
  next = next + exchange?then(" Es ist ein Umtausch: vergleichen Sie die Erstattung vorher mit dem Preis der Ersatzbestellung.", "")
>
