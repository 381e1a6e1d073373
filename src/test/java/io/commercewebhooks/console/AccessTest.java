package io.commercewebhooks.console;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.dao.DataAccessException;

/** Who may do what at the management port, from where, and what is kept of it. */
@FlowTest
class AccessTest {

  private static final String NOBODY = null;
  private static final String VIEWER = "vera";
  private static final String OPERATOR = "otto";
  private static final String ADMIN = "operator";

  /** Who is the least that may: a new endpoint needs its line here. */
  private static final Map<String, String> LEAST = new LinkedHashMap<>();

  static {
    LEAST.put("GET /api/events", VIEWER);
    LEAST.put("GET /api/events/{id}", VIEWER);
    LEAST.put("POST /api/events/search", VIEWER);
    LEAST.put("POST /api/events/{id}/reveal", OPERATOR);
    LEAST.put("GET /api/deliveries", VIEWER);
    LEAST.put("GET /api/targets", VIEWER);
    LEAST.put("GET /api/targets/salesforce/check", OPERATOR);
    LEAST.put("GET /api/rejected", VIEWER);
    LEAST.put("GET /api/causes", VIEWER);
    LEAST.put("POST /api/causes/acknowledge", OPERATOR);
    LEAST.put("POST /api/discards", OPERATOR);
    LEAST.put("GET /api/events/{id}/mend", VIEWER);
    LEAST.put("POST /api/events/{id}/mend", OPERATOR);
    LEAST.put("POST /api/targets/{target}/pause", OPERATOR);
    LEAST.put("POST /api/targets/{target}/resume", OPERATOR);
    LEAST.put("POST /api/replays", OPERATOR);
    LEAST.put("GET /api/replays", VIEWER);
    LEAST.put("GET /api/replays/{id}", VIEWER);
    LEAST.put("POST /api/replays/{id}/cancel", OPERATOR);
    LEAST.put("POST /api/erasures", ADMIN);
    LEAST.put("GET /api/erasures", ADMIN);
    LEAST.put("GET /api/reload", VIEWER);
    LEAST.put("POST /api/reload", ADMIN);
    LEAST.put("GET /api/sets", VIEWER);
    LEAST.put("GET /api/sets/{hash}", VIEWER);
    LEAST.put("POST /api/sets/{hash}/rollback", ADMIN);
    LEAST.put("DELETE /api/rollback", ADMIN);
    LEAST.put("GET /api/audit", ADMIN);
    LEAST.put("POST /api/previews", OPERATOR);
    LEAST.put("GET /api/route-map", VIEWER);
    LEAST.put("POST /api/events/{id}/case", OPERATOR);
    LEAST.put("GET /api/drift", VIEWER);
    LEAST.put("DELETE /api/drift/{id}", OPERATOR);
    LEAST.put("GET /api/openapi.yaml", VIEWER);
    LEAST.put("GET /actuator/health", NOBODY);
    LEAST.put("GET /actuator/health/readiness", NOBODY);
    LEAST.put("GET /actuator", VIEWER);
    LEAST.put("GET /actuator/info", VIEWER);
    LEAST.put("GET /actuator/metrics", VIEWER);
    LEAST.put("GET /actuator/metrics/jvm.memory.used", VIEWER);
    LEAST.put("GET /actuator/prometheus", VIEWER);
    LEAST.put("GET /actuator/env", ADMIN);
    LEAST.put("GET /actuator/heapdump", ADMIN);
    LEAST.put("POST /actuator/loggers/root", ADMIN);
  }

  private static HttpResponse<String> ask(String user, String method, String path, String json) {
    return ask(user, method, path, json, Map.of());
  }

  private static HttpResponse<String> ask(
      String user, String method, String path, String json, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(Outside.apiRequest(path, "").build().uri())
            .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    if (json != null) {
      request.header("Content-Type", "application/json");
    }
    if (user != null) {
      request.header("Authorization", basic(user, user));
    }
    headers.forEach(request::setHeader);
    return DescribedApi.asDescribed(sender().send(request.build()), null);
  }

  private static String basic(String user, String password) {
    String login = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(login.getBytes());
  }

  private static boolean isRefused(HttpResponse<String> answer) {
    return answer.statusCode() == 401 || answer.statusCode() == 403;
  }

