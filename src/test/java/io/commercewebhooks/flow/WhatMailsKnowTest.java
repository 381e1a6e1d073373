package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.Webhooks;
import org.junit.jupiter.api.Test;

/** What a mail says beyond its own event, because the ledger knows of earlier ones. */
@FlowTest
class WhatMailsKnowTest {

  @Test
  void a_mail_links_to_the_record_that_an_earlier_event_made_in_salesforce() {
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-7", "submitted"));
    untilQuiet();
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-7", "returned"));
    untilQuiet();

    String record = (String) salesforce().record("Zoom_Quote__c", "Q-7").get("Id");
    String address = salesforce().url() + "/lightning/r/" + record + "/view";
    assertThat(mailbox().received())
        .singleElement()
        .satisfies(mail -> assertThat(mail.html()).contains("href=\"" + address + "\""))
        .satisfies(mail -> assertThat(mail.text()).contains("Open in Salesforce: " + address));
  }

  @Test
  void a_second_request_for_a_quote_of_the_same_order_is_told_as_a_repeated_one() {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    sender().quoteRequest(request.toString());
    untilQuiet();
    sender().quoteRequest(request.put("note", "Please do better").toString());
    untilQuiet();

    assertThat(subjectsTo("sales@example.com"))
        .containsExactly(
            "Quote request o90419 from Kim Anderson: 43.19",
            "Repeated quote request o90419 from Kim Anderson: 43.19");
  }
}
