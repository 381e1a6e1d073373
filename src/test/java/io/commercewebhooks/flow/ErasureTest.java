package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.everyTable;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.notifications;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.ProtectionRenewal;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A person is erased from the ledger and the database, and a receipt says what went. */
@FlowTest
class ErasureTest {

  private static final String EMAIL = "kim.erased@example.com";
  private static final String OTHER = "lee.kept@example.com";

  @Autowired private Balance balance;
  @Autowired private Notices notices;
  @Autowired private ProtectionRenewal renewal;

  private static void quoteRequest(String id, String email, String profile) {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    request.put("id", id).put("profileId", profile).put("note", "ask " + email);
    request.withObjectProperty("billingAddress").put("email", email).put("lastName", "Erasable");
    ((ObjectNode) request.path("shippingGroups").path(0).path("shippingAddress"))
        .put("email", email);
    assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(200);
  }

  private static JsonNode erase(String json) {
    HttpResponse<String> answer = api("/api/erasures", json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Webhooks.object(answer.body());
  }

  private static String body(String key) {
    return text("select body from event where entity_key = ?", key);
  }

  @Test
  void a_dry_run_counts_and_changes_nothing() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"dryRun\":true}");

    assertThat(receipt.path("events").asLong()).isEqualTo(1);
    assertThat(receipt.path("database").path("quote_request").asLong()).isEqualTo(1);
    assertThat(receipt.path("told").path("salesforce").asLong()).isEqualTo(1);
    assertThat(body("o-1")).contains(EMAIL);
    assertThat(row("quote_request", "o-1")).containsEntry("shopper_email", EMAIL);
  }

  @Test
  void a_person_is_erased_by_e_mail_however_it_is_written_and_nobody_else_is() {
    quoteRequest("o-1", EMAIL, "p-1");
    quoteRequest("o-2", OTHER, "p-2");
    untilQuiet();

    JsonNode receipt =
        erase("{\"email\":\" KIM.Erased@example.com \",\"reason\":\"asked by " + EMAIL + "\"}");

    assertThat(receipt.path("events").asLong()).isEqualTo(1);
    assertThat(receipt.path("by").asText()).isEqualTo("operator");
    assertThat(body("o-1")).isEqualTo("{\"removed\":\"erasure\"}");
    assertThat(row("quote_request", "o-1"))
        .containsEntry("shopper_email", null)
        .containsEntry("shopper_name", null)
        .containsEntry("note", null)
        .containsEntry("profile_id", null)
        .doesNotContainEntry("total_amount", null);
    assertThat(body("o-2")).contains(OTHER);
    assertThat(row("quote_request", "o-2")).containsEntry("shopper_email", OTHER);
    for (String table :
        new String[] {"event", "delivery", "attempt", "quote_request", "audit", "status_history"}) {
      assertThat(database().queryForList("select t::text from " + table + " t", String.class))
          .as(table)
          .noneMatch(row -> row.toLowerCase().contains(EMAIL) || row.contains("p-1,"));
    }
  }

  @Test
  void however_many_events_there_are_each_row_is_counted_once_and_as_the_dry_run_said() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, body, people, protection, state)
            select id || n, sender, type, status, entity_kind, entity_key, occurred_at,
                   attributes, body, people, protection, state
            from event, generate_series(1, 1200) as n
            """);

    JsonNode dry = erase("{\"profileId\":\"p-1\",\"dryRun\":true}");
    JsonNode receipt = erase("{\"profileId\":\"p-1\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("events").asLong()).isEqualTo(1201);
    assertThat(receipt.path("database")).hasToString("{\"quote_request\":1}");
    assertThat(dry.path("events")).isEqualTo(receipt.path("events"));
    assertThat(dry.path("database")).isEqualTo(receipt.path("database"));
  }

  @Test
  void the_receipt_stays_in_the_audit_under_a_hash_that_is_the_same_next_time() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    JsonNode first = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    JsonNode again = erase("{\"email\":\"" + EMAIL + "\",\"dryRun\":true}");

    assertThat(again.path("events").asLong()).isZero();
    assertThat(again.path("database")).isEmpty();
    assertThat(again.path("subject")).isEqualTo(first.path("subject"));
    assertThat(api("/api/erasures?object=" + first.path("subject").asText()).body())
        .contains("\"id\":" + first.path("id").asText(), "\"count\":1", "art. 17", "quote_request")
        .doesNotContain(EMAIL);
  }

  @Test
  void what_was_not_delivered_yet_never_is_and_the_balance_adds_up() {
    quoteRequest("o-0", OTHER, "p-2");
    untilQuiet();
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    quoteRequest("o-1", EMAIL, "p-1");
    eventually()
        .until(() -> number("select count(*) from delivery where state = 'delivered'") == 5);

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");
    api("/api/targets/salesforce/resume", "");
    quoteRequest("o-2", OTHER, "p-2");
    untilQuiet();
    balance.look();

    assertThat(receipt.path("undelivered").asLong()).isEqualTo(1);
    assertThat(salesforce().writes().toString()).contains(OTHER).doesNotContain(EMAIL);
    assertThat(text("select cause_code from delivery where state = 'superseded'"))
        .isEqualTo("ERASED");
    assertThat(balance.lines()).isNotEmpty().allMatch(line -> line.missing() == 0);
  }

  @Test
  void a_dead_letter_of_the_person_is_none_any_more_and_nobody_is_told_of_it() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "not for " + EMAIL);
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();

    erase("{\"profileId\":\"p-1\",\"reason\":\"art. 17\"}");
    balance.look();
    notices.look();

    assertThat(Outside.subjectsTo("operators@example.com")).isEmpty();
    assertThat(api("/api/replays", "{\"deliveries\":{\"entity\":\"o-1\"}}").statusCode())
        .isEqualTo(409);
    assertThat(text("select detail from attempt")).isEmpty();
  }

  @Test
  void what_a_target_had_before_it_was_to_have_it_again_is_on_the_receipt() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "not again");
    Outside.replay("{\"deliveries\":{\"state\":\"delivered\",\"target\":\"salesforce\"}}");
    assertThat(Outside.deliveries("salesforce", "o-1")).containsExactly("dead");

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("told").path("salesforce").asLong()).isEqualTo(1);
  }

  @Test
  void a_mail_that_one_of_its_readers_has_is_on_the_receipt() {
    notifications(text -> text.replace("sales@example.com", "sales@example.com, gone@example.com"));
    mailbox().refuseRecipient("gone@example.com", "550 5.1.1 No such user");
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    assertThat(mailbox().to("sales@example.com")).hasSize(1);
    assertThat(Outside.deliveries("email", "o-1")).containsExactly("dead");

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("told").path("email").asLong()).isEqualTo(1);
    assertThat(receipt.path("undelivered").asLong()).isEqualTo(1);
  }

  @Test
  void what_was_overtaken_is_not_brought_back_while_an_erasure_waits_for_another_of_its_deliveries()
      throws Exception {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "returned"));
    webhook.withObjectProperty("payload").put("contact", EMAIL);
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    api("/api/targets/salesforce/pause", "");
    quote("Q-9", "approved");
    eventually().until(() -> Outside.deliveries("salesforce", "Q-9").contains("waiting"));
    database()
        .update(
            "update delivery set state = 'superseded' where target = 'salesforce' and state <> 'waiting'");
    int before = salesforce().writes().size();
    FutureTask<JsonNode> receipt =
        new FutureTask<>(() -> erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}"));
    try (Connection mail = database().getDataSource().getConnection()) {
      mail.setAutoCommit(false);
      mail.createStatement().execute("select from delivery where target = 'email' for update");
      new Thread(receipt).start();
      untilSomebodyWaits(1);
      salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
      api("/api/targets/salesforce/resume", "");
      untilSomebodyWaits(2);
    }
    receipt.get();
    untilQuiet();

    assertThat(Outside.deliveries("salesforce", "Q-9")).containsExactly("superseded", "dead");
    assertThat(salesforce().writes()).hasSize(before);
  }

  private static void untilSomebodyWaits(int howMany) {
    eventually()
        .until(
            () -> number("select count(distinct pid) from pg_locks where not granted") >= howMany);
  }

  @Test
  void an_account_is_erased_with_its_number() {
    sender().zoomCommerce(Webhooks.zoomCommerce("account-status-changed", "CRM-77", "success"));
    sender().zoomCommerce(Webhooks.zoomCommerce("account-status-changed", "CRM-78", "success"));
    untilQuiet();

    erase("{\"accountId\":\"CRM-77\",\"reason\":\"art. 17\"}");

    assertThat(number("select count(*) from event where entity_key = 'CRM-77'")).isZero();
    assertThat(number("select count(*) from event where entity_key like 'accountId:%'"))
        .isEqualTo(1);
    assertThat(number("select count(*) from delivery where entity = 'account/CRM-77'")).isZero();
    assertThat(row("account", "CRM-77")).isEmpty();
    assertThat(number("select count(*) from status_history where entity_key = 'CRM-77'")).isZero();
    assertThat(row("account", "CRM-78")).isNotEmpty();
  }

  @Test
  void a_number_of_something_else_that_is_written_like_that_of_the_account_stays() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "77", "approved"));
    webhook.withObjectProperty("payload").put("account_id", "77");
    sender().zoomCommerce(webhook.toString());
    untilQuiet();

    JsonNode receipt = erase("{\"accountId\":\"77\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("events").asLong()).isEqualTo(1);
    assertThat(body("77")).isEqualTo("{\"removed\":\"erasure\"}");
    assertThat(number("select count(*) from delivery where entity = 'quote/77'")).isPositive();
    assertThat(row("quote", "77")).containsEntry("account_id", null);
  }

  @Test
  void what_a_target_is_being_told_is_waited_for_and_is_on_the_receipt() throws Exception {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    salesforce().holdUp(call -> call.body().contains("o-hand"), inHand, go);
    quoteRequest("o-hand", EMAIL, "p-1");
    assertThat(inHand.await(30, TimeUnit.SECONDS)).isTrue();

    CompletableFuture<JsonNode> erased =
        CompletableFuture.supplyAsync(
            () -> erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}"));
    eventually().until(() -> number("select count(*) from pg_locks where not granted") > 0);
    go.countDown();

    JsonNode receipt = erased.get(60, TimeUnit.SECONDS);
    assertThat(receipt.path("told").path("salesforce").asLong()).isEqualTo(1);
    assertThat(deliveries("salesforce", "o-hand")).containsExactly("delivered");
    assertThat(body("o-hand")).isEqualTo("{\"removed\":\"erasure\"}");
  }

  @Test
  void what_operators_wrote_about_the_events_of_a_person_goes_with_them() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    webhook.withObjectProperty("payload").put("contact", EMAIL);
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    api("/api/discards", "{\"events\":{},\"reason\":\"Kim Erasable rang\"}");
    String closed = text("select closed_at::text from event");
    api("/api/replays", "{\"deliveries\":{\"entity\":\"" + EMAIL.toUpperCase() + "\"}}");

    erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(text("select e::text from event e")).doesNotContain("Kim Erasable");
    assertThat(text("select closed_at || coalesce(reason, '') from event")).isEqualTo(closed);
    assertThat(text("select filter from replay")).contains("email:").doesNotContain("KIM.");
    assertThat(everyTable().get("public.audit")).doesNotContainIgnoringCase(EMAIL);
  }

  @Test
  void an_object_whose_number_is_an_address_is_not_called_by_it_any_more() {
    sender()
        .zoomCommerce(
            Webhooks.zoomCommerce("account-status-changed", EMAIL.toUpperCase(), "failure"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "approved"));
    untilQuiet();

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("database")).hasToString("{\"account\":1,\"status_history\":1}");
    everyTable()
        .forEach((table, rows) -> assertThat(rows).as(table).doesNotContainIgnoringCase(EMAIL));
    assertThat(text("select entity_key from event where entity_key like 'email:%'"))
        .isEqualTo(receipt.path("subject").asText());
    assertThat(number("select count(*) from delivery where entity = 'quote/Q-9'")).isPositive();
  }

  @Test
  void a_webhook_that_is_sent_again_after_the_erasure_brings_nothing_back() {
    String webhook = Webhooks.zoomCommerce("account-status-changed", "CRM-77", "success");
    sender().zoomCommerce(webhook);
    untilQuiet();
    erase("{\"accountId\":\"CRM-77\",\"reason\":\"art. 17\"}");

    assertThat(sender().zoomCommerce(webhook).statusCode()).isEqualTo(200);
    untilQuiet();

    assertThat(number("select count(*) from event")).isEqualTo(1);
    assertThat(row("account", "CRM-77")).isEmpty();
  }

  /**
   * As psql does what config/deployment/README.md says: variables stand in the statement as they
   * are.
   */
  @Test
  void a_database_that_was_restored_loses_once_more_what_was_erased_of_it() throws IOException {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
    ((ObjectNode) request.path("return")).put("authorizationNumber", "it's").put("comments", EMAIL);
    assertThat(sender().returnUpdate(request.toString()).statusCode()).isEqualTo(200);
    untilQuiet();
    String json = "{\"email\":\"" + EMAIL + "\",\"reason\":\"ticket 1\"}";
    erase(json);
    assertThat(row("return_request", "it's")).containsEntry("comments", null);
    database().update("update return_request set comments = ?", EMAIL);
    assertThat(erase(json).path("database")).isEmpty();

    Matcher guide =
        Pattern.compile("--command=\"\\s+(select quote_literal.+?)\"\\)\\n", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("config/deployment/README.md")));
    assertThat(guide.find()).isTrue();
    String entities = text(guide.group(1).replace("\\", ""));
    database()
        .queryForList(
            Files.readString(Path.of("config/sql/erase-person.sql"))
                .replace(":entities", entities)
                .replaceAll(":(email|profileId|accountId|pseudonym)", "null"));

    assertThat(row("return_request", "it's")).containsEntry("comments", null);
  }

  @Test
  void while_the_database_is_down_nothing_is_forgotten_and_asking_again_finishes_it() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    Outside.wayToTheDatabase().cut();

    HttpResponse<String> answer =
        api("/api/erasures", "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");
    Outside.wayToTheDatabase().mend();

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(api("/api/events/search", "{\"email\":\"" + EMAIL + "\"}").body()).contains("o-1");
    eventually()
        .until(
            () ->
                api("/api/erasures", "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}")
                        .statusCode()
                    == 200);
    assertThat(body("o-1")).doesNotContain(EMAIL);
    assertThat(row("quote_request", "o-1")).containsEntry("shopper_email", null);
  }

  @Test
  void a_database_that_can_not_do_what_the_statement_says_is_named_as_what_is_to_be_mended() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    String asked = "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}";
    database().execute("alter table return_request rename to return_away");

    HttpResponse<String> answer = api("/api/erasures", asked);
    database().execute("alter table return_away rename to return_request");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .contains("config/sql/erase-person.sql", "\\\"return_request\\\" does not exist");
    assertThat(erase(asked).path("events").asInt()).isEqualTo(1);
  }

  @Test
  void while_older_events_are_not_looked_through_nobody_is_told_that_a_person_is_gone() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    database().update("update event set people = null, protection = null");
    String erasure = "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}";

    assertThat(api("/api/erasures", erasure).statusCode()).isEqualTo(409);
    String dry = erasure.replace("}", ",\"dryRun\":true}");
    assertThat(api("/api/erasures", dry).statusCode()).isEqualTo(409);

    renewal.renew();

    assertThat(erase(erasure).path("events").asLong()).isEqualTo(1);
  }

  @Test
  void an_erasure_says_exactly_one_person_and_why() {
    for (String json :
        new String[] {
          "{}",
          "{\"email\":\"a@example.com\",\"profileId\":\"p\",\"reason\":\"x\"}",
          "{\"email\":\"  \",\"reason\":\"x\"}",
          "{\"email\":\"a\\u0000@example.com\",\"reason\":\"x\"}",
          "{\"email\":\"a@example.com\"}",
          "{\"email\":\"a@example.com\",\"reason\":\" \"}"
        }) {
      assertThat(api("/api/erasures", json).statusCode()).as(json).isEqualTo(400);
    }
  }

  @Test
  void events_of_a_person_are_found_by_address_profile_and_account() {
    quoteRequest("o-1", EMAIL, "p-1");
    quoteRequest("o-2", OTHER, "p-2");
    untilQuiet();

    assertThat(api("/api/events/search", "{\"email\":\"" + EMAIL + "\"}").body())
        .contains("\"entity_key\":\"o-1\"")
        .doesNotContain("o-2");
    assertThat(api("/api/events/search", "{\"profileId\":\"p-2\"}").body())
        .contains("\"entity_key\":\"o-2\"")
        .doesNotContain("o-1");
    assertThat(api("/api/events/search", "{\"accountId\":\"nobody\"}").body()).isEqualTo("[]");
  }

  @Test
  void all_events_of_a_person_are_listed_page_by_page() {
    quoteRequest("o-1", EMAIL, "p-1");
    quoteRequest("o-2", OTHER, "p-2");
    quoteRequest("o-3", EMAIL, "p-1");
    untilQuiet();
    String one = "{\"email\":\"" + EMAIL + "\",\"limit\":1";

    String newest = api("/api/events/search", one + "}").body();
    String older =
        api(
                "/api/events/search",
                one + ",\"before\":" + number("select max(sequence) from event") + "}")
            .body();

    assertThat(newest).contains("\"entity_key\":\"o-3\"").doesNotContain("o-1");
    assertThat(older).contains("\"entity_key\":\"o-1\"").doesNotContain("o-3");
  }

  @Test
  void a_copy_that_is_mended_at_the_same_time_is_erased_too() throws Exception {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    FutureTask<JsonNode> receipt =
        new FutureTask<>(() -> erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}"));
    try (Connection mending = database().getDataSource().getConnection()) {
      mending.setAutoCommit(false);
      mending.createStatement().execute("select from event for update");
      new Thread(receipt).start();
      eventually().until(() -> number("select count(*) from pg_locks where not granted") > 0);
      mending
          .createStatement()
          .execute(
              """
              insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                                 attributes, body, people, protection, state, mended_from)
              select id || '.mended-1', sender, type, status, entity_kind, entity_key, occurred_at,
                     attributes, body, people, protection, 'routed', id
              from event
              """);
      mending.commit();
    }

    assertThat(receipt.get().path("events").asLong()).isEqualTo(2);
    assertThat(number("select count(*) from event where body like '%" + EMAIL + "%'")).isZero();
  }

  @Test
  void what_an_erasure_found_unroutable_is_not_routed_any_more_though_the_rest_of_it_failed() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    webhook.withObjectProperty("payload").put("contact", EMAIL);
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    String erasure = "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}";
    Outside.wayToTheDatabase().cut();
    HttpResponse<String> answer = api("/api/erasures", erasure);
    Outside.wayToTheDatabase().mend();

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(text("select state from event")).isEqualTo("unroutable");
    assertThat(api("/api/replays", "{\"events\":{},\"dryRun\":true}").statusCode()).isEqualTo(409);
    eventually().until(() -> api("/api/erasures", erasure).statusCode() == 200);
    assertThat(text("select body from event")).doesNotContain(EMAIL);
  }

  @Test
  void what_was_delivered_is_not_delivered_again_while_its_person_is_being_erased() {
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    int before = salesforce().writes().size();
    String erasure = "{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}";
    Outside.wayToTheDatabase().cut();
    assertThat(api("/api/erasures", erasure).statusCode()).isEqualTo(503);
    Outside.wayToTheDatabase().mend();

    api(
        "/api/replays",
        "{\"deliveries\":{\"state\":\"delivered\",\"target\":\"salesforce\"},\"dryRun\":false}");
    eventually().until(() -> number("select count(*) from replay where state = 'running'") == 0);
    untilQuiet();
    eventually().until(() -> api("/api/erasures", erasure).statusCode() == 200);

    assertThat(salesforce().writes()).hasSize(before);
    assertThat(Outside.deliveries("salesforce", "o-1")).containsExactly("delivered");
  }

  @Test
  void why_a_dead_letter_of_the_person_was_discarded_goes_too() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no");
    quoteRequest("o-1", EMAIL, "p-1");
    untilQuiet();
    api(
        "/api/discards",
        "{\"deliveries\":{\"target\":\"salesforce\"},\"reason\":\"Kim Erasable rang\"}");
    assertThat(text("select cause from delivery where target = 'salesforce'")).contains("Kim");

    erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(text("select cause from delivery where target = 'salesforce'")).isEmpty();
  }

  @Test
  void the_reason_of_an_erasure_does_not_keep_what_named_the_person() {
    quoteRequest("o-1", EMAIL, "p-1234");
    untilQuiet();

    JsonNode receipt = erase("{\"profileId\":\"p-1234\",\"reason\":\"p-1234 rang\"}");

    assertThat(everyTable().get("public.audit"))
        .contains(receipt.path("subject").asText() + " rang")
        .doesNotContain("p-1234");
  }

  private static void receiveAndMendAway(String person) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    webhook.withObjectProperty("payload").put("contact", person);
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    String mend = "/api/events/" + text("select id from event") + "/mend";
    String copy = Webhooks.object(api(mend).body()).path("payload").asText();
    String edited = copy.replace("[masked 1]", "nobody").replace("teleported", "draft");
    assertThat(edited).contains("nobody", "draft");
    ObjectNode said = Webhooks.object("{}").put("payload", edited).put("reason", "art. 17");
    assertThat(api(mend, said.toString()).statusCode()).isEqualTo(200);
    untilQuiet();
  }

  @Test
  void a_copy_out_of_which_the_person_was_mended_goes_with_its_original() {
    receiveAndMendAway(EMAIL);

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("events").asLong()).isEqualTo(2);
    assertThat(number("select count(*) from event where payload_removed_at is null")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "where mended_from is not null"})
  void a_copy_out_of_which_the_person_was_mended_goes_with_its_original_after_a_change_of_keys(
      String whichAreOlder) {
    receiveAndMendAway(EMAIL);
    database().update("update event set protection = 'an older key' " + whichAreOlder);
    if (!whichAreOlder.isEmpty()) {
      database().update("update event set payload_removed_at = now() where mended_from is null");
    }
    renewal.renew();

    JsonNode receipt = erase("{\"email\":\"" + EMAIL + "\",\"reason\":\"art. 17\"}");

    assertThat(receipt.path("events").asLong()).isEqualTo(2);
  }
}
