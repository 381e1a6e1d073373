<#-- A shopper, or an agent for them, asks for a quote. Management hears only of those over the limit that routing knows. -->
<#-- The name is last in the subject: written from right to left, it would take along a number that follows it. -->
<#assign
  large = variables.audience?ends_with("-management")
  subject = large?then("Große Angebotsanfrage", again?then("Erneute Angebotsanfrage", "Angebotsanfrage")) + " ${key}"
    + (amount != "")?then(" (${amount})", "") + " von " + (letter.shopper??)?then(shopper, "einem Kunden")
  tone = "news"
  headline = large?then("Große Angebotsanfrage", again?then("Erneute Angebotsanfrage", "Neue Angebotsanfrage"))
  happened = shopper?cap_first + again?then(" bittet erneut", " bittet") + " um ein Angebot zur Bestellung ${key}"
    + (amount != "")?then(", insgesamt ${amount}", "")
    + large?then(": mehr als die Grenze, ab der Sie davon erfahren möchten.", again?then(". Diese Anfrage ersetzt die frühere.", "."))
  next = large?then(
    "Der Vertrieb hat diese Anfrage ebenfalls. Entscheiden Sie, wer sich darum kümmert und welcher Rabatt möglich ist.",
    again?then("Vergleichen Sie sie mit der früheren Anfrage, kalkulieren Sie die Preise neu", "Prüfen Sie die Positionen und die Nachricht, kalkulieren Sie die Preise")
      + " und schicken Sie das Angebot in Oracle Commerce. So lange wartet die Bestellung.")
>
