package io.commercewebhooks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** Runs the shipped mappings and statements of the database target on a real PostgreSQL. */
class StatementsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2025-11-23T12:00:00Z");
  private static final Outcome APPLIED = new Outcome(true, false);
  private static final Outcome SUPERSEDED = new Outcome(true, true);

  private static EmbeddedPostgres postgres;
  private static DataSource database;
  private static DefaultCamelContext camel;
  private static ProducerTemplate template;
  private static JdbcTemplate sql;

  private record Outcome(boolean success, boolean superseded) {}

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.builder().start();
    database = postgres.getPostgresDatabase();
    migrate(database);
    sql = new JdbcTemplate(database);
    camel = new DefaultCamelContext();
    camel.getRegistry().bind("database", DataSource.class, database);
    camel.start();
    template = camel.createProducerTemplate();
  }

  private static void migrate(DataSource target) {
    Flyway.configure().dataSource(target).locations("classpath:db/database").load().migrate();
  }

  @AfterAll
  static void stop() throws IOException {
    camel.stop();
    postgres.close();
  }

  private static Stream<String> types() {
    return Stream.of(
        "account-status-changed",
        "quote-status-changed",
        "deal-registration-status-changed",
        "order-status-changed",
        "quote-requested",
        "return-updated");
  }

  @BeforeEach
  void empty() {
    sql.execute(
        "truncate account, quote, deal_registration, commerce_order, quote_request,"
            + " quote_request_item, return_request, return_request_item, status_history");
  }

  @ParameterizedTest
  @MethodSource("types")
  void a_new_event_of_each_type_becomes_current_and_history(String type) {
    assertThat(write(event(type, "K-1", 1, NOON, "approved"))).containsExactly(APPLIED);

    Map<String, Object> row = sql.queryForMap("select * from " + tableOf(type));
    assertThat(row)
        .containsEntry("key", "K-1")
        .containsEntry("status", "approved")
        .containsEntry("event_sequence", 1L)
        .containsEntry("source_event_id", type + ":1");
    assertThat(((Timestamp) row.get("occurred_at")).toInstant()).isEqualTo(NOON);
    assertThat(history()).containsExactly(type + ":1");
  }

  @ParameterizedTest
  @MethodSource("types")
  void an_older_event_of_each_type_is_superseded_and_kept_in_the_history(String type) {
    write(event(type, "K-1", 1, NOON, "completed"));

    assertThat(write(event(type, "K-1", 2, NOON.minusMillis(1), "draft")))
        .containsExactly(SUPERSEDED);

    assertThat(sql.queryForObject("select status from " + tableOf(type), String.class))
        .isEqualTo("completed");
    assertThat(history()).containsExactly(type + ":1", type + ":2");
  }

  @ParameterizedTest
  @MethodSource("types")
  void every_fact_of_a_row_is_kept_in_the_column_of_its_name(String type) throws IOException {
    ObjectNode full = fullEvent(type);

    write(full);
    assertKept(full);
    empty();
    write(event(type, "K-1", 0, Instant.EPOCH, "before"));
    write(full);
    assertKept(full);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account-status-changed",
        "quote-status-changed",
        "deal-registration-status-changed",
        "order-status-changed",
        "return-updated"
      })
  void every_fact_stays_that_a_later_webhook_leaves_out(String type) throws IOException {
    String facts =
        "select to_jsonb(t) - array['status', 'occurred_at', 'event_sequence', 'source_event_id',"
            + " 'updated_at'] from %s t".formatted(tableOf(type));
    write(fullEvent(type));
    List<String> before = column(facts);

    write(event(type, "K-1", 2, Instant.parse("2026-01-01T00:00:00Z"), "after"));

    assertThat(column("select status from " + tableOf(type))).containsExactly("after");
    assertThat(column(facts)).isEqualTo(before);
  }

  @Test
  void no_fact_of_a_quote_request_stays_beside_those_of_a_later_one() throws IOException {
    write(fullEvent("quote-requested"));
    write(event("quote-requested", "K-1", 2, Instant.parse("2026-01-01T00:00:00Z"), "after"));

    assertThat(
            column("select jsonb_object_keys(jsonb_strip_nulls(to_jsonb(t))) from quote_request t"))
        .containsExactlyInAnyOrder(
            "key",
            "status",
            "occurred_at",
            "event_sequence",
            "source_event_id",
            "updated_at",
            "item_list_cut");
  }

  @Test
  void a_newer_event_replaces_an_older_one() {
    write(event("quote-status-changed", "Q-1", 1, NOON, "submitted"));

    assertThat(write(event("quote-status-changed", "Q-1", 2, NOON.plusMillis(1), "approved")))
        .containsExactly(APPLIED);

    assertThat(statusOfQuote("Q-1")).isEqualTo("approved");
  }

  @Test
  void at_equal_times_the_later_arrival_wins_whatever_the_order_of_writing() {
    write(event("quote-status-changed", "Q-1", 6, NOON, "approved"));

    assertThat(write(event("quote-status-changed", "Q-1", 5, NOON, "submitted")))
        .containsExactly(SUPERSEDED);
    assertThat(write(event("quote-status-changed", "Q-1", 7, NOON, "completed")))
        .containsExactly(APPLIED);

    assertThat(statusOfQuote("Q-1")).isEqualTo("completed");
  }

  @ParameterizedTest
  @MethodSource("types")
  void the_same_event_again_changes_nothing_and_is_not_superseded(String type) throws IOException {
    ObjectNode event = fullEvent(type);
    write(event);
    List<String> before = contents();

    assertThat(write(event)).containsExactly(APPLIED);
    assertThat(write(event, event)).containsExactly(APPLIED, APPLIED);

    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void a_batch_with_several_events_of_one_object_answers_each_in_its_place() {
    List<Outcome> outcomes =
        write(
            event("quote-status-changed", "Q-1", 3, NOON.plusSeconds(3), "completed"),
            event("quote-status-changed", "Q-2", 4, NOON, "draft"),
            event("quote-status-changed", "Q-1", 1, NOON.plusSeconds(1), "submitted"),
            event("quote-status-changed", "Q-1", 2, NOON.plusSeconds(3), "approved"));

    assertThat(outcomes).containsExactly(APPLIED, APPLIED, SUPERSEDED, SUPERSEDED);
    assertThat(statusOfQuote("Q-1")).isEqualTo("completed");
    assertThat(statusOfQuote("Q-2")).isEqualTo("draft");
    assertThat(history()).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("types")
  void at_equal_times_in_one_batch_the_later_arrival_wins_in_either_order(String type) {
    ObjectNode earlier = event(type, "K-1", 1, NOON, "submitted");
    ObjectNode later = event(type, "K-1", 2, NOON, "approved");

    assertThat(write(later, earlier)).containsExactly(APPLIED, SUPERSEDED);
    assertThat(column("select status from " + tableOf(type))).containsExactly("approved");
    empty();

    assertThat(write(earlier, later)).containsExactly(SUPERSEDED, APPLIED);
    assertThat(column("select status from " + tableOf(type))).containsExactly("approved");
  }

  @Test
  void at_equal_times_in_one_batch_the_items_of_the_later_arrival_stay_in_either_order() {
    ObjectNode earlier = event("return-updated", "K-1", 1, NOON, "INCOMPLETE");
    addItem(earlier, "sku-1");
    ObjectNode later = event("return-updated", "K-1", 2, NOON, "COMPLETE");
    addItem(later, "sku-2");

    write(later, earlier);
    assertThat(column("select sku_id from return_request_item")).containsExactly("sku-2");
    empty();

    write(earlier, later);
    assertThat(column("select sku_id from return_request_item")).containsExactly("sku-2");
  }

  @Test
  void a_batch_wholly_older_than_what_is_there_is_superseded() {
    write(event("quote-status-changed", "Q-1", 9, NOON.plusSeconds(9), "completed"));

    assertThat(
            write(
                event("quote-status-changed", "Q-1", 1, NOON, "draft"),
                event("quote-status-changed", "Q-1", 2, NOON.plusSeconds(1), "submitted")))
        .containsExactly(SUPERSEDED, SUPERSEDED);

    assertThat(statusOfQuote("Q-1")).isEqualTo("completed");
  }

  @ParameterizedTest
  @MethodSource("types")
  void an_event_without_a_key_is_recorded_in_the_history_only(String type) {
    ObjectNode event = event(type, "K-1", 1, NOON, "draft");
    event.withObject("/entity").remove("key");

    assertThat(write(event)).containsExactly(APPLIED);

    assertThat(history()).containsExactly(type + ":1");
    assertThat(count(tableOf(type))).isZero();
  }

  @Test
  void an_id_once_known_stays_when_a_later_webhook_leaves_it_blank() {
    ObjectNode first = event("account-status-changed", "A-1", 1, NOON, "submitted");
    first.withObject("/body/payload/account").put("create_reference_id", "CR-1");
    ObjectNode second = event("account-status-changed", "A-1", 2, NOON.plusSeconds(1), "success");
    second.withObject("/body/payload/account").put("create_reference_id", "");

    write(first);
    write(second);

    assertThat(sql.queryForMap("select status, create_reference_id from account"))
        .containsEntry("status", "success")
        .containsEntry("create_reference_id", "CR-1");
  }

  @Test
  void the_quote_request_of_the_sender_s_own_page_is_kept_with_its_item() throws IOException {
    ObjectNode event = event("quote-requested", "o90419", 1, NOON, "requested");
    event.set("body", webhook("oracle-commerce/quote-request-seed.json"));

    write(event);

    assertThat(sql.queryForMap("select * from quote_request"))
        .containsEntry("note", "Sample Quote")
        .containsEntry("shopper_name", "Kim Anderson")
        .containsEntry("shopper_email", "kim@example.com")
        .containsEntry("total_amount", new BigDecimal("43.1900"))
        .containsEntry("remaining_amount", new BigDecimal("43.1900"));
    assertThat(items("quote_request_item"))
        .singleElement()
        .satisfies(
            item ->
                assertThat(item)
                    .containsEntry("product_id", "Product_18Cxi")
                    .containsEntry("sku_id", "Sku_18Dxi")
                    .containsEntry("quantity", new BigDecimal("1.0000")));
  }

  @Test
  void a_newer_list_replaces_the_items_a_missing_list_keeps_them() throws IOException {
    ObjectNode full = event("return-updated", "100004", 1, NOON, "INCOMPLETE");
    full.set("body", webhook("oracle-commerce/return-full.json"));
    ObjectNode cut = event("return-updated", "100004", 2, NOON.plusSeconds(1), "FULL_RETURN");
    cut.set("body", webhook("oracle-commerce/return-lists-cut.json"));
    ObjectNode partial = event("return-updated", "100004", 3, NOON.plusSeconds(2), "COMPLETE");
    partial.set("body", webhook("oracle-commerce/return-partial.json"));
    ObjectNode none = event("return-updated", "100004", 4, NOON.plusSeconds(3), "COMPLETE");
    none.withObject("/body/return").putArray("returnItemList");

    write(full);
    assertThat(column("select sku_id from return_request_item order by line"))
        .containsExactly("sku-mug-white", "sku-lamp-1");

    write(cut);
    assertThat(sql.queryForMap("select status, item_list_cut from return_request"))
        .containsEntry("status", "FULL_RETURN")
        .containsEntry("item_list_cut", true);
    assertThat(count("return_request_item")).isEqualTo(2);

    write(partial);
    assertThat(column("select sku_id from return_request_item order by line"))
        .containsExactly("sku-mug-white");

    write(full);
    assertThat(count("return_request_item")).isEqualTo(1);

    write(none);
    assertThat(count("return_request_item")).isZero();
  }

  @Test
  void what_a_later_return_webhook_leaves_out_stays() throws IOException {
    ObjectNode full = event("return-updated", "100007", 1, NOON, "PENDING_REFUND");
    full.set("body", webhook("oracle-commerce/return-two-currencies.json"));
    ObjectNode changes = event("return-updated", "100007", 2, NOON.plusSeconds(1), "COMPLETE");
    changes.withObject("/body/return").put("processed", true);

    write(full);
    write(changes);

    assertThat(sql.queryForMap("select * from return_request"))
        .containsEntry("status", "COMPLETE")
        .containsEntry("processed", true)
        .containsEntry("currency", "BRL")
        .containsEntry("secondary_currency", "USD")
        .containsEntry("exchange_rate", new BigDecimal("0.1873000000"))
        .containsEntry("total_refund_amount", new BigDecimal("1249.5000"));
  }

  private static Stream<List<ObjectNode>> partial_webhooks() throws IOException {
    List<List<ObjectNode>> sequences = new ArrayList<>();
    for (String type : types().toList()) {
      ObjectNode full = event(type, "K-1", 1, NOON, "first");
      ObjectNode changes = event(type, "K-1", 2, NOON.plusSeconds(1), "second");
      ObjectNode cut = event(type, "K-1", 3, NOON.plusSeconds(2), "third");
      full.withObject("/body/payload").put("account_id", "acc-1");
      full.withObject("/body/payload/account").put("crm_account_number", "crm-1");
      full.withObject("/body/payload/deal_registration").put("deal_reg_number", "deal-1");
      changes.withObject("/body/payload/account").put("create_reference_id", "CR-1");
      changes.withObject("/body/payload/deal_registration").put("create_reference_id", "CR-2");
      if ("quote-requested".equals(type)) {
        full.set("body", webhook("oracle-commerce/quote-request-seed.json"));
        changes.withObject("/body").put("note", "Sooner, please");
        cut.withObject("/body/shoppingCart").put("itemsIsTruncated", true);
      } else if ("return-updated".equals(type)) {
        full.set("body", webhook("oracle-commerce/return-two-currencies.json"));
        changes.withObject("/body/return").put("processed", true).put("totalRefundAmount", 7);
        cut.withObject("/body/return").put("returnItemListIsTruncated", true);
      }
      sequences.add(List.of(full, changes, cut));
    }
    ObjectNode full = event("return-updated", "K-1", 1, NOON, "first");
    full.set("body", webhook("oracle-commerce/return-full.json"));
    ObjectNode none = event("return-updated", "K-1", 2, NOON.plusSeconds(1), "second");
    none.withObject("/body/return").putArray("returnItemList");
    sequences.add(List.of(full, none, event("return-updated", "K-1", 3, NOON, "late")));
    return sequences.stream();
  }

  @ParameterizedTest
  @MethodSource("partial_webhooks")
  void partial_webhooks_of_one_object_leave_the_same_in_one_batch_as_one_after_the_other(
      List<ObjectNode> events) {
    events.forEach(StatementsTest::write);
    List<String> oneByOne = contents();
    empty();

    write(events.toArray(ObjectNode[]::new));

    assertThat(contents()).isEqualTo(oneByOne);
    empty();

    write(events.get(2), events.get(1), events.get(0));

    assertThat(contents()).isEqualTo(oneByOne);
    empty();

    write(events.get(1));
    write(events.get(0), events.get(2));
    List<String> lateFirst = contents();
    empty();
    write(events.get(1));
    write(events.get(0));
    write(events.get(2));

    assertThat(contents()).as("the first too late for all").isEqualTo(lateFirst);
  }

  @Test
  void a_partial_webhook_keeps_what_the_one_before_it_in_its_batch_told() throws IOException {
    ObjectNode full = event("return-updated", "100007", 1, NOON, "PENDING_REFUND");
    full.set("body", webhook("oracle-commerce/return-two-currencies.json"));
    ObjectNode changes = event("return-updated", "100007", 2, NOON.plusSeconds(1), "COMPLETE");
    changes.withObject("/body/return").put("processed", true);

    assertThat(write(full, changes)).containsExactly(SUPERSEDED, APPLIED);

    assertThat(sql.queryForMap("select * from return_request"))
        .containsEntry("status", "COMPLETE")
        .containsEntry("source_event_id", "return-updated:2")
        .containsEntry("processed", true)
        .containsEntry("total_refund_amount", new BigDecimal("1249.5000"));
    assertThat(count("return_request_item")).isEqualTo(1);
  }

  @Test
  void items_nested_eleven_levels_deep_are_kept_with_their_place_in_the_tree() throws IOException {
    ObjectNode event = event("return-updated", "100008", 1, NOON, "INCOMPLETE");
    event.set("body", webhook("oracle-commerce/return-eleven-levels.json"));

    write(event);

    assertThat(items("return_request_item")).hasSize(12);
    assertThat(sql.queryForMap("select * from return_request_item order by depth desc limit 1"))
        .containsEntry("path", "1.1.1.1.1.1.1.1.1.1.1.1")
        .containsEntry("parent_path", "1.1.1.1.1.1.1.1.1.1.1")
        .containsEntry("product_id", "prod-level-11");
  }

  @Test
  void an_amount_as_java_writes_ten_millions_is_kept_as_a_number_and_as_a_text() {
    ObjectNode event = event("return-updated", "100100", 1, NOON, "INCOMPLETE");
    ObjectNode request = event.withObject("/body/return");
    request.put("totalRefundAmount", "1.0500000125E7");
    request.put("returnFee", 1.05e7);
    request.put("otherRefund", "9.99999999999999999999E13");
    request.put("actualTaxRefund", "1.05E14");

    assertThat(write(event)).containsExactly(APPLIED);

    assertThat(sql.queryForMap("select * from return_request"))
        .containsEntry("total_refund_amount", new BigDecimal("10500000.1250"))
        .containsEntry("fee_amount", new BigDecimal("10500000.0000"))
        .containsEntry("other_refund_amount", new BigDecimal("100000000000000.0000"))
        .containsEntry("tax_refund_amount", null);
  }

  @Test
  void values_of_the_wrong_kind_leave_their_columns_empty() {
    ObjectNode event = event("return-updated", "100099", 1, NOON, "INCOMPLETE");
    ObjectNode request = event.withObject("/body/return");
    request.put("totalRefundAmount", "a lot");
    request.put("returnFee", 1e300);
    request.put("otherRefund", "99999999999999999999");
    request.putObject("comments");
    request.put("agentId", "a\u0000b\ud800");
    request.put("authorizationDate", "2025-02-30T00:00:00Z");
    request.putArray("returnItemList").add("x").addNull().addObject().put("quantityToReturn", -1);

    assertThat(write(event)).containsExactly(APPLIED);

    assertThat(sql.queryForMap("select * from return_request"))
        .containsEntry("total_refund_amount", null)
        .containsEntry("fee_amount", null)
        .containsEntry("other_refund_amount", null)
        .containsEntry("comments", null)
        .containsEntry("agent_id", "ab?")
        .containsEntry("authorized_at", null);
    assertThat(items("return_request_item"))
        .singleElement()
        .satisfies(item -> assertThat(item).containsEntry("quantity_to_return", null));
  }

  @ParameterizedTest
  @CsvSource({
    "email, KIM@Example.com, true, false",
    "profileId, profile 2, true, true",
    "accountId, organization 1, true, false",
    "accountId, organization, false, true",
    "entities, quote-request, true, false",
    "entities, return, false, true",
    "email, nobody@example.com, false, false"
  })
  void an_erasure_takes_what_is_about_the_person_and_leaves_the_figures(
      String by, String whom, boolean fromQuoteRequest, boolean fromReturn) throws IOException {
    write(fullEvent("quote-requested"));
    write(fullEvent("return-updated"));

    Map<String, Long> erased = erase(by, whom);

    assertThat(emptyColumns("quote_request"))
        .containsExactlyInAnyOrderElementsOf(
            fromQuoteRequest
                ? List.of(
                    "profile_id",
                    "organization_id",
                    "shopper_name",
                    "shopper_email",
                    "shopper_phone",
                    "company_name",
                    "note")
                : List.of());
    assertThat(emptyColumns("return_request"))
        .containsExactlyInAnyOrderElementsOf(
            fromReturn ? List.of("profile_id", "organization_id", "comments") : List.of());
    assertThat(emptyColumns("return_request_item"))
        .containsExactlyElementsOf(fromReturn ? List.of("comments") : List.of());
    assertThat(erased)
        .containsEntry("quote_request", fromQuoteRequest ? 1L : 0L)
        .containsEntry("return_request", fromReturn ? 1L : 0L)
        .containsEntry("return_request_item", fromReturn ? 4L : 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"K-1", "crm-1", "CR-1"})
  void an_erased_account_is_gone_by_whichever_of_its_numbers(String number) throws IOException {
    ObjectNode other = event("account-status-changed", "K-2", 2, NOON, "success");
    write(fullEvent("account-status-changed"), other);

    assertThat(erase("accountId", number)).containsEntry("account", 1L);

    assertThat(column("select key from account")).containsExactly("K-2");
    assertThat(column("select entity_key from status_history order by event_id"))
        .containsExactly("K-1".equals(number) ? "somebody" : "K-1", "K-2");
  }

  @Test
  void an_order_that_has_the_number_of_an_erased_account_keeps_it() throws IOException {
    write(event("order-status-changed", "K-1", 1, NOON, "draft"));

    assertThat(erase("accountId", "K-1").values()).containsOnly(0L);

    assertThat(column("select entity_key from status_history")).containsExactly("K-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account-status-changed",
        "quote-status-changed",
        "deal-registration-status-changed",
        "order-status-changed"
      })
  void an_erased_account_is_not_named_where_it_was_the_cause(String type) throws IOException {
    ObjectNode other = event(type, "K-2", 2, NOON, "draft");
    other.withObject("/body/payload").put("account_id", "acc-2");
    write(fullEvent(type), other);

    assertThat(erase("accountId", "acc-1")).containsEntry(tableOf(type), 1L);

    assertThat(column("select key || ' ' || coalesce(account_id, 'nobody') from " + tableOf(type)))
        .containsExactlyInAnyOrder("K-1 nobody", "K-2 acc-2");
  }

  @ParameterizedTest
  @CsvSource({
    "account-status-changed, accountId, acc-1, updated_at",
    "quote-status-changed, accountId, acc-1, updated_at",
    "deal-registration-status-changed, accountId, acc-1, updated_at",
    "order-status-changed, accountId, acc-1, updated_at",
    "quote-requested, entities, quote-request, updated_at",
    "return-updated, entities, return, updated_at",
    "account-status-changed, accountId, K-1, recorded_at"
  })
  void whoever_copies_what_changed_since_sees_an_erasure(
      String type, String by, String whom, String column) throws IOException {
    String table = column.equals("updated_at") ? tableOf(type) : "status_history";
    ObjectNode other = event(type, "K-2", 2, NOON, "draft");
    write(fullEvent(type), other);
    sql.update(
        "update return_request set profile_id = null, organization_id = null, comments = null");
    sql.update("update %s set %s = '2025-11-23T12:00:00Z'".formatted(table, column));

    erase(by, whom);

    assertThat(
            column(
                "select cast(event_sequence as text) from %s where %s > '2025-11-23T12:00:00Z'"
                    .formatted(table, column)))
        .containsExactly("1");
  }

  @Test
  void an_erasure_finds_an_address_in_any_case_also_where_the_database_is_turkish()
      throws IOException {
    sql.execute(
        "create database turkish template template0 locale_provider icu icu_locale 'tr-TR'");
    DataSource turkish = postgres.getDatabase("postgres", "turkish");
    migrate(turkish);
    JdbcTemplate rows = new JdbcTemplate(turkish);
    rows.update(
        """
        insert into quote_request (key, status, occurred_at, event_sequence, source_event_id, shopper_email)
        values ('o-1', 'requested', now(), 1, 'e-1', 'KIM@Example.com')
        """);

    assertThat(erase(rows, "email", "kim@example.com")).containsEntry("quote_request", 1L);
    assertThat(rows.queryForObject("select shopper_email from quote_request", String.class))
        .isNull();
  }

  @Test
  void an_item_list_written_while_another_batch_waits_is_replaced_not_mixed() throws Exception {
    ObjectNode waiting = event("return-updated", "R-1", 3, NOON.plusSeconds(3), "COMPLETE");
    addItem(waiting, "sku-newest");
    List<Outcome> outcomes;

    ExecutorService workers = Executors.newSingleThreadExecutor();
    try (Connection other = database.getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "insert into return_request (key, status, occurred_at, event_sequence, source_event_id)"
              + " values ('R-1', 'INCOMPLETE', '2025-11-23T12:00:01Z', 2, 'other')");
      statement.execute(
          "insert into return_request_item (return_request_key, line, path, depth, sku_id)"
              + " select 'R-1', line, line::text, 1, 'sku-old' from generate_series(1, 3) line");

      Future<List<Outcome>> pending = workers.submit(() -> write(waiting));
      await()
          .until(
              () ->
                  sql.queryForObject(
                          "select count(*) from pg_locks where not granted", Integer.class)
                      > 0);
      other.commit();
      outcomes = pending.get(30, TimeUnit.SECONDS);
    } finally {
      workers.shutdownNow();
    }

    assertThat(outcomes).containsExactly(APPLIED);
    assertThat(column("select sku_id from return_request_item order by line"))
        .containsExactly("sku-newest");
  }

  @Test
  void concurrent_batches_over_the_same_objects_end_with_the_newest_of_each() throws Exception {
    int objects = 20;
    int versions = 15;
    List<ObjectNode> events = new ArrayList<>();
    for (int object = 0; object < objects; object++) {
      for (int version = 1; version <= versions; version++) {
        ObjectNode event =
            event(
                "return-updated",
                "R-" + object,
                object * versions + version,
                NOON.plusSeconds(version),
                "version " + version);
        for (int line = 0; line < 1 + version % 4; line++) {
          addItem(event, "sku-of-version-" + version);
        }
        events.add(event);
      }
    }
    Collections.shuffle(events, new Random(7));
    CountDownLatch gate = new CountDownLatch(1);
    List<Callable<List<Outcome>>> batches = new ArrayList<>();
    for (int from = 0; from < events.size(); from += 30) {
      ObjectNode[] batch = events.subList(from, from + 30).toArray(ObjectNode[]::new);
      batches.add(
          () -> {
            gate.await();
            return write(batch);
          });
    }

    ExecutorService workers = Executors.newFixedThreadPool(batches.size());
    try {
      List<Future<List<Outcome>>> answers = batches.stream().map(workers::submit).toList();
      gate.countDown();
      for (Future<List<Outcome>> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).hasSize(30).allMatch(Outcome::success);
      }
    } finally {
      workers.shutdownNow();
    }

    assertThat(column("select distinct status from return_request"))
        .containsExactly("version " + versions);
    assertThat(count("return_request")).isEqualTo(objects);
    assertThat(column("select distinct sku_id from return_request_item"))
        .containsExactly("sku-of-version-" + versions);
    assertThat(count("return_request_item")).isEqualTo(objects * (1 + versions % 4));
    assertThat(count("status_history")).isEqualTo(objects * versions);
  }

  private static List<Outcome> write(ObjectNode... events) {
    String type = events[0].path("type").asText();
    String rows = rows(events);
    List<?> answer =
        template.requestBodyAndHeader(
            "jdbc:database?useHeadersAsParameters=true", statement(type), "rows", rows, List.class);
    return answer.stream()
        .map(row -> (Map<?, ?>) row)
        .map(row -> new Outcome((Boolean) row.get("success"), (Boolean) row.get("superseded")))
        .toList();
  }

  private static String rows(ObjectNode... events) {
    return template.requestBody(
        "jslt:file:config/mappings/" + events[0].path("type").asText() + "-to-database.jslt",
        JSON.createArrayNode().addAll(List.of(events)).toString(),
        String.class);
  }

  /** The facts of an event's row change nothing where they are laid over what is kept of it. */
  private static void assertKept(ObjectNode event) throws IOException {
    JsonNode row = JSON.readTree(rows(event)).get(0);
    String table = tableOf(event.path("type").asText());
    assertKept(table, "true", JSON.createArrayNode().add(row));
    assertKept(
        "status_history",
        "t.event_id = facts ->> 'event_id' and t.entity_key = facts ->> 'key'",
        JSON.createArrayNode().add(row));
    if (row.has("item")) {
      assertThat(count(table + "_item")).isEqualTo(row.path("item").size());
      assertKept(table + "_item", "t.line = cast(facts ->> 'line' as integer)", row.path("item"));
    }
  }

  private static void assertKept(String table, String where, JsonNode facts) {
    String rows =
        " from %s t, jsonb_array_elements(cast(? as jsonb)) facts where %s".formatted(table, where);

    assertThat(
            sql.queryForList(
                "select cast(to_jsonb(t) as text)" + rows, String.class, facts.toString()))
        .hasSameSizeAs(facts)
        .isEqualTo(
            sql.queryForList(
                "select cast(to_jsonb(jsonb_populate_record(t, facts)) as text)" + rows,
                String.class,
                facts.toString()));
    assertThat(emptyColumns(table)).as("columns of %s without a fact", table).isEmpty();
  }

  private static List<String> emptyColumns(String table) {
    return column(
        """
        select name from %s t, jsonb_each(to_jsonb(t)) fact (name, value)
        group by name having bool_and(value = 'null')
        """
            .formatted(table));
  }

  /** Erases by an e-mail address, a profile or an account, or what entities of a kind name. */
  private static Map<String, Long> erase(String by, String whom) throws IOException {
    return erase(sql, by, whom);
  }

  private static Map<String, Long> erase(JdbcTemplate from, String by, String whom)
      throws IOException {
    Map<String, Object> person = new HashMap<>();
    List.of("email", "profileId", "accountId").forEach(key -> person.put(key, null));
    person.put("pseudonym", "somebody");
    person.put("entities", "[]");
    person.put(
        by,
        "entities".equals(by) ? "[{\"kind\": \"%s\", \"key\": \"K-1\"}]".formatted(whom) : whom);
    Map<String, Long> erased = new HashMap<>();
    new NamedParameterJdbcTemplate(from)
        .queryForList(statement("erase-person"), person)
        .forEach(row -> erased.put((String) row.get("name"), (Long) row.get("count")));
    return erased;
  }

  /** One that has every fact there is. */
  private static ObjectNode fullEvent(String type) throws IOException {
    Path ofMapping =
        Path.of(
            "src/test/resources/mappings", type + "-to-database/facts-in-every-place.input.json");
    if (Files.exists(ofMapping)) {
      return (ObjectNode) JSON.readTree(ofMapping.toFile()).get(0);
    }
    ObjectNode event = event(type, "K-1", 1, NOON, "approved");
    ObjectNode payload = event.withObject("/body/payload").put("account_id", "acc-1");
    payload
        .putObject("account")
        .put("crm_account_number", "crm-1")
        .put("create_reference_id", "CR-1");
    payload
        .putObject("deal_registration")
        .put("deal_reg_number", "deal-1")
        .put("create_reference_id", "CR-2");
    return event;
  }

  private static String statement(String type) {
    try {
      return Files.readString(Path.of("config/sql", type + ".sql"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode event(
      String type, String key, long sequence, Instant occurredAt, String status) {
    ObjectNode event = JSON.createObjectNode();
    event.put("id", type + ":" + sequence);
    event.put("sequence", sequence);
    event.put("sender", "zoom-commerce");
    event.put("type", type);
    event.put("status", status);
    event.putObject("entity").put("kind", tableOf(type)).put("key", key);
    event.put("occurredAt", occurredAt.toString());
    event.put("receivedAt", occurredAt.plusMillis(800).toString());
    event.putObject("body");
    return event;
  }

  private static void addItem(ObjectNode event, String sku) {
    event
        .withObject("/body/return")
        .withArray("/returnItemList")
        .addObject()
        .putObject("commerceItem")
        .put("catalogRefId", sku);
  }

  private static ObjectNode webhook(String name) throws IOException {
    return (ObjectNode)
        JSON.readTree(Path.of("src/test/resources/webhooks").resolve(name).toFile());
  }

  private static String tableOf(String type) {
    return switch (type) {
      case "account-status-changed" -> "account";
      case "quote-status-changed" -> "quote";
      case "deal-registration-status-changed" -> "deal_registration";
      case "order-status-changed" -> "commerce_order";
      case "quote-requested" -> "quote_request";
      case "return-updated" -> "return_request";
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static String statusOfQuote(String key) {
    return sql.queryForObject("select status from quote where key = ?", String.class, key);
  }

  private static List<String> history() {
    return column("select event_id from status_history order by event_id");
  }

  private static List<Map<String, Object>> items(String table) {
    return sql.queryForList("select * from " + table + " order by line");
  }

  /** All there is, but for when it was written. */
  private static List<String> contents() {
    return Stream.of(
            "account",
            "quote",
            "deal_registration",
            "commerce_order",
            "quote_request",
            "quote_request_item",
            "return_request",
            "return_request_item",
            "status_history")
        .flatMap(
            table ->
                column(
                    "select '%1$s ' || cast(to_jsonb(t) - 'updated_at' - 'recorded_at' as text)"
                            .formatted(table)
                        + " from %s t order by 1".formatted(table))
                    .stream())
        .toList();
  }

  private static List<String> column(String query) {
    return sql.queryForList(query, String.class);
  }

  private static int count(String table) {
    return sql.queryForObject("select count(*) from " + table, Integer.class);
  }
}
