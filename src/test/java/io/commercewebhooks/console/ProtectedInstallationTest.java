package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.Application;
import io.commercewebhooks.ledger.ProtectionRenewal;
import io.commercewebhooks.ledger.Retention;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Truncation;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A service with every protection switched on: sealed payloads, users with roles, OpenID Connect.
 * It has servers of its own.
 */
@SpringBootTest(
    classes = Application.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "ledger.sweep=50ms",
      "ledger.gather=10ms",
      "ledger.targets.salesforce.gather=10ms",
      "ledger.retry.initial-delay=20ms",
      "ledger.retry.max-delay=100ms",
      "ledger.replay.tick=20ms",
      "ledger.notices.look-each=1h",
      "protection.renew-after=1h",
      "console.username=",
      "console.password=",
      // the passwords are the names
      "console.users=vera:viewer:$2a$04$yQNhSdV/u.Vf/mwsncd2J.CCJR2tjGGBlZi8cn2Cf1wK0kZdBpSc2,"
          + "otto:operator:$2a$04$gTfvgVCTP0JZPGlPdfTYL.NK6J1SDGv0qsSUxcHyiRDpZPfmej5/6",
      "console.oidc.client-id=" + StandInIdentityProvider.CLIENT_ID,
      "console.oidc.client-secret=" + StandInIdentityProvider.CLIENT_SECRET,
      "console.oidc.roles-claim=realm_access.roles"
    })
class ProtectedInstallationTest {

  private static final LocalServers SERVERS = LocalServers.start();
  private static final StandInIdentityProvider PROVIDER = StandInIdentityProvider.start();
  private static final JdbcTemplate DATABASE = SERVERS.database();
  private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

  @Autowired private Environment environment;
  @Autowired private ProtectionRenewal renewal;
  @Autowired private Retention retention;

  private CookieManager cookies;
  private HttpClient browser;

  @DynamicPropertySource
  static void addresses(DynamicPropertyRegistry properties) {
    SERVERS.addTo(properties);
    properties.add("protection.payload-keys", () -> key('n') + "," + key('o'));
    properties.add("protection.look-up-keys", () -> key('l'));
    properties.add("console.oidc.issuer", PROVIDER::issuer);
  }

  private static String key(char letter) {
    return Base64.getEncoder().encodeToString(String.valueOf(letter).repeat(32).getBytes());
  }

  @BeforeEach
  void begin() {
    cookies = new CookieManager();
    browser = HttpClient.newBuilder().cookieHandler(cookies).build();
    SERVERS.salesforce().recover();
    Truncation.of(DATABASE, "event, delivery, attempt, replay, quote_request cascade");
  }

  private WebhookSender sender() {
    return new WebhookSender(URI.create("http://127.0.0.1:" + port("local.server.port")));
  }

  private String port(String name) {
    return environment.getRequiredProperty(name);
  }

  private URI console(String path) {
    return URI.create("http://127.0.0.1:" + port("local.management.port")).resolve(path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return WebhookSender.send(browser, request.build());
  }

  private HttpResponse<String> get(URI address) {
    return send(HttpRequest.newBuilder(address));
  }

  private HttpResponse<String> post(String path, Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(console(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String token(HttpResponse<String> page) {
    Matcher token = TOKEN.matcher(page.body());
    assertThat(token.find()).as(page.body()).isTrue();
    return token.group(1);
  }

  private static URI location(HttpResponse<?> answer) {
    assertThat(answer.statusCode()).isEqualTo(302);
    return answer.uri().resolve(answer.headers().firstValue("Location").orElseThrow());
  }

  private HttpResponse<String> signIn(String name, String password) {
    String token = token(get(console("/console/login")));
    return post("/console/login", Map.of("username", name, "password", password, "_csrf", token));
  }

  /** Follows the way to the provider and back. */
  private HttpResponse<String> signInByProvider() {
    HttpResponse<String> answer = get(console("/console/oauth2/oidc"));
    for (int i = 0; i < 3 && answer.statusCode() == 302; i++) {
      answer = get(location(answer));
    }
    return answer;
  }

  private static void quiet() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                count("select count(*) from event where state = 'received'")
                        + count("select count(*) from delivery where state = 'waiting'")
                    == 0);
  }

  private static long count(String sql) {
    Long count = DATABASE.queryForObject(sql, Long.class);
    return count == null ? 0 : count;
  }

  private HttpResponse<String> api(String method, String path, String json) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(console(path))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString("otto:otto".getBytes()))
            .header("Content-Type", "application/json");
    return send(
        json == null
            ? request.GET()
            : request.method(method, HttpRequest.BodyPublishers.ofString(json)));
  }

  private void quoteRequest(String id) {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    request.put("id", id);
    assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(200);
    quiet();
  }

  @Nested
  class Sealed_payloads {

    private String kept() {
      return String.join(
          "\n", DATABASE.queryForList("select body || ' ' || attributes from event", String.class));
    }

