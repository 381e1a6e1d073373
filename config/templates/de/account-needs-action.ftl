<#-- Zoom set up an account only in part (status partial success). -->
<#assign
  tone = "action"
  subject = "Konto ${key} ist nur teilweise eingerichtet: bitte handeln"
  headline = "Konto nur teilweise eingerichtet"
  happened = "Zoom hat das Konto ${key} angelegt, aber nicht alles, was beantragt war."
  next = "Öffnen Sie das Konto in Zoom Commerce, vergleichen Sie es mit dem Antrag und ergänzen Sie, was fehlt. Bis dahin kann sich der Vertrieb nicht darauf verlassen."
>
