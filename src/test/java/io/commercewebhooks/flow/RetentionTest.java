package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.Retention;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What is too old goes; what somebody still has to see to stays. */
@FlowTest
class RetentionTest {

  private static final String REMOVED = "{\"removed\":\"retention\"}";

  @Autowired private Retention retention;
  @Autowired private Balance balance;

  private static void receive(String type, String key, String status) {
    sender().zoomCommerce(Webhooks.zoomCommerce(type, key, status));
    untilQuiet();
  }

  private static void age(int days) {
    database().update("update event set received_at = now() - ? * interval '1 day'", days);
  }

  private static String body(String key) {
    return text("select body from event where entity_key = ?", key);
  }

  @Test
  void a_payload_goes_after_its_time_and_the_account_of_it_stays() {
    receive("quote-status-changed", "Q-1", "approved");
    age(91);
    receive("quote-status-changed", "Q-2", "approved");

    retention.look();

    assertThat(body("Q-1")).isEqualTo(REMOVED);
    assertThat(text("select attributes from event where entity_key = 'Q-1'")).isEqualTo("{}");
    assertThat(body("Q-2")).contains("Q-2");
    assertThat(Outside.deliveries("salesforce", "Q-1")).containsExactly("delivered");
    String id = text("select id from event where entity_key = 'Q-1'");
    assertThat(api("/api/events/" + id).body())
        .contains("\"body\":" + REMOVED, "payload_removed_at", "\"status\":\"approved\"");
  }

  @Test
  void an_event_without_payload_says_by_which_key_it_still_names_people() {
    receive("quote-status-changed", "Q-1", "approved");
    String key = text("select split_part(protection, '/', 2) from event");
    age(91);

    retention.look();

    assertThat(body("Q-1")).isEqualTo(REMOVED);
    assertThat(text("select split_part(protection, '/', 2) from event")).isEqualTo(key);
  }

  @Test
  void what_is_dead_or_waits_or_is_unroutable_keeps_its_payload_however_old() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    receive("quote-status-changed", "Q-dead", "approved");
    receive("quote-status-changed", "Q-unroutable", "teleported");
    salesforce().recover();
    receive("quote-status-changed", "Q-waiting", "approved");
    database()
        .update(
            """
            update delivery set state = 'waiting', next_attempt_at = now() + interval '1 hour'
            where target = 'salesforce' and event_sequence
              = (select sequence from event where entity_key = 'Q-waiting')
            """);
    age(500);

    retention.look();

    assertThat(List.of(body("Q-dead"), body("Q-unroutable"), body("Q-waiting")))
        .allMatch(body -> body.contains("quote_reference_id"));

    database().update("update delivery set next_attempt_at = now() where state = 'waiting'");
    untilQuiet();
    Outside.replay("{\"deliveries\":{}}");
    retention.look();

