package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.INTEGER;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** What a mail says beyond its own event, because the ledger knows of earlier ones. */
@FlowTest
class WhatMailsKnowTest {

  /** More than twice as many as go by before a driver prepares what comes again and again. */
  private static final int MAILS = 20;

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
            "Quote request o90419 (43.19) from Kim Anderson",
            "Repeated quote request o90419 (43.19) from Kim Anderson");
  }

  /** Waits until both mails are booked and nothing waits but what is for a paused target. */
  private static void untilBothMailsWait(int pausedTargets) {
    eventually()
        .until(
            () ->
                number("select count(*) from delivery where target = 'email'") == 2
                    && number("select count(*) from delivery where state = 'waiting'")
                        == 2 * pausedTargets);
  }

  @Test
  void a_first_request_that_is_told_late_is_not_told_as_a_repeated_one() {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    assertThat(api("/api/targets/email/pause", "").statusCode()).isEqualTo(204);
    sender().quoteRequest(request.toString());
    sender().quoteRequest(request.put("note", "Please do better").toString());
    untilBothMailsWait(1);
    api("/api/targets/email/resume", "");
    untilQuiet();

    assertThat(subjectsTo("sales@example.com"))
        .containsExactlyInAnyOrder(
            "Quote request o90419 (43.19) from Kim Anderson",
            "Repeated quote request o90419 (43.19) from Kim Anderson");
  }

  @ParameterizedTest
  @ValueSource(strings = {"email", "email salesforce"})
  void a_mail_that_comes_late_says_what_its_object_has_become_since(String away) {
    for (String target : away.split(" ")) {
      assertThat(api("/api/targets/" + target + "/pause", "").statusCode()).isEqualTo(204);
    }
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-7", "returned"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-7", "approved"));
    untilBothMailsWait(away.split(" ").length);
    api("/api/targets/email/resume", "");
    eventually().until(() -> mailbox().received().size() == 2);
    api("/api/targets/salesforce/resume", "");
    untilQuiet();

    assertThat(mailbox().received())
        .extracting(
            MailboxMail::subject, mail -> mail.text().contains("its status is approved now"))
        .containsExactlyInAnyOrder(
            tuple("Quote Q-7 was returned: action needed", true),
            tuple("Quote Q-7 is approved", false));
  }

  /** Over one connection, so that its server can be asked what was prepared. */
  @Test
  void the_question_what_is_known_is_prepared_once_and_not_anew_for_each_mail(
      @Autowired HikariDataSource ledger, @Autowired CamelContext camel) throws IOException {
    HikariConfig alone = new HikariConfig();
    ledger.copyStateTo(alone);
    alone.setMaximumPoolSize(1);
    String question = Files.readString(Path.of("config/sql/entity-so-far.sql"));
    try (HikariDataSource connection = new HikariDataSource(alone);
        ProducerTemplate routes = camel.createProducerTemplate()) {
      camel.getRegistry().bind("alone", DataSource.class, connection);
      for (int mail = 0; mail < MAILS; mail++) {
        routes.requestBodyAndHeaders(
            "spring-jdbc:alone?useHeadersAsParameters=true&resetAutoCommit=false",
            question,
            Map.of("eventId", "e-" + mail, "entityKind", "quote", "entityKey", "Q-" + mail));
      }

      assertThat(
              new JdbcTemplate(connection)
                  .queryForList(
                      """
                      select generic_plans + custom_plans from pg_prepared_statements
                      where statement like '-- What is known of an event''s business object%'
                      """,
                      Integer.class))
          .singleElement(INTEGER)
          .isGreaterThan(MAILS / 2);
    }
  }
}
