package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@FlowTest
class NoticesAndReplaysTest {

  private static final String OPERATORS = "operators@example.com";

  @Autowired private Notices notices;
  @Autowired private Balance balance;
  @Autowired private MeterRegistry metrics;

  private static void orders(int count, String status) {
    for (int i = 0; i < count; i++) {
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-" + i, status));
    }
    untilQuiet();
  }

  @Test
  void operators_are_told_once_of_many_dead_letters_with_one_cause_and_once_when_they_are_gone() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(5, "draft");
    notices.look();
    notices.look();
    orders(7, "submitted");
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .singleElement()
        .asString()
        .contains("5", "dead letters", "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assertThat(mailbox().to(OPERATORS).get(0).text()).contains("Needs an owner", "replay");

    salesforce().recover();
    Outside.replay("{\"deliveries\":{\"cause\":\"FIELD_CUSTOM_VALIDATION_EXCEPTION\"}}");
    notices.look();

    assertThat(subjectsTo(OPERATORS)).hasSize(2).last().asString().startsWith("Gone: dead letters");
    MailboxMail trouble = mailbox().to(OPERATORS).get(0);
    MailboxMail mended = mailbox().to(OPERATORS).get(1);
    assertThat(trouble.header("In-Reply-To")).isEmpty();
    assertThat(mended.header("In-Reply-To")).contains(trouble.messageId());
    assertThat(mended.header("References")).contains(trouble.messageId());
    assertThat(mended.messageId()).isNotEqualTo(trouble.messageId());
  }

