package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.TARGET_TABLES;
import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.config.WrittenYaml;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The cases of {@code src/test/resources/cases/<type>/<case>}: a webhook, and for each target what
 * it gets, or its name in {@code none}. With {@code -Dcases.record} what is missing is written, for
 * review.
 */
@FlowTest
class CasesTest {

  private static final Path CASES = Path.of("src/test/resources/cases");

  private static final Map<String, String> EXPECTED =
      Map.of("salesforce", "salesforce.json", "database", "database.json", "mail", "mail.txt");

  private static final Set<String> STATES_OF_RETURNS =
      Set.of(
          "return-updated/INCOMPLETE",
          "return-updated/PENDING_CUSTOMER_ACTION",
          "return-updated/PENDING_REFUND",
          "return-updated/PARTIAL_RETURN",
          "return-updated/FULL_RETURN",
          "return-updated/COMPLETE");

  private static final List<String> OBJECTS =
      WrittenYaml.read(Path.of("config/application.yaml"))
          .entries()
          .get("salesforce")
          .entries()
          .get("objects")
          .entries()
          .values()
          .stream()
          .map(object -> object.entries().get("name").text())
          .distinct()
          .toList();

  /** What is given out anew by a Salesforce in each run. */
  private static final Set<String> OURS =
      Set.of("Id", "CaseNumber", "CreatedDate", "LastModifiedDate", "CloseDate");

  private static final Pattern NUMBER = Pattern.compile("\"Z[A-Z]+-\\d{6}\"");

