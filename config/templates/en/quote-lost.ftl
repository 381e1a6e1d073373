<#-- A quote ended without a sale (status rejected or canceled). -->
<#assign
  tone = "bad"
  subject = "Quote ${key} was ${status}"
  headline = "Quote " + status
  happened = {
    "rejected": "Quote ${key} was rejected and can't be ordered any more.",
    "canceled": "Quote ${key} was canceled and can't be ordered any more."
  }[letter.status!""]!"Quote ${key} is lost: its status is now ${status}."
  next = {
    "rejected": "Find out why it was rejected. If the customer still wants to buy, create a new quote with changed terms.",
    "canceled": "If the cancellation wasn't expected, ask who asked for it. A canceled quote can't be opened again: create a new one."
  }[letter.status!""]!"Ask what happened, and create a new quote if the customer still wants to buy."
>
