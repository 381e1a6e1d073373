<#-- The subject: one line that says it all, never longer than 118 characters. -->
<#include "/letter.ftl"><#t>
<#-- What looks like an encoded word (RFC 2047) would be decoded by mail programs, past all of the above. -->
${visible(visible(oneLine(subject))?replace("=?", "= ?")?truncate_c(118, "…"))}<#t>
