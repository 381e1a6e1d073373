package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.neverGivenUp;
import static io.commercewebhooks.flow.Outside.notifications;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.ledger.BookingRules;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.RowsRead;
import io.commercewebhooks.sandbox.Webhooks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Mails that come as one, or not at all. */
@FlowTest
class NotTooManyMailsTest {

  private static final String SALES = "sales@example.com";

  @Autowired private CamelContext camel;
  @Autowired private BookingRules rules;

  /** Waits until all is routed and nothing but what is collected is left. */
  private static void untilCollected(int count) {
    eventually()
        .until(
            () ->
                number("select count(*) from event where state = 'received'") == 0
                    && number("select count(*) from delivery where state = 'waiting'") == count
                    && number("select count(*) from delivery where digest is not null") == count);
  }

  private static String forSales(String text, String more) {
    return text.replace(SALES + "\n", SALES + "\n      " + more + "\n");
  }

  @Test
  void an_audience_can_get_what_came_in_an_hour_as_one_mail() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:20:00Z"));
    notifications(text -> forSales(text, "send: hourly"));
    quote("Q-1", "approved");
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "completed"));
    untilCollected(2);
    assertThat(subjectsTo(SALES)).isEmpty();
    assertThat(subjectsTo("finance@example.com")).hasSize(1);
    assertThat(deliveries("email", "Q-1")).containsExactly("waiting");

    OutsideClock.CLOCK.pass(Duration.ofMinutes(41));
    untilQuiet();

    MailboxMail digest = mailbox().to(SALES).get(0);
    assertThat(subjectsTo(SALES)).hasSize(1);
    assertThat(digest.subject()).contains("Q-1", "1 more");
    assertThat(digest.text()).contains("Q-1", "O-1");
    assertThat(digest.html()).contains("Q-1", "O-1");
    assertThat(digest.header("List-Id")).contains("sales <sales.commerce-webhooks.local>");
    assertThat(
            database()
                .queryForList(
                    "select distinct reference from delivery where digest is not null",
                    String.class))
        .containsExactly(digest.messageId());
  }

  @Test
  void what_comes_in_a_quiet_time_goes_out_at_its_end_and_a_single_one_as_the_mail_that_it_is() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T03:20:00Z"));
    notifications(text -> forSales(text, "quiet: 20:00-07:00"));
    quote("Q-1", "approved");
    untilCollected(1);

    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T11:59:00Z"));
    quote("Q-2", "draft");
    untilCollected(1);
    assertThat(subjectsTo(SALES)).isEmpty();

    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T12:00:00Z"));
    untilQuiet();
    quote("Q-3", "approved");
    untilQuiet();

    assertThat(subjectsTo(SALES)).containsExactly("Quote Q-1 is approved", "Quote Q-3 is approved");
  }

  private static void aDigestOfTwoMailsReachesOneOfTwoReaders() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:20:00Z"));
    notifications(
        text ->
            forSales(text.replace(SALES, SALES + ", late@example.com"), "send: hourly")
                .replace("late@example.com\n", "late@example.com\n      send: hourly\n"));
    quote("Q-1", "approved");
    quote("Q-2", "approved");
    untilCollected(2);
    neverGivenUp();
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");

    OutsideClock.CLOCK.pass(Duration.ofHours(1));
    eventually().until(() -> number("select count(*) from attempt where code = 'SMTP_450'") >= 2);
  }

  @Test
  void a_digest_that_reached_one_reader_is_tried_again_as_a_whole_for_the_other() {
    aDigestOfTwoMailsReachesOneOfTwoReaders();
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(mailbox().to(SALES)).hasSize(1);
    assertThat(mailbox().to("late@example.com")).hasSize(1);
    assertThat(mailbox().to("late@example.com").get(0).messageId())
        .isEqualTo(mailbox().to(SALES).get(0).messageId());
  }

  @Test
  void a_mail_that_joins_a_digest_of_which_one_reader_knows_is_told_to_all_of_them() {
    aDigestOfTwoMailsReachesOneOfTwoReaders();

    database()
        .update("update delivery set progress = null where entity = 'quote/Q-2' and digest <> ''");
    eventually().until(() -> mailbox().to(SALES).size() > 1);
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(mailbox().to(SALES)).hasSize(2);
    assertThat(mailbox().to("late@example.com")).hasSize(1);
  }

  @Test
  void a_digest_of_several_mails_is_tried_again_in_the_same_parts() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:20:00Z"));
    notifications(
        text ->
            forSales(text.replace(SALES, SALES + ", late@example.com"), "send: hourly")
                .replace("late@example.com\n", "late@example.com\n      send: hourly\n"));
    quote("Q-1", "approved");
    quote("Q-2", "approved");
    quote("Q-3", "approved");
    untilCollected(3);
    neverGivenUp();
    // two of them are too much for one mail
    database().update("update event set body = body || repeat(' ', 1100000)");
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");

    OutsideClock.CLOCK.pass(Duration.ofMinutes(41));
    eventually().until(() -> number("select count(*) from attempt where code = 'SMTP_450'") >= 4);
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(2);
    assertThat(messageIdsTo("late@example.com"))
        .containsExactlyInAnyOrderElementsOf(messageIdsTo(SALES));
  }

  @Test
  void a_digest_with_a_line_that_can_not_be_written_waits_with_all_its_lines() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:20:00Z"));
    notifications(text -> forSales(text, "send: hourly"));
    quote("Q-1", "approved");
    quote("Q-2", "approved");
    untilCollected(2);
    neverGivenUp();
    String template =
        """
        update delivery set parameters = replace(parameters, ?, ?)
        where entity = 'quote/Q-2' and target = 'email'
        """;
    database().update(template, "quote-approved", "quote-unwritten");

    OutsideClock.CLOCK.pass(Duration.ofMinutes(41));
    eventually().until(() -> number("select count(*) from attempt where outcome = 'retry'") >= 2);
    assertThat(subjectsTo(SALES)).isEmpty();
    database().update(template, "quote-unwritten", "quote-approved");
    untilQuiet();

    assertThat(mailbox().to(SALES))
        .singleElement()
        .satisfies(
            mail ->
                assertThat(mail.text()).contains("Quote Q-1 is approved", "Quote Q-2 is approved"));
  }

  private static List<String> messageIdsTo(String reader) {
    return mailbox().to(reader).stream().map(MailboxMail::messageId).toList();
  }

  @Test
  void a_burst_of_one_kind_becomes_one_summary_beyond_the_limit() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:01:00Z"));
    database().update("update delivery set booked_at = now()");
    notifications(text -> text.replace("mails: 100000", "mails: 3"));
    for (int i = 1; i <= 6; i++) {
      quote("Q-" + i, "approved");
    }
    quote("Q-7", "returned");
    eventually().until(() -> subjectsTo(SALES).size() == 4);
    untilCollected(3);

    OutsideClock.CLOCK.pass(Duration.ofMinutes(15));
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(5);
    assertThat(subjectsTo(SALES).get(4)).contains("approved", "2 more");
    assertThat(mailbox().to(SALES).get(4).text()).contains("So many mails of one kind");
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
  }

  @Test
  void to_count_a_burst_takes_no_look_at_what_was_told_before_or_is_of_another_kind() {
    notifications(text -> text.replace("mails: 100000", "mails: 20"));
    quote("Q-1", "approved");
    quote("Q-2", "returned");
    untilQuiet();
    JdbcTemplate ledger = database();
    new TransactionTemplate(new JdbcTransactionManager(ledger.getDataSource()))
        .executeWithoutResult(
            transaction -> {
              transaction.setRollbackOnly();
              ledger.update(copiesOfMail("Q-1", "superseded"));
              ledger.update(copiesOfMail("Q-2", "delivered"));
              ledger.update(
                  "update delivery set state = 'waiting', attempts = 0 where entity = 'quote/Q-1'"
                      + " and target = 'email' and state = 'delivered'");
              ledger.execute("analyze delivery");
              long before = RowsRead.ofDeliveries(ledger);

              rules.booked(
                  ledger,
                  ledger.queryForList(
                      "select sequence from event where entity_key = 'Q-1' and id not like 'copy%'",
                      Long.class));

              assertThat(RowsRead.ofDeliveries(ledger) - before).isBetween(1L, 100L);
            });
  }

  /** The event of an object with its mail, many times over. */
  private static String copiesOfMail(String key, String state) {
    return """
        with copy as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, mapping, body, state)
          select 'copy ' || n || e.id, e.sender, e.type, e.status, e.entity_kind, e.entity_key,
                 e.occurred_at, e.attributes, e.mapping, e.body, e.state
          from event e cross join generate_series(1, 3000) n
          where e.entity_key = '%s'
          returning sequence, type, entity_kind, entity_key, occurred_at)
        insert into delivery (event_sequence, target, audience, type, entity, occurred_at,
                              parameters, state)
        select c.sequence, d.target, d.audience, c.type, d.entity, c.occurred_at, d.parameters, '%s'
        from copy c
        join delivery d on d.entity = c.entity_kind || '/' || c.entity_key and d.target = 'email'
        """
        .formatted(key, state);
  }

  @Test
  void without_bursts_each_mail_goes_out_by_itself() {
    notifications(
        text -> text.replaceFirst("burst:\\n +mails: 100000\\n +within: 15m", "burst: none"));
    for (int i = 1; i <= 25; i++) {
      quote("Q-" + i, "approved");
    }
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(25);
  }

  @Test
  void a_status_that_comes_again_is_told_once_until_there_was_another() {
    quote("Q-1", "returned");
    quote("Q-1", "returned");
    untilQuiet();
    assertThat(subjectsTo(SALES)).hasSize(1);
    assertThat(deliveries("email", "Q-1")).containsExactly("delivered", "superseded");
    assertThat(
            Outside.text(
                "select cause_code from delivery where state = 'superseded' and target = 'email'"))
        .isEqualTo("TOLD_BEFORE");

    quote("Q-1", "submitted");
    quote("Q-1", "returned");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(2);
  }

  @Test
  void a_mail_that_nobody_got_does_not_count_as_told() {
    mailbox().refuseRecipient(SALES, "550 5.1.1 No such user");
    quote("Q-1", "approved");
    untilQuiet();
    assertThat(deliveries("email", "Q-1")).containsExactly("dead");
    mailbox().acceptAgain();

    quote("Q-1", "approved");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(1);
  }

  @Test
  void what_was_told_is_not_told_again_where_its_event_was_mended_for_another_target() {
    salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
    quote("Q-1", "returned");
    untilQuiet();
    salesforce().recover();
    String mend = "/api/events/" + text("select id from event") + "/mend";
    String copy = Webhooks.object(api(mend).body()).path("payload").asText();
    ObjectNode said =
        Webhooks.object("{\"reason\":\"x\"}")
            .put("payload", copy.replace("\"returned\"", "\"returned\", \"note\": \"x\""));
    assertThat(api(mend, said.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    quote("Q-1", "returned");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(1);
    assertThat(deliveries("salesforce", "Q-1"))
        .containsExactly("superseded", "delivered", "delivered");
  }

  @Test
  void a_mail_that_an_erasure_stopped_does_not_count_as_told() {
    api("/api/targets/email/pause", "");
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "returned"));
    webhook.withObjectProperty("payload").put("contact", "kim@example.com");
    sender().zoomCommerce(webhook.toString());
    eventually().until(() -> deliveries("email", "Q-1").equals(List.of("waiting")));
    api("/api/erasures", "{\"email\":\"kim@example.com\",\"reason\":\"art. 17\"}");
    api("/api/targets/email/resume", "");

    quote("Q-1", "returned");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(1);
  }

  @Test
  void a_mail_that_one_reader_could_not_get_counts_as_told_to_the_others() {
    Outside.notifications(text -> text.replace(SALES, SALES + ", gone@example.com"));
    mailbox().refuseRecipient("gone@example.com", "550 5.1.1 No such user");
    quote("Q-1", "approved");
    untilQuiet();
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(1);
    assertThat(deliveries("email", "Q-1")).containsExactly("dead", "superseded");
  }

  @Test
  void beyond_the_limit_of_a_minute_deliveries_wait_and_no_attempt_counts() throws Exception {
    quote("Q-1", "draft");
    untilQuiet();
    for (int i = 0; i < 5; i++) {
      database()
          .update(
              """
              insert into delivery (event_sequence, target, audience, type, entity, occurred_at)
              select sequence, 'fax', ?, type, 'quote/Q-1', occurred_at from event
              """,
              "audience-" + i);
    }
    Fax.delivers(
        camel,
        "oneByOne=true&batchSize=5&perMinute=3",
        List.of(),
        () -> {
          eventually()
              .until(
                  () ->
                      number(
                              "select count(*) from delivery where target = 'fax' and state = 'delivered'")
                          == 3);
          assertThat(
                  database()
                      .queryForList(
                          "select attempts from delivery where target = 'fax' and state = 'waiting'",
                          Integer.class))
              .isEqualTo(List.of(0, 0));
        });
  }

  @Test
  void a_status_that_no_route_knows_makes_no_news_of_the_one_before_it() {
    quote("Q-1", "approved");
    untilQuiet();
    quote("Q-1", "teleported");
    untilQuiet();
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(subjectsTo(SALES)).containsExactly("Quote Q-1 is approved");
  }

  @Test
  void what_was_told_before_and_went_to_nobody_makes_no_burst() {
    OutsideClock.CLOCK.set(Instant.parse("2026-11-24T15:01:00Z"));
    notifications(text -> text.replace("mails: 100000", "mails: 3"));
    for (int i = 0; i < 5; i++) {
      quote("Q-1", "approved");
      untilQuiet();
    }
    quote("Q-2", "approved");
    quote("Q-3", "approved");
    untilQuiet();

    assertThat(subjectsTo(SALES)).hasSize(3);
  }
}
