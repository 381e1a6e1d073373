package io.commercewebhooks.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.Application;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Relay;
import io.commercewebhooks.sandbox.ShippedNotifications;
import io.commercewebhooks.sandbox.Truncation;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The service with a spool and sealed payloads, whose ledger goes away: webhooks are acknowledged
 * all the same, and each reaches the ledger once when it is back. It has servers of its own.
 */
@SpringBootTest(
    classes = Application.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "management.prometheus.metrics.export.enabled=true",
      "intake.spool.most-events=" + LedgerAwayWithSpoolTest.MOST,
      "intake.spool.look-each=50ms",
      "ledger.sweep=50ms",
      "ledger.gather=10ms",
      "ledger.targets.salesforce.gather=10ms",
      "ledger.retry.initial-delay=20ms",
      "ledger.retry.max-delay=100ms",
      "ledger.hold.try-after=100ms",
      "ledger.notices.look-each=1h",
      "protection.renew-after=1h",
      "salesforce.check-at-start=false"
    })
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
class LedgerAwayWithSpoolTest {

  static final String MOST = "30";

  private static final LocalServers SERVERS = LocalServers.start();
  private static final Relay WAY_TO_THE_LEDGER = Relay.before(SERVERS.postgres().getPort());
  private static final JdbcTemplate DATABASE = SERVERS.database();
  private static final Path FOLDER = temporary();
  private static final Path SET_ASIDE = FOLDER.resolve("set-aside");
  private static final String PERSON = "kim@example.com";

  @Autowired private Environment environment;

