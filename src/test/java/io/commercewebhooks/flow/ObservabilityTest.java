package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheDatabase;
import static io.commercewebhooks.flow.Outside.wayToTheLedger;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.flow.Queries.Scrape;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.LedgerMetrics;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.yaml.snakeyaml.Yaml;

/** What metrics, logs and probes show of the service, and what is shipped to look at them. */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class ObservabilityTest {

  private static final Path FOLDER = Path.of("config/observability");

  /** Only a service with a certificate has it; OpenInstallationTest looks at one. */
  private static final String OF_A_CERTIFICATE = "ssl_chain_expiry_seconds";

  private static final Pattern NAME_IN_TABLE = Pattern.compile("`(commerce_webhooks_\\w+)`");
  private static final Pattern VALUE_OF_LABEL = Pattern.compile("\\$labels\\.(\\w+)");

  private static final String SILENT = "commerce_webhooks_ledger_silent_seconds";

  @Autowired private LedgerMetrics ledger;
  @Autowired private Balance balance;
  @Autowired private Notices notices;

  @AfterEach
  void mend() {
    salesforce().switchOn();
    mailbox().start();
    wayToTheDatabase().mend();
    wayToTheLedger().mend();
    database().update("update target set state = 'active', reason = '', until = null");
  }

  private String scrape() {
    ledger.look();
    balance.look();
    return api("/actuator/prometheus").body();
  }

  private static double value(String scrape, String series) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** Something of everything that is counted. */
  private static void traffic() {
    quote("Q-1", "approved");
    quote("Q-2", "teleported");
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    sender()
        .zoomCommerce(
            "{\"event\":\"endpoint.url_validation\",\"event_ts\":1,\"payload\":{\"plainToken\":\"abc\"}}");
    forged();
    untilQuiet();
    wayToTheLedger().cut();
    quote("Q-3", "approved");
    wayToTheLedger().mend();
    eventually()
        .until(
            () ->
                sender()
                        .zoomCommerce(
                            Webhooks.zoomCommerce("quote-status-changed", "Q-4", "approved"))
                        .statusCode()
                    == 200);
    untilQuiet();
  }

  private static void forged() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft");
    sender()
        .send(
            WebhookSender.ZOOM_COMMERCE,
            WebhookSender.zoomCommerceHeaders(webhook, Instant.now(), "of-a-forger"),
            webhook);
  }

  // What is shipped to look at it

  private static List<Map<String, Object>> rules() throws IOException {
    Map<String, List<Map<String, List<Map<String, Object>>>>> file =
        new Yaml().load(Files.readString(FOLDER.resolve("alerts.yaml")));
    return file.get("groups").stream().flatMap(group -> group.get("rules").stream()).toList();
  }

  private static List<Queries> queries() throws IOException {
    List<Queries> queries = new ArrayList<>();
    rules()
        .forEach(
            rule ->
                queries.add(new Queries((String) rule.get("alert"), (String) rule.get("expr"))));
    JsonNode dashboard =
        new ObjectMapper().readTree(Files.readString(FOLDER.resolve("dashboard.json")));
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(new Queries(panel.path("title").asText(), target.path("expr").asText()));
      }
    }
    return queries;
  }

  @Test
  void every_metric_and_label_of_alerts_and_dashboard_is_in_a_scrape() throws IOException {
    traffic();
    Scrape scrape = Scrape.of(scrape());

    List<Queries> queries = queries();
    assertThat(queries).hasSizeGreaterThan(30).allMatch(query -> !query.metrics().isEmpty());
    assertThat(queries.stream().flatMap(query -> query.missingIn(scrape).stream()))
        .allMatch(missing -> missing.endsWith("no metric " + OF_A_CERTIFICATE));
  }

  @Test
  void a_name_that_does_not_exist_would_be_found() {
    Scrape scrape = Scrape.of("a_total{target=\"x\",le=\"1.0\"} 1\nb 2\n");

    assertThat(
            new Queries(
                    "ok",
                    "max by (target) (rate(a_total{target=~\"x|y\"}[5m])) / b offset 7d > 1e3")
                .missingIn(scrape))
        .isEmpty();
    assertThat(
            new Queries("bad", "sum by (wrong) (a_total{target=\"z\", no=\"x\"}) unless c > 0")
                .missingIn(scrape))
        .containsExactly(
            "bad: nothing of a_total has target=\"z\"",
            "bad: nothing of a_total has no=\"x\"",
            "bad: no metric c",
            "bad: no label wrong");
  }

  @Test
  void every_alert_has_its_section_in_the_runbook_and_tells_only_what_it_knows()
      throws IOException {
    String readme = Files.readString(FOLDER.resolve("README.md"));
    for (Map<String, Object> rule : rules()) {
      String name = (String) rule.get("alert");
      Map<?, ?> annotations = (Map<?, ?>) rule.get("annotations");
      assertThat(readme).contains("\n### " + name + "\n");
      assertThat(annotations.get("runbook_url"))
          .isEqualTo("README.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(((Map<?, ?>) rule.get("labels")).get("severity")).isIn("warning", "critical");
      Set<String> known = new Queries(name, (String) rule.get("expr")).groupedBy();
      known.add("instance");
      assertThat(
              VALUE_OF_LABEL
                  .matcher((String) annotations.get("summary"))
                  .results()
                  .map(found -> found.group(1)))
          .as(name)
          .allMatch(known::contains);
    }
    assertThat(readme.lines().filter(line -> line.startsWith("### "))).hasSameSizeAs(rules());
  }

  @Test
  void the_readme_names_every_metric_of_ours_and_no_other() throws IOException {
    traffic();
    Set<String> scraped =
        Scrape.of(scrape()).metrics().keySet().stream()
            .filter(name -> name.startsWith("commerce_webhooks_"))
            .map(name -> name.replaceAll("_seconds_(bucket|count|sum|max)$", "_seconds"))
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> named =
        NAME_IN_TABLE
            .matcher(Files.readString(FOLDER.resolve("README.md")))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(named).isEqualTo(scraped);
  }

  private static String statementOf(String alert) throws IOException {
    Matcher section =
        Pattern.compile("### " + alert + "\n.*?```sql\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(FOLDER.resolve("README.md")));
    assertThat(section.find()).isTrue();
    return section.group(1);
  }

  @Test
  void the_runbooks_statement_routes_again_what_the_balance_misses_and_nothing_else()
      throws IOException {
    for (String key : List.of("Q-missing", "Q-old", "Q-mended", "Q-removed", "Q-complete")) {
      quote(key, "approved");
    }
    untilQuiet();
    database()
        .update("delete from delivery where target = 'database' and entity <> 'quote/Q-complete'");
    database()
        .update(
            """
            update event
            set received_at = received_at - case entity_key when 'Q-old' then interval '25 hours' else '0' end,
                mended_from = case entity_key when 'Q-mended' then 'another' end,
                payload_removed_at = case entity_key when 'Q-removed' then now() end
            """);

    int changed =
        database()
            .update(
                statementOf("BalanceDoesNotAddUp")
                    .replace("<type>", "quote-status-changed")
                    .replace("<target>", "database"));
    untilQuiet();

    assertThat(changed).isEqualTo(1);
    assertThat(Outside.deliveries("database", "Q-missing")).containsExactly("delivered");
    assertThat(Outside.deliveries("salesforce", "Q-missing")).containsExactly("delivered");
  }

  // Metrics

  @Test
  void what_came_in_and_went_out_is_counted_without_naming_it() {
    String received =
        "commerce_webhooks_received_total{repeated=\"%s\",sender=\"zoom-commerce\",type=\"%s\"}";
    String isNew = received.formatted("false", "quote-status-changed");
    String repeated = received.formatted("true", "quote-status-changed");
    String unknown = received.formatted("false", "unknown");
    String delivered =
        "commerce_webhooks_attempts_total{outcome=\"delivered\",target=\"salesforce\"}";
    String latency = "commerce_webhooks_delivery_latency_seconds_count{target=\"salesforce\"}";
    String before = scrape();
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-observed", "approved");

    sender().zoomCommerce(webhook);
    sender().zoomCommerce(webhook);
    sender().zoomCommerce(Webhooks.file("zoom-commerce/subscription-renewed-unknown-event.json"));
    untilQuiet();

    String after = scrape();
    for (String series : List.of(isNew, repeated, unknown, delivered, latency)) {
      assertThat(value(after, series) - value(before, series)).as(series).isEqualTo(1);
    }
    assertThat(value(after, "commerce_webhooks_events{state=\"unroutable\"}")).isEqualTo(1);
    assertThat(after)
        .contains("le=\"3.0\"")
        .doesNotContain("Q-observed", text("select max(id) from event"));
  }

  @Test
  void what_waits_is_dead_or_is_held_is_shown_by_target() {
    String state = "commerce_webhooks_deliveries{state=\"%s\",target=\"salesforce\"}";
    quote("Q-0", "draft");
    untilQuiet();
    salesforce().failRecords(sent -> true, "INVALID_FIELD", "No such column");
    quote("Q-1", "draft");
    untilQuiet();
    api("/api/targets/salesforce/pause", "");
    quote("Q-2", "draft");
    eventually().until(() -> number("select count(*) from delivery where state = 'waiting'") == 1);

    String held = scrape();
    assertThat(value(held, state.formatted("dead"))).isEqualTo(1);
    assertThat(value(held, state.formatted("held"))).isEqualTo(1);
    assertThat(value(held, state.formatted("waiting"))).isZero();
    assertThat(value(held, "commerce_webhooks_deliveries_oldest_seconds{target=\"salesforce\"}"))
        .isPositive();
    assertThat(
            value(held, "commerce_webhooks_target_held{reason=\"paused\",target=\"salesforce\"}"))
        .isEqualTo(1);

    salesforce().recover();
    api("/api/targets/salesforce/resume", "");
    untilQuiet();
    String after = scrape();
    assertThat(value(after, state.formatted("held"))).isZero();
    assertThat(after).doesNotContain("reason=\"paused\"");
  }

  @Test
  void an_unroutable_event_that_nobody_has_to_see_to_any_more_is_not_counted() {
    String unroutable = "commerce_webhooks_events{state=\"unroutable\"}";
    quote("Q-1", "teleported");
    quote("Q-2", "beamed");
    untilQuiet();
    assertThat(value(scrape(), unroutable)).isEqualTo(2);

    assertThat(
            api("/api/discards", "{\"events\":{\"status\":\"beamed\"},\"reason\":\"a test\"}")
                .statusCode())
        .isEqualTo(200);
    assertThat(value(scrape(), unroutable)).isEqualTo(1);

    String account = "{\"accountId\":\"hX2kQ9rTSfWq0m1bZc7LpA\",\"reason\":\"art. 17\"}";
    assertThat(api("/api/erasures", account).statusCode()).isEqualTo(200);
    assertThat(value(scrape(), unroutable)).isZero();
  }

  @Test
  void a_ledger_that_is_away_shows_though_no_webhook_comes() {
    wayToTheLedger().cut();
    double first = value(scrape(), SILENT);
    double later = value(scrape(), SILENT);
    assertThat(later).isGreaterThan(first);

    wayToTheLedger().mend();
    eventually().until(() -> value(scrape(), SILENT) < later);
  }

  @Test
  void a_task_by_the_clock_that_fails_is_shown_by_its_name_until_it_works_again(
      CapturedOutput output) {
    String replays = "commerce_webhooks_task_failing_seconds{task=\"replays\"}";
    // the ledger may have been away for another test
    eventually().until(() -> scrape().contains(replays + " 0.0"));
    assertThat(scrape()).contains("{task=\"retention\"} 0.0");
    database().update("alter table replay rename to replay_away");
    try {
      eventually().until(() -> value(scrape(), replays) > 0);
    } finally {
      database().update("alter table replay_away rename to replay");
    }
    eventually().until(() -> value(scrape(), replays) == 0);
    // said after the gauge shows it
    eventually().until(() -> output.getAll().contains("the task replays works again"));

    assertThat(output.getAll().lines().filter(line -> line.contains("the task replays failed")))
        .hasSize(1);
  }

  @Test
  void operators_who_cannot_be_told_of_a_trouble_are_told_of_by_a_gauge_and_one_line(
      CapturedOutput output) {
    String untold = "commerce_webhooks_notices_untold_seconds";
    mailbox().stop();
    quote("Q-1", "teleported");
    untilQuiet();
    notices.look();
    notices.look();

    assertThat(value(scrape(), untold)).isPositive();
    assertThat(output.getAll().lines().filter(line -> line.contains("could not be told")))
        .hasSize(1);

    mailbox().start();
    notices.look();
    assertThat(value(scrape(), untold)).isZero();
    assertThat(number("select count(*) from notice where told_at is null")).isZero();
  }

  // Traces

  @Test
  void as_shipped_nothing_is_traced() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    Map<String, String> headers =
        new HashMap<>(
            WebhookSender.zoomCommerceHeaders(
                webhook, Instant.now(), WebhookSender.ZOOM_COMMERCE_SECRET));
    headers.put("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    sender().send(WebhookSender.ZOOM_COMMERCE, headers, webhook);
    untilQuiet();

    assertThat(number("select count(*) from event where trace is null")).isEqualTo(1);
  }

  @Test
  void an_event_that_is_not_accounted_for_is_shown_and_mended_as_the_runbook_says()
      throws IOException {
    String missing =
        "commerce_webhooks_balance{state=\"missing\",target=\"database\",type=\"quote-status-changed\"}";
    quote("Q-1", "draft");
    untilQuiet();
    database().update("delete from delivery where target = 'database'");
    assertThat(value(scrape(), missing)).isEqualTo(1);

    database()
        .update(
            Files.readString(FOLDER.resolve("README.md"))
                .lines()
                .filter(line -> line.startsWith("update event "))
                .findFirst()
                .orElseThrow()
                .replace("<type>", "quote-status-changed")
                .replace("<target>", "database"));
    untilQuiet();

    assertThat(value(scrape(), missing)).isZero();
    assertThat(number("select count(*) from delivery")).isEqualTo(2);
  }

  // Logs

  @Test
  void an_event_has_a_line_at_each_stage_and_none_shows_its_payload(CapturedOutput output) {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();

    String id = text("select id from event");
    List<String> lines = output.getAll().lines().filter(line -> line.contains(id)).toList();
    assertThat(lines)
        .map(line -> Pattern.compile("\\w+( \\w+)?: 1 quote|kept|routed").matcher(line).results())
        .map(found -> found.map(MatchResult::group).collect(Collectors.joining()))
        .containsExactlyInAnyOrder(
            "kept", "routed", "salesforce: 1 quote", "database: 1 quote", "email: 1 quote");
    assertThat(output.getAll()).doesNotContain("Anderson", "kim@example.com", "Product_18Cxi");
  }

  @Test
  void what_a_sender_wrote_makes_no_line_of_its_own(CapturedOutput output) {
    quote("Q-1", "lost\r\nERROR \u001B[31mmade up\u2028again\u0085and again\u009B32m \u202Eonce");
    untilQuiet();

    assertThat(output.getAll())
        .contains(
            "is unroutable: no route knows the status lost ERROR  [31mmade up again and again 32m  once")
        .doesNotContain("\u001B", "\u009B", "\u202E");
  }

  // Probes

  @Test
  void no_probe_goes_down_with_a_target_the_mail_server_or_the_ledger() {
    salesforce().switchOff();
    mailbox().stop();
    wayToTheDatabase().cut();
    quote("Q-1", "approved");
    eventually()
        .until(() -> number("select count(distinct target) from target where state = 'held'") == 3);
    assertThat(probes()).containsExactly(200, 200);
    assertThat(
            sender()
                .zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-2", "approved"))
                .statusCode())
        .isEqualTo(200);

    wayToTheLedger().cut();
    assertThat(probes()).containsExactly(200, 200);
    mend();
    untilQuiet();
  }

  private static List<Integer> probes() {
    return List.of(
        api("/actuator/health/liveness").statusCode(),
        api("/actuator/health/readiness").statusCode());
  }
}