  @TestFactory
  Stream<DynamicTest> every_endpoint_is_for_the_role_it_is_for_and_those_above() {
    List<String> ranks = Arrays.asList(NOBODY, VIEWER, OPERATOR, ADMIN);
    return LEAST.entrySet().stream()
        .map(
            endpoint ->
                dynamicTest(
                    endpoint.getKey(),
                    () -> {
                      String[] parts = endpoint.getKey().split(" ");
                      String path =
                          parts[1].replace("{target}", "nobody").replaceAll("\\{\\w+}", "0");
                      String json = parts[0].equals("POST") ? "{}" : null;
                      for (String user : ranks) {
                        boolean may = ranks.indexOf(user) >= ranks.indexOf(endpoint.getValue());
                        HttpResponse<String> answer = ask(user, parts[0], path, json);
                        assertThat(isRefused(answer))
                            .as("%s is answered %s", user, answer.statusCode())
                            .isEqualTo(!may);
                      }
                    }));
  }

  @Test
  void no_endpoint_of_the_api_is_without_its_role() throws ClassNotFoundException {
    assertThat(ApiEndpoints.all().keySet()).isNotEmpty().isSubsetOf(LEAST.keySet());
  }

  @Test
  void the_description_of_the_api_names_the_role_of_each_endpoint() {
    Map<String, String> roles = Map.of(VIEWER, "viewer", OPERATOR, "operator", ADMIN, "admin");

    assertThat(DescribedApi.operations())
        .allSatisfy(
            operation ->
                assertThat(DescribedApi.operation(operation).path("description").asText())
                    .startsWith("Role: " + roles.get(LEAST.get(operation))));
  }

  @Test
  void what_is_neither_api_nor_actuator_nor_console_is_for_nobody() {
    assertThat(ask(ADMIN, "GET", "/", null).statusCode()).isEqualTo(403);
    assertThat(ask(ADMIN, "GET", "/apis", null).statusCode()).isEqualTo(403);
  }

  @Test
  void the_public_port_knows_no_operators() {
    HttpResponse<String> answer = sender().send("/api/events", WebhookSender.json(), "{}");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void a_refusal_is_a_short_problem_that_tells_no_names() {
    HttpResponse<String> unknown = ask("nobody", "GET", "/api/events", null);
    HttpResponse<String> wrong =
        ask(null, "GET", "/api/events", null, Map.of("Authorization", "Basic dmVyYTp4"));

    assertThat(unknown.statusCode()).isEqualTo(401);
    assertThat(unknown.body()).isEqualTo(wrong.body()).contains("\"status\":401");
    assertThat(unknown.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }

  @Test
  void scripts_get_no_session_and_answers_nobody_may_frame_sniff_or_keep() {
    HttpResponse<String> answer = ask(VIEWER, "GET", "/api/events", null);

    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(answer.headers().map())
        .containsEntry("X-Frame-Options", List.of("DENY"))
        .containsEntry("X-Content-Type-Options", List.of("nosniff"))
        .containsEntry("Cross-Origin-Opener-Policy", List.of("same-origin"))
        .containsEntry("Cross-Origin-Resource-Policy", List.of("same-origin"))
        .containsEntry("Referrer-Policy", List.of("same-origin"));
    assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "frame-ancestors 'none'");
  }

  @Test
  void what_a_page_of_another_site_makes_a_browser_send_is_refused() {
    String path = "/api/targets/nobody/pause";
    String own = Outside.apiRequest(path, "").build().uri().getAuthority();

    for (Map<String, String> other :
        List.of(
            Map.of("Origin", "https://evil.example"),
            Map.of("Origin", "null"),
            Map.of("Sec-Fetch-Site", "cross-site"),
            Map.of("Sec-Fetch-Site", "same-site", "Origin", "http://" + own))) {
      HttpResponse<String> answer = ask(ADMIN, "POST", path, "", other);
      assertThat(answer.statusCode()).as("%s", other).isEqualTo(403);
      assertThat(answer.body()).contains("another site");
    }
    assertThat(ask(ADMIN, "POST", path, "", Map.of("Origin", "http://" + own)).statusCode())
        .isEqualTo(404);
    assertThat(ask(ADMIN, "POST", path, "").statusCode()).isEqualTo(404);
  }

  @Test
  void guessing_is_slowed_down_and_accounted_without_what_was_typed() {
    String typed = "My-Pa55word-typed-as-a-name";
    HttpResponse<String> last = null;
    for (int i = 0; i < 11; i++) {
      last = ask(typed, "GET", "/api/events", null);
    }

    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.headers().firstValue("Retry-After")).isPresent();
    assertThat(ask(VIEWER, "GET", "/api/events", null).statusCode())
        .as("another user from the same address")
        .isEqualTo(200);
    assertThat(
            text(
                "select max(detail) from audit where action = 'login-failed' and detail like '%true%'"))
        .contains("\"closed\":true");
    assertThat(database().queryForList("select t::text from audit t", String.class))
        .noneMatch(line -> line.contains(typed));
  }