  @Test
  void operators_are_told_once_though_one_of_them_is_gone() {
    Outside.notifications(text -> text.replace(OPERATORS, OPERATORS + ", gone@example.com"));
    mailbox().refuseRecipient("gone@example.com", "550 5.1.1 No such user");
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(2, "draft");

    notices.look();
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS)).hasSize(1);
  }

  @Test
  void operators_are_told_again_of_the_same_cause_after_an_hour_when_there_are_more() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(2, "draft");
    notices.look();
    database().update("update notice set told_at = now() - interval '61 minutes'");
    notices.look();
    assertThat(subjectsTo(OPERATORS)).as("there are no more than before").hasSize(1);

    orders(3, "submitted");
    notices.look();
    assertThat(subjectsTo(OPERATORS)).hasSize(2);
  }

  @Test
  void operators_are_told_again_of_what_grows_again_after_some_of_it_was_mended() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(3, "draft");
    notices.look();
    salesforce().recover();
    Outside.replay("{\"deliveries\":{\"entity\":\"O-1\"}}");
    Outside.replay("{\"deliveries\":{\"entity\":\"O-2\"}}");
    notices.look();

    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(2, "submitted");
    database().update("update notice set told_at = now() - interval '61 minutes'");
    notices.look();

    assertThat(subjectsTo(OPERATORS)).hasSize(2).last().asString().startsWith("3 dead letters");
  }

  @Test
  void a_cause_that_somebody_sees_to_is_told_anew_when_more_fails_though_the_old_lies_there() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    orders(1, "draft");
    notices.look();
    String cause = "{\"target\":\"salesforce\",\"cause\":\"FIELD_CUSTOM_VALIDATION_EXCEPTION\"}";
    assertThat(api("/api/causes/acknowledge", cause).statusCode()).isEqualTo(204);
    assertThat(api("/api/causes").body()).contains("acknowledgement");

    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-new", "draft"));
    untilQuiet();
    database().update("update notice set told_at = now() - interval '61 minutes'");
    notices.look();

    assertThat(subjectsTo(OPERATORS)).hasSize(2);
    assertThat(api("/api/causes").body()).doesNotContain("acknowledgement");
  }

  @Test
  void operators_are_told_of_what_fails_for_long_before_it_is_a_dead_letter() {
    salesforce().failRecords(sent -> true, "DUPLICATE_VALUE", "the same number");
    orders(2, "draft");
    Outside.notGivenUpYet("DUPLICATE_VALUE");
    notices.look();
    assertThat(subjectsTo(OPERATORS)).as("it may pass").isEmpty();

    database().update("update attempt set started_at = started_at - interval '31 minutes'");
    database()
        .update("insert into target (name, state, reason) values ('salesforce', 'held', 'paused')");
    assertThat(api("/api/causes?state=waiting").body()).as("while it is on hold").isEqualTo("[]");
    database().update("delete from target");
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .containsExactly("2 deliveries that keep failing: salesforce DUPLICATE_VALUE");
    assertThat(mailbox().to(OPERATORS).get(0).text())
        .contains("the same number", "merge the two records", "by themselves");
    assertThat(api("/api/causes?state=waiting").body())
        .contains("\"count\":2", "DUPLICATE_VALUE", "merge the two records");
    assertThat(api("/api/causes").body()).isEqualTo("[]");

    salesforce().recover();
    database().update("update delivery set next_attempt_at = now() where state = 'waiting'");
    untilQuiet();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .last()
        .isEqualTo("Gone: deliveries that keep failing: salesforce DUPLICATE_VALUE");
  }

  @Test
  void what_comes_and_goes_within_the_hour_is_told_once_and_gone_once() {
    for (int i = 0; i < 3; i++) {
      database()
          .update("insert into target (name, state, reason) values ('fax', 'held', 'circuit')");
      notices.look();
      database().update("delete from target");
      notices.look();
    }

    assertThat(subjectsTo(OPERATORS))
        .containsExactly("Target on hold: fax (circuit)", "Gone: target on hold: fax (circuit)");
  }

  @Test
  void operators_are_told_once_per_kind_of_unroutable_event() {
    orders(4, "teleported");
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .singleElement()
        .asString()
        .contains("4", "unroutable", "order-status-changed", "teleported");
  }

  @Test
  void operators_are_not_told_of_each_kind_that_a_sender_makes_up() {
    for (int i = 0; i < 30; i++) {
      orders(1, "made up " + i);
    }
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .hasSize(21)
        .contains(
            "1 unroutable event: order-status-changed made up 0",
            "10 unroutable events: other kinds");
  }

  @Test
  void operators_are_told_of_a_sender_that_has_fallen_silent_and_when_it_is_heard_again() {
    orders(20, "draft");
    notices.look();
    assertThat(subjectsTo(OPERATORS)).isEmpty();

    database().update("update event set received_at = received_at - interval '73 hours'");
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS)).containsExactly("1 silent sender: zoom-commerce");
    assertThat(mailbox().to(OPERATORS).get(0).text()).contains("Last came:", "switched on");

    orders(1, "submitted");
    notices.look();
    assertThat(subjectsTo(OPERATORS))
        .hasSize(2)
        .last()
        .isEqualTo("Gone: silent senders: zoom-commerce");
  }

  @Test
  void a_sender_that_sends_seldom_or_has_hardly_begun_may_be_quiet_for_long() {
    orders(19, "draft");
    database().update("update event set received_at = received_at - interval '73 hours'");
    notices.look();
    assertThat(subjectsTo(OPERATORS)).as("it has hardly begun").isEmpty();

    orders(1, "draft");
    database()
        .update(
            """
            update event e set received_at = now() - interval '4 days' - n.place * interval '1 day'
            from (select sequence, row_number() over (order by sequence desc) as place from event) n
            where n.sequence = e.sequence
            """);
    notices.look();
    assertThat(subjectsTo(OPERATORS)).as("one a day, and five days nothing").isEmpty();
  }

  @Test
  void a_replay_takes_up_only_what_fits_and_only_once() {
    salesforce().failRecords(sent -> true, "INSUFFICIENT_ACCESS_OR_READONLY", "no");
    orders(6, "draft");
    database().update("update delivery set cause_code = 'OTHER' where entity = 'order/O-3'");
    salesforce().recover();

    assertThat(
            api(
                    "/api/replays",
                    "{\"deliveries\":{\"target\":\"salesforce\",\"entity\":\"O-1\"},\"dryRun\":true}")
                .body())
        .contains("\"count\":1");
    Outside.replay("{\"deliveries\":{\"cause\":\"INSUFFICIENT_ACCESS_OR_READONLY\"}}");

    assertThat(salesforce().records("Zoom_Order__c")).hasSize(5);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isEqualTo(1);
    assertThat(api("/api/replays").body()).contains("\"state\":\"done\"", "\"done\":5");
  }

  @Test
  void a_replay_can_be_cancelled() {
    salesforce().failRecords(sent -> true, "INSUFFICIENT_ACCESS_OR_READONLY", "no");
    orders(3, "draft");
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, total, state)
            values ('operator', 'deliveries', '{}', 3, 'cancelled')
            """);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isEqualTo(3);
    long id = number("select max(id) from replay");
    assertThat(api("/api/replays/" + id + "/cancel", "").statusCode()).isEqualTo(409);
    assertThat(api("/api/replays/" + id).body()).contains("cancelled");
  }

  @Test
  void a_replay_has_its_progress_however_many_came_after_it() {
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, total, state)
            select 'operator', 'deliveries', '{}', n, 'done' from generate_series(1, 150) n
            """);

    assertThat(api("/api/replays/" + number("select min(id) from replay")).body())
        .contains("\"total\":1,");
    assertThat(api("/api/replays/" + (number("select max(id) from replay") + 1)).statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_replay_from_the_start_routes_by_todays_routes_and_doubles_nothing() {
    salesforce().failRecords(sent -> true, "INSUFFICIENT_ACCESS_OR_READONLY", "no");
    orders(2, "completed");
    salesforce().recover();
    int mails = mailbox().received().size();

    Outside.replay("{\"events\":{\"type\":\"order-status-changed\"}}");

    assertThat(salesforce().records("Zoom_Order__c")).hasSize(2);
    assertThat(mailbox().received()).as("nobody is told twice").hasSize(mails);
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
  }

  @Test
  void types_that_a_sender_makes_up_are_counted_as_one_beyond_fifty() {
    orders(2, "draft");
    for (int i = 0; i < 60; i++) {
      sender()
          .zoomCommerce(
              Webhooks.zoomCommerce("order-status-changed", "O-1", "draft")
                  .replace("commerce.order_status_changed", "made.up_" + i));
    }
    untilQuiet();
    balance.look();

    List<Balance.Line> ofSalesforce =
        balance.lines().stream().filter(line -> line.target().equals("salesforce")).toList();
    assertThat(ofSalesforce).hasSize(51).allMatch(line -> line.missing() == 0);
    assertThat(ofSalesforce)
        .filteredOn(line -> line.type().equals("others"))
        .extracting(Balance.Line::received, Balance.Line::unroutable)
        .containsExactly(tuple(11L, 11L));
    assertThat(ofSalesforce).extracting(Balance.Line::type).contains("order-status-changed");
  }

  @Test
  void the_balance_adds_up_and_an_event_without_its_delivery_is_an_alarm() {
    orders(3, "draft");
    orders(1, "teleported");
    balance.look();
    assertThat(balance.lines()).allMatch(line -> line.missing() == 0);
    assertThat(
            metrics
                .get("commerce.webhooks.balance")
                .tags("target", "salesforce", "state", "delivered", "type", "order-status-changed")
                .gauge()
                .value())
        .isEqualTo(3);

    database().update("delete from delivery where target = 'database' and entity = 'order/O-2'");
    balance.look();
    notices.look();

    assertThat(balance.lines())
        .filteredOn(line -> line.target().equals("database"))
        .singleElement()
        .extracting(Balance.Line::missing)
        .isEqualTo(1L);
    assertThat(subjectsTo(OPERATORS)).anyMatch(subject -> subject.contains("not accounted for"));
  }

  @Test
  void operators_whom_a_notice_reaches_one_after_another_have_it_once() {
    Outside.notifications(
        text -> text.replace(OPERATORS, OPERATORS + ", late@example.com, last@example.com"));
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");
    mailbox().refuseRecipient("last@example.com", "450 4.2.1 Mailbox busy");
    orders(1, "teleported");
    notices.look();
    for (String next : new String[] {"late@example.com", "last@example.com"}) {
      mailbox().acceptAgain(next);
      notices.look();
    }
    notices.look();

    for (String operator : new String[] {OPERATORS, "late@example.com", "last@example.com"}) {
      assertThat(subjectsTo(operator)).as(operator).hasSize(1);
    }
  }

  @Test
  void what_only_waits_for_its_turn_does_not_count_as_failing() {
    orders(1, "draft");
    database()
        .update(
            """
            insert into delivery (event_sequence, target, type, entity, occurred_at, attempts,
                                  failures, cause_code, cause, next_attempt_at)
            select sequence, 'fax', type, 'order/O-0', occurred_at, 1, 1, 'BUSY', 'it is busy',
                   now() + interval '1 minute'
            from event
            """);
    try {
      assertThat(api("/api/causes?state=waiting").body()).contains("BUSY");

      database().update("update delivery set next_attempt_at = now() - interval '6 minutes'");

      assertThat(api("/api/causes?state=waiting").body()).isEqualTo("[]");
    } finally {
      database().update("delete from delivery where target = 'fax'");
    }
  }

  @Test
  void a_mended_copy_is_no_word_of_a_sender_that_has_fallen_silent() {
    orders(20, "draft");
    database().update("update event set received_at = received_at - interval '73 hours'");
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, mapping, body, state, mended_from)
            select id || '.mended-1', sender, type, status, entity_kind, entity_key, occurred_at,
                   attributes, mapping, body, 'routed', id
            from event order by sequence limit 1
            """);
    notices.look();

    assertThat(subjectsTo(OPERATORS)).containsExactly("1 silent sender: zoom-commerce");
  }
}
