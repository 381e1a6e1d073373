package io.commercewebhooks.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.Application;
import io.commercewebhooks.delivery.SalesforceCheck;
import io.commercewebhooks.ledger.Holds;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SalesforceCall;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.Truncation;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** A service of its own with twenty workers for Salesforce, and what many events cost the org. */
class SalesforceUnderLoadTest {

  private static final int EVENTS = 10_000;
  private static final int ORDERS = 8_000;
  private static final int BAD_ONE_IN = 200;
  private static final int WORKERS = 20;
  private static final int BATCH = 200;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(4);
  private static final int SENDERS = 16;

  private static LocalServers servers;
  private static ConfigurableApplicationContext service;
  private static JdbcTemplate ledger;
  private static WebhookSender sender;

  @BeforeAll
  static void start() {
    servers = LocalServers.start();
    List<String> settings =
        new ArrayList<>(
            List.of(
                "server.port=0",
                "management.server.port=0",
                "spring.jmx.enabled=false",
                "salesforce.workers=" + WORKERS,
                "salesforce.batch-size=" + BATCH,
                "salesforce.check-at-start=false",
                "salesforce.budget.look-again=" + LOOK_AGAIN.toSeconds() + "s",
                "ledger.backlog.after=1m",
                "ledger.backlog.per-second=100000",
                "ledger.sweep=50ms",
                "ledger.gather=10ms",
                "ledger.targets.salesforce.gather=10ms",
                "ledger.hold.try-after=100ms",
                "ledger.hold.look-again=20ms",
                "ledger.notices.look-each=1h",
                "ledger.balance.look-each=1h",
                "logging.level.io.commercewebhooks=ERROR"));
    servers.environment().forEach((name, value) -> settings.add(name + "=" + value));
    settings.add("DATABASE_URL=" + servers.environment().get("LEDGER_URL"));
    service =
        SpringApplication.run(
            Application.class, settings.stream().map("--"::concat).toArray(String[]::new));
    ledger = servers.database();
    sender =
        new WebhookSender(
            URI.create(
                "http://127.0.0.1:"
                    + service.getEnvironment().getRequiredProperty("local.server.port")));
  }

  @AfterAll
  static void stop() {
    service.close();
    servers.close();
    LoggingSystem.get(SalesforceUnderLoadTest.class.getClassLoader())
        .setLogLevel(Application.class.getPackageName(), LogLevel.INFO);
  }

  @BeforeEach
  void empty() {
    Truncation.of(ledger, "event, delivery, attempt, target, commerce_order, status_history");
    salesforce().clear();
  }