  @Test
  void a_failed_login_is_accounted_to_its_user_in_whatever_case_the_name_was_typed() {
    long before = number("select coalesce(max(id), 0) from audit");

    ask(null, "GET", "/api/events", null, Map.of("Authorization", basic("Otto", "wrong")));

    assertThat(text("select actor from audit where action = 'login-failed' and id > ?", before))
        .isEqualTo("otto");
  }

  @Test
  void everything_that_operators_do_is_in_the_audit_with_who_what_how_many_and_from_where() {
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "teleported"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-2", "draft"));
    untilQuiet();
    String id = text("select id from event where entity_key = 'Q-1'");
    long before = number("select coalesce(max(id), 0) from audit");

    ask(OPERATOR, "POST", "/api/targets/salesforce/pause", "");
    ask(OPERATOR, "POST", "/api/targets/salesforce/resume", "");
    ask(OPERATOR, "POST", "/api/replays", "{\"events\":{\"state\":\"unroutable\"}}");
    ask(OPERATOR, "POST", "/api/events/" + id + "/reveal", "{\"reason\":\"ticket 7\"}");
    ask(ADMIN, "POST", "/api/erasures", "{\"accountId\":\"nobody-77\",\"reason\":\"art. 17\"}");
    ask(OPERATOR, "POST", "/api/replays", "{\"events\":{},\"dryRun\":true}");
    ask(OPERATOR, "POST", "/api/targets/nobody/pause", "");

    assertThat(
            database()
                .queryForList(
                    """
                    select actor || ' ' || action || ' ' || coalesce(count::text, '-') || ' '
                           || remote_address
                    from audit where id > ? order by id
                    """,
                    String.class,
                    before))
        .containsExactly(
            "otto pause 1 127.0.0.1",
            "otto resume 1 127.0.0.1",
            "otto replay 1 127.0.0.1",
            "otto reveal 1 127.0.0.1",
            "operator erasure-begun - 127.0.0.1",
            "operator erasure 0 127.0.0.1");
    assertThat(ask(ADMIN, "GET", "/api/audit?action=reveal&limit=1", null).body())
        .contains("\"object\":\"" + id, "ticket 7");
  }

  @Test
  void a_cancelled_replay_is_in_the_audit_and_one_that_was_not_running_is_not() {
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, state, total)
            values ('', 'events', '{}', 'done', 0)
            """);
    long id = number("select max(id) from replay");

    assertThat(ask(OPERATOR, "POST", "/api/replays/" + id + "/cancel", "").statusCode())
        .isEqualTo(409);
    assertThat(number("select count(*) from audit where object = ?", "replay " + id)).isZero();
  }

  @Test
  void the_audit_can_be_added_to_and_nothing_else() {
    ask(OPERATOR, "POST", "/api/targets/nobody/resume", "");
    ask(ADMIN, "POST", "/api/erasures", "{\"accountId\":\"nobody\",\"reason\":\"art. 17\"}");

    for (String change :
        List.of("update audit set actor = 'nobody'", "delete from audit", "truncate audit")) {
      assertThatThrownBy(() -> database().execute(change))
          .isInstanceOf(DataAccessException.class)
          .hasMessageContaining("append-only");
    }
  }

  @Test
  void a_payload_is_shown_masked_and_revealed_for_a_reason() {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    String path = "/api/events/" + text("select id from event");

    HttpResponse<String> masked = ask(ADMIN, "GET", path, null);
    assertThat(masked.body())
        .contains("\"lastName\":\"****\"", "Product_18Cxi", "\"profileId\":\"se-570031\"")
        .doesNotContain("Anderson", "kim@example.com", "Sample Quote", "212-555-1977");

    assertThat(ask(OPERATOR, "POST", path + "/reveal", "{}").statusCode()).isEqualTo(400);
    assertThat(ask(OPERATOR, "POST", path + "/reveal", "{\"reason\":\"ticket 7\"}").body())
        .contains("Anderson", "kim@example.com")
        .doesNotContain("cardCVV");
    assertThat(
            ask(OPERATOR, "POST", "/api/events/nobody/reveal", "{\"reason\":\"x\"}").statusCode())
        .isEqualTo(404);
  }
}