    assertThat(number("select count(*) from event where state <> 'unroutable'")).isZero();
    assertThat(body("Q-unroutable")).contains("quote_reference_id");
  }

  @Test
  void the_account_goes_after_its_time_with_its_deliveries_and_attempts() {
    salesforce()
        .failNextRecords(
            1, sent -> true, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access");
    receive("quote-status-changed", "Q-1", "approved");
    assertThat(number("select count(*) from attempt")).isEqualTo(1);
    age(399);
    retention.look();
    assertThat(number("select count(*) from event")).isEqualTo(1);
    age(401);

    retention.look();

    assertThat(number("select (select count(*) from event) + (select count(*) from delivery)"))
        .isZero();
    assertThat(number("select count(*) from attempt")).isZero();
    assertThat(salesforce().records("Zoom_Quote__c")).as("targets keep what they have").hasSize(1);
  }

  @Test
  void what_is_newer_than_a_dead_letter_of_its_object_stays_to_keep_it_from_setting_targets_back() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    receive("quote-status-changed", "Q-1", "draft");
    salesforce().recover();
    receive("quote-status-changed", "Q-1", "approved");
    age(401);

    retention.look();
    Outside.replay("{\"deliveries\":{}}");

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "approved");
    retention.look();
    assertThat(number("select count(*) from event")).as("nothing older is left").isZero();
  }

  @Test
  void what_is_newer_than_an_unroutable_event_of_its_object_stays_until_that_is_seen_to() {
    receive("quote-status-changed", "Q-1", "teleported");
    receive("quote-status-changed", "Q-1", "approved");
    receive("quote-status-changed", "Q-2", "approved");
    age(401);

    retention.look();
    assertThat(number("select count(*) from event")).isEqualTo(2);

    api("/api/discards", "{\"events\":{},\"reason\":\"a test\"}");
    retention.look();
    retention.look();
    assertThat(number("select count(*) from event")).isZero();
  }

  @Test
  void a_type_may_have_a_time_of_its_own() {
    receive("order-status-changed", "O-1", "draft");
    receive("quote-status-changed", "Q-1", "draft");
    age(11);

    retention.look();

    assertThat(body("O-1")).isEqualTo(REMOVED);
    assertThat(body("Q-1")).contains("Q-1");
  }

  @Test
  void more_than_a_batch_goes_batch_by_batch_and_the_balance_still_adds_up() {
    receive("quote-status-changed", "Q-1", "draft");
    database()
        .update(
            """
            insert into event (sequence, id, sender, type, status, entity_kind, entity_key,
                               occurred_at, received_at, attributes, body, state)
            overriding system value
            select sequence - n, 'many-' || n, sender, type, status, entity_kind, 'many-' || n, occurred_at,
                   now() - interval '91 days', attributes, body, state
            from event, generate_series(1, 1234) as n
            """);

    retention.look();
    balance.look();

    assertThat(number("select count(*) from event where payload_removed_at is not null"))
        .isEqualTo(1234);
    assertThat(balance.lines()).isNotEmpty().allMatch(line -> line.missing() == 0);
  }

  @Test
  void a_replay_of_what_has_no_payload_any_more_is_refused_in_words() {
    receive("quote-status-changed", "Q-1", "approved");
    age(91);
    retention.look();

    HttpResponse<String> answer = api("/api/replays", "{\"events\":{\"entity\":\"Q-1\"}}");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("payload was removed");
  }

  @Test
  void what_was_delivered_is_not_told_of_as_lost_to_a_replay_of_dead_letters() {
    receive("quote-status-changed", "Q-1", "approved");
    age(91);
    retention.look();

    HttpResponse<String> answer = api("/api/replays", "{\"deliveries\":{\"entity\":\"Q-1\"}}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(answer.body()).contains("\"count\":0", "\"withoutPayload\":0");
  }

  @Test
  void records_of_refused_webhooks_and_of_replays_go_after_their_times() {
    for (int days : List.of(89, 91)) {
      database()
          .update(
              """
              insert into rejected_webhook (received_at, sender, path, status, reason, detail,
                                            remote_address)
              values (now() - ? * interval '1 day', '', '/', 401, '', '', '')
              """,
              days);
    }
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, state, total, ended_at)
            values ('', 'events', '{}', 'done', 0, now() - interval '401 days')
            """);

    retention.look();

    assertThat(number("select count(*) from rejected_webhook")).isEqualTo(1);
    assertThat(number("select count(*) from replay")).isZero();
  }

  @Test
  void lines_of_the_audit_go_after_their_own_time_only() {
    for (int days : List.of(799, 801)) {
      database()
          .update(
              """
              insert into audit (at, actor, action, object, remote_address)
              values (now() - ? * interval '1 day', 'old', 'test', '', '')
              """,
              days);
    }

    retention.look();

    assertThat(
            number(
                "select count(*) from audit where actor = 'old' and at < now() - interval '800 days'"))
        .isZero();
    assertThat(number("select count(*) from audit where actor = 'old'")).isPositive();
  }
}
