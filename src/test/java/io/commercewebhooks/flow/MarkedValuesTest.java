package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.everyTable;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.intake.RedactionSettings;
import io.commercewebhooks.ledger.PersonalDataSettings;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Every field that the redaction names and every field about a person carries a value that exists
 * nowhere else. Then everything that the service wrote anywhere is searched for them: card data
 * must be nowhere, personal data only in payloads and where targets are told of it.
 */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class MarkedValuesTest {

  /** Where payloads lie, and what the database target is told. */
  private static final Set<String> MAY_NAME_PERSONS =
      Set.of("public.event", "public.quote_request");

  private static final String ORDER = "o-marked";
  private static final long LARGEST_FILE = 50_000_000;

  @Autowired private RedactionSettings redaction;
  @Autowired private PersonalDataSettings personalData;
  @Autowired private Notices notices;
  @Autowired private CamelContext camel;

  private final String run = letters(8);
  private final String card = card();
  private final String otherCard = card();
  private final String pin = digits(9);
  private final List<String> secrets = new ArrayList<>(List.of(card, otherCard, pin));
  private final List<String> persons = new ArrayList<>();
  private final Instant start = Instant.now();
  private String email;

  private static String letters(int count) {
    return random(count, 'g', 'z');
  }

  private static String digits(int count) {
    return "9" + random(count - 1, '0', '9');
  }

  private static String random(int count, char from, char to) {
    StringBuilder text = new StringBuilder();
    ThreadLocalRandom.current().ints(count, from, to + 1).forEach(c -> text.append((char) c));
    return text.toString();
  }

  /** A card number with its check digit. */
  private static String card() {
    String digits = "4" + random(14, '0', '9');
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      sum += i % 2 == 1 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
    }
    return digits + (10 - sum % 10) % 10;
  }

  private static String spaced(String number) {
    return number.replaceAll("(\\d{4})(?=\\d)", "$1 ");
  }

  @BeforeEach
  void mark() {
    secrets.add(spaced(card));
    secrets.add(spaced(otherCard));
    email = "pd" + run + "@example.com";
    persons.add(email);
  }

  @AfterEach
  void mend() {
    database().execute("drop trigger if exists marked on quote_request");
    database().execute("drop function if exists marked()");
  }

  private String secret(String field) {
    String value = "mk" + run + field.toLowerCase(Locale.ROOT);
    secrets.add(value);
    return value;
  }

  private String person(String field) {
    String value = "pd" + run + " " + field.toLowerCase(Locale.ROOT);
    persons.add(value);
    return value;
  }

  /** Every field of config/redaction.yaml, as it is and spelt otherwise, deep and as text. */
  private ArrayNode payments() {
    ArrayNode payments = JsonNodeFactory.instance.arrayNode();
    ObjectNode marked = payments.addObject();
    Stream.of(redaction.drop(), redaction.lastFour(), redaction.mask())
        .flatMap(List::stream)
        .forEach(
            field -> {
              marked.put(field, secret(field));
              marked.put(field.toUpperCase(Locale.ROOT) + "_", secret(field + "upper"));
            });
    marked.put("cardNumber", card);
    marked.put("giftCardPin", Long.parseLong(pin));
    marked.put("amount", "43.19");
    payments.addObject().put("reference", Long.parseLong(otherCard)).put(card, "as a name");
    payments.addObject().putArray("deep").addArray().addObject().set("deeper", marked.deepCopy());
    payments.addObject().put("raw", marked.deepCopy().put("note", otherCard).toString());
    return payments;
  }

  private ObjectNode quoteRequest() {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-configured.json"));
    request.put("id", ORDER);
    request.set("payments", payments());
    ObjectNode address = request.withObjectProperty("billingAddress");
    for (String field : personalData.mask()) {
      if (!redaction.mask().contains(field) && !field.equals("email")) {
        address.put(field, person(field));
      }
    }
    address.put("email", email).put("custom", "or write to " + email);
    request.put(
        "note", person("note of the request") + ", pay by " + spaced(card) + " or " + otherCard);
    return request;
  }

  @Test
  void nothing_marked_is_anywhere_it_must_not_be_however_targets_fail(CapturedOutput output)
      throws IOException {
    ObjectNode request = quoteRequest();
    String echo =
        "paid by " + card + " or " + spaced(otherCard) + ", " + String.join(", ", persons);
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no: " + echo);
    mailbox().refuseNextContents(20, "550 5.7.1 refused: " + email + " " + card);
    database()
        .execute(
            """
            create function marked() returns trigger language plpgsql as $$
            begin raise exception 'not %% of %% with %s', new.shopper_name, new.shopper_email; end $$
            """
                .formatted(card));
    database()
        .execute(
            "create trigger marked before insert on quote_request for each row execute function marked()");

    assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(200);
    refused(request);
    untilQuiet();
    mailbox().acceptAgain();
    notices.look();

    assertThat(number("select count(*) from delivery where state = 'dead'"))
        .as("Salesforce, the database and two mails")
        .isEqualTo(4);
    assertThat(text("select body from event")).contains(email);
    assertThat(text("select cause from delivery where target = 'salesforce'"))
        .startsWith("no: paid by ************")
        .contains(", ****, ****, ");
    assertThat(Outside.subjectsTo("operators@example.com")).hasSizeGreaterThanOrEqualTo(3);
    searchEverything(output);

    mend();
    salesforce().recover();
    Outside.replay("{\"deliveries\":{}}");

    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
    assertThat(row("quote_request", ORDER)).containsEntry("shopper_email", email);
    assertThat(salesforce().writes().toString()).contains(email);
    assertThat(mailbox().received().toString()).contains(email);
    searchEverything(output);
  }

  /** The same at the door: unsigned, malformed, of another kind, and while the ledger is away. */
  private void refused(ObjectNode request) {
    String body = request.toString();
    sender().send(WebhookSender.REQUEST_QUOTE, WebhookSender.json(), body);
    sender().quoteRequest(body + card);
    sender().quoteRequest("[" + body + "]");
    sender().returnUpdate(body.replace("\"id\"", "\"another\""));
    sender().zoomCommerce(body);
    Map<String, String> headers = new LinkedHashMap<>(WebhookSender.json());
    headers.put("To", email);
    headers.put("X-Card-Number", card);
    sender().send(WebhookSender.RETURN + "?cardNumber=" + card + "&To=" + email, headers, body);
    database().execute("alter table event rename column mapping to gone");
    try {
      assertThat(sender().quoteRequest(body.replace(ORDER, "o-later")).statusCode()).isEqualTo(503);
    } finally {
      database().execute("alter table event rename column gone to mapping");
    }
    assertThat(number("select count(*) from rejected_webhook")).isGreaterThanOrEqualTo(4);
  }

  private void searchEverything(CapturedOutput output) throws IOException {
    everyTable()
        .forEach(
            (table, rows) -> {
              nothingOf(secrets, table, rows);
              if (!MAY_NAME_PERSONS.contains(table)) {
                nothingOf(persons, table, rows);
              }
            });
    nothingOf(secrets, "what Salesforce was sent", salesforce().writes().toString());
    for (MailboxMail mail : mailbox().received()) {
      nothingOf(secrets, "a mail", mail.toString());
      if (mail.toString().contains("operators@example.com")) {
        nothingOf(persons, "a mail to operators", mail.toString());
      }
    }
    everyAnswer()
        .forEach(
            (path, answer) -> {
              nothingOf(secrets, path, answer);
              nothingOf(persons, path, answer);
            });
    for (String id : database().queryForList("select id from event", String.class)) {
      HttpResponse<String> revealed =
          api(
              "/api/events/" + id + "/reveal",
              "{\"reason\":\"for " + email + " and " + card + "\"}");
      assertThat(revealed.statusCode()).isEqualTo(200);
      nothingOf(secrets, "what is revealed", revealed.body());
    }
    nothingOf(secrets, "the audit", everyTable().get("public.audit"));
    nothingOf(persons, "the audit", everyTable().get("public.audit"));
    nothingOf(secrets, "the log", output.getAll());
    nothingOf(persons, "the log", output.getAll());
    temporaryFiles()
        .forEach(
            (file, content) -> {
              nothingOf(secrets, file, content);
              nothingOf(persons, file, content);
            });
  }

  private static Map<String, String> everyAnswer() {
    Map<String, String> answers = new LinkedHashMap<>();
    List<String> paths =
        new ArrayList<>(
            List.of(
                "/api/events",
                "/api/deliveries",
                "/api/targets",
                "/api/rejected",
                "/api/causes",
                "/api/replays",
                "/api/erasures",
                "/api/audit?limit=500",
                "/actuator/health",
                "/actuator/info",
                "/actuator/metrics"));
    for (String id : database().queryForList("select id from event", String.class)) {
      paths.add("/api/events/" + id);
    }
    for (JsonNode name : Webhooks.object(Outside.api("/actuator/metrics").body()).path("names")) {
      paths.add("/actuator/metrics/" + name.asText());
    }
    for (String path : paths) {
      HttpResponse<String> answer = Outside.api(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      answers.put(path, answer.body());
    }
    return answers;
  }

  /** What was written since the start into files that a service may leave behind. */
  private Map<String, String> temporaryFiles() throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    Files.walkFileTree(
        Path.of(System.getProperty("java.io.tmpdir")),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            // the server of the ledger, whose tables are searched by themselves; and work trees
            return Files.exists(folder.resolve("PG_VERSION"))
                    || Files.exists(folder.resolve(".git"))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()
                && attributes.size() < LARGEST_FILE
                && attributes.lastModifiedTime().toInstant().isAfter(start)) {
              try {
                files.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
              } catch (IOException | UncheckedIOException | OutOfMemoryError e) {
                return FileVisitResult.CONTINUE;
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static void nothingOf(List<String> values, String place, String content) {
    for (String value : values) {
      assertThat(content.contains(value)).as("%s holds %s", place, value).isFalse();
    }
  }

  @Test
  void memory_is_never_written_to_a_file_nor_bodies_to_a_spool() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

    assertThat(machine.getVMOption("HeapDumpOnOutOfMemoryError").getValue()).isEqualTo("false");
    assertThat(camel.getStreamCachingStrategy().isSpoolEnabled()).isFalse();
    for (String endpoint : List.of("heapdump", "env", "configprops", "threaddump", "loggers")) {
      assertThat(api("/actuator/" + endpoint).statusCode()).as(endpoint).isEqualTo(404);
    }
  }
}
