package io.commercewebhooks.workbench;

import static io.commercewebhooks.workbench.BrokenVersions.DATABASE;
import static io.commercewebhooks.workbench.BrokenVersions.MAPPING;
import static io.commercewebhooks.workbench.BrokenVersions.NOTIFICATIONS;
import static io.commercewebhooks.workbench.BrokenVersions.ROUTE;
import static io.commercewebhooks.workbench.BrokenVersions.STATEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Relay;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.BrokenVersions.Broken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.FileSystemUtils;

/** A running service whose files are saved, mended and broken while webhooks come in. */
public class LiveReloadTest {

  private static final String REDACTION = "config/redaction.yaml";

  /** A function of a mapping that never ends. */
  private static final String ENDLESS = "def endless(x)\n  endless($x) + 1\n\n";

  private static final Path SENDER = Path.of("src/test/resources/guide-sender");
  private static final String ACME_SECRET = "sandbox-acme-secret";

  @TempDir private static Path folder;
  @TempDir private static Path copies;
  private static LocalServers servers;
  private static Relay wayToTheLedger;
  private static ServiceProcess service;
  private static JdbcTemplate database;
  private static URI management;
  private static Map<String, String> environment;

  @BeforeAll
  static void start() throws IOException {
    for (String part : List.of("routes", "config")) {
      FileSystemUtils.copyRecursively(Path.of(part), folder.resolve(part));
    }
    Path settings = folder.resolve(BrokenVersions.SETTINGS);
    Files.writeString(
        settings,
        Files.readString(settings)
            .replace("  signed: {}\n", Files.readString(SENDER.resolve("application.yaml"))));
    servers = LocalServers.start();
    wayToTheLedger = Relay.before(servers.postgres().getPort());
    environment = servers.environment();
    environment.put("DATABASE_URL", environment.get("LEDGER_URL"));
    environment.put(
        "LEDGER_URL", "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(wayToTheLedger.port()));
    environment.put("ACME_BILLING_SECRETS", ACME_SECRET);
    int port = ServiceProcess.freePort();
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(port));
    environment.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + copies);
    environment.put("WATCH_FILES", "true");
    environment.put("WORKBENCH_RELOAD_KEEPCOPIESEACH", "200ms");
    environment.put("INTAKE_REFUSALS_PER_ADDRESS", "100000");
    environment.put("LEDGER_SWEEP", "100ms");
    environment.put("WORKBENCH_DRIFT_LOOKEACH", "500ms");
    environment.put("LOGGING_LEVEL_IO_COMMERCEWEBHOOKS_WORKBENCH", "DEBUG");
    management = URI.create("http://127.0.0.1:" + port);
    database = servers.database();
    service = ServiceProcess.ofClasses(folder, environment).awaitReady();
  }

  /** What another test saved last may still be on its way. */
  @BeforeEach
  void all_that_was_saved_is_live() {
    assertThat(post("/api/reload").statusCode()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    service.close();
    wayToTheLedger.close();
    servers.close();
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(management.resolve(path))
        .header("Authorization", LocalServers.OPERATORS_LOGIN);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    try {
      return new ObjectMapper().readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(answer.body(), e);
    }
  }

  private static JsonNode get(String path) {
    return json(service.sender().send(request(path).GET().build()));
  }

  private static HttpResponse<String> post(String path) {
    return service.sender().send(request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  private static HttpResponse<String> post(String path, String body) {
    return service
        .sender()
        .send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
  }

  private static String live() {
    return live(management);
  }

  private static String live(URI node) {
    HttpRequest.Builder ask = request(node.resolve("/api/reload").toString());
    return json(service.sender().send(ask.GET().build())).path("live").asText();
  }

  private static JsonNode mistake() {
    return get("/api/reload").path("mistake");
  }

  private static String text(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private static void save(String file, String text) throws IOException {
    Path written = folder.resolve("being-written");
    Files.writeString(written, text);
    Path place = folder.resolve(file);
    Files.createDirectories(place.getParent());
    Files.move(written, place, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String saveAndWait(String file, UnaryOperator<String> change) throws IOException {
    String before = live();
    String text = text(file);
    String changed = change.apply(text);
    assertThat(changed).isNotEqualTo(text);
    save(file, changed);
    eventually()
        .untilAsserted(
            () -> {
              assertThat(mistake().toString()).isEqualTo("null");
              assertThat(live()).isNotEqualTo(before);
            });
    return live();
  }

  private static int order(String key, String status) {
    return service
        .sender()
        .zoomCommerce(Webhooks.zoomCommerce("order-status-changed", key, status))
        .statusCode();
  }

  @Test
  void a_saved_status_rule_is_live_names_its_set_and_can_be_rolled_back() throws IOException {
    String shipped = live();
    String changed =
        saveAndWait(
            ROUTE, text -> text.replace("'draft,submitted'", "'draft,submitted,provisioning'"));
    assertThat(order("O-LIVE-1", "provisioning")).isEqualTo(200);
    eventually().until(() -> states("O-LIVE-1").equals(List.of("delivered", "delivered")));
    assertThat(
            database.queryForList(
                "select distinct coalesce(d.files, '') || e.files from delivery d"
                    + " join event e on e.sequence = d.event_sequence"
                    + " where e.entity_key = 'O-LIVE-1'",
                String.class))
        .containsExactly(changed + changed);

    HttpResponse<String> back = post("/api/sets/" + shipped + "/rollback");
    assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
    assertThat(live()).isEqualTo(shipped);
    assertThat(order("O-LIVE-2", "provisioning")).isEqualTo(200);
    eventually().until(() -> "unroutable".equals(state("O-LIVE-2")));
    assertThat(get("/api/sets/" + changed).path("differFromLive").path(0).asText())
        .isEqualTo(ROUTE);

    String again = saveAndWait(ROUTE, text -> text + "# changed again\n");
    assertThat(again).isNotIn(shipped, changed);
  }

  private static List<String> states(String key) {
    return database.queryForList(
        "select d.state from delivery d join event e on e.sequence = d.event_sequence"
            + " where e.entity_key = ?",
        String.class,
        key);
  }

  private static String state(String key) {
    return database
        .queryForList("select state from event where entity_key = ?", String.class, key)
        .stream()
        .findFirst()
        .orElse("");
  }

  /** Follows "Add a webhook in 15 minutes" of routes/README.md to the letter. */
  @Test
  void the_guide_adds_a_webhook_to_a_running_service_by_saving_files() throws IOException {
    String webhook = Files.readString(Path.of("src/test/resources/guide/webhook.json"));
    assertThat(
            service
                .sender()
                .zoomCommerce(webhook.replace("S-5521", "S-5520").replace("5f0c1b7e", "5f0c1b7f"))
                .statusCode())
        .isEqualTo(200);
    database.execute("create table subscription (like commerce_order including all)");
    Path guide = Path.of("src/test/resources/guide");
    insert(
        "config/mappings/zoom-commerce-to-event.jslt",
        "  \"commerce.order_status_changed\"",
        "  \"commerce.subscription_renewed\": \"subscription\",\n");
    insert(
        "config/mappings/zoom-commerce-to-event.jslt",
        "  \"order\": ",
        "  \"subscription\": {\"type\": \"subscription-renewed\", \"kind\": \"subscription\"},\n");
    insert(
        "config/mappings/zoom-commerce-to-event.jslt",
        "  else $details.order_reference_id)",
        "  else if ($object == \"subscription\") $details.subscription_number\n");
    insert(
        "config/application.yaml",
        "    order-status-changed:\n      name:",
        "    subscription-renewed:\n"
            + "      name: Zoom_Order__c\n"
            + "      external-id: Zoom_Order_Id__c\n");
    insert(
        "config/templates/en/words.ftl",
        "    \"order\":",
        "    \"subscription\": \"Subscription\",\n");
    insert(
        "config/templates/de/words.ftl",
        "    \"order\":",
        "    \"subscription\": \"Abonnement\",\n");
    try (Stream<Path> files = Files.walk(guide)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.getParent().equals(guide)) {
          continue;
        }
        save(guide.relativize(file).toString(), Files.readString(file));
      }
    }
    insert(NOTIFICATIONS, "quote-requested\n\n  # When", "subscription-renewed, ");
    String last = text(NOTIFICATIONS);
    eventually()
        .until(
            () ->
                get("/api/sets/" + live()).path("files").path(NOTIFICATIONS).asText().equals(last));

    assertThat(service.sender().zoomCommerce(webhook).statusCode()).isEqualTo(200);

    eventually()
        .untilAsserted(
            () -> {
              assertThat(servers.salesforce().record("Zoom_Order__c", "S-5521"))
                  .containsEntry("Status__c", "renewed");
              assertThat(
                      database.queryForList("select status from subscription where key = 'S-5521'"))
                  .containsExactly(Map.of("status", "renewed"));
              assertThat(servers.mailbox().received())
                  .anyMatch(mail -> mail.subject().contains("Subscription S-5521 is renewed"));
            });
    // what came before the files is routed on demand
    assertThat(
            post("/api/replays", "{\"events\":{\"type\":\"commerce.subscription_renewed\"}}")
                .statusCode())
        .isEqualTo(202);
    eventually().until(() -> !servers.salesforce().record("Zoom_Order__c", "S-5520").isEmpty());
  }

  /** Follows "Add a sender" of routes/README.md. */
  @Test
  void a_sender_that_signs_by_an_hmac_is_added_by_saving_files() throws IOException {
    save(
        "config/mappings/acme-billing-to-event.jslt",
        Files.readString(SENDER.resolve("config/mappings/acme-billing-to-event.jslt")));
    String route = "routes/intake/acme-billing.camel.yaml";
    save(route, Files.readString(SENDER.resolve(route)));
    String webhook = Files.readString(SENDER.resolve("webhook.json"));
    eventually().until(() -> acme(webhook, ACME_SECRET) == 200);

    assertThat(acme(webhook, "another secret")).isEqualTo(401);
    assertThat(get("/api/events?entity=INV-1001"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.path("id").asText()).isEqualTo("acme-billing:evt-7001");
              assertThat(event.path("type").asText()).isEqualTo("invoice-status-changed");
              assertThat(event.path("status").asText()).isEqualTo("overdue");
            });
    String tried =
        "{\"payload\":{\"type\":\"invoice-status-changed\",\"body\":%s}}".formatted(webhook);
    assertThat(json(post("/api/previews", tried)).at("/results/0/why").asText())
        .isEqualTo("no route knows the type invoice-status-changed");
  }

  private static int acme(String webhook, String secret) {
    String now = Long.toString(Instant.now().getEpochSecond());
    byte[] code =
        WebhookSender.hmac(
            "HmacSHA256",
            secret.getBytes(StandardCharsets.UTF_8),
            (now + "." + webhook).getBytes(StandardCharsets.UTF_8));
    Map<String, String> headers = new HashMap<>(WebhookSender.json());
    headers.put("x-acme-timestamp", now);
    headers.put("x-acme-signature", "sha256=" + HexFormat.of().formatHex(code));
    return service.sender().send("/webhooks/acme-billing", headers, webhook).statusCode();
  }

  @Test
  void a_statement_about_a_table_that_is_missing_stays_out_until_the_table_is_made()
      throws IOException {
    String before = text(STATEMENT);
    save(STATEMENT, before.replace("commerce_order", "another_order"));
    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    assertThat(mistake().path("file").asText()).isEqualTo(STATEMENT);
    assertThat(mistake().path("what").asText()).contains("\"another_order\" does not exist");

    database.execute("create table another_order (like commerce_order including all)");

    assertThat(post("/api/reload").statusCode()).isEqualTo(200);
    assertThat(mistake().isNull()).isTrue();
    save(STATEMENT, before);
  }

  @Test
  void a_statement_whose_conflict_no_unique_index_tells_stays_out() throws IOException {
    String before = text(STATEMENT);
    save(STATEMENT, before.replace("on conflict (key) do", "on conflict (key, status) do"));

    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    assertThat(mistake().path("file").asText()).isEqualTo(STATEMENT);
    assertThat(mistake().path("what").asText()).contains("no unique or exclusion constraint");
    save(STATEMENT, before);
  }

  @Test
  void a_statement_that_does_not_say_what_came_of_each_event_stays_out() throws IOException {
    String before = text(STATEMENT);
    save(STATEMENT, "insert into commerce_order (key) select :?rows where false");

    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    assertThat(mistake().path("file").asText()).isEqualTo(STATEMENT);
    assertThat(mistake().path("what").asText()).contains("no column 'success'");
    save(STATEMENT, before);
  }

  @Test
  void a_type_whose_object_in_salesforce_is_taken_away_stays_and_no_copy_of_that_is_kept()
      throws IOException {
    String before = text(BrokenVersions.SETTINGS);
    String live = live();
    save(
        BrokenVersions.SETTINGS,
        before.replace("    order-status-changed:\n      name", "    nobodys-type:\n      name"));

    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    assertThat(mistake().path("file").asText()).isEqualTo(ROUTE);
    assertThat(mistake().path("what").asText())
        .contains("there is no salesforce.objects.order-status-changed");
    assertThat(live()).isEqualTo(live);
    for (Path copy : copied()) {
      assertThat(Files.readString(copy)).doesNotContain("nobodys-type");
    }
    save(BrokenVersions.SETTINGS, before);
  }

  @Test
  void a_schema_that_is_saved_counts_for_the_webhooks_to_come() throws IOException {
    String file = "config/schemas/zoom-commerce.schema.json";
    String before = text(file);
    quote("Q-before", "teleported");
    eventually().until(() -> get("/api/drift").toString().contains("teleported"));
    try {
      save(file, before.replace("\"quote_reference_id\": {", "\"quote_reference\": {"));
      quote("Q-after", "approved");

      eventually()
          .until(() -> get("/api/drift").toString().contains("payload.quote.quote_reference_id"));
    } finally {
      save(file, before);
    }
  }

  private static void quote(String key, String status) {
    assertThat(
            service
                .sender()
                .zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", key, status))
                .statusCode())
        .isEqualTo(200);
  }

  private static void insert(String file, String before, String line) throws IOException {
    String text = text(file);
    assertThat(text).as(file).containsOnlyOnce(before);
    save(file, text.replace(before, line + before));
  }

  /** Every so many of the broken versions are saved; all of them take minutes. */
  protected int step() {
    return 4;
  }

  @Test
  void a_failure_policy_is_taken_up_in_whatever_order_its_keys_stand() throws IOException {
    String file = "routes/dead-letters/park-unroutable.camel.yaml";
    String id = "    id: park-unroutable\n";
    saveAndWait(
        file,
        text -> text.replace(id, "").replace("    onException:\n", id + "    onException:\n"));

    saveAndWait(file, text -> text + "# changed again\n");

    assertThat(order("O-POLICY", "nobody-knows")).isEqualTo(200);
    eventually().until(() -> "unroutable".equals(state("O-POLICY")));
  }

  @Test
  void a_condition_that_is_none_is_told_with_its_own_line() throws IOException {
    String before = text(ROUTE);
    String wrong = before.replace("} == 'failed'", "} = 'failed'");

    save(ROUTE, wrong);

    int line = wrong.substring(0, wrong.indexOf("} = 'failed'")).split("\n", -1).length;
    eventually().until(() -> mistake().path("line").asInt() == line);
    save(ROUTE, before);
    eventually().until(() -> mistake().isNull());
  }

  @ParameterizedTest
  @CsvSource({"O-UNREAD, number(\"many\")", "O-ENDLESS, endless(1)"})
  void what_a_mapping_fails_on_is_kept_and_read_again_when_it_is_mended(String key, String fails)
      throws IOException {
    String file = "config/mappings/zoom-commerce-to-event.jslt";
    String before = text(file);
    saveAndWait(
        file,
        text ->
            ENDLESS
                + text.replace(
                    "  \"status\": ",
                    "  \"failing\": if ($number == \"%s\") %s,\n  \"status\": "
                        .formatted(key, fails)));

    assertThat(order(key, "completed")).isEqualTo(200);

    String unread =
        "select id from event where type = 'unknown' and entity_key is null and state ="
            + " 'unroutable'";
    eventually().until(() -> !database.queryForList(unread).isEmpty());
    saveAndWait(file, text -> before);
    assertThat(post("/api/replays", "{\"events\":{\"type\":\"unknown\"}}").statusCode())
        .isEqualTo(202);
    eventually().until(() -> !servers.salesforce().record("Zoom_Order__c", key).isEmpty());
  }

  @Test
  void an_event_on_which_a_mapping_never_ends_fails_alone_and_its_neighbours_are_delivered()
      throws IOException {
    String before = text(MAPPING);
    saveAndWait(
        MAPPING,
        text ->
            ENDLESS
                + text.replace(
                    "text(.status, 80)",
                    "if (.entity.key == \"O-POISON\") endless(1) else text(.status, 80)"));

    assertThat(order("O-POISON", "draft")).isEqualTo(200);
    assertThat(order("O-NEIGHBOUR", "draft")).isEqualTo(200);

    eventually().until(() -> states("O-NEIGHBOUR").equals(List.of("delivered", "delivered")));
    String failed =
        """
        select a.code || ': ' || a.detail from attempt a
        join delivery d on d.id = a.delivery_id where d.entity = 'order/O-POISON'
        """;
    eventually()
        .until(
            () ->
                database
                    .queryForList(failed, String.class)
                    .contains("JsltException: the mapping calls itself without end"));
    saveAndWait(MAPPING, text -> before);
    eventually().until(() -> states("O-POISON").equals(List.of("delivered", "delivered")));
  }

  @Test
  void an_event_on_which_its_mapping_fails_has_a_plain_line_in_a_digest_with_its_neighbours()
      throws IOException {
    String file = "config/mappings/order-status-changed-to-email.jslt";
    String before = text(file);
    String mails = text(NOTIFICATIONS);
    saveAndWait(
        file,
        text ->
            text.replace(
                "\n{\n", "\n{\n  \"no\": if (.entity.key == \"O-2\") number(\"many\"),\n"));
    saveAndWait(
        NOTIFICATIONS,
        text -> text.replace("    mails: 20\n    within: 15m", "    mails: 1\n    within: 1h"));
    servers.mailbox().clear();

    for (int i = 0; i < 6; i++) {
      assertThat(order("O-" + i, "failedToSubmit")).isEqualTo(200);
    }
    String collected =
        "select count(*) from delivery where state = 'waiting' and digest is not null";
    eventually().until(() -> database.queryForObject(collected, Long.class) == 5);
    database.update("update delivery set next_attempt_at = now() where digest is not null");

    eventually()
        .untilAsserted(
            () ->
                assertThat(
                        servers.mailbox().to("sales-operations@example.com").stream()
                            .map(MailboxMail::text))
                    .anyMatch(text -> text.contains("order-status-changed O-2: failedToSubmit")));
    saveAndWait(NOTIFICATIONS, text -> mails);
    saveAndWait(file, text -> before);
  }

  @Test
  void what_a_wrong_mapping_delivered_is_delivered_again_by_the_mended_one() throws IOException {
    String file = "config/mappings/order-status-changed-to-salesforce.jslt";
    String before = text(file);
    saveAndWait(file, text -> text.replace("text(.status, 80)", "\"wrong\""));
    assertThat(order("O-WRONG", "draft")).isEqualTo(200);
    eventually().until(() -> states("O-WRONG").equals(List.of("delivered", "delivered")));
    saveAndWait(file, text -> before);

    assertThat(
            post(
                    "/api/replays",
                    "{\"deliveries\":{\"state\":\"delivered\",\"target\":\"salesforce\",\"entity\":\"O-WRONG\"}}")
                .statusCode())
        .isEqualTo(202);

    eventually()
        .untilAsserted(
            () ->
                assertThat(servers.salesforce().record("Zoom_Order__c", "O-WRONG"))
                    .containsEntry("Status__c", "draft"));
  }

  @Test
  void a_file_that_is_not_utf_8_is_told_until_it_is_mended() throws IOException {
    String file = "config/templates/de/order-completed.ftl";
    String before = text(file);
    Path written = folder.resolve(file);

    Files.write(written, (before + "<#-- für -->").getBytes(StandardCharsets.ISO_8859_1));

    eventually().until(() -> file.equals(mistake().path("file").asText()));
    assertThat(mistake().path("what").asText()).contains("save the file as UTF-8");
    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    save(file, before);
    eventually().until(() -> mistake().isNull());
  }

  @Test
  void a_file_with_a_nul_is_told_until_it_is_mended_since_the_ledger_could_not_keep_it()
      throws IOException {
    String before = text(MAPPING);

    save(MAPPING, before + "// \0\n");

    eventually().until(() -> MAPPING.equals(mistake().path("file").asText()));
    assertThat(mistake().path("what").asText()).contains("a NUL", "save the file as UTF-8");
    assertThat(post("/api/reload").statusCode()).isEqualTo(422);
    save(MAPPING, before);
    eventually().until(() -> mistake().isNull());
  }

  @Test
  void a_deleted_file_takes_its_routes_along_and_brings_them_back() throws IOException {
    String good = text(ROUTE);
    String before = live();
    Files.delete(folder.resolve(ROUTE));
    eventually().until(() -> !live().equals(before));
    assertThat(order("O-GONE-1", "completed")).isEqualTo(200);
    eventually().until(() -> "unroutable".equals(state("O-GONE-1")));

    save(ROUTE, good);
    eventually().until(() -> live().equals(before));
    assertThat(order("O-GONE-2", "completed")).isEqualTo(200);
    eventually().until(() -> "routed".equals(state("O-GONE-2")));
  }

  @Test
  void routes_that_do_not_start_leave_those_before_at_work() throws IOException {
    String good = text(DATABASE);
    String before = live();
    // only the service itself knows which data sources there are
    save(DATABASE, good.replace("spring-jdbc:databaseDataSource", "spring-jdbc:nowhere"));
    eventually().until(() -> !mistake().isNull());
    assertThat(mistake().toString()).contains(DATABASE, "nowhere");
    assertThat(live()).isEqualTo(before);
    assertThat(order("O-BACK-1", "submitted")).isEqualTo(200);
    eventually().until(() -> states("O-BACK-1").equals(List.of("delivered", "delivered")));

    save(DATABASE, good);
    eventually().until(() -> mistake().isNull());
  }

  @Test
  void what_is_saved_while_the_ledger_is_away_is_no_mistake_and_goes_live_once_it_is_back()
      throws IOException {
    String good = text(MAPPING);
    String before = live();
    wayToTheLedger.cut();
    try {
      save(MAPPING, good + "\n\n\n\n\n");
      eventually().until(() -> isLeftForLater() || !mistake().isNull());

      assertThat(mistake().isNull()).as(mistake().toString()).isTrue();
      assertThat(live()).isEqualTo(before);
    } finally {
      wayToTheLedger.mend();
    }
    eventually().until(() -> !live().equals(before));
    eventually().until(() -> order("O-AWAY", "draft") == 200);
    saveAndWait(MAPPING, text -> good);
  }

  private static boolean isLeftForLater() {
    return service.output().stream().anyMatch(line -> line.contains("can't keep the set"));
  }

  @Test
  void what_is_redacted_changes_with_the_saved_file() throws IOException {
    String good = text(REDACTION);
    saveAndWait(
        REDACTION, text -> text.replace("  drop:\n", "  drop:\n    - order_reference_note\n"));
    String webhook =
        Webhooks.zoomCommerce("order-status-changed", "O-RED-1", "submitted")
            .replaceFirst("\"account_id\"", "\"order_reference_note\":\"hush\",\"account_id\"");
    assertThat(webhook).contains("hush");
    assertThat(service.sender().zoomCommerce(webhook).statusCode()).isEqualTo(200);
    eventually().until(() -> "routed".equals(state("O-RED-1")));
    assertThat(
            database.queryForObject(
                "select body from event where entity_key = 'O-RED-1'", String.class))
        .doesNotContain("hush", "order_reference_note");
    saveAndWait(REDACTION, text -> good);
  }

  @Test
  void what_is_in_hand_is_finished_by_the_files_it_began_with() throws Exception {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    // not one of those that another test left to be delivered
    servers.salesforce().holdUp(call -> call.body().contains("O-HAND-1"), inHand, go);
    assertThat(order("O-HAND-1", "submitted")).isEqualTo(200);
    assertThat(inHand.await(30, TimeUnit.SECONDS)).isTrue();
    String before = live();
    String good = text(MAPPING);
    save(MAPPING, good.replace("text(.status, 80)", "\"new \" + .status"));
    CompletableFuture<?> reload = CompletableFuture.runAsync(() -> post("/api/reload"));
    go.countDown();
    reload.get(30, TimeUnit.SECONDS);

    eventually().until(() -> !live().equals(before));
    assertThat(order("O-HAND-2", "submitted")).isEqualTo(200);
    eventually().until(() -> states("O-HAND-2").equals(List.of("delivered", "delivered")));
    assertThat(servers.salesforce().record("Zoom_Order__c", "O-HAND-1"))
        .containsEntry("Status__c", "submitted");
    assertThat(stamp("O-HAND-1")).isEqualTo(before);
    assertThat(servers.salesforce().record("Zoom_Order__c", "O-HAND-2"))
        .containsEntry("Status__c", "new submitted");
    assertThat(stamp("O-HAND-2")).isEqualTo(live());
    servers.salesforce().recover();
    saveAndWait(MAPPING, text -> good);
  }

  @Test
  void what_no_route_reads_any_more_is_let_go() throws IOException {
    String good = text(MAPPING);
    for (int version = 1; version <= 4; version++) {
      String blanks = "\n".repeat(version);
      saveAndWait(MAPPING, text -> good + blanks);
      assertThat(order("O-TIDY-" + version, "submitted")).isEqualTo(200);
      String key = "O-TIDY-" + version;
      eventually().until(() -> states(key).equals(List.of("delivered", "delivered")));
    }
    try (Stream<Path> all = Files.walk(copies)) {
      List<String> left = new ArrayList<>();
      for (Path mapping : all.filter(file -> file.endsWith(MAPPING)).toList()) {
        left.add(Files.readString(mapping));
      }
      assertThat(left)
          .contains(good + "\n".repeat(4), good + "\n".repeat(3))
          .doesNotContain(good + "\n", good + "\n".repeat(2));
    }
    saveAndWait(MAPPING, text -> good);
  }

  @Test
  void what_a_route_reads_stays_however_often_other_files_change() throws IOException {
    String mapping = text(MAPPING);
    String route = text(ROUTE);
    String read = saveAndWait(MAPPING, text -> text + "\n".repeat(7));
    for (int change = 1; change <= 3; change++) {
      saveAndWait(ROUTE, text -> text + "# changed again\n");
    }

    assertThat(copied()).anyMatch(file -> file.toString().contains("/" + read + "-"));
    saveAndWait(ROUTE, text -> route);
    saveAndWait(MAPPING, text -> mapping);
  }

  @Test
  void what_tidies_up_among_temporary_files_takes_no_file_from_a_service_that_runs()
      throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(11)));
    for (Path file : copied()) {
      Files.setLastModifiedTime(file, old);
    }
    eventually()
        .untilAsserted(
            () -> {
              for (Path file : copied()) {
                assertThat(Files.getLastModifiedTime(file)).isGreaterThan(old);
              }
            });

    List<Path> all = copied();
    for (Path file : all) {
      Files.delete(file);
    }

    eventually().untilAsserted(() -> assertThat(copied()).containsAll(all));
    // no test before read this mapping, these texts
    HttpResponse<String> answer =
        service.sender().returnUpdate(Webhooks.file("oracle-commerce/return-full.json"));
    assertThat(answer.statusCode()).isEqualTo(200);
    eventually()
        .until(
            () ->
                servers.mailbox().received().stream()
                    .map(MailboxMail::recipients)
                    .anyMatch(List.of("customer-service@example.com")::equals));
  }

  /** What is written at the moment may be gone before it is looked at. */
  private static List<Path> copied() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        copies,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().contains("live-files-") && !file.endsWith(".half")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static String stamp(String key) {
    return database.queryForObject(
        "select d.files from delivery d join event e on e.sequence = d.event_sequence"
            + " where e.entity_key = ? and d.target = 'salesforce'",
        String.class,
        key);
  }

  @Test
  void files_that_could_not_be_copied_for_want_of_room_go_live_when_there_is_some()
      throws IOException {
    String shipped = text(NOTIFICATIONS);
    String before = live();
    Path used;
    try (Stream<Path> all = Files.list(copies)) {
      used =
          all.filter(each -> each.getFileName().toString().startsWith("live-files-"))
              .findFirst()
              .orElseThrow();
    }
    Path aside = Files.move(used, copies.resolve("aside"));
    Files.writeString(used, "nothing can be made in a file");
    save(NOTIFICATIONS, shipped + "\n# another line\n");
    eventually()
        .untilAsserted(
            () -> assertThat(mistake().path("what").asText()).contains("can't be copied"));
    assertThat(live()).isEqualTo(before);

    Files.delete(used);
    Files.move(aside, used);

    eventually()
        .untilAsserted(
            () -> {
              assertThat(live()).isNotEqualTo(before);
              assertThat(mistake().toString()).isEqualTo("null");
            });
    saveAndWait(NOTIFICATIONS, text -> shipped);
  }

  @Test
  void every_node_goes_back_and_stays_there_over_a_restart() throws IOException {
    String shipped = live();
    String changed = saveAndWait(ROUTE, text -> text + "# for all nodes\n");
    Map<String, String> other = new HashMap<>(environment);
    other.remove("JAVA_TOOL_OPTIONS");
    other.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    int port = ServiceProcess.freePort();
    other.put("MANAGEMENT_SERVER_PORT", Integer.toString(port));
    URI second = URI.create("http://127.0.0.1:" + port);
    try (ServiceProcess node = ServiceProcess.ofClasses(folder, other).awaitReady()) {
      assertThat(live(second)).isEqualTo(changed);
      assertThat(post("/api/sets/" + shipped + "/rollback").statusCode()).isEqualTo(200);
      eventually().until(() -> live(second).equals(shipped));
    }
    try (ServiceProcess node = ServiceProcess.ofClasses(folder, other).awaitReady()) {
      eventually().until(() -> live(second).equals(shipped));
    }
    String after = saveAndWait(ROUTE, text -> text + "# and on\n");
    assertThat(after).isNotIn(shipped, changed);
  }

  @Test
  void broken_versions_saved_under_load_refuse_no_webhook_and_say_file_and_line() throws Exception {
    AtomicBoolean sending = new AtomicBoolean(true);
    AtomicInteger sent = new AtomicInteger();
    List<Integer> refused = new CopyOnWriteArrayList<>();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread =
          new Thread(
              () -> {
                while (sending.get()) {
                  int answer = order("O-LOAD-" + sent.incrementAndGet(), "submitted");
                  if (answer != 200) {
                    refused.add(answer);
                  }
                }
              });
      thread.start();
      senders.add(thread);
    }
    List<String> untold = new ArrayList<>();
    try {
      List<Broken> all = BrokenVersions.all();
      for (int i = 0; i < all.size(); i += step()) {
        Broken broken = all.get(i);
        String good = text(broken.file());
        String before = live();
        save(broken.file(), broken.in(good));
        Awaitility.await(broken.toString())
            .atMost(Duration.ofSeconds(20))
            .until(() -> !mistake().isNull() || !live().equals(before));
        JsonNode mistake = mistake();
        if (!broken.file().equals(mistake.path("file").asText())
            || !mistake.path("line").isInt()
            || !mistake.path("what").asText().contains(broken.remedy())
            || !live().equals(before)) {
          untold.add("%s: live %s, before %s, %s".formatted(broken, live(), before, mistake));
        }
        String mark = broken.file().endsWith("yaml") ? "\n# mended\n" : "\n";
        save(broken.file(), good + mark);
        Awaitility.await("mended " + broken)
            .atMost(Duration.ofSeconds(20))
            .until(() -> mistake().isNull() && !live().equals(before));
      }
    } finally {
      sending.set(false);
      for (Thread thread : senders) {
        thread.join();
      }
    }
    assertThat(untold).isEmpty();
    assertThat(refused).isEmpty();
    eventually()
        .until(
            () ->
                database.queryForObject(
                        "select count(*) from event where entity_key like 'O-LOAD-%'"
                            + " and state = 'routed'",
                        Integer.class)
                    == sent.get());
  }
}
