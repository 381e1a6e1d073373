<#-- The plain-text part of every mail: the same words and facts as html.ftlh, for readers and programs without HTML. -->
<#include "/letter.ftl"><#t>
<#macro line label value indent="">
${indent}${(label + ":")?right_pad(20)} ${oneLine(value)}
</#macro>
<#assign page>
${oneLine(headline)}
${""?left_pad([oneLine(headline)?length, 72]?min, "=")}

${oneLine(happened)}

${words.whatNext}
${""?left_pad(words.whatNext?length, "-")}
${oneLine(next)}

${words.details}
${""?left_pad(words.details?length, "-")}
<#list letter.facts![] as fact>
<@line label=labelOf(fact.name) value=valueOf(fact) />
</#list>
<#if letter.occurredAt??>
<@line label=words.when value=time(letter.occurredAt) />
</#if>
<#if letter.note??>

${words.note}
${""?left_pad(words.note?length, "-")}
<#list letter.note?split("\n") as noteLine>
> ${noteLine}
</#list>
</#if>
<#if letter.items?? || letter.itemsCut??>

${words.items}
${""?left_pad(words.items?length, "-")}
<#list letter.items![] as item>
${""?left_pad((item.depth!0) * 2)}- ${oneLine((item.quantity??)?then((item.quantity!"") + " x ", "") + (item.name!words.unnamedItem))}<#if item.money??>, ${oneLine(money(item.money))}</#if>
<#list item.facts![] as fact>
${""?left_pad((item.depth!0) * 2)}  ${oneLine(labelOf(fact.name))}: ${oneLine(valueOf(fact))}
</#list>
</#list>
<#if letter.itemsLeftOut??>
${words.itemsLeftOut(letter.itemsLeftOut)}
</#if>
<#if letter.itemsCut!false>
${words.itemsCut}
</#if>
</#if>
<#list letter.people![] as person>

${labelOf(person.role)}
${""?left_pad(labelOf(person.role)?length, "-")}
<#list person.lines as personLine>
${oneLine(personLine)}
</#list>
</#list>

${"-- "}
${oneLine(words.reason(sender, words.audiences[variables.audience]!variables.audience))}
${words.reference} ${oneLine(letter.event!"")}
</#assign>
${seen(page)?trim}
