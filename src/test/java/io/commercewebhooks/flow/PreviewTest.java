package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

@FlowTest
class PreviewTest {

  private static final String ORDERS = "routes/routing/order-status-changed.camel.yaml";
  private static final String QUOTE_REQUEST = "oracle-commerce/quote-request-seed.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Autowired private CamelContext live;

  /** Copies of files that another service on this machine has made, or left when it was killed. */
  private List<Path> ofOthers;

  @BeforeEach
  void lookAtTheCopiesOfOthers() {
    ofOthers = copies();
  }

  @Test
  void a_pasted_webhook_shows_its_path_and_all_that_targets_would_get() {
    JsonNode answer = preview(pasted("order-status-changed", order("O-1", "completed")));

    JsonNode result = answer.at("/results/0");
    assertThat(result.path("outcome").asText()).isEqualTo("routed");
    assertThat(result.path("entity").asText()).isEqualTo("O-1");
    assertThat(result.at("/salesforce/0/method").asText()).isEqualTo("PATCH");
    assertThat(result.at("/salesforce/0/path").asText())
        .endsWith("/composite/sobjects/Zoom_Order__c/Zoom_Order_Id__c");
    assertThat(result.at("/salesforce/0/body/records/0/Status__c").asText()).isEqualTo("completed");
    assertThat(result.at("/database/0/rows/0/key").asText()).isEqualTo("O-1");
    assertThat(result.at("/database/0/sql").asText()).contains("insert into commerce_order");
    assertThat(result.path("mails"))
        .extracting(mail -> mail.path("to").asText())
        .containsExactly("sales@example.com", "finance@example.com");
    assertThat(result.at("/mails/0/subject").asText()).contains("O-1");
    assertThat(result.at("/mails/0/text").asText()).contains("O-1");
    assertThat(result.at("/mails/0/html").asText()).contains("<html", "O-1");
    assertThat(result.path("path"))
        .extracting(step -> step.path("route").asText())
        .contains(
            "intake-zoom-commerce",
            "routing-order-status-changed",
            "delivery-salesforce",
            "delivery-database",
            "delivery-email-send");
    assertThat(steps(result, "routing-order-status-changed"))
        .startsWith("when ${variable.status} == 'completed'")
        .anyMatch(step -> step.contains("deliveries:email") && step.contains("finance"))
        .endsWith("to deliveries:database");
  }

  @Test
  void what_nobody_would_hear_of_says_why() {
    JsonNode quiet = preview(pasted("order-status-changed", order("O-1", "draft")));
    JsonNode unknown = preview(pasted("order-status-changed", order("O-1", "teleported")));
    JsonNode nameless = preview(pasted("order-status-changed", order("", "completed")));

    assertThat(quiet.at("/results/0/mails").isMissingNode()).isTrue();
    assertThat(steps(quiet.at("/results/0"), "routing-order-status-changed"))
        .startsWith("when ${variable.status} in 'draft,submitted'");
    assertThat(unknown.at("/results/0/outcome").asText()).isEqualTo("unroutable");
    assertThat(unknown.at("/results/0/why").asText()).contains("teleported");
    assertThat(nameless.at("/results/0/outcome").asText()).isEqualTo("unroutable");
    assertThat(nameless.at("/results/0/why").asText()).isEqualTo("names no order");
  }

  @Test
  void a_payload_that_is_not_what_it_is_said_to_be_says_so() {
    JsonNode answer = preview(pasted("quote-status-changed", order("O-1", "completed")));

    assertThat(answer.at("/results/0/outcome").asText()).isEqualTo("refused");
    assertThat(answer.at("/results/0/why").asText()).contains("quote-status-changed");
  }

  @Test
  void a_quote_request_and_a_return_are_created_and_card_data_is_gone() {
    ObjectNode request = Webhooks.object(Webhooks.file(QUOTE_REQUEST));
    request.put("note", "card 4111 1111 1111 1111 please");

    JsonNode quote = preview(pasted("quote-requested", request.toString())).at("/results/0");
    JsonNode back =
        preview(pasted("return-updated", Webhooks.file("oracle-commerce/return-incomplete.json")))
            .at("/results/0");

    assertThat(quote.at("/salesforce/0/path").asText()).contains("SELECT");
    assertThat(quote.at("/salesforce/1/body/records/0/StageName").asText()).isNotEmpty();
    assertThat(quote.toString()).doesNotContain("4111 1111").contains("1111");
    assertThat(back.at("/database/0/rows/0/key").asText()).isEqualTo("100002");
    assertThat(back.at("/mails/0/to").asText()).isEqualTo("customer-service@example.com");
  }

