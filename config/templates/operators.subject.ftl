<#include "operators.words.ftl"><#compress><#if body.gone>Gone: ${word.title}: ${body.what}<#else>${lead?cap_first}</#if></#compress>