  private static StandInSalesforce salesforce() {
    return servers.salesforce();
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(50));
  }

  private static long count(String sql, Object... arguments) {
    Long count = ledger.queryForObject(sql, Long.class, arguments);
    return count == null ? 0 : count;
  }

  private static long waiting() {
    return count("select count(*) from delivery where target = 'salesforce' and state = 'waiting'");
  }

  private static boolean isHeld() {
    return count("select count(*) from target where state = 'held' and reason = 'quota'") == 1;
  }

  /** Sends webhooks and waits until each of them is booked for Salesforce. */
  private static void send(Stream<String> webhooks) throws Exception {
    long before = count("select count(*) from delivery where target = 'salesforce'");
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    try {
      List<Future<Integer>> answers =
          webhooks
              .map(webhook -> senders.submit(() -> sender.zoomCommerce(webhook).statusCode()))
              .toList();
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }
      eventually()
          .until(
              () ->
                  count("select count(*) from delivery where target = 'salesforce'")
                      == before + answers.size());
    } finally {
      senders.shutdownNow();
    }
  }

  /** Copies the event of the first order, as intake kept it: ten thousand webhooks take long. */
  private static void copies(String status, int orders) {
    ledger.update(
        """
        insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at, attributes,
                           mapping, body, state)
        select id || '-' || n, sender, type, status, entity_kind, 'O-' || n, occurred_at, attributes,
               mapping, replace(body, '"O-0"', '"O-' || n || '"'), 'received'
        from event cross join generate_series(1, ? - 1) as n
        where entity_key = 'O-0' and status = ?
        """,
        orders,
        status);
  }

  private static String order(int number, String status, Instant occurredAt) {
    return Webhooks.zoomCommerce("order-status-changed", "O-" + number, status, occurredAt);
  }

  private static boolean isBad(String key) {
    return Integer.parseInt(key.substring(2)) % BAD_ONE_IN == 0;
  }

  @Test
  void ten_thousand_order_events_take_few_calls_one_sign_in_and_only_the_bad_records_die()
      throws Exception {
    Holds holds = service.getBean(Holds.class);
    Instant first = Instant.now();
    // signs in: a session that expires in the middle of being renewed fails its calls
    service.getBean(SalesforceCheck.class).run();
    holds.pause("salesforce", "the test");
    send(Stream.of(order(0, "draft", first), order(0, "submitted", first.plusSeconds(1))));
    copies("draft", ORDERS);
    copies("submitted", EVENTS - ORDERS);
    eventually().until(() -> count("select count(*) from event where state = 'routed'") == EVENTS);
    assertThat(count("select count(*) from delivery where target = 'salesforce'"))
        .isEqualTo(EVENTS);
    makeWhatWaitsBacklog();
    AtomicInteger batches = new AtomicInteger();
    salesforce()
        .failNext(
            1,
            call -> isBatch(call) && batches.incrementAndGet() == 25,
            SalesforceFault.expiredSession());
    salesforce()
        .failRecords(
            sent -> isBad(sent.key()), "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Orders need an owner");

    holds.resume("salesforce", "the test goes on");
    // of a bad record each status is tried
    eventually()
        .until(
            () ->
                waiting() == 0
                    && count("select count(*) from delivery where state = 'dead'")
                        == EVENTS / BAD_ONE_IN);

    assertThat((double) salesforce().calls() / EVENTS).isLessThanOrEqualTo(0.02);
    assertThat(salesforce().calls(Kind.LOGIN))
        .as("%d workers, one session that expired under way", WORKERS)
        .isEqualTo(2);
    assertThat(salesforce().records("Zoom_Order__c"))
        .hasSize(ORDERS - ORDERS / BAD_ONE_IN)
        .allSatisfy(
            record -> {
              int number = Integer.parseInt(record.get("Zoom_Order_Id__c").toString().substring(2));
              assertThat(record)
                  .containsEntry("Status__c", number < EVENTS - ORDERS ? "submitted" : "draft");
            });
    assertThat(
            count(
                """
                select count(*) from delivery d join event e on e.sequence = d.event_sequence
                where d.target = 'salesforce' and d.state = 'superseded'
                """))
        .isEqualTo((EVENTS - ORDERS) - (EVENTS - ORDERS) / BAD_ONE_IN);
  }

  private static void makeWhatWaitsBacklog() {
    ledger.update(
        "update delivery set next_attempt_at = now() - interval '1 hour' where state = 'waiting'");
  }

  private static boolean isBatch(SalesforceCall call) {
    return call.kind() == Kind.UPSERT_COLLECTION;
  }

  @Test
  void a_single_event_does_not_wait_for_others() throws Exception {
    send(Stream.of(order(1, "draft", Instant.now())));
    eventually().until(() -> waiting() == 0);
    long before = salesforce().calls();
    send(Stream.of(order(2, "draft", Instant.now())));
    eventually().until(() -> waiting() == 0);

    assertThat(salesforce().record("Zoom_Order__c", "O-2")).containsEntry("Status__c", "draft");
    assertThat(salesforce().calls()).isEqualTo(before + 1);
  }

  @Test
  void a_budget_that_is_used_up_holds_salesforce_until_the_window_frees() throws Exception {
    salesforce().apiUsage(98_500, 100_000);
    send(Stream.of(order(0, "draft", Instant.now())));
    eventually().until(SalesforceUnderLoadTest::isHeld);
    long held = System.nanoTime();
    send(IntStream.range(1, 1000).mapToObj(i -> order(i, "draft", Instant.now())));

    eventually()
        .until(() -> count("select count(*) from delivery where target = 'salesforce'") == 1000);
    eventually().until(() -> waiting() < 999);
    assertThat(isHeld()).as("a look takes one call, and finds no room").isTrue();
    long left = waiting();
    long looks = (System.nanoTime() - held) / LOOK_AGAIN.toNanos() + 1;
    assertThat(left).isGreaterThanOrEqualTo(999 - looks * BATCH);
    assertThat(ledger.queryForObject("select detail from target", String.class))
        .contains("of the org's 100,000 calls in 24 hours are used");

    salesforce().apiUsage(1_000, 100_000);
    eventually().until(() -> waiting() == 0);

    assertThat(salesforce().records("Zoom_Order__c")).hasSize(1000);
    assertThat(count("select count(*) from target where state = 'held'")).isZero();
  }

  @Test
  void salesforces_own_word_that_the_limit_is_reached_holds_it_too() throws Exception {
    salesforce().apiUsage(100, 50);
    send(IntStream.range(0, 20).mapToObj(i -> order(i, "draft", Instant.now())));
    eventually().until(SalesforceUnderLoadTest::isHeld);
    assertThat(salesforce().records("Zoom_Order__c")).isEmpty();

    salesforce().apiUsage(0, 100_000);
    eventually().until(() -> waiting() == 0);

    assertThat(salesforce().records("Zoom_Order__c")).hasSize(20);
    assertThat(count("select count(*) from delivery where failures > 0")).isZero();
  }

  @Test
  void of_a_budget_that_is_nearly_used_up_only_live_events_get_some() throws Exception {
    Holds holds = service.getBean(Holds.class);
    SalesforceCheck check = service.getBean(SalesforceCheck.class);
    holds.pause("salesforce", "the test");
    send(IntStream.range(0, 5).mapToObj(i -> order(i, "draft", Instant.now())));
    makeWhatWaitsBacklog();
    salesforce().apiUsage(92_000, 100_000);
    check.run();
    holds.resume("salesforce", "the test goes on");

    for (int i = 100; i < 110; i++) {
      String key = "O-" + i;
      send(Stream.of(order(i, "draft", Instant.now())));
      eventually()
          .until(
              () ->
                  count(
                          """
                          select count(*) from delivery d join event e on e.sequence = d.event_sequence
                          where d.target = 'salesforce' and d.state = 'delivered' and e.entity_key = ?
                          """,
                          key)
                      == 1);
    }
    assertThat(waiting()).as("the backlog").isEqualTo(5);

    salesforce().apiUsage(1_000, 100_000);
    check.run();
    eventually().until(() -> waiting() == 0);
    assertThat(salesforce().records("Zoom_Order__c")).hasSize(15);
  }
}
