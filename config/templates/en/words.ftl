<#ftl strip_text=true>
<#--
  English: the words that all mails use. Codes are what the senders write; a code that isn't listed is shown in plain
  words made of its own letters, so a new status needs no change here to be readable.
-->
<#function itemsLeftOut count>
  <#return (count == 1)?then("… and one more item.", "… and ${count} more items.")>
</#function>
<#function reason from audience>
  <#return "You get this mail because you belong to ${audience}. It was sent automatically after a message from ${from}; please don't reply.">
</#function>
<#function overtaken by>
  <#return "It has moved on since: its status is ${by} now. Look first whether there is still something to do.">
</#function>
<#function openSender from><#return "Open ${from}"></#function>
<#assign words = {
  "withoutNumber": "without a number",
  "withoutStatus": "unknown",
  "aShopper": "a shopper",
  "aSender": "the sender",
  "unnamedItem": "Item without a name",
  "whatNext": "What to do next",
  "details": "Details",
  "when": "When",
  "note": "Note",
  "example": "For example",
  "items": "Items",
  "item": "Item",
  "quantity": "Quantity",
  "itemsLeftOut": itemsLeftOut,
  "itemsCut": "The sender cut this list; the shop has the rest.",
  "openSender": openSender,
  "overtaken": overtaken,
  "openSalesforce": "Open in Salesforce",
  "openConsole": "This event in the console",
  "reason": reason,
  "reasonOfNotice": "You get this mail because you look after this service. It was sent automatically; please don't reply.",
  "reference": "Reference:",

  "senders": {
    "zoom-commerce": "Zoom Commerce",
    "oracle-commerce": "Oracle Commerce",
    "commerce-webhooks": "Commerce Webhooks"
  },

  "audiences": {
    "sales": "Sales",
    "sales-management": "Sales Management",
    "partner-sales": "Partner Sales",
    "sales-operations": "Sales Operations",
    "finance": "Finance",
    "finance-management": "Finance Management",
    "customer-service": "Customer Service",
    "operators": "Operators"
  },

  "labels": {
    "when": "When",
    "summaryReceived": "Events received",
    "summaryRejected": "Webhooks refused",
    "summaryDead": "Dead letters",
    "summaryUnroutable": "Unroutable events",
    "summaryWaiting": "Waiting",
    "summaryOldest": "Oldest waiting since",
    "summaryDelivered": "Delivered",
    "summarySuperseded": "Superseded",
    "summaryHeld": "On hold",
    "account": "Zoom account",
    "crmAccountNumber": "CRM account number",
    "createReferenceId": "Create reference",
    "quote": "Quote",
    "dealRegistration": "Deal registration",
    "order": "Order",
    "quoteRequest": "Quote request",
    "return": "Return",
    "status": "Status",
    "amount": "Amount",
    "total": "Total",
    "refund": "Refund",
    "refundMethod": "Refund by",
    "returnFee": "Return fee",
    "secondCurrency": "Second currency",
    "exchangeRate": "Exchange rate",
    "channel": "Requested through",
    "promotions": "Promotions",
    "coupons": "Coupons",
    "shipping": "Shipping",
    "purchaseOrder": "Purchase order",
    "site": "Site",
    "profile": "Shopper profile",
    "agent": "Agent",
    "authorized": "Authorized",
    "replacementOrder": "Replacement order",
    "kind": "Kind",
    "product": "Product",
    "sku": "SKU",
    "reason": "Reason",
    "condition": "State",
    "disposition": "Decision",
    "received": "Received",
    "comments": "Comment",
    "action": "Action",
    "priceEach": "Price each",
    "shopper": "Shopper",
    "billing": "Billing address",
    "shippingAddress": "Ship to",
    "trouble": "Trouble",
    "cause": "Cause",
    "target": "Target",
    "affected": "Affected"
  },

  "codes": {
    "success": "ready",
    "partial success": "partly set up",
    "failure": "failed",
    "submitted": "submitted",
    "in review": "in review",
    "draft": "draft",
    "provisioning": "being set up",
    "approved": "approved",
    "completed": "completed",
    "rejected": "rejected",
    "canceled": "canceled",
    "returned": "returned",
    "recalled": "recalled",
    "failed": "failed",
    "failedToSubmit": "failed to submit",
    "submit failed": "failed to submit",
    "pending review": "waiting for review",
    "pending sales review": "waiting for review by sales",
    "closed-won": "closed won",
    "closed-lost": "closed lost",
    "denied": "denied",
    "expired": "expired",
    "revoked": "revoked",
    "requested": "requested",

    "INCOMPLETE": "incomplete",
    "PENDING_CUSTOMER_ACTION": "approved, waiting for the customer",
    "PENDING_REFUND": "waiting for the refund",
    "PARTIAL_RETURN": "partly returned",
    "FULL_RETURN": "fully returned",
    "COMPLETE": "complete",
    "INITIAL": "not sent back yet",
    "AWAITING_RETURN": "waiting for the goods",
    "RETURNED": "returned",
    "RETURN_NOT_REQUIRED": "goods stay with the shopper",

    "defective": "defective",
    "didNotLike": "did not like it",
    "didNotMeetExpectations": "did not meet expectations",
    "incorrectColor": "wrong color",
    "incorrectItem": "wrong item",
    "incorrectSize": "wrong size",
    "acceptedWithRefund": "accepted, with refund",
    "rejectedWithRefund": "rejected, with refund",
    "rejectedWithoutRefund": "rejected, without refund",

    "creditCard": "credit card",
    "tokenizedCreditCard": "credit card",
    "storeCredit": "store credit",
    "manualRefund": "manual refund",
    "externalRefund": "external refund",

    "agent": "agent console",
    "asa": "assisted selling",
    "exchange": "exchange: the shopper gets other goods in return",

    "dead-letters": "dead letters",
    "unroutable": "unroutable events",
    "on-hold": "target on hold",
    "untimely": "webhooks with the wrong time",
    "unproved": "webhooks that are not proved",
    "balance": "events not accounted for",
    "drift": "webhooks that no schema knows",
    "gone": "gone"
  }
}>
