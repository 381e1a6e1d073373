<#-- The subject: one line that says it all, never longer than 118 characters. -->
<#include "/letter.ftl"><#t>
<#-- What looks like an encoded word (RFC 2047) would be decoded by mail programs, past all of the above. -->
<#-- Looked at once more after the cut, which may have left half a character. -->
${visible(visible(oneLine(subject))?replace("=?", "= ?")?truncate_c(118, "…"))}<#t>
