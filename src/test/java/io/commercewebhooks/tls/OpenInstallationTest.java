package io.commercewebhooks.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A service of its own that speaks TLS in every direction, reads secrets from files and stands
 * behind a proxy.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenInstallationTest {

  private static final String FIRST_SECRET = "a-secret-of-the-first-hour";
  private static final String SECOND_SECRET = "a-secret-of-the-second-hour";

  /** Whichever is in use, in whatever order the tests run. */
  private static final List<String> FIRST_OR_SECOND = List.of(FIRST_SECRET, SECOND_SECRET);

  private static final int REFUSALS = 5;

  private final LocalServers servers = LocalServers.start();
  private final JdbcTemplate database = servers.database();
  private final int port = ServiceProcess.freePort();
  private final int managementPort = ServiceProcess.freePort();

  @TempDir private static Path folder;
  private LoopbackCertificate first;
  private LoopbackCertificate renewed;
  private LoopbackCertificate wrongName;
  private TlsFront salesforce;
  private TlsFront smtp;
  private HttpClient http;
  private ServiceProcess service;
  private int networks;

  @BeforeAll
  void start() throws IOException {
    InstallationFolder.fill(folder);
    Files.createDirectory(folder.resolve("secrets"));
    secret(FIRST_SECRET);
    first = LoopbackCertificate.madeFor("ip:127.0.0.1", folder);
    renewed = LoopbackCertificate.madeFor("ip:127.0.0.1", folder);
    wrongName = LoopbackCertificate.madeFor("dns:mail.example.com", folder);
    first.write(folder.resolve("tls.crt"), folder.resolve("tls.key"));
    LoopbackCertificate.writeTrusted(folder.resolve("trusted.p12"), first, wrongName);
    salesforce = TlsFront.before(URI.create(servers.salesforce().url()).getPort(), wrongName);
    smtp = TlsFront.beforeSmtp(servers.mailbox().port(), wrongName);
    http = HttpClient.newBuilder().sslContext(LoopbackCertificate.trusting(first, renewed)).build();
    service = ServiceProcess.ofClasses(folder, environment());
    Awaitility.await()
        .atMost(Duration.ofSeconds(120))
        .ignoreExceptions()
        .until(() -> get(managementPort, "/actuator/health/readiness").statusCode() == 200);
  }

  private Map<String, String> environment() {
    Map<String, String> environment = servers.environment();
    environment.remove("ZOOM_COMMERCE_SECRETS");
    environment.put("SERVER_PORT", Integer.toString(port));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(managementPort));
    environment.put("SERVER_TLS", "true");
    environment.put("MANAGEMENT_SERVER_TLS", "true");
    environment.put("TLS_CERTIFICATE", folder.resolve("tls.crt").toString());
    environment.put("TLS_PRIVATE_KEY", folder.resolve("tls.key").toString());
    environment.put("FORWARD_HEADERS", "native");
    environment.put("TRUSTED_PROXIES", "127\\.0\\.0\\.1");
    environment.put("SECRETS_LOOKEACH", "200ms");
    environment.put("OIDC_ISSUER", "https://127.0.0.1:" + ServiceProcess.freePort());
    environment.put("OIDC_CLIENT_ID", "console");
    environment.put("OIDC_CLIENT_SECRET", "a-secret-of-nobody");
    environment.put("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs");
    environment.put("INTAKE_REFUSALSPERADDRESS", Integer.toString(REFUSALS));
    environment.put("LEDGER_RETRY_INITIALDELAY", "100ms");
    environment.put("LEDGER_RETRY_MAXDELAY", "500ms");
    environment.put("SALESFORCE_LOGIN_URL", "https://127.0.0.1:" + salesforce.port());
    environment.put("SMTP_PORT", Integer.toString(smtp.port()));
    environment.put("SMTP_TLS", "true");
    environment.put(
        "JAVA_TOOL_OPTIONS",
        "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s"
            .formatted(folder.resolve("trusted.p12"), LoopbackCertificate.PASSWORD));
    return environment;
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
    salesforce.close();
    smtp.close();
    servers.close();
  }

  @Test
  void both_ports_speak_tls_and_nothing_else() {
    assertThat(get(port, "/").statusCode()).isEqualTo(404);
    assertThat(get(managementPort, "/actuator/health").statusCode()).isEqualTo(200);
    assertThat(get(managementPort, "/api/events").statusCode()).isEqualTo(401);
    assertThat(send(zoomWebhook("Q-0"), FIRST_OR_SECOND, "203.0.113.50")).contains(200);
    for (int either : List.of(port, managementPort)) {
      HttpRequest plain =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/".formatted(either))).build();
      assertThat(send(plain).statusCode()).isEqualTo(400);
    }
  }

  @Test
  void a_provider_of_sign_ins_that_is_away_stops_no_start_and_whoever_signs_in_is_told() {
    HttpResponse<String> answer = get(managementPort, "/console/oauth2/oidc");

    assertThat(answer.statusCode()).isEqualTo(302);
    String next = answer.headers().firstValue("Location").orElseThrow();
    assertThat(next).endsWith("/console/login?away");
    assertThat(get(managementPort, "/console/login?away").body()).contains("be reached");
    HttpResponse<String> back =
        get(managementPort, "/console/oauth2/code/oidc?code=made-up&state=made-up");
    assertThat(back.headers().firstValue("Location").orElse("")).contains("/console/login?");
  }

  @Test
  void a_renewed_certificate_is_served_without_a_restart() {
    assertThat(shownAt(port)).isIn(first.certificate(), renewed.certificate());

    renewed.write(folder.resolve("tls.crt"), folder.resolve("tls.key"));

    for (int either : List.of(port, managementPort)) {
      eventually()
          .untilAsserted(() -> assertThat(shownAt(either)).isEqualTo(renewed.certificate()));
    }
  }

  @Test
  void the_age_of_the_certificate_can_be_watched() {
    HttpResponse<String> scrape =
        send(
            HttpRequest.newBuilder(address(managementPort, "/actuator/prometheus"))
                .header("Authorization", LocalServers.OPERATORS_LOGIN)
                .build());

    assertThat(scrape.body())
        .containsPattern("ssl_chain_expiry_seconds\\{bundle=\"front-door\",.*} [1-9]");
  }

  @Test
  void the_log_is_json_where_it_is_asked_for() throws IOException {
    assertThat(send(zoomWebhook("Q-4"), FIRST_OR_SECOND, "")).contains(200);
    eventually().until(() -> !lineThatSays("is routed to").isEmpty());

    JsonNode line = new ObjectMapper().readTree(lineThatSays("is routed to"));
    assertThat(line.path("@timestamp").asText()).isNotEmpty();
    assertThat(line.path("log").path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("message").asText())
        .endsWith("is routed to email sales, salesforce, database");
  }

  private String lineThatSays(String words) {
    return service.output().stream().filter(line -> line.contains(words)).findFirst().orElse("");
  }

  @Test
  void a_server_with_the_certificate_of_another_is_told_nothing_and_operators_are_told_why() {
    send(zoomWebhook("Q-1"), FIRST_OR_SECOND, "203.0.113.51");

    eventually().until(() -> salesforce.calls() > 1 && smtp.calls() > 1);
    eventually().until(() -> attempts("salesforce") > 0 && attempts("email") > 0);
    assertThat(servers.salesforce().calls(Kind.LOGIN)).isZero();
    assertThat(servers.mailbox().received()).isEmpty();
    String why = "No subject alternative names matching IP address 127.0.0.1 found";
    assertThat(whyItFailed("salesforce")).isEqualTo("CERTIFICATE: " + why);
    assertThat(whyItFailed("email")).isEqualTo("SMTP_TLS: Could not convert socket to TLS: " + why);

    salesforce.show(first);
    smtp.show(first);

    eventually().until(() -> !servers.salesforce().record("Zoom_Quote__c", "Q-1").isEmpty());
    eventually()
        .until(
            () -> servers.mailbox().received().stream().anyMatch(m -> m.subject().contains("Q-1")));
  }

  @Test
  void a_secret_that_is_changed_in_its_file_is_taken_up_and_never_shown() throws IOException {
    secret(SECOND_SECRET + "," + FIRST_SECRET);
    eventually().until(() -> send(zoomWebhook("Q-2"), List.of(SECOND_SECRET), "").contains(200));
    assertThat(send(zoomWebhook("Q-2"), List.of(FIRST_SECRET), "")).containsExactly(200);

    secret("");
    eventually()
        .until(() -> service.output().stream().anyMatch(line -> line.contains("can't be used")));
    assertThat(send(zoomWebhook("Q-2"), List.of(SECOND_SECRET), "")).containsExactly(200);

    secret(SECOND_SECRET);
    eventually().until(() -> send(zoomWebhook("Q-2"), List.of(FIRST_SECRET), "").contains(401));
    assertThat(send(zoomWebhook("Q-2"), List.of(SECOND_SECRET), "")).containsExactly(200);
    assertThat(service.output())
        .noneMatch(line -> line.contains(FIRST_SECRET) || line.contains(SECOND_SECRET));
  }

  @Test
  void the_address_that_a_trusted_proxy_names_is_the_one_that_is_refused_too_often() {
    String forged = "198.51.100.9, 203.0.113.1";
    for (int i = 0; i < REFUSALS; i++) {
      assertThat(send(zoomWebhook("Q-3"), List.of("forged"), forged)).containsExactly(401);
    }

    assertThat(send(zoomWebhook("Q-3"), List.of("forged"), forged)).containsExactly(429);
    assertThat(send(zoomWebhook("Q-3"), List.of("forged"), "198.51.100.9")).containsExactly(401);
    assertThat(send(zoomWebhook("Q-3"), FIRST_OR_SECOND, forged)).contains(200);
    assertThat(
            database.queryForList(
                "select reason || ' ' || count(*) from rejected_webhook"
                    + " where remote_address = '203.0.113.1' group by reason order by reason",
                String.class))
        .containsExactly("too-many-refusals 1", "wrong-signature " + REFUSALS);
  }

  private static String zoomWebhook(String key) {
    return Webhooks.zoomCommerce("quote-status-changed", key, "approved");
  }

  /** Sends a webhook signed with each secret in turn. */
  private List<Integer> send(String webhook, List<String> secrets, String forwardedFor) {
    return secrets.stream()
        .map(
            secret -> {
              HttpRequest.Builder request =
                  HttpRequest.newBuilder(address(port, WebhookSender.ZOOM_COMMERCE))
                      .POST(HttpRequest.BodyPublishers.ofString(webhook));
              WebhookSender.zoomCommerceHeaders(webhook, Instant.now(), secret)
                  .forEach(request::header);
              // whoever has no address of its own gets a new one, which was never refused
              String from =
                  forwardedFor.isEmpty() ? "2001:db8:%x::1".formatted(++networks) : forwardedFor;
              return send(request.header("X-Forwarded-For", from).build()).statusCode();
            })
        .toList();
  }

  private void secret(String content) throws IOException {
    Path next = Files.writeString(folder.resolve("next"), content);
    Files.move(
        next,
        folder.resolve("secrets/ZOOM_COMMERCE_SECRETS"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private String whyItFailed(String target) {
    return database.queryForObject(
        """
        select string_agg(distinct a.code || ': ' || a.detail, '; ')
        from attempt a join delivery d on d.id = a.delivery_id where d.target = ?
        """,
        String.class,
        target);
  }

  private int attempts(String target) {
    Integer attempts =
        database.queryForObject(
            "select count(*) from attempt a join delivery d on d.id = a.delivery_id where d.target = ?",
            Integer.class,
            target);
    return attempts == null ? 0 : attempts;
  }

  private HttpResponse<String> get(int either, String path) {
    return send(HttpRequest.newBuilder(address(either, path)).build());
  }

  private static URI address(int either, String path) {
    return URI.create("https://127.0.0.1:" + either + path);
  }

  private HttpResponse<String> send(HttpRequest request) {
    return WebhookSender.send(http, request);
  }

  private Certificate shownAt(int either) {
    SSLContext trusting = LoopbackCertificate.trusting(first, renewed);
    try (SSLSocket socket =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), either)) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
  }
}
