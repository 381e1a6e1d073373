<#ftl strip_text=true>
<#--
  What every part of a mail (subject, HTML, text) starts from: the words of the audience's language, its time zone,
  and the few functions that turn a value of the letter into words. Values come from config/mappings/*-to-email.jslt.
  Nothing here prints; what a function returns is plain text, and html.ftlh escapes it.
-->
<#setting locale=variables.language>
<#setting time_zone=variables.timeZone>
<#include "/${variables.language}/words.ftl">

<#assign letter = body>
<#-- In sentences and subjects a name is cut short; the facts have it whole. -->
<#assign key = (letter.key!words.withoutNumber)?truncate_c(48, "…")>
<#assign exchange = letter.exchange!false>

<#-- A code as a sender writes it (failedToSubmit, PENDING_REFUND, closed-lost) in words; an unknown one is taken apart. -->
<#function inWords code>
  <#if words.codes[code]??><#return words.codes[code]></#if>
  <#local spaced = code?replace("([a-z0-9])([A-Z])", "$1 $2", "r")?replace("[_\\s-]+", " ", "r")?trim>
  <#return spaced?lower_case>
</#function>

<#-- {"amount": "43.1", "currency": "USD"} as 43.10 USD; an amount that isn't a number is shown as it came. -->
<#function money value>
  <#local shown = value.amount>
  <#if shown?matches("[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")>
    <#local decimals = words.currenciesWithoutDecimals?seq_contains(value.currency!"")?then("#,##0.####", "#,##0.00##")>
    <#local shown = shown?remove_beginning("+")?number?string(decimals)>
  </#if>
  <#return shown + (value.currency??)?then(" " + value.currency!"", "")>
</#function>

<#-- An ISO-8601 time in the audience's zone and words; anything else is shown as it came. -->
<#function time value>
  <#if value?matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})")>
    <#attempt>
      <#return value?datetime.iso?string(words.timeFormat)>
    <#recover>
    </#attempt>
  </#if>
  <#return value>
</#function>

<#-- The value of one fact: a text, a code in words, money, a time, or a code with its money. -->
<#function valueOf fact>
  <#local parts = []>
  <#if fact.text??><#local parts = parts + [fact.text]></#if>
  <#if fact.code??><#local parts = parts + [inWords(fact.code)?cap_first]></#if>
  <#if fact.money??><#local parts = parts + [money(fact.money)]></#if>
  <#if fact.time??><#local parts = parts + [time(fact.time)]></#if>
  <#return parts?join(", ")>
</#function>

<#function labelOf name>
  <#return words.labels[name]!(inWords(name)?cap_first)>
</#function>

<#assign status = (letter.status??)?then(inWords(letter.status!""), words.withoutStatus)>
<#assign amount = (letter.total??)?then(money(letter.total!{"amount": ""}), "")>
<#assign shopper = (letter.shopper!words.aShopper)?truncate_c(40, "…")>
<#assign order = (letter.order!"")?truncate_c(40, "…")>

<#-- The mail's own words: subject, tone (good, action, bad, news), headline, happened, next. -->
<#include "/${variables.language}/${variables.template}.ftl">

<#--
  The last look at a finished part. What no reader can see must not steer what is seen: control characters become a
  replacement mark, and the characters that turn the writing direction or hide are written out by number.
-->
<#assign hidden = [
  ["\x00AD", "00AD"], ["\x061C", "061C"], ["\x180E", "180E"], ["\x200B", "200B"], ["\x200E", "200E"], ["\x200F", "200F"],
  ["\x202A", "202A"], ["\x202B", "202B"], ["\x202C", "202C"], ["\x202D", "202D"], ["\x202E", "202E"],
  ["\x2060", "2060"], ["\x2066", "2066"], ["\x2067", "2067"], ["\x2068", "2068"], ["\x2069", "2069"], ["\xFEFF", "FEFF"]]>
<#function seen text>
  <#local shown = text?replace("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F]", "\xFFFD", "r")>
  <#if shown?matches(r"[\s\S]*[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF][\s\S]*")>
    <#list hidden as mark>
      <#local shown = shown?replace(mark[0], "[U+" + mark[1] + "]")>
    </#list>
  </#if>
  <#return shown>
</#function>
<#function oneLine text>
  <#return text?replace(r"[\s\u0085\u2028\u2029]+", " ", "r")?trim>
</#function>