    @Test
    void are_unreadable_in_the_ledger_and_reach_every_target() {
      quoteRequest("o-1");

      assertThat(kept()).startsWith("enc:").contains(" enc:").doesNotContain("Anderson", "kim@");
      assertThat(count("select count(*) from delivery where state = 'delivered'")).isEqualTo(3);
      assertThat(SERVERS.salesforce().record("Opportunity", "o-1").toString())
          .contains("kim@example.com");
      assertThat(
              DATABASE.queryForObject(
                  "select shopper_email from quote_request where key = 'o-1'", String.class))
          .isEqualTo("kim@example.com");
    }

    @Test
    void are_found_shown_masked_and_revealed() {
      quoteRequest("o-1");

      assertThat(api("POST", "/api/events/search", "{\"email\":\"KIM@example.com\"}").body())
          .contains("\"entity_key\":\"o-1\"");
      String path = "/api/events/" + DATABASE.queryForObject("select id from event", String.class);
      assertThat(api("GET", path, null).body())
          .contains("Product_18Cxi")
          .doesNotContain("Anderson", "enc:");
      assertThat(api("POST", path + "/reveal", "{\"reason\":\"ticket 7\"}").body())
          .contains("Anderson");
    }

    @Test
    void are_replayed_delivered_again_and_read_again_by_the_mapping() {
      SERVERS.salesforce().failRecords(sent -> true, "FIELD_INTEGRITY_EXCEPTION", "no");
      quoteRequest("o-1");
      SERVERS.salesforce().recover();
      sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "teleported"));
      quiet();