  @Test
  void a_changed_status_rule_is_compared_over_two_hundred_events_and_changes_nothing_outside() {
    List<String> statuses = List.of("completed", "draft", "failed", "submitted");
    IntStream.range(0, 200)
        .forEach(
            n ->
                sender()
                    .zoomCommerce(
                        Webhooks.zoomCommerce(
                            "order-status-changed", "O-" + n, statuses.get(n % 4))));
    untilQuiet();
    Map<String, Long> rows = rows();
    List<String> routes = routes();
    long calls = salesforce().calls();
    int mails = mailbox().received().size();

    JsonNode answer =
        preview(
            request(
                Map.of(
                    ORDERS,
                    read(ORDERS)
                        .replace("== 'failed'\"", "in 'failed,submitted'\"")
                        .replace("'draft,submitted'", "'draft'")),
                "\"recorded\":{\"type\":\"order-status-changed\",\"last\":200}"));

    assertThat(answer.path("events").asInt()).isEqualTo(200);
    assertThat(answer.path("different").asInt()).isEqualTo(50);
    assertThat(answer.at("/differentWhere").path("mails[sales-operations]").asInt()).isEqualTo(50);
    for (JsonNode result : answer.path("results")) {
      JsonNode mail = difference(result, "mails[sales-operations]");
      assertThat(mail == null).isEqualTo(!result.path("status").asText().equals("submitted"));
      if (mail != null) {
        assertThat(mail.path("live").isNull()).isTrue();
        assertThat(mail.at("/preview/to").asText()).isEqualTo("sales-operations@example.com");
        assertThat(mail.at("/preview/subject").asText()).contains(result.path("entity").asText());
      }
    }
    assertThat(rows()).isEqualTo(rows);
    assertThat(routes()).isEqualTo(routes);
    assertThat(salesforce().calls()).isEqualTo(calls);
    assertThat(mailbox().received()).hasSize(mails);
    assertThat(copies()).isEqualTo(ofOthers);
  }

