<#-- A deal registration ended without a sale (status closed-lost, denied, expired or revoked). -->
<#assign
  tone = "bad"
  subject = "Deal registration ${key} " + {
    "closed-lost": "was closed as lost",
    "denied": "was denied",
    "expired": "has expired",
    "revoked": "was revoked"
  }[letter.status!""]!"is lost (${status})"
  headline = {
    "closed-lost": "Deal lost",
    "denied": "Deal registration denied",
    "expired": "Deal registration expired",
    "revoked": "Deal registration revoked"
  }[letter.status!""]!"Deal registration lost"
  happened = {
    "closed-lost": "Deal registration ${key} was closed as lost.",
    "denied": "Zoom denied deal registration ${key}. The registration discount can't be used.",
    "expired": "Deal registration ${key} has expired. The registration discount can't be used any more.",
    "revoked": "Zoom revoked deal registration ${key}. The registration discount can't be used any more."
  }[letter.status!""]!"Deal registration ${key} is lost: its status is now ${status}."
  next = {
    "closed-lost": "Close the opportunity with the reason for the loss, or register the deal again if the customer comes back.",
    "denied": "Ask your Zoom channel manager for the reason. Often another partner has registered the deal already.",
    "expired": "If the customer is still going to buy, register the deal again before you quote.",
    "revoked": "Ask your Zoom channel manager for the reason, and check open quotes that carry this registration: their prices have changed."
  }[letter.status!""]!"Ask your Zoom channel manager for the reason."
>
