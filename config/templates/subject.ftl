<#-- The subject: one line that says it all, never longer than 118 characters. -->
<#include "/letter.ftl"><#t>
${visible(oneLine(subject))?truncate_c(118, "…")}<#t>