  @DynamicPropertySource
  static void addresses(DynamicPropertyRegistry properties) {
    SERVERS.addTo(properties);
    properties.add(
        "LEDGER_URL",
        () -> "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(WAY_TO_THE_LEDGER.port()));
    properties.add("SPOOL_FOLDER", FOLDER::toString);
    properties.add("mail.notifications", () -> ShippedNotifications.singly().toString());
    properties.add("protection.payload-keys", () -> key('p'));
    properties.add("protection.look-up-keys", () -> key('l'));
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("spool").resolve("of the node");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(char letter) {
    return Base64.getEncoder().encodeToString(String.valueOf(letter).repeat(32).getBytes());
  }

  @BeforeEach
  void begin() throws IOException {
    // until then webhooks don't even try
    eventually().until(this::isTakenByTheLedgerAtOnce);
    untilDrained();
    untilQuiet();
    SERVERS.salesforce().clear();
    Truncation.of(DATABASE, "event, delivery, attempt, rejected_webhook, quote cascade");
    for (Path file : files(SET_ASIDE)) {
      Files.delete(file);
    }
  }

  @AfterEach
  void mend() {
    WAY_TO_THE_LEDGER.mend();
  }

  private boolean isTakenByTheLedgerAtOnce() {
    long before = number("select count(*) from event");
    return quote("Q-" + System.nanoTime()) == 200
        && files(FOLDER).isEmpty()
        && number("select count(*) from event") == before + 1;
  }

  private WebhookSender sender() {
    return new WebhookSender(
        URI.create("http://127.0.0.1:" + environment.getRequiredProperty("local.server.port")));
  }

  private int quote(String key) {
    return sender()
        .zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", key, "approved"))
        .statusCode();
  }

  private HttpRequest.Builder toManagement(String path) {
    String port = environment.getRequiredProperty("local.management.port");
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Authorization", LocalServers.OPERATORS_LOGIN);
  }

  private String management(String path) {
    return sender().send(toManagement(path).GET().build()).body();
  }

  private double gauge(String name) {
    Matcher line =
        Pattern.compile("(?m)^commerce_webhooks_spool_" + name + " (.*)$")
            .matcher(management("/actuator/prometheus"));
    assertThat(line.find()).as(name).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.toString().endsWith(".event")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void untilDrained() {
    eventually().until(() -> files(FOLDER).isEmpty());
  }

  private static void untilQuiet() {
    eventually()
        .until(
            () ->
                number("select count(*) from event where state = 'received'") == 0
                    && number("select count(*) from delivery where state = 'waiting'") == 0);
  }

  private static long number(String sql) {
    return DATABASE.queryForObject(sql, Long.class);
  }

  private static List<String> keysInOrder() {
    return DATABASE.queryForList("select entity_key from event order by sequence", String.class);
  }

  @Test
  void webhooks_are_acknowledged_and_reach_every_target_once_and_in_order_when_it_is_back(
      CapturedOutput output) {
    int before = output.getAll().length();
    WAY_TO_THE_LEDGER.cut();
    List<String> keys = IntStream.range(0, 15).mapToObj(i -> "Q-" + i).toList();
    assertThat(keys.stream().map(this::quote)).containsOnly(200);
    assertThat(files(FOLDER)).hasSize(15);
    assertThat(gauge("events")).isEqualTo(15);
    assertThat(gauge("oldest_seconds")).isPositive();
    assertThat(management("/actuator/health/spool")).contains("DEGRADED", "\"events\":15");

    WAY_TO_THE_LEDGER.mend();
    // said when the last file is gone and no gauge counts it any more
    eventually().until(() -> output.getAll().indexOf("the spool is drained", before) > 0);
    untilQuiet();

    assertThat(keysInOrder()).isEqualTo(keys);
    assertThat(SERVERS.salesforce().records("Zoom_Quote__c")).hasSize(15);
    assertThat(number("select count(*) from quote")).isEqualTo(15);
    assertThat(gauge("events")).isZero();
    assertThat(gauge("oldest_seconds")).isZero();
    assertThat(management("/actuator/health/spool")).contains("UP");
    String said = output.getAll().substring(before);
    assertThat(said)
        .containsOnlyOnce("the ledger is away: events go to the spool")
        .doesNotContain("until it is back: null");
    assertThat(said)
        .containsOnlyOnce("the spool is drained: the ledger has 15 events of it, 0 were set aside");
    assertThat(output).doesNotContain("\tat ");
  }

  @Test
  void a_webhook_that_the_ledger_hangs_over_is_acknowledged_before_its_sender_is_sent_away() {
    HangingLedger.hang(DATABASE);
    try {
      assertThat(quote("Q-1")).isEqualTo(200);
      assertThat(files(FOLDER)).hasSize(1);
    } finally {
      HangingLedger.goOn(DATABASE);
    }
    untilDrained();
    untilQuiet();

    assertThat(keysInOrder()).containsExactly("Q-1");
  }

  @Test
  void with_the_ledger_there_nothing_is_spooled() {
    assertThat(quote("Q-1")).isEqualTo(200);

    assertThat(files(FOLDER)).isEmpty();
    assertThat(number("select count(*) from event")).isEqualTo(1);
  }

  @Test
  void a_preview_runs_with_a_spool_too_and_the_map_shows_it() {
    HttpResponse<String> preview =
        sender()
            .send(
                toManagement("/api/previews")
                    .header("Content-Type", "application/json")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"payload\":{\"type\":\"order-status-changed\",\"body\":{}}}"))
                    .build());

    assertThat(preview.statusCode()).as(preview.body()).isEqualTo(200);
    assertThat(management("/api/route-map")).contains("\"spool\"", "\"intake-spool\"");
  }

  @Test
  void what_lies_on_the_disk_is_sealed_and_opens_for_whoever_may_find_it_later()
      throws IOException {
    WAY_TO_THE_LEDGER.cut();
    String request = Webhooks.file("oracle-commerce/quote-request-seed.json");
    assertThat(request).contains(PERSON);
    assertThat(sender().quoteRequest(request).statusCode()).isEqualTo(200);

    String onDisk = Files.readString(files(FOLDER).get(0));
    assertThat(onDisk).contains("enc:").doesNotContain(PERSON, "Anderson", "Product_18Cxi");
    WAY_TO_THE_LEDGER.mend();
    untilDrained();
    untilQuiet();
    assertThat(number("select count(*) from event where body like 'enc:%'")).isEqualTo(1);
    assertThat(number("select count(*) from event where cardinality(people) > 0")).isEqualTo(1);
  }

  @Test
  void what_is_refused_is_refused_and_never_spooled() {
    WAY_TO_THE_LEDGER.cut();
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft");
    HttpResponse<String> forged =
        sender()
            .send(
                WebhookSender.ZOOM_COMMERCE,
                WebhookSender.zoomCommerceHeaders(webhook, Instant.now(), "of-a-forger"),
                webhook);
    assertThat(forged.statusCode()).isEqualTo(401);
    assertThat(sender().zoomCommerce("{\"event\":").statusCode()).isEqualTo(400);

    assertThat(files(FOLDER)).isEmpty();
  }

  @Test
  void a_damaged_file_is_set_aside_and_counted_and_holds_up_nobody(CapturedOutput output)
      throws IOException {
    WAY_TO_THE_LEDGER.cut();
    Stream.of("Q-1", "Q-2", "Q-3").forEach(this::quote);
    Path second = files(FOLDER).get(1);
    Files.writeString(second, Files.readString(second).substring(0, 100));
    Files.writeString(FOLDER.resolve("1.event"), "");
    WAY_TO_THE_LEDGER.mend();
    untilDrained();
    untilQuiet();

    assertThat(keysInOrder()).containsExactly("Q-1", "Q-3");
    assertThat(files(SET_ASIDE))
        .extracting(Path::getFileName)
        .containsExactlyInAnyOrder(Path.of("1.event"), second.getFileName());
    assertThat(gauge("set_aside")).isEqualTo(2);
    assertThat(management("/actuator/health/spool")).contains("DEGRADED", "\"setAside\":2");
    assertThat(output).contains("can't be kept, its file is damaged; its file is set aside");
  }

  @Test
  void an_event_that_is_drained_twice_is_kept_once() throws IOException {
    WAY_TO_THE_LEDGER.cut();
    quote("Q-1");
    Path first = files(FOLDER).get(0);
    long number = Long.parseLong(first.getFileName().toString().replace(".event", ""));
    Files.copy(first, FOLDER.resolve((number + 1) + ".event"));
    WAY_TO_THE_LEDGER.mend();
    untilDrained();
    untilQuiet();

    assertThat(keysInOrder()).containsExactly("Q-1");
    assertThat(SERVERS.salesforce().writes()).hasSize(1);
  }

  @Test
  void a_ledger_that_gives_numbers_a_second_time_loses_no_event_for_it() {
    assertThat(quote("Q-1")).isEqualTo(200);
    assertThat(quote("Q-2")).isEqualTo(200);
    DATABASE.execute(
        "alter table event alter column sequence restart with "
            + number("select min(sequence) from event"));

    assertThat(quote("Q-3")).isEqualTo(200);
    untilDrained();

    assertThat(number("select count(*) from event")).isEqualTo(3);
    assertThat(files(SET_ASIDE)).isEmpty();
  }

  @Test
  void what_a_changed_ledger_refuses_is_set_aside_by_its_words_and_kept_when_it_is_put_back(
      CapturedOutput output) throws IOException {
    WAY_TO_THE_LEDGER.cut();
    assertThat(quote("Q-1")).isEqualTo(200);
    Path spooled = files(FOLDER).get(0);
    DATABASE.execute("alter table event add constraint narrow check (entity_key <> 'Q-1')");
    try {
      WAY_TO_THE_LEDGER.mend();
      eventually().until(() -> output.getAll().contains("violates check constraint \"narrow\""));
      assertThat(files(SET_ASIDE)).hasSize(1);
    } finally {
      DATABASE.execute("alter table event drop constraint narrow");
    }

    Files.move(SET_ASIDE.resolve(spooled.getFileName()), spooled);
    eventually().until(() -> number("select count(*) from event") == 1);
    assertThat(files(SET_ASIDE)).isEmpty();
  }

  @Test
  void a_full_spool_sends_away_until_there_is_room() {
    WAY_TO_THE_LEDGER.cut();
    int most = Integer.parseInt(MOST);
    List<Integer> answers = new ArrayList<>();
    IntStream.range(0, most + 5).forEach(i -> answers.add(quote("Q-" + i)));
    HttpResponse<String> refused =
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-x", "approved"));

    assertThat(answers.subList(0, most)).containsOnly(200);
    assertThat(answers.subList(most, answers.size())).containsOnly(503);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("30");
    assertThat(files(FOLDER)).hasSize(most);

    WAY_TO_THE_LEDGER.mend();
    untilDrained();
    assertThat(number("select count(*) from event")).isEqualTo(most);
    WAY_TO_THE_LEDGER.cut();
    assertThat(quote("Q-y")).isEqualTo(200);
  }

  @Test
  void a_folder_that_cannot_be_written_sends_away_until_it_can() throws IOException {
    Path away = FOLDER.resolveSibling("away");
    WAY_TO_THE_LEDGER.cut();
    Files.move(FOLDER, away);
    Files.writeString(FOLDER, "a file");
    try {
      HttpResponse<String> refused =
          sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved"));
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("30");
      assertThat(refused.body()).doesNotContain("spool", "Exception");
    } finally {
      Files.delete(FOLDER);
      Files.move(away, FOLDER);
    }

    assertThat(quote("Q-1")).isEqualTo(200);
    assertThat(files(FOLDER)).hasSize(1);
  }
}
