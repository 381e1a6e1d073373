<#ftl strip_text=true>
<#--
  What every part of a mail (subject, HTML, text) starts from: the words of the reader's language, their time zone, and
  the few functions that turn a value of the letter into words. Values come from config/mappings/*-to-email.jslt.
  Nothing here prints; what a function returns is plain text, and html.ftlh escapes it. A value is never read as a
  template, whatever it holds.
-->
<#setting locale=variables.language>
<#setting time_zone=variables.timeZone>
<#include "/${variables.language}/words.ftl">

<#assign letter = body>
<#-- In sentences and subjects a name is cut short; the facts have it whole. -->
<#assign key = (letter.key!words.withoutNumber)?truncate_c(48, "…")>
<#assign exchange = letter.exchange!false>
<#-- Whether the ledger knows an earlier event of this type about the same object. -->
<#assign again = (variables.soFar.again)!false>

<#-- A code as a sender writes it (failedToSubmit, PENDING_REFUND, closed-lost) in words; an unknown one is taken apart. -->
<#function inWords code>
  <#if words.codes[code]??><#return words.codes[code]></#if>
  <#local spaced = code?replace("([a-z0-9])([A-Z])", "$1 $2", "r")?replace("[_\\s-]+", " ", "r")?trim>
  <#return spaced?lower_case>
</#function>

<#-- A number as the language writes it; what isn't one is shown as it came. -->
<#function number value>
  <#return isNumber(value)?then(asNumber(value)?string("#,##0.##########"), value)>
</#function>
<#function isNumber value>
  <#return value?matches("[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")>
</#function>
<#function asNumber value>
  <#return value?remove_beginning("+")?number>
</#function>

<#-- {"amount": "43.1", "currency": "USD"} as USD 43.10 or 43,10 USD, as the language has it. -->
<#function money value>
  <#local currency = value.currency!"">
  <#if isNumber(value.amount) && currency?matches("[A-Za-z]{3}")>
    <#return asNumber(value.amount)?string("@money ${currency?upper_case}")>
  </#if>
  <#return (number(value.amount) + " " + currency)?trim>
</#function>

<#-- An ISO-8601 time, or (milli)seconds since 1970, in the reader's zone and words; anything else is shown as it came. -->
<#function time value>
  <#if value?matches("[1-9][0-9]{9}([0-9]{3})?")>
    <#return (value?number * (value?length == 10)?then(1000, 1))?number_to_datetime?string("@moment")>
  </#if>
  <#if value?matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})")>
    <#attempt>
      <#return value?replace("([+-][0-9]{2})([0-9]{2})$", "$1:$2", "r")?datetime.iso?string("@moment")>
    <#recover>
    </#attempt>
  </#if>
  <#return value>
</#function>

<#-- The value of one fact: a text, a number, a code in words, money, a time, or a code with its money. -->
<#function valueOf fact>
  <#local parts = []>
  <#if fact.text??><#local parts = parts + [fact.text]></#if>
  <#if fact.number??><#local parts = parts + [number(fact.number?is_number?then(fact.number?c, fact.number))]></#if>
  <#if fact.code??><#local parts = parts + [inWords(fact.code)?cap_first]></#if>
  <#if fact.money??><#local parts = parts + [money(fact.money)]></#if>
  <#if fact.time??><#local parts = parts + [time(fact.time)]></#if>
  <#return parts?join(", ")>
</#function>

<#function labelOf name>
  <#return words.labels[name]!(inWords(name)?cap_first)>
</#function>

<#assign from = words.senders[letter.sender!""]!(letter.sender!words.aSender)>
<#assign status = (letter.status??)?then(inWords(letter.status!""), words.withoutStatus)>
<#assign amount = (letter.total??)?then(money(letter.total!{"amount": ""}), "")>
<#assign shopper = (letter.shopper!words.aShopper)?truncate_c(40, "…")>
<#assign order = (letter.order!"")?truncate_c(40, "…")>

<#-- Where a mail is written late: the status that the object has got since. -->
<#assign since = (variables.soFar.since)!(letter.status!"")>
<#assign overtaken = (since == letter.status!"")?then("", words.overtaken(inWords(since)))>

<#assign noteTitle = words.note>

<#-- The mail's own words: tone (good, action, bad, news), subject, headline, happened, next. -->
<#include "/${variables.language}/${variables.template}.ftl">

<#-- Where the reader goes from here. What isn't finished is worked on at the sender; a link that can't work isn't there. -->
<#assign links = []>
<#if variables.senderLink?has_content>
  <#assign links = links + [{"words": words.openSender(from), "address": variables.senderLink!""}]>
</#if>
<#if variables.salesforceLink?has_content && (variables.soFar.record)?has_content>
  <#assign inSalesforce = {"words": words.openSalesforce, "address": (variables.salesforceLink!"")?replace("{id}", (variables.soFar.record!"")?url('UTF-8'))}>
  <#assign links = (tone == "good")?then([inSalesforce] + links, links + [inSalesforce])>
</#if>
<#-- Who looks after the service goes to the console: to the trouble that the mail is about. -->
<#if letter.page?? && variables.operatorsLink?has_content>
  <#assign ofCause = (letter.page == "/failures/cause")?then("?target=" + letter.key?keep_before(" ")?url('UTF-8') + "&code=" + letter.key?keep_after(" ")?url('UTF-8'), "")>
  <#assign links = [{"words": words.openPage, "address": variables.operatorsLink + letter.page + ofCause}]>
</#if>
<#assign eventLink = (variables.consoleLink?has_content && letter.event??)?then((variables.consoleLink!"")?replace("{id}", (letter.event!"")?url('UTF-8')), "")>
<#assign reason = (letter.event??)?then(words.reason(from, words.audiences[variables.audience]!variables.audience), words.reasonOfNotice)>
