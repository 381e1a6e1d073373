<#-- A registered deal was won (status closed-won). -->
<#assign
  tone = "good"
  subject = "Deal-Registrierung ${key} ist gewonnen"
  headline = "Deal gewonnen"
  happened = "Die Deal-Registrierung ${key} wurde als gewonnen geschlossen."
  next = "In Zoom ist nichts zu tun. Schließen Sie die Opportunity, und prüfen Sie, ob die Bestellung die Registrierung trägt."
>