  @Test
  void a_changed_word_is_a_difference_of_one_line() {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "completed"));
    untilQuiet();
    String template = "config/templates/en/order-completed.ftl";

    JsonNode answer =
        preview(
            request(
                Map.of(
                    template, read(template).replaceFirst("subject = \"", "subject = \"Hurrah: ")),
                "\"recorded\":{\"type\":\"order-status-changed\"}"));

    JsonNode subject = difference(answer.at("/results/0"), "mails[sales].subject");
    assertThat(subject.path("preview").asText())
        .isEqualTo("Hurrah: " + subject.path("live").asText());
  }

  @Test
  void persons_in_recorded_events_are_masked() {
    sender().quoteRequest(Webhooks.file(QUOTE_REQUEST));
    untilQuiet();

    String answer = preview("{\"recorded\":{\"type\":\"quote-requested\",\"last\":1}}").toString();

    assertThat(answer)
        .contains("o90419", "****")
        .doesNotContain("Anderson", "kim@example.com", "Sample Quote", "212-555-1977");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "routes/routing/x.camel.yaml|- route: [|1|",
        "routes/routing/x.camel.yaml|- route:\\n    id: x\\n    from:\\n      uri: direct:x\\n"
            + "      steps:\\n        - tooo:\\n            uri: direct:x|6|",
        "routes/routing/x.camel.yaml|- route:\\n    id: x\\n    routeConfigurationId: no-policy\\n"
            + "    from:\\n      uri: direct:x\\n      steps: []|3|no-policy",
        "routes/routing/x.camel.yaml|- route:\\n    id: x\\n    from:\\n      uri: direct:x\\n"
            + "      steps:\\n        - to:\\n            uri: direct:nowhere|7|nowhere",
        "routes/routing/x.camel.yaml|- route:\\n    id: x\\n    from:\\n      uri: direct:x\\n"
            + "      steps:\\n        - bean:\\n            ref: ledger|2|ledger",
        "config/mappings/order-status-changed-to-database.jslt|[for (.)\\n  { \"key\" .key }]|2|",
        "config/templates/en/order-completed.ftl|<#assign\\n subject = >|2|",
        "config/notifications.yaml|notifications:\\n  audience: {}|2|write one of",
        "config/application.yaml|x: y||config/mappings",
        "routes/../config/x.camel.yaml|- route:||config/mappings"
      })
  void a_broken_set_names_file_and_line_and_what_to_write(
      String file, String text, Integer line, String says) {
    HttpResponse<String> answer =
        api(
            "/api/previews",
            request(
                Map.of(file, text.replace("\\n", "\n")),
                "\"payload\":{\"type\":\"order-status-changed\",\"body\":{}}"));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    JsonNode problem = tree(answer.body());
    assertThat(problem.path("file").asText()).isEqualTo(file);
    assertThat(problem.path("line").asText("")).isEqualTo(line == null ? "" : "" + line);
    assertThat(problem.path("detail").asText())
        .doesNotContain("preview-")
        .contains(says == null ? "" : says);
    assertThat(copies()).isEqualTo(ofOthers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"order-status-changed", "entity-so-far", "of-nobody"})
  void a_second_statement_behind_the_first_is_refused_and_not_carried_out(String name) {
    String file = "config/sql/%s.sql".formatted(name);

    HttpResponse<String> answer =
        as(
            "otto",
            request(
                Map.of(file, "select true as success; create table made_by_a_preview as select 1"),
                "\"payload\":{\"type\":\"order-status-changed\",\"body\":{}}"));

    assertThat(database().queryForObject("select to_regclass('made_by_a_preview')", String.class))
        .isNull();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(tree(answer.body()).path("file").asText()).isEqualTo(file);
    assertThat(tree(answer.body()).path("detail").asText()).contains("more than one statement");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<#assign subject = \"freemarker.template.utility.Execute\"?new()(\"id\")>",
        "<#assign subject = body?api.class>",
        "<#assign subject><#include \"/../application.yaml\"></#assign>",
        "<#assign subject = camelContext.name>"
      })
  void a_mail_text_that_is_tried_out_reaches_no_class_and_no_other_file(String reaching) {
    String file = "config/templates/en/order-completed.ftl";

    String answer =
        as(
                "otto",
                request(
                    Map.of(file, read(file) + reaching),
                    "\"payload\":{\"type\":\"order-status-changed\",\"body\":%s}"
                        .formatted(order("O-1", "completed"))))
            .body();

    assertThat(answer).containsAnyOf("not allowed", "api_builtin_enabled", "is missing", "nobody");
    assertThat(answer).doesNotContain("uid=", "class java", "spring:");
  }

  @Test
  void what_becomes_of_an_event_whose_route_is_deleted_is_shown() {
    Map<String, String> deleted = new HashMap<>();
    deleted.put(ORDERS, null);

    JsonNode answer =
        preview(
            request(
                deleted,
                "\"payload\":{\"type\":\"order-status-changed\",\"body\":%s}"
                    .formatted(order("O-1", "completed"))));

    assertThat(answer.at("/results/0/outcome").asText()).isEqualTo("unroutable");
    assertThat(answer.at("/results/0/why").asText())
        .isEqualTo("no route knows the type order-status-changed");
    assertThat(difference(answer.at("/results/0"), "outcome").path("live").asText())
        .isEqualTo("routed");
  }

  @Test
  void a_text_with_half_of_a_character_is_refused_as_what_no_file_holds() {
    HttpResponse<String> answer =
        api(
            "/api/previews",
            "{\"files\":{\"config/templates/en/order-completed.ftl\":\"\\ud83d\"},"
                + "\"payload\":{\"type\":\"order-status-changed\",\"body\":{}}}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(tree(answer.body()).path("file").asText())
        .isEqualTo("config/templates/en/order-completed.ftl");
    assertThat(tree(answer.body()).path("detail").asText()).contains("half of a character");
  }

  @Test
  void a_comment_behind_a_statement_is_no_second_one() {
    String file = "config/sql/order-status-changed.sql";

    HttpResponse<String> answer =
        as(
            "otto",
            request(
                Map.of(file, read(file).strip() + ";\n-- 'it' ends; here\n/* as\nsaid; */\n"),
                "\"payload\":{\"type\":\"order-status-changed\",\"body\":{}}"));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"def f(x) f($x)\n{\"subject\": f(1)}", "deep"})
  void what_would_never_end_is_called_so(String mapping) {
    String text = mapping.replace("deep", "(".repeat(50_000));

    HttpResponse<String> answer =
        api(
            "/api/previews",
            request(
                Map.of("config/mappings/order-status-changed-to-email.jslt", text),
                "\"payload\":{\"type\":\"order-status-changed\",\"body\":%s}"
                    .formatted(order("O-1", "completed"))));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(tree(answer.body()).path("detail").asText()).contains("without end");
    assertThat(copies()).isEqualTo(ofOthers);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|400|say one of",
        "[]|400|could not be read",
        "null|400|say what",
        "{\"payload\":{\"type\":\"order-status-changed\"}}|400|body",
        "{\"fixture\":\"../../secrets/x\"}|400|there is no case",
        "{\"recorded\":{\"type\":\"order-status-changed\",\"last\":201}}|400|1 to 200",
        "{\"recorded\":{\"last\":1}}|400|type"
      })
  void what_is_not_said_well_is_told(String request, int status, String says) {
    HttpResponse<String> answer = api("/api/previews", request);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(says);
  }

  @Test
  void what_is_too_large_is_refused() {
    assertThat(api("/api/previews", "\"" + "x".repeat(4_000_000) + "\"").statusCode())
        .isEqualTo(413);
  }

  @Test
  void only_an_admin_has_changed_routes_run() {
    String request =
        request(Map.of(ORDERS, read(ORDERS)), "\"recorded\":{\"type\":\"order-status-changed\"}");

    assertThat(as("otto", request).statusCode()).isEqualTo(403);
    assertThat(as("operator", request).statusCode()).isEqualTo(200);
  }

  @Test
  void two_at_a_time_are_tried_out_and_a_third_is_told_to_come_back() {
    String request = pasted("order-status-changed", order("O-1", "draft"));
    Supplier<HttpResponse<String>> ask = () -> api("/api/previews", request);
    List<CompletableFuture<HttpResponse<String>>> asked =
        Stream.generate(() -> CompletableFuture.supplyAsync(ask)).limit(8).toList();

    List<HttpResponse<String>> answers = asked.stream().map(CompletableFuture::join).toList();

    assertThat(answers).extracting(HttpResponse::statusCode).contains(200).containsOnly(200, 429);
    assertThat(answers.stream().filter(answer -> answer.statusCode() == 429))
        .allMatch(answer -> answer.headers().firstValue("Retry-After").isPresent());
  }

  private static HttpResponse<String> as(String user, String request) {
    String login = java.util.Base64.getEncoder().encodeToString((user + ":" + user).getBytes());
    return sender()
        .send(
            Outside.apiRequest("/api/previews", "")
                .setHeader("Authorization", "Basic " + login)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request))
                .build());
  }

  private static JsonNode preview(String request) {
    HttpResponse<String> answer = api("/api/previews", request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return tree(answer.body());
  }

  private static String order(String key, String status) {
    return Webhooks.zoomCommerce("order-status-changed", key, status);
  }

  private static String pasted(String type, String body) {
    return "{\"payload\":{\"type\":\"%s\",\"body\":%s}}".formatted(type, body);
  }

  private static String request(Map<String, String> files, String rest) {
    try {
      return "{\"files\":%s,%s}".formatted(JSON.writeValueAsString(files), rest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> steps(JsonNode result, String route) {
    List<String> steps = new ArrayList<>();
    for (JsonNode part : result.path("path")) {
      if (part.path("route").asText().equals(route)) {
        part.path("steps").forEach(step -> steps.add(step.asText()));
      }
    }
    return steps;
  }

  private static JsonNode difference(JsonNode result, String where) {
    for (JsonNode difference : result.path("differences")) {
      if (difference.path("where").asText().equals(where)) {
        return difference;
      }
    }
    return null;
  }

  private static Map<String, Long> rows() {
    Map<String, Long> rows = new TreeMap<>();
    database()
        .queryForList(
            // the locks of tasks by the clock come with their first run
            "select tablename from pg_tables where schemaname = 'public' and tablename <>"
                + " 'shedlock'",
            String.class)
        .forEach(
            table ->
                rows.put(
                    table, database().queryForObject("select count(*) from " + table, Long.class)));
    return rows;
  }

  private List<String> routes() {
    return live.getRoutes().stream()
        .map(Route::getRouteId)
        .map(id -> id + " " + live.getRouteController().getRouteStatus(id))
        .toList();
  }

  private static List<Path> copies() {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().matches("preview-\\d+"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
