package io.commercewebhooks.console;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.EventFinder;
import io.commercewebhooks.ledger.EventFinder.Question;
import io.commercewebhooks.ledger.LastDay;
import io.commercewebhooks.ledger.Retention;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What scripts decide about what failed, and how events are found. */
@FlowTest
class DeadLettersApiTest {

  @Autowired private Retention retention;
  @Autowired private EventFinder finder;
  @Autowired private Balance balance;
  @Autowired private LastDay lastDay;

  private static String unroutable() {
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    untilQuiet();
    return "/api/events/" + text("select id from event");
  }

  private static String mended(String path, String from, String to) {
    ObjectNode copy = Webhooks.object(api(path + "/mend").body());
    ObjectNode mend = Webhooks.object("{}");
    mend.put("payload", copy.path("payload").asText().replace(from, to));
    mend.put("reason", "ticket 7");
    return mend.toString();
  }

  @Test
  void an_unroutable_event_that_is_mended_is_routed_and_the_original_is_closed() {
    String path = unroutable();

    HttpResponse<String> answer =
        api(path + "/mend", mended(path, "\"teleported\"", "\"approved\""));
    untilQuiet();

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"status\":\"approved\"", "/payload/quote/status");
    assertThat(Outside.deliveries("salesforce", "Q-9")).containsExactly("delivered");
    assertThat(salesforce().record("Zoom_Quote__c", "Q-9")).containsEntry("Status__c", "approved");
    assertThat(api(path).body()).contains("teleported", "mended by operator as", "mended_as");
    assertThat(
            api(path + "/mend", mended("/api/events/" + text("select id from event"), "x", "y"))
                .statusCode())
        .as("nothing is parked any more")
        .isEqualTo(409);
  }

  @Test
  void what_is_mended_badly_is_told_why_and_changes_nothing() {
    String path = unroutable();

    for (String payload : List.of("{", "[]", "null", "{\"a\":1,\"a\":2}", "{}")) {
      ObjectNode mend = Webhooks.object("{\"reason\":\"x\"}").put("payload", payload);
      assertThat(api(path + "/mend", mend.toString()).statusCode()).as(payload).isEqualTo(400);
    }
    assertThat(api(path + "/mend", mended(path, "teleported", "teleported")).body())
        .contains("nothing was changed");
    assertThat(
            api(path + "/mend", mended(path, "teleported", "draft").replace("ticket 7", " "))
                .body())
        .contains("reason");
    assertThat(api("/api/events/nobody/mend").statusCode()).isEqualTo(409);
    assertThat(number("select count(*) from event")).isEqualTo(1);
    assertThat(
            number(
                "select count(*) from audit where action = 'mend' and object = ?",
                path.replace("/api/events/", "")))
        .isZero();
  }

  @Test
  void an_event_whose_names_are_made_to_collide_is_shown_like_any_other() {
    List<String> names = List.of("");
    for (int i = 0; i < 9; i++) {
      names = names.stream().flatMap(name -> Stream.of(name + "Bb", name + "CA")).toList();
    }
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    names.forEach(name -> webhook.put(name, 1));
    sender().zoomCommerce(webhook.toString());
    untilQuiet();

    HttpResponse<String> shown = api("/api/events/" + text("select id from event") + "/case", "");

    assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
    assertThat(shown.body()).contains(names);
  }

  @Test
  void a_masked_address_can_not_be_moved_to_where_everybody_would_read_it() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    webhook.withObjectProperty("payload").put("contact", "kim@example.com");
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    String path = "/api/events/" + text("select id from event");

    for (String shown : List.of("teleported", "Q-9", "commerce.quote_status_changed")) {
      for (String moved : List.of("\"[masked 1]\"", "\"{\\\"firstName\\\":\\\"[masked 1]\\\"}\"")) {
        ObjectNode mend = Webhooks.object(mended(path, "\"%s\"".formatted(shown), moved));
        for (boolean dryRun : List.of(true, false)) {
          HttpResponse<String> answer = api(path + "/mend", mend.put("dryRun", dryRun).toString());

          assertThat(answer.statusCode()).as(shown).isEqualTo(400);
          assertThat(answer.body()).contains("masked value").doesNotContain("kim@example.com");
        }
      }
    }
    assertThat(api(path + "/mend", mended(path, "teleported", "draft")).statusCode())
        .isEqualTo(200);
  }

  @Test
  void card_data_that_somebody_types_into_a_payload_is_not_kept() {
    String path = unroutable();

    api(path + "/mend", mended(path, "\"teleported\"", "\"draft\", \"pan\": \"4111111111111111\""));
    untilQuiet();

    assertThat(text("select body from event where mended_from is not null"))
        .contains("draft")
        .doesNotContain("411111111111");
  }

  @Test
  void what_was_discarded_is_forgotten_in_its_time_and_no_replay_takes_it_up() {
    unroutable();

    assertThat(api("/api/discards", "{\"events\":{},\"dryRun\":true}").body())
        .contains("\"count\":1");
    assertThat(api("/api/discards", "{\"events\":{}}").statusCode()).as("no reason").isEqualTo(400);
    assertThat(api("/api/discards", "{\"events\":{},\"reason\":\"test data\"}").body())
        .contains("\"count\":1");
    assertThat(api("/api/replays", "{\"events\":{},\"dryRun\":true}").body())
        .contains("\"count\":0");
    database().update("update event set received_at = now() - interval '91 days'");
    retention.look();

    assertThat(text("select body from event")).contains("removed");
  }

  @Test
  void a_cause_that_there_is_not_can_not_be_acknowledged() {
    assertThat(
            api("/api/causes/acknowledge", "{\"target\":\"salesforce\",\"cause\":\"X\"}")
                .statusCode())
        .isEqualTo(404);
    assertThat(api("/api/causes/acknowledge", "{}").statusCode()).isEqualTo(400);
    assertThat(number("select count(*) from acknowledgement")).isZero();
  }

  @Test
  void a_time_that_no_database_has_is_refused() {
    assertThat(
            api("/api/replays", "{\"events\":{\"from\":\"+1000000000-12-31T23:59:59Z\"}}")
                .statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/replays, '{\"deliveries\":{\"traget\":\"salesforce\"}}', traget, target",
    "/api/replays, '{\"deliveries\":{},\"dryrun\":true}', dryrun, dryRun",
    "/api/discards, '{\"events\":{\"typ\":\"x\"},\"reason\":\"x\"}', typ, type",
    "/api/discards, '{\"events\":{},\"reason\":\"x\",\"dry\":true}', dry, dryRun",
    "/api/erasures, '{\"email\":\"a@b.c\",\"reason\":\"x\",\"dryrun\":true}', dryrun, dryRun",
    "/api/previews, '{\"fixtur\":\"x/y\"}', fixtur, fixture",
    "/api/replays, '{\"deliveries\":{\"limit\":1}}', limit, ids",
    "/api/replays, '{\"events\":{\"before\":9}}', before, ids",
    "/api/discards, '{\"events\":{\"limit\":1},\"reason\":\"x\"}', limit, ids",
    "/api/discards, '{\"events\":{\"state\":\"unroutabel\"},\"reason\":\"x\"}', unroutabel, unroutable",
    "/api/replays, '{\"deliveries\":{\"from\":\"yesterday\"}}', from, 2026-11-30T08:00:00Z",
    "/api/replays, '{\"deliveries\":{},\"dryRun\":\"yes\"}', dryRun, true or false",
    "/api/replays, '{\"deliveries\":{},\"dryRun\":\"\"}', dryRun, true or false",
    "/api/replays, '{\"deliveries\":{},\"dryRun\":null}', dryRun, true or false",
    "/api/discards, '{\"events\":{},\"reason\":\"x\",\"dryRun\":0}', dryRun, true or false",
    "/api/erasures, '{\"email\":\"a@b.c\",\"reason\":\"x\",\"dryRun\":null}', dryRun, true or false",
    "/api/replays, '{\"deliveries\":{\"ids\":[1,2.5]}}', ids, a whole number",
    "/api/events/zoom-commerce:x/mend, '{\"payload\":{}}', payload, a text"
  })
  void what_is_unknown_means_more_or_can_not_be_read_is_refused_by_its_name(
      String path, String json, String named, String instead) {
    unroutable();

    HttpResponse<String> answer = api(path, json);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("\\\"" + named + "\\\"", instead);
    assertThat(number("select count(*) from event where closed_at is null")).isEqualTo(1);
    assertThat(number("select count(*) from replay")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"events\":{},\"reason\":\"x\",\"dryRun\":true,\"dryRun\":false}",
        "{\"events\":{\"type\":\"x\"},\"events\":{},\"reason\":\"x\"}",
        "{\"events\":{},\"reason\":\"x\"} {\"events\":{},\"reason\":\"x\",\"dryRun\":true}"
      })
  void what_is_said_twice_is_refused_and_does_not_mean_the_last_or_the_first(String json) {
    unroutable();

    assertThat(api("/api/discards", json).statusCode()).isEqualTo(400);
    assertThat(number("select count(*) from event where closed_at is null")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/replays, '{\"deliveries\":{\"ids\":[]}}', 202",
    "/api/replays, '{\"deliveries\":{\"state\":\"delivered\",\"ids\":[]}}', 202",
    "/api/replays, '{\"events\":{\"ids\":[]}}', 202",
    "/api/discards, '{\"deliveries\":{\"ids\":[]},\"reason\":\"x\"}', 200",
    "/api/discards, '{\"events\":{\"ids\":[]},\"reason\":\"x\"}', 200"
  })
  void no_ids_mean_nothing_and_not_all(String path, String json, int status) {
    unroutable();

    HttpResponse<String> answer = api(path, json);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains("\"count\":0");
    eventually().until(() -> number("select count(*) from replay where state = 'running'") == 0);
    assertThat(number("select count(*) from event where closed_at is null")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/replays", "/api/discards", "/api/erasures", "/api/previews"})
  void what_is_sent_as_a_form_is_told_to_be_sent_as_json(String path) {
    HttpResponse<String> answer =
        sender()
            .send(
                Outside.apiRequest(path, "operator")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"events\":{}}"))
                    .build());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(415);
    assertThat(answer.body()).contains("content-type: application/json");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/events?tpye=return-updated, tpye, type",
    "/api/events?target=salesforce, target, take it away",
    "/api/deliveries?state=dead&tagret=salesforce, tagret, target",
    "/api/rejected?limt=5, limt, limit",
    "/api/audit?actors=operator, actors, actor",
    "/api/targets?target=email, target, take it away",
    "/api/deliveries?state=deadd, deadd, write dead",
    "/api/events?state=dead, dead, 'received, routed, unroutable'",
    "/api/deliveries?from=yesterday, from, 2026-11-30T08:00:00Z",
    "/api/events?limit=many, limit, a whole number",
    "/api/rejected?before=now, before, a whole number",
    "/api/audit?to=2026-11-30, to, 2026-11-30T08:00:00Z",
    "/api/events?from=1700000000, from, 2026-11-30T08:00:00Z",
    "/api/deliveries?to=1700000000000, to, 2026-11-30T08:00:00Z"
  })
  void a_parameter_or_value_that_nobody_knows_is_refused_and_not_passed_over(
      String address, String named, String instead) {
    HttpResponse<String> answer = api(address);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("\\\"" + named + "\\\"", instead);
  }

  private static void quote(String status, Instant at) {
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-9", status, at));
    untilQuiet();
  }

  /** The path of an event that Salesforce refused, and after which another came that it took. */
  private static String deadBeforeAnother(Instant at) {
    salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
    quote("draft", at);
    salesforce().recover();
    quote("approved", at);
    return "/api/events/" + text("select id from event where status = 'draft'");
  }

  @Test
  void a_mended_copy_has_the_place_of_its_original_among_events_of_the_same_instant() {
    Instant at = Instant.now();
    String path = deadBeforeAnother(at);

    api(path + "/mend", mended(path, "\"draft\"", "\"submitted\""));
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-9")).containsEntry("Status__c", "approved");
    assertThat(Outside.deliveries("salesforce", "Q-9"))
        .containsExactly("superseded", "delivered", "superseded");
  }

  @Test
  void a_mended_copy_that_occurred_later_than_what_came_since_is_delivered() {
    Instant at = Instant.now().minusSeconds(5);
    String path = deadBeforeAnother(at);
    String occurred = String.valueOf(at.toEpochMilli());

    api(path + "/mend", mended(path, occurred, String.valueOf(at.plusSeconds(1).toEpochMilli())));
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-9")).containsEntry("Status__c", "draft");
  }

  @Test
  void a_mended_copy_replayed_from_the_start_goes_where_it_was_dead_and_nobody_hears_twice() {
    Instant at = Instant.now();
    salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
    quote("returned", at.minusSeconds(60));
    String path = "/api/events/" + text("select id from event");
    api(path + "/mend", mended(path, "\"returned\"", "\"returned\", \"note\": \"x\""));
    untilQuiet();
    quote("approved", at);
    salesforce().recover();

    Outside.replay("{\"events\":{}}");

    assertThat(
            database()
                .queryForList(
                    """
                    select d.target from delivery d join event e on e.sequence = d.event_sequence
                    where e.mended_from is not null
                    """,
                    String.class))
        .containsExactly("salesforce");
    assertThat(mailbox().to("sales@example.com"))
        .extracting(MailboxMail::subject)
        .containsExactly("Quote Q-9 was returned: action needed", "Quote Q-9 is approved");
    assertThat(salesforce().record("Zoom_Quote__c", "Q-9")).containsEntry("Status__c", "approved");
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  @Test
  void what_a_replay_takes_up_while_it_is_mended_is_not_said_to_be_mended() throws Exception {
    String path = deadBeforeAnother(Instant.now());
    String mend = mended(path, "\"draft\"", "\"submitted\"");
    FutureTask<HttpResponse<String>> answer = new FutureTask<>(() -> api(path + "/mend", mend));
    try (Connection replay = database().getDataSource().getConnection()) {
      replay.setAutoCommit(false);
      replay
          .createStatement()
          .execute("update delivery set state = 'waiting' where state = 'dead'");
      new Thread(answer).start();
      eventually().until(() -> number("select count(*) from pg_locks where not granted") > 0);
      replay.commit();
    }

    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(409);
    assertThat(number("select count(*) from event where mended_from is not null")).isZero();
    assertThat(
            number(
                "select count(*) from audit where action = 'mend' and object = ?",
                path.replace("/api/events/", "")))
        .isZero();
  }

  private List<Object> found(
      String text, String type, String state, String target, Instant from, Instant to) {
    return finder
        .find(new Question(text, type, null, state, target, from, to, null))
        .events()
        .stream()
        .map(event -> event.get("entity_key"))
        .toList();
  }

  @Test
  void an_event_is_found_by_every_number_that_it_is_about() {
    sender().returnUpdate(Webhooks.file("oracle-commerce/return-full.json"));
    sender().zoomCommerce(Webhooks.file("zoom-commerce/deal-registration-status-changed.json"));
    untilQuiet();

    for (String number : List.of("100004", "o70003", "se-570040")) {
      assertThat(found(number, null, null, null, null, null)).as(number).containsExactly("100004");
    }
    for (String number : List.of("DR-135621", "DRR-4834729", "hX2kQ9rTSfWq0m1bZc7LpA")) {
      assertThat(found(number, null, null, null, null, null))
          .as(number)
          .containsExactly("DR-135621");
    }
    assertThat(
            found(
                text("select id from event where entity_key = '100004'"),
                null,
                null,
                null,
                null,
                null))
        .containsExactly("100004");
    assertThat(found("100004", "order-status-changed", null, null, null, null)).isEmpty();
  }

  @Test
  void what_a_customer_knows_by_other_numbers_is_found_by_them() {
    sender().returnUpdate(Webhooks.file("oracle-commerce/return-exchange.json"));
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-configured.json"));
    untilQuiet();

    assertThat(found("PO-2231", null, null, null, null, null)).containsExactly("o90420");
    for (String number : List.of("o70004", "o70005")) {
      assertThat(found(number, null, null, null, null, null)).as(number).containsExactly("100005");
    }
  }

  @Test
  void events_are_found_by_the_states_of_their_deliveries_and_by_time() {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilQuiet();
    salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-2", "teleported"));
    untilQuiet();
    database().update("update event set received_at = '2026-01-01' where entity_key = 'O-1'");
    Instant march = Instant.parse("2026-03-01T00:00:00Z");

    assertThat(found(null, null, "dead", null, null, null)).containsExactly("Q-1");
    assertThat(found(null, null, "dead", "database", null, null)).isEmpty();
    assertThat(found(null, null, "delivered", "salesforce", null, null)).containsExactly("O-1");
    assertThat(found(null, null, null, "database", null, null)).containsExactly("Q-1", "O-1");
    assertThat(found(null, null, "unroutable", null, null, null)).containsExactly("Q-2");
    assertThat(found(null, null, "held", null, null, null)).isEmpty();
    assertThat(found(null, "order-status-changed", null, null, null, null)).containsExactly("O-1");
    assertThat(found(null, null, null, null, null, march)).containsExactly("O-1");
    assertThat(found(null, null, null, null, march, null)).containsExactly("Q-2", "Q-1");
    assertThat(found(null, "order-status-changed", null, null, march, null)).isEmpty();
  }

  @Test
  void of_two_who_mend_an_event_at_the_same_time_one_is_told_that_the_other_was_quicker()
      throws Exception {
    String path = unroutable();
    String mend = mended(path, "\"teleported\"", "\"draft\"");
    FutureTask<HttpResponse<String>> answer = new FutureTask<>(() -> api(path + "/mend", mend));
    try (Connection other = database().getDataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("update event set closed_at = now(), reason = 'mended'");
      new Thread(answer).start();
      eventually().until(() -> number("select count(*) from pg_locks where not granted") > 0);
      other.commit();
    }

    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(409);
    assertThat(number("select count(*) from event where mended_from is not null")).isZero();
  }

  @Test
  void a_mended_copy_was_not_received_and_is_not_counted_as_if_it_were() {
    String path = unroutable();

    api(path + "/mend", mended(path, "\"teleported\"", "\"draft\""));
    untilQuiet();
    balance.look();

    assertThat(balance.lines())
        .filteredOn(line -> line.target().equals("salesforce"))
        .extracting(Balance.Line::received, Balance.Line::unroutable, Balance.Line::delivered)
        .containsExactly(tuple(1L, 1L, 0L));
    assertThat(lastDay.figuresNow().received())
        .extracting(LastDay.Received::count)
        .containsExactly(1L);
  }
}
