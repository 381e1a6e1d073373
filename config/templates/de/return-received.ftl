<#-- Goods of a return arrived, in part or all, or the return is closed (state PARTIAL_RETURN, FULL_RETURN or COMPLETE). -->
<#assign
  kind = exchange?then("Umtausch", "Rücksendung")
  the = exchange?then("Der Umtausch", "Die Rücksendung")
  of = exchange?then("des Umtauschs", "der Rücksendung")
  tone = "good"
  subject = "${kind} ${key} " + {
    "PARTIAL_RETURN": "ist teilweise eingegangen",
    "FULL_RETURN": "ist vollständig eingegangen",
    "COMPLETE": "ist abgeschlossen"
  }[letter.status!""]!"ist ${status}"
  headline = {
    "PARTIAL_RETURN": "Ein Teil der Ware ist da",
    "FULL_RETURN": "Alle Ware ist da",
    "COMPLETE": "${kind} abgeschlossen"
  }[letter.status!""]!"${kind}: ${status}"
  happened = {
    "PARTIAL_RETURN": "Ein Teil der Ware ${of} ${key} ist eingegangen.",
    "FULL_RETURN": "Die gesamte Ware ${of} ${key} ist eingegangen.",
    "COMPLETE": "${the} ${key} ist abgeschlossen."
  }[letter.status!""]!"${the} ${key} ist jetzt ${status}."
  next = {
    "PARTIAL_RETURN": "Bitten Sie den Kunden um den Rest, oder schließen Sie den Vorgang mit dem, was eingegangen ist.",
    "FULL_RETURN": "Prüfen Sie den Zustand der Ware. Sonst ist für den Kunden nichts offen.",
    "COMPLETE": "Es ist nichts zu tun. Die Einzelheiten unten helfen, falls der Kunde fragt."
  }[letter.status!""]!"Sehen Sie sich den Vorgang in der Servicekonsole an."
  next = next + exchange?then(" Es ist ein Umtausch: stellen Sie sicher, dass die Ersatzbestellung unterwegs ist.", "")
>