  private static final Pattern MOMENT =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:?\\d\\d)");

  /** As a mail says it; Oracle doesn't say when something happened, so it is when it came. */
  private static final Pattern MOMENT_IN_WORDS =
      Pattern.compile("[A-Z][a-z]+day, [A-Z][a-z]+ \\d+, \\d{4} at \\d+:\\d\\d.[AP]M \\S+");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  static List<String> cases() throws IOException {
    try (Stream<Path> files = Files.walk(CASES)) {
      return files
          .filter(file -> file.endsWith("webhook.json"))
          .map(file -> CASES.relativize(file.getParent()).toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void every_target_gets_what_its_case_says(String name) throws IOException {
    Path folder = CASES.resolve(name);
    String webhook = Files.readString(folder.resolve("webhook.json"));
    Instant start = Instant.now().minusSeconds(60);
    HttpResponse<String> answer = send(name, webhook);
    untilQuiet();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(isByOracle(name) ? "" : webhook);
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();

    Map<String, String> got = new TreeMap<>();
    got.put("salesforce", withoutNow(salesforceGot(), start));
    got.put("database", withoutNow(databaseGot(), start));
    String mails = mailGot();
    got.put("mail", isByOracle(name) ? MOMENT_IN_WORDS.matcher(mails).replaceAll("(now)") : mails);
    String none =
        Files.exists(folder.resolve("none")) ? Files.readString(folder.resolve("none")) : "";
    if (System.getProperty("cases.record") != null) {
      none = record(folder, got, none);
    }
    for (Map.Entry<String, String> target : got.entrySet()) {
      Path expected = folder.resolve(EXPECTED.get(target.getKey()));
      if (none.lines().toList().contains(target.getKey())) {
        assertThat(target.getValue()).as("%s gets nothing", target.getKey()).isEmpty();
      } else {
        assertThat(expected)
            .as("%s; ./mvnw test -Dtest=CasesTest -Dcases.record writes it for review", expected)
            .exists();
        assertThat(target.getValue()).as(expected.toString()).isEqualTo(Files.readString(expected));
      }
    }
  }

  @Test
  void every_documented_status_has_its_case() throws IOException {
    Set<String> statuses = new TreeSet<>(STATES_OF_RETURNS);
    Webhooks.file("zoom-commerce/who-hears.csv")
        .lines()
        .skip(1)
        .map(line -> line.substring(0, line.lastIndexOf(',')).replace(',', '/'))
        .forEach(statuses::add);
    for (String name : cases()) {
      String webhook = Files.readString(CASES.resolve(name).resolve("webhook.json"));
      String type = name.substring(0, name.indexOf('/'));
      statuses.removeIf(
          status ->
              status.startsWith(type + "/")
                  && webhook.contains(
                      "\"%s\"".formatted(status.substring(status.indexOf('/') + 1))));
    }

    assertThat(statuses).as("in src/test/resources/cases").isEmpty();
  }

  @Test
  void a_recorded_event_becomes_a_case_without_persons_and_cards() throws IOException {
    ObjectNode request = Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    request.put("reference", "4111 1111 1111 1111");
    sender().quoteRequest(request.toString());
    untilQuiet();

    HttpResponse<String> answer =
        api("/api/events/" + text("select id from event") + "/case", "{}");
    JsonNode made = JSON.readTree(answer.body());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(made.path("folder").asText())
        .startsWith("src/test/resources/cases/quote-requested/requested-");
    assertThat(JSON.readTree(made.at("/files/webhook.json").asText()).path("id").asText())
        .isEqualTo("o90419");
    assertThat(answer.body())
        .contains("****")
        .doesNotContain("Anderson", "kim@example.com", "212-555-1977", "4111 1111");
    assertThat(api("/api/events/nobody/case", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void no_sender_leads_a_case_out_of_the_folder_of_cases() throws IOException {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "../draft"));
    webhook.put("event", "../../../made\r\nup");
    sender().zoomCommerce(webhook.toString());
    untilQuiet();

    String made = api("/api/events/" + text("select id from event") + "/case", "{}").body();

    assertThat(JSON.readTree(made).path("folder").asText())
        .matches("src/test/resources/cases/-made-up/-draft-\\d+");
  }

  private static String record(Path folder, Map<String, String> got, String none)
      throws IOException {
    List<String> nothing = new ArrayList<>(none.lines().toList());
    for (Map.Entry<String, String> target : got.entrySet()) {
      Path expected = folder.resolve(EXPECTED.get(target.getKey()));
      if (Files.exists(expected) || nothing.contains(target.getKey())) {
        continue;
      }
      if (target.getValue().isEmpty()) {
        nothing.add(target.getKey());
        Files.writeString(folder.resolve("none"), String.join("\n", nothing) + "\n");
      } else {
        Files.writeString(expected, target.getValue());
      }
    }
    return String.join("\n", nothing);
  }

  private static HttpResponse<String> send(String name, String webhook) {
    return switch (name.substring(0, name.indexOf('/'))) {
      case "quote-requested" -> sender().quoteRequest(webhook);
      case "return-updated" -> sender().returnUpdate(webhook);
      default -> sender().zoomCommerce(webhook);
    };
  }

  private static String salesforceGot() throws JsonProcessingException {
    Map<String, Object> records = new LinkedHashMap<>();
    for (String object : OBJECTS) {
      List<Map<String, Object>> sent =
          salesforce().records(object).stream()
              .map(
                  record -> {
                    Map<String, Object> kept = new TreeMap<>(record);
                    kept.keySet().removeAll(OURS);
                    return kept;
                  })
              .collect(Collectors.toList());
      if (!sent.isEmpty()) {
        records.put(object, sent);
      }
    }
    return records.isEmpty() ? "" : json(records);
  }

  private static String databaseGot() throws IOException {
    Map<String, Object> rows = new LinkedHashMap<>();
    for (String table : TARGET_TABLES) {
      List<Object> found = new ArrayList<>();
      for (String row : rows(table)) {
        found.add(JSON.readValue(row, Map.class));
      }
      if (!found.isEmpty()) {
        rows.put(table, found);
      }
    }
    return rows.isEmpty() ? "" : json(rows);
  }

  /** The rows of a table as JSON, with times in UTC wherever this runs. */
  private static List<String> rows(String table) {
    return database()
        .execute(
            (ConnectionCallback<List<String>>)
                connection -> {
                  JdbcTemplate utc =
                      new JdbcTemplate(new SingleConnectionDataSource(connection, true));
                  utc.execute("set time zone 'UTC'");
                  return utc.queryForList(
                      """
                      select (to_jsonb(t) - array['id', 'event_sequence', 'received_at', 'updated_at',
                              'recorded_at'])::text
                      from %s t order by t::text
                      """
                          .formatted(table),
                      String.class);
                });
  }

  private static String json(Object value) throws JsonProcessingException {
    return NUMBER.matcher(JSON.writeValueAsString(value)).replaceAll("\"(a number)\"") + "\n";
  }

  private static String mailGot() {
    return mailbox().received().stream()
        .sorted((a, b) -> a.recipients().toString().compareTo(b.recipients().toString()))
        .map(CasesTest::words)
        .collect(Collectors.joining("\n"));
  }

  /** Moments of this run, which the next one would have otherwise. */
  private static String withoutNow(String text, Instant start) {
    return MOMENT
        .matcher(text)
        .replaceAll(
            moment -> {
              String iso = moment.group().replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2");
              boolean now = OffsetDateTime.parse(iso).toInstant().isAfter(start);
              return now ? "(now)" : moment.group();
            });
  }

  /**
   * Who was told what. The link to the record is left out: it is there when Salesforce was faster.
   */
  private static String words(MailboxMail mail) {
    String text =
        mail.text()
            .lines()
            .map(String::stripTrailing)
            .filter(line -> !line.contains("://"))
            .collect(Collectors.joining("\n"));
    return "To: %s\nSubject: %s\n\n%s\n"
        .formatted(
            String.join(", ", mail.recipients()),
            mail.subject(),
            text.replaceAll("\n{3,}", "\n\n"));
  }

  private static boolean isByOracle(String name) {
    return name.startsWith("quote-requested/") || name.startsWith("return-updated/");
  }
}
