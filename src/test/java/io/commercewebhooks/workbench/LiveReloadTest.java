package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.FileSystemUtils;

/** A running service whose files are saved, mended and broken while webhooks come in. */
public class LiveReloadTest {

  private static final String ROUTE = "routes/routing/order-status-changed.camel.yaml";
  private static final String TEMPLATE = "config/templates/en/order-completed.ftl";
  private static final String MAPPING = "config/mappings/order-status-changed-to-salesforce.jslt";
  private static final String INTAKE = "routes/intake/zoom-commerce.camel.yaml";
  private static final String NOTIFICATIONS = "config/notifications.yaml";

  @TempDir private static Path folder;
  private static LocalServers servers;
  private static ServiceProcess service;
  private static JdbcTemplate database;
  private static URI management;

  @BeforeAll
  static void start() throws IOException {
    for (String part : List.of("routes", "config")) {
      FileSystemUtils.copyRecursively(Path.of(part), folder.resolve(part));
    }
    servers = LocalServers.start(0, 0, 0);
    Map<String, String> environment = servers.environment();
    int port = ServiceProcess.freePort();
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(port));
    environment.put("WATCH_FILES", "true");
    environment.put("INTAKE_REFUSALS_PER_ADDRESS", "100000");
    environment.put("LEDGER_SWEEP", "100ms");
    management = URI.create("http://127.0.0.1:" + port);
    database = new JdbcTemplate(servers.postgres().getPostgresDatabase());
    service = ServiceProcess.ofClasses(folder, environment).awaitReady();
  }

  @AfterAll
  static void stop() throws IOException {
    service.close();
    servers.salesforce().close();
    servers.mailbox().close();
    servers.postgres().close();
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  private static HttpRequest.Builder request(String path) {
    String login = Base64.getEncoder().encodeToString("operator:operator".getBytes());
    return HttpRequest.newBuilder(management.resolve(path))
        .header("Authorization", "Basic " + login);
  }

  private static JsonNode json(HttpResponse<String> answer) {
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

  private static String live() {
    return get("/api/reload").path("live").asText();
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
    Files.move(written, place, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String saveAndWait(String file, UnaryOperator<String> change) throws IOException {
    String before = live();
    String text = text(file);
    String changed = change.apply(text);
    assertThat(changed).isNotEqualTo(text);
    save(file, changed);
    eventually().until(() -> !live().equals(before));
    return live();
  }

  private static int order(String key, String status) {
    return service
        .sender()
        .zoomCommerce(Webhooks.zoomCommerce("order-status-changed", key, status))
        .statusCode();
  }

  private static String subjectTo(String address, String key) {
    return servers.mailbox().to(address).stream()
        .map(mail -> mail.subject())
        .filter(subject -> subject.contains(key))
        .findFirst()
        .orElse("");
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
        "    subscription-renewed:\n      name: Zoom_Order__c\n      external-id: Zoom_Order_Id__c\n");
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
    String before = live();
    insert(NOTIFICATIONS, "quote-requested\n\n  # When", "subscription-renewed, ");
    eventually().until(() -> mistake().isNull() && !live().equals(before));

    String webhook = Files.readString(guide.resolve("webhook.json"));
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
  }

  private static void insert(String file, String before, String line) throws IOException {
    String text = text(file);
    assertThat(text).as(file).containsOnlyOnce(before);
    save(file, text.replace(before, line + before));
  }

  /** A version of a file that can't work. */
  private record Broken(String file, String what, String instead) {

    String in(String text) {
      assertThat(text).as(file).contains(what);
      int at = text.indexOf(what);
      return text.substring(0, at) + instead + text.substring(at + what.length());
    }
  }

  private static List<Broken> broken() {
    List<Broken> all = new ArrayList<>();
    for (String file : List.of(ROUTE, INTAKE, "routes/delivery/database.camel.yaml")) {
      all.add(new Broken(file, "    from:", "    form:"));
      all.add(new Broken(file, "steps:", "stpes:"));
      all.add(new Broken(file, "- to", "- too"));
      all.add(new Broken(file, "      uri:", "\t uri:"));
      all.add(new Broken(file, "routeConfigurationId: ", "routeConfigurationId: no-"));
    }
    all.add(new Broken(INTAKE, "uri: direct:intake-zoom-commerce", "uri: direct:nobody"));
    all.add(new Broken(INTAKE, "ref: zoomCommerceSignature", "ref: zoomComerceSignature"));
    all.add(new Broken("routes/delivery/database.camel.yaml", "workers:", "wrokers:"));
    for (String file :
        List.of(
            MAPPING,
            "config/mappings/zoom-commerce-to-event.jslt",
            "config/mappings/order-status-changed-to-database.jslt")) {
      all.add(new Broken(file, "{", "{{"));
      all.add(new Broken(file, "\": ", "\"; "));
    }
    for (String file : List.of(TEMPLATE, "config/templates/html.ftlh")) {
      all.add(new Broken(file, "${", "${{"));
      all.add(new Broken(file, "<#", "<#no"));
    }
    all.add(new Broken(NOTIFICATIONS, "language: en", "language: xx"));
    all.add(new Broken(NOTIFICATIONS, "audiences:", "audience:"));
    all.add(new Broken(NOTIFICATIONS, "burst:", "brust:"));
    return all;
  }

  /** Every so many of the broken versions are saved; all of them take minutes. */
  protected int step() {
    return 4;
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
      List<Broken> all = broken();
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
            || !live().equals(before)) {
          untold.add(broken + " -> " + mistake);
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
