<#include "operators.words.ftl">
<#if body.gone>
This is gone: ${word.title}, ${body.what}.<#if body.kind != "on-hold"> There were ${body.count}.</#if>
<#else>
${lead?cap_first}

${word.means}
<#if body.example != "">

For example: ${body.example}
</#if>

What to do: <#if body.advice != "">${body.advice} </#if>${word.do}
</#if>
