<#-- A return or exchange was opened or approved (state INCOMPLETE or PENDING_CUSTOMER_ACTION). -->
<#assign
  kind = exchange?then("Umtausch", "Rücksendung")
  the = exchange?then("Der Umtausch", "Die Rücksendung")
  ofOrder = (order != "")?then(" zur Bestellung ${order}", "")
  tone = "news"
  headline = exchange?then("Neuer Umtausch", "Neue Rücksendung")
  subject = "${headline} ${key}${ofOrder}"
  happened = {
    "INCOMPLETE": "${the} ${key}${ofOrder} wurde begonnen, ist aber noch nicht vollständig.",
    "PENDING_CUSTOMER_ACTION": "${the} ${key}${ofOrder} ist genehmigt und wartet darauf, dass der Kunde die Ware zurückschickt."
  }[letter.status!""]!"${the} ${key}${ofOrder} wurde eröffnet; Stand: ${status}."
  next = {
    "INCOMPLETE": "Vervollständigen Sie den Vorgang in der Servicekonsole: prüfen Sie Positionen und Gründe, und wählen Sie, wie der Kunde sein Geld bekommt.",
    "PENDING_CUSTOMER_ACTION": "Stellen Sie sicher, dass der Kunde das Rücksendeetikett und die Nummer hat. Erstattet wird erst, wenn die Ware da ist."
  }[letter.status!""]!"Sehen Sie sich den Vorgang in der Servicekonsole an."
  next = next + exchange?then(" Es ist ein Umtausch: der Kunde bekommt dafür andere Ware.", "")
>