      api("POST", "/api/replays", "{\"deliveries\":{}}");
      api("POST", "/api/replays", "{\"events\":{\"state\":\"unroutable\"}}");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> count("select count(*) from replay where state = 'running'") == 0);
      quiet();

      assertThat(count("select count(*) from delivery where state <> 'delivered'")).isZero();
      assertThat(count("select count(*) from event where attributes not like 'enc:%'")).isZero();
      assertThat(api("GET", "/api/events?state=unroutable", null).body()).contains("Q-1");
    }

    @Test
    void are_made_of_what_lay_in_the_clear_or_was_kept_before_people_were_hashed() {
      quoteRequest("o-1");
      DATABASE.update(
          """
          update event set body = '{"email":"old@example.com","id":"o-1"}', attributes = '{}',
                           people = null, protection = null
          """);

      renewal.renew();

      assertThat(kept()).startsWith("enc:").doesNotContain("old@example.com");
      assertThat(api("POST", "/api/events/search", "{\"email\":\"old@example.com\"}").body())
          .contains("\"entity_key\":\"o-1\"");
    }

    @Test
    void give_way_to_the_marker_when_their_time_is_over() {
      quoteRequest("o-1");
      DATABASE.update("update event set received_at = now() - interval '91 days'");

      retention.look();
      renewal.renew();

      assertThat(kept()).isEqualTo("{\"removed\":\"retention\"} {}");
    }
  }

  @Nested
  class People {

    @Test
    void are_sent_to_the_sign_in_and_from_there_to_where_they_wanted() {
      assertThat(location(get(console("/console"))).getPath()).isEqualTo("/console/login");

      URI next = location(signIn("vera", "vera"));

      assertThat(next.getPath()).isEqualTo("/console");
      assertThat(get(next).body()).contains("vera", "viewer");
    }

    @Test
    void get_a_new_session_as_they_sign_in_whose_cookie_no_script_reads() {
      String before = cookie(get(console("/console/login")));
      String after = cookie(signIn("vera", "vera"));

      assertThat(after).contains("HttpOnly", "SameSite=Lax").isNotEqualTo(before);
    }

    private static String cookie(HttpResponse<?> answer) {
      return answer.headers().firstValue("Set-Cookie").orElse("");
    }

    @Test
    void cannot_be_signed_in_or_out_by_another_site() {
      get(console("/console/login"));
      assertThat(
              post("/console/login", Map.of("username", "vera", "password", "vera")).statusCode())
          .isEqualTo(403);
      signIn("vera", "vera");
      String token = token(get(console("/console")));

      assertThat(post("/console/logout", Map.of()).statusCode()).isEqualTo(403);
      assertThat(get(console("/console")).statusCode()).as("still signed in").isEqualTo(200);
      assertThat(location(post("/console/logout", Map.of("_csrf", token))).getQuery())
          .isEqualTo("out");
      assertThat(get(console("/console")).statusCode()).isEqualTo(302);
    }

    @Test
    void who_are_viewers_change_nothing_in_the_console() {
      signIn("vera", "vera");
      String token = token(get(console("/console")));

      assertThat(post("/console/anything", Map.of("_csrf", token)).statusCode()).isEqualTo(403);
      assertThat(get(console("/console/preview")).statusCode()).isEqualTo(403);
      assertThat(get(console("/console/preview/mails/1/1")).statusCode()).isEqualTo(403);
    }

    @Test
    void who_are_operators_put_no_files_live_and_read_no_audit() {
      signIn("otto", "otto");
      String token = token(get(console("/console")));

      for (String deed : List.of("reload", "0/rollback", "end-rollback")) {
        HttpResponse<String> answer = post("/console/files/" + deed, Map.of("_csrf", token));
        assertThat(answer.statusCode()).as(deed).isEqualTo(403);
      }
      assertThat(get(console("/console/audit")).statusCode()).isEqualTo(403);
      assertThat(get(console("/console/files")).statusCode()).isEqualTo(200);
      assertThat(get(console("/console/preview")).statusCode()).isEqualTo(200);
    }

    @Test
    void have_no_use_of_their_session_outside_of_the_console() {
      signIn("otto", "otto");

      assertThat(get(console("/api/events")).statusCode()).isEqualTo(401);
    }

    @Test
    void with_a_wrong_password_stay_outside_and_are_accounted() {
      assertThat(location(signIn("vera", "wrong")).getQuery()).isEqualTo("error");
      assertThat(get(console("/console/login?error")).body()).contains("fit");
      assertThat(get(console("/console")).statusCode()).isEqualTo(302);
      assertThat(
              DATABASE.queryForList(
                  "select actor from audit where action = 'login-failed'", String.class))
          .contains("vera");
    }

    @Test
    void see_pages_that_load_nothing_from_elsewhere_and_are_not_kept() {
      HttpResponse<String> page = get(console("/console/login"));

      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'");
      assertThat(page.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
      assertThat(page.body()).doesNotContain("<script", "style=", "http://", "https://");
      assertThat(get(console("/console/assets/console.css")).statusCode()).isEqualTo(200);
    }
  }

  /** Whatever somebody looks for: all loggers write all they have but those that are named. */
  @Nested
  @ExtendWith(OutputCaptureExtension.class)
  class A_log_that_tells_everything {

    private static final List<String> OF_THIS_TEST_ALONE =
        List.of("com.icegreen", "com.sun", "jdk", "org.springframework.test");

    private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

    @BeforeEach
    void tellEverything() {
      logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.TRACE);
      logging.setLogLevel("io.commercewebhooks", LogLevel.TRACE);
      OF_THIS_TEST_ALONE.forEach(name -> logging.setLogLevel(name, LogLevel.OFF));
    }

    @AfterEach
    void tellLess() {
      logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
      logging.setLogLevel("io.commercewebhooks", LogLevel.INFO);
      OF_THIS_TEST_ALONE.forEach(name -> logging.setLogLevel(name, null));
    }

    @Test
    void names_no_password_and_no_session_of_who_is_signed_in(CapturedOutput output) {
      signIn("vera", "a-Pa55word");
      signIn("otto", "otto");
      get(console("/console/events"));
      String ofOtto = session();
      cookies.getCookieStore().removeAll();
      PROVIDER.signIn("petra", "commerce-webhooks-operator");
      signInByProvider();

      assertThat(output.getAll())
          .contains("Authenticated user")
          .doesNotContain("a-Pa55word", ofOtto, session(), StandInIdentityProvider.CLIENT_SECRET)
          .doesNotContainPattern("eyJ[\\w-]+\\.eyJ");
    }

    private String session() {
      return cookies.getCookieStore().getCookies().get(0).getValue();
    }

    @Test
    void shows_no_person_who_is_told_of_in_mails(CapturedOutput output) {
      sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(
                          DATABASE.queryForList(
                              "select state from delivery where target = 'email'", String.class))
                      .isNotEmpty()
                      .containsOnly("delivered"));

      assertThat(output.getAll()).contains("oracle-commerce").doesNotContain("Anderson", "kim@");
    }
  }

  @Nested
  class People_of_the_provider {

    @Test
    void sign_in_with_the_role_that_their_claim_names_and_are_accounted() {
      PROVIDER.signIn("petra", "offline_access", "commerce-webhooks-operator");

      HttpResponse<String> page = signInByProvider();

      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("petra", "operator");
      assertThat(
              DATABASE.queryForList("select actor from audit where action = 'login'", String.class))
          .contains("petra");
    }

    @Test
    void without_one_of_our_roles_see_nothing() {
      PROVIDER.signIn("paul", "commerce-webhooks");

      assertThat(signInByProvider().statusCode()).isEqualTo(403);
    }

    @Test
    void with_a_forged_token_stay_outside() {
      PROVIDER.signIn("petra", "commerce-webhooks-admin");
      PROVIDER.forge();

      HttpResponse<String> page = signInByProvider();

      assertThat(page.uri().getPath()).isEqualTo("/console/login");
      assertThat(get(console("/console")).statusCode()).isEqualTo(302);
      assertThat(
              DATABASE.queryForList(
                  "select detail from audit where action = 'login-failed'", String.class))
          .anyMatch(detail -> detail.contains("oidc"));
    }

    @Test
    void who_were_not_sent_by_us_are_not_let_in() {
      PROVIDER.signIn("petra", "commerce-webhooks-admin");

      HttpResponse<String> answer =
          get(console("/console/oauth2/code/oidc?code=made-up&state=made-up"));

      assertThat(location(answer).getPath()).isEqualTo("/console/login");
      assertThat(List.of(302)).contains(get(console("/console")).statusCode());
    }
  }
}
