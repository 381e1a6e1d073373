<#include "operators.words.ftl">
<#if body.gone>
This is gone: ${word.title}, ${body.what}. There were ${body.count}.
<#else>
${body.count} × ${word.title}: ${body.what}

${word.means}
<#if body.example != "">

For example: ${body.example}
</#if>

What to do: ${word.do}
</#if>
