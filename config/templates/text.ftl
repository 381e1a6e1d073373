<#-- The plain-text part of every mail: the same words and facts as html.ftlh, for readers and programs without HTML. -->
<#include "/letter.ftl"><#t>
<#macro line label value>
${(label + ":")?right_pad(21)} ${oneLine(value)}
</#macro>
<#macro title words mark="-">

${words}
${""?left_pad([words?length, 72]?min, mark)}
</#macro>
<#assign page>
${oneLine(headline)}
${""?left_pad([oneLine(headline)?length, 72]?min, "=")}

${oneLine(happened)}
<#if overtaken != "">
${oneLine(overtaken)}
</#if>
<@title words.whatNext />
${oneLine(next)}
<#if links?has_content>

<#list links as link>
${link.words}: ${link.address}
</#list>
</#if>
<#if letter.facts?has_content || letter.occurredAt??>
<@title words.details />
</#if>
<#list letter.facts![] as fact>
<@line label=labelOf(fact.name) value=valueOf(fact) />
</#list>
<#if letter.occurredAt??>
<@line label=words.when value=time(letter.occurredAt) />
</#if>
<#if letter.note??>
<@title noteTitle />
<#list letter.note?split("\n") as noteLine>
> ${noteLine}
</#list>
</#if>
<#if letter.items?? || letter.itemsCut??>
<@title words.items />
<#list letter.items![] as item>
${""?left_pad((item.depth!0) * 2)}- ${oneLine((item.quantity??)?then(number(item.quantity!"") + " × ", "") + (item.name!words.unnamedItem))}<#if item.money??>, ${oneLine(money(item.money))}</#if>
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
<@title labelOf(person.role) />
<#list person.lines as personLine>
${oneLine(personLine)}
</#list>
</#list>

${"-- "}
${oneLine(reason)}
<#if letter.event??>
${words.reference} ${oneLine(letter.event)}
</#if>
<#if eventLink?has_content>
${words.openConsole}: ${eventLink}
</#if>
</#assign>
${visible(page)?trim}
