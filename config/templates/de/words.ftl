<#ftl strip_text=true>
<#--
  Deutsch: the words that all mails use, in German. Codes are what the senders write; a code that isn't listed is shown
  in plain words made of its own letters.
-->
<#function itemsLeftOut count>
  <#return (count == 1)?then("… und eine weitere Position.", "… und ${count} weitere Positionen.")>
</#function>
<#function reason from audience>
  <#return "Sie erhalten diese E-Mail, weil Sie zum Team „${audience}“ gehören. Sie wurde automatisch nach einer Meldung von ${from} verschickt; bitte antworten Sie nicht darauf.">
</#function>
<#function overtaken by>
  <#return "Inzwischen ist es weitergegangen: Der Status ist jetzt „${by}“. Sehen Sie zuerst nach, ob noch etwas zu tun ist.">
</#function>
<#function openSender from><#return "${from} öffnen"></#function>
<#assign words = {
  "withoutNumber": "ohne Nummer",
  "withoutStatus": "unbekannt",
  "aShopper": "ein Kunde",
  "aSender": "der Absender",
  "unnamedItem": "Position ohne Namen",
  "whatNext": "Was jetzt zu tun ist",
  "details": "Einzelheiten",
  "when": "Zeitpunkt",
  "note": "Nachricht",
  "example": "Zum Beispiel",
  "items": "Positionen",
  "item": "Position",
  "quantity": "Menge",
  "itemsLeftOut": itemsLeftOut,
  "itemsCut": "Der Absender hat diese Liste gekürzt; vollständig ist sie im Shop.",
  "openSender": openSender,
  "overtaken": overtaken,
  "openSalesforce": "In Salesforce öffnen",
  "openConsole": "Dieses Ereignis in der Konsole",
  "reason": reason,
  "reasonOfNotice": "Sie erhalten diese E-Mail, weil Sie diesen Dienst betreuen. Sie wurde automatisch verschickt; bitte antworten Sie nicht darauf.",
  "reference": "Referenz:",

  "senders": {
    "zoom-commerce": "Zoom Commerce",
    "oracle-commerce": "Oracle Commerce",
    "commerce-webhooks": "Commerce Webhooks"
  },

  "audiences": {
    "sales": "Vertrieb",
    "sales-management": "Vertriebsleitung",
    "partner-sales": "Partnervertrieb",
    "sales-operations": "Vertriebsinnendienst",
    "finance": "Buchhaltung",
    "finance-management": "Finanzleitung",
    "customer-service": "Kundenservice",
    "operators": "Betrieb"
  },

  "labels": {
    "when": "Wann",
    "summaryReceived": "Empfangene Ereignisse",
    "summaryRejected": "Abgewiesene Webhooks",
    "summaryDead": "Unzustellbar",
    "summaryUnroutable": "Ohne Weg",
    "summaryWaiting": "Wartend",
    "summaryOldest": "Ältestes wartet seit",
    "summaryDelivered": "Zugestellt",
    "summarySuperseded": "Überholt",
    "summaryHeld": "Angehalten",
    "account": "Zoom-Konto",
    "crmAccountNumber": "CRM-Kontonummer",
    "createReferenceId": "Anlagereferenz",
    "quote": "Angebot",
    "dealRegistration": "Deal-Registrierung",
    "order": "Bestellung",
    "quoteRequest": "Angebotsanfrage",
    "return": "Rücksendung",
    "status": "Status",
    "amount": "Betrag",
    "total": "Gesamtbetrag",
    "refund": "Erstattung",
    "refundMethod": "Erstattung per",
    "returnFee": "Rücksendegebühr",
    "secondCurrency": "Zweite Währung",
    "exchangeRate": "Wechselkurs",
    "channel": "Angefragt über",
    "promotions": "Aktionen",
    "coupons": "Gutscheine",
    "shipping": "Versand",
    "purchaseOrder": "Bestellnummer des Kunden",
    "site": "Shop",
    "profile": "Kundenprofil",
    "agent": "Bearbeitet von",
    "authorized": "Genehmigt am",
    "replacementOrder": "Ersatzbestellung",
    "kind": "Art",
    "product": "Produkt",
    "sku": "Artikelnummer",
    "reason": "Grund",
    "condition": "Stand",
    "disposition": "Entscheidung",
    "received": "Eingegangen",
    "comments": "Bemerkung",
    "action": "Aktion",
    "priceEach": "Einzelpreis",
    "shopper": "Kunde",
    "billing": "Rechnungsadresse",
    "shippingAddress": "Lieferadresse",
    "trouble": "Störung",
    "cause": "Ursache",
    "target": "Ziel",
    "affected": "Betroffen"
  },

  "codes": {
    "success": "eingerichtet",
    "partial success": "teilweise eingerichtet",
    "failure": "fehlgeschlagen",
    "submitted": "eingereicht",
    "in review": "in Prüfung",
    "draft": "Entwurf",
    "provisioning": "in Bereitstellung",
    "approved": "genehmigt",
    "completed": "abgeschlossen",
    "rejected": "abgelehnt",
    "canceled": "storniert",
    "returned": "zurückgegeben",
    "recalled": "zurückgezogen",
    "failed": "fehlgeschlagen",
    "failedToSubmit": "nicht eingereicht",
    "submit failed": "nicht eingereicht",
    "pending review": "wartet auf Prüfung",
    "pending sales review": "wartet auf Prüfung durch den Vertrieb",
    "closed-won": "gewonnen",
    "closed-lost": "verloren",
    "denied": "abgelehnt",
    "expired": "abgelaufen",
    "revoked": "widerrufen",
    "requested": "angefragt",

    "INCOMPLETE": "unvollständig",
    "PENDING_CUSTOMER_ACTION": "genehmigt, wartet auf den Kunden",
    "PENDING_REFUND": "wartet auf die Erstattung",
    "PARTIAL_RETURN": "teilweise eingegangen",
    "FULL_RETURN": "vollständig eingegangen",
    "COMPLETE": "abgeschlossen",
    "INITIAL": "noch nicht zurückgeschickt",
    "AWAITING_RETURN": "wartet auf die Ware",
    "RETURNED": "eingegangen",
    "RETURN_NOT_REQUIRED": "Ware bleibt beim Kunden",

    "defective": "defekt",
    "didNotLike": "gefällt nicht",
    "didNotMeetExpectations": "entspricht nicht den Erwartungen",
    "incorrectColor": "falsche Farbe",
    "incorrectItem": "falscher Artikel",
    "incorrectSize": "falsche Größe",
    "acceptedWithRefund": "angenommen, mit Erstattung",
    "rejectedWithRefund": "abgelehnt, mit Erstattung",
    "rejectedWithoutRefund": "abgelehnt, ohne Erstattung",

    "creditCard": "Kreditkarte",
    "tokenizedCreditCard": "Kreditkarte",
    "storeCredit": "Guthaben",
    "manualRefund": "manuelle Erstattung",
    "externalRefund": "externe Erstattung",

    "agent": "Servicekonsole",
    "asa": "betreuten Verkauf",
    "exchange": "Umtausch: der Kunde bekommt andere Ware",

    "dead-letters": "unzustellbare Lieferungen",
    "unroutable": "nicht zuordenbare Ereignisse",
    "on-hold": "Ziel angehalten",
    "untimely": "Webhooks mit falscher Zeit",
    "unproved": "Webhooks ohne gültigen Nachweis",
    "balance": "fehlende Lieferungen",
    "drift": "Webhooks, die kein Schema kennt",
    "gone": "behoben"
  }
}>
