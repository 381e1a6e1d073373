<#include "operators.words.ftl"><#compress><#if body.gone>Gone: ${word.title}: ${body.what}<#else>${body.count} × ${word.title}: ${body.what}</#if></#compress>
