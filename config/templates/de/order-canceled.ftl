<#-- An order was canceled (status canceled). -->
<#assign
  tone = "bad"
  subject = "Bestellung ${key} wurde storniert"
  headline = "Bestellung storniert"
  happened = "Die Bestellung ${key} wurde storniert und wird nicht geliefert."
  next = (variables.audience?starts_with("finance"))?then(
    "Stellen Sie diese Bestellung nicht in Rechnung. Ist das schon geschehen, bereiten Sie eine Gutschrift vor.",
    "Kam die Stornierung unerwartet, rufen Sie den Kunden an. Die Buchhaltung weiß, dass sie die Bestellung nicht in Rechnung stellen soll.")
>
