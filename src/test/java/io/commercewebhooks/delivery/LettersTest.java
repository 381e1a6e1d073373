package io.commercewebhooks.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import freemarker.core.Environment;
import freemarker.template.Template;
import freemarker.template.TemplateHashModelEx;
import freemarker.template.TemplateModel;
import freemarker.template.TemplateModelIterator;
import freemarker.template.TemplateScalarModel;
import io.commercewebhooks.delivery.Letters.Case;
import io.commercewebhooks.delivery.Letters.Letter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;

/** What the mails say, in every language: the shipped mappings and templates on their cases. */
class LettersTest {

  private static final Path TEMPLATES = Path.of("config/templates");
  private static final Path MAPPINGS = Path.of("config/mappings");
  private static final Path ROUTING = Path.of("routes/routing");
  private static final Path EXPECTED = Path.of("src/test/resources/letters");

  /** Elements that load something, or run something. */
  private static final String LOADING =
      "<(img|link|script|iframe|object|form|input)\\b|url\\(|@import";

  /** Gmail shows so many bytes of a mail. */
  private static final int CUT_BY_MAIL_PROGRAMS = 102_000;

  private static final Pattern ADDRESS = Pattern.compile("href=\"([^\"]*)\"");
  private static final Pattern QUOTED = Pattern.compile("'([^']+)'");

  private static Letters letters;

  @BeforeAll
  static void start() {
    letters = Letters.start();
  }

  @AfterAll
  static void stop() {
    letters.close();
  }

  @TestFactory
  Stream<DynamicTest> every_case_becomes_a_mail_that_can_be_read_in_every_language() {
    return everywhere(
        (one, language) -> {
          Letter letter = letters.write(one, language);
          assertThat(letter.subject()).hasSizeLessThanOrEqualTo(118).doesNotContain("\n", "\r");
          for (String part : List.of(letter.subject(), letter.text(), letter.html())) {
            assertThat(part)
                .isNotBlank()
                .doesNotContain("null", "FTL", "freemarker")
                .doesNotContainPattern("[\\x00-\\x09\\x0B-\\x1F\\x7F-\\x9F]")
                .doesNotContainPattern("[\\u200B-\\u200F\\u202A-\\u202F\\u2066-\\u2069]");
            if (!one.name().startsWith("hostile")) {
              assertThat(part).doesNotContain("${", "<#", "[=");
            }
          }
          assertThat(letter.html())
              .contains("</html>", "<html lang=\"" + language + "\"")
              .doesNotContainPattern(LOADING);
        });
  }

  /** A changed text is looked at in target/mails, and copied from there when it is right. */
  @TestFactory
  Stream<DynamicTest> the_text_of_every_mail_is_as_it_was_agreed() {
    return everywhere(
        (one, language) -> {
          Letter letter = letters.write(one, language);
          Path written = Path.of("target/letters", language, one + ".txt");
          Files.createDirectories(written.getParent());
          Files.writeString(written, letter.subject() + "\n\n" + letter.text() + "\n");
          assertThat(written)
              .hasSameTextualContentAs(EXPECTED.resolve(language).resolve(one + ".txt"));
        });
  }

  @TestFactory
  Stream<DynamicTest> the_text_part_says_everything_that_the_html_part_says() {
    return everywhere(
        (one, language) -> {
          Letter letter = letters.write(one, language);
          String text = wordsOf(letter.text());
          String html = letter.html().substring(letter.html().indexOf("<h1"));
          List<String> columns =
              List.of("item", "quantity", "labels.amount").stream()
                  .map(words(language)::get)
                  .toList();
          for (String said : html.split("<[^>]*>")) {
            String words = wordsOf(unescaped(said));
            if (!words.isEmpty() && !columns.contains(words)) {
              assertThat(text).containsIgnoringCase(words);
            }
          }
          assertThat(addresses(letter)).allMatch(letter.text()::contains);
        });
  }

  @Test
  void every_language_has_every_mail_and_every_word() throws Exception {
    for (String language : Letters.languages()) {
      assertThat(files(TEMPLATES.resolve(language))).isEqualTo(files(TEMPLATES.resolve("en")));
      assertThat(words(language).keySet()).as(language).isEqualTo(words("en").keySet());
      assertThat(words(language).values()).as(language).doesNotContain("");
    }
  }

  @Test
  void every_case_is_told_differently_in_every_language() {
    for (Case one : Letters.cases()) {
      Set<String> subjects =
          Letters.languages().stream()
              .map(language -> letters.write(one, language).subject())
              .collect(Collectors.toSet());
      assertThat(subjects).as(one.toString()).hasSameSizeAs(Letters.languages());
    }
  }

  @Test
  void everything_that_a_mapping_names_has_a_label_in_every_language() throws Exception {
    Set<String> labels = new TreeSet<>();
    for (String file : files(MAPPINGS)) {
      if (file.endsWith("-to-email.jslt")) {
        String mapping = Files.readString(MAPPINGS.resolve(file));
        labels.addAll(found("\\{\"(?:name|role)\": \"(\\w+)\"", mapping));
        for (String choice : found("\\{\"name\": (if .*)", mapping)) {
          labels.addAll(found("(?:\\)|else) \"(\\w+)\"", choice));
        }
      }
    }
    assertThat(labels).contains("status", "shippingAddress", "target", "webhook", "cause");
    for (String language : Letters.languages()) {
      assertThat(words(language)).as(language).containsKeys(prefixed("labels.", labels));
    }
  }

  @Test
  void every_status_that_routing_knows_has_its_word_in_every_language() throws Exception {
    Set<String> statuses = new TreeSet<>();
    for (String file : files(ROUTING)) {
      for (String line : Files.readAllLines(ROUTING.resolve(file))) {
        if (line.contains("${variable.status}")) {
          QUOTED
              .matcher(line)
              .results()
              .forEach(quoted -> statuses.addAll(List.of(quoted.group(1).split(","))));
        }
      }
    }
    assertThat(statuses).contains("approved", "failedToSubmit", "PENDING_REFUND");
    for (String language : Letters.languages()) {
      assertThat(words(language)).as(language).containsKeys(prefixed("codes.", statuses));
    }
  }

  @Test
  void every_trouble_that_a_notice_tells_of_has_its_word_in_every_language() throws Exception {
    for (String language : Letters.languages()) {
      Set<String> troubles =
          found(
              "(?m)^  \"([a-z-]+)\": \\{$",
              Files.readString(TEMPLATES.resolve(language).resolve("notice.ftl")));
      assertThat(troubles).contains("dead-letters", "untimely", "unproved");
      assertThat(words(language)).as(language).containsKeys(prefixed("codes.", troubles));
    }
  }

  @Test
  void every_mail_has_a_case_and_those_that_routing_books_one_for_each_audience() throws Exception {
    Set<String> booked = new TreeSet<>();
    for (String file : files(ROUTING)) {
      Matcher booking =
          Pattern.compile("template: (\\S+)\\s+audience: (\\S+)")
              .matcher(Files.readString(ROUTING.resolve(file)));
      while (booking.find()) {
        booked.add(booking.group(1) + " for " + booking.group(2));
      }
    }
    for (NotificationRule rule :
        NotificationsFile.read(Path.of("config/notifications.yaml"), TEMPLATES).rules()) {
      for (String audience : rule.add()) {
        booked.add(
            (rule.template() == null ? "quote-request" : rule.template()) + " for " + audience);
      }
    }
    Set<String> cases = new TreeSet<>();
    Set<String> templates = new TreeSet<>(Set.of("words.ftl"));
    for (Case one : Letters.cases()) {
      cases.add(one.booked("template") + " for " + one.booked("audience"));
      templates.add(one.booked("template") + ".ftl");
    }
    assertThat(booked).isNotEmpty();
    assertThat(cases).containsAll(booked);
    assertThat(templates).containsExactlyElementsOf(files(TEMPLATES.resolve("en")));
  }

  @Test
  void an_exchange_and_a_requote_are_called_so() {
    Case exchange = new Case("return-updated", "exchange");
    assertThat(letters.write(exchange, "en").subject()).contains("exchange");
    assertThat(letters.write(exchange, "de").subject()).contains("Umtausch");
    Case again = new Case("quote-requested", "asked-again");
    assertThat(letters.write(again, "en").text()).contains("asks again", "This is a requote");
    assertThat(letters.write(again, "de").text()).contains("bittet erneut", "ersetzt die frühere");
    Case first = new Case("quote-requested", "seed");
    assertThat(letters.write(first, "en").text()).doesNotContain("again", "requote");
  }

  @Test
  void money_numbers_and_times_are_written_as_the_language_writes_them() {
    Case items = new Case("quote-requested", "configured-items");
    assertThat(letters.write(items, "en").text())
        .contains("USD\u00A018,250.00", "Monday, November 23, 2026 at 2:17\u00A0AM EST");
    assertThat(letters.write(items, "de").text())
        .contains("18.250,00\u00A0USD", "Montag, 23. November 2026 um 08:17 MEZ");

    assertThat(total("1250", "JPY", "en")).isEqualTo("JPY\u00A01,250");
    assertThat(total("0.125", "KWD", "de")).isEqualTo("0,125\u00A0KWD");
    assertThat(total("43.1234", "usd", "en")).isEqualTo("USD\u00A043.1234");
    assertThat(total("1e999", "USD", "en")).isEqualTo("1e999 USD");
    assertThat(total("12.5", "points", "de")).isEqualTo("12,5 points");
    assertThat(total("a lot", null, "en")).isEqualTo("a lot");
  }

  private static String total(String amount, String currency, String language) {
    ObjectNode event = new Case("order-status-changed", "completed-for-sales").event().deepCopy();
    event.putObject("attributes").put("amount", amount).put("currency", currency);
    Matcher written =
        Pattern.compile("(?m)^(?:Amount|Betrag): +(.+)$")
            .matcher(letters.write(event, Letters.KNOWN, language).text());
    assertThat(written.find()).isTrue();
    return written.group(1);
  }

  @Test
  void the_longest_digest_names_each_of_its_events_and_no_mail_program_cuts_it() {
    YamlPropertiesFactoryBean settings = new YamlPropertiesFactoryBean();
    settings.setResources(new FileSystemResource("config/application.yaml"));
    int most = (int) settings.getObject().get("mail.digest-size");
    ObjectNode digest = new Case("digest", "of-a-day").event().deepCopy();
    List<String> subjects =
        IntStream.rangeClosed(1, most)
            .mapToObj(i -> "Quote request of Anna-Lena Example & Sons, Ltd., o-%04d".formatted(i))
            .toList();
    ArrayNode entries = digest.putArray("entries");
    subjects.forEach(
        subject ->
            entries
                .addObject()
                .put("subject", subject)
                .put("occurredAt", "2026-11-23T07:17:00.000Z"));
    for (String language : Letters.languages()) {
      Letter letter = letters.write(digest, Letters.KNOWN, language);

      assertThat(letter.text()).contains(subjects);
      assertThat(unescaped(letter.html())).contains(subjects);
      assertThat(letter.html().getBytes(UTF_8)).hasSizeLessThan(CUT_BY_MAIL_PROGRAMS);
    }
  }

  @Test
  void an_order_of_two_hundred_items_is_told_with_who_asks_and_no_mail_program_cuts_it() {
    ObjectNode request = new Case("quote-requested", "several-addresses").event().deepCopy();
    ArrayNode items =
        ((ObjectNode) request.get("body")).putObject("shoppingCart").putArray("items");
    ObjectNode back = new Case("return-updated", "exchange").event().deepCopy();
    ArrayNode returned = ((ObjectNode) back.at("/body/return")).putArray("returnItemList");
    for (int i = 0; i < 200; i++) {
      ObjectNode item =
          JsonNodeFactory.instance
              .objectNode()
              .put("productDisplayName", "Wireless conference phone with a stand, number " + i)
              .put("catRefId", "SKU-" + i)
              .put("quantity", 12)
              .put("externalPrice", 1249.5)
              .put("actionCode", "add")
              .put("activationDate", "2027-01-01T00:00:00Z")
              .put("deactivationDate", "2029-12-31T23:59:59Z")
              .put("assetId", "asset-10001")
              .put("serviceId", "service-123")
              .put("customerAccountId", "customer-123")
              .put("billingAccountId", "billing-123")
              .put("serviceAccountId", "service-123")
              .put("configuratorId", "configuration-123")
              .put("returnReason", "didNotMeetExpectations")
              .put("state", "AWAITING_RETURN")
              .put("comments", "The box was open when it came.")
              .put("refundAmount", 1249.5);
      item.putArray("externalData")
          .addObject()
          .put("name", "Color")
          .putObject("values")
          .put("value", "grey, with a cord of two meters");
      item.putObject("priceInfo").put("amount", 14994).put("currencyCode", "USD");
      items.add(item);
      returned.add(item.deepCopy().put("quantityToReturn", 12));
    }
    for (String language : Letters.languages()) {
      for (JsonNode event : List.of(request, back)) {
        Letter letter = letters.write(event, Letters.KNOWN, language);

        assertThat(letter.text()).contains("number 39", "160").doesNotContain("number 40");
        assertThat(letter.html().getBytes(UTF_8)).hasSizeLessThan(CUT_BY_MAIL_PROGRAMS);
      }
    }
  }

  @Test
  void outlook_which_writes_with_word_leaves_buttons_their_room_and_notes_their_lines() {
    ObjectNode request = new Case("quote-requested", "asked-again").event().deepCopy();
    ((ObjectNode) request.get("body")).put("note", "two floors\n\nby May");
    String html = letters.write(request, Letters.KNOWN, "en").html();

    assertThat(
            Pattern.compile("<td class=\"(solid|outline)\"[^>]*mso-padding-alt:11px").matcher(html))
        .matches(buttons -> buttons.results().count() == 2, "has two of them");
    assertThat(html)
        .contains("<bdi>two floors</bdi><br><bdi></bdi><br><bdi>by May</bdi>")
        .containsPattern("<!--\\[if mso\\]><style>[^<]*font-family: Segoe UI, Arial");
  }

  @Test
  void a_name_is_written_as_its_owner_writes_it_and_takes_no_number_along() {
    String persian = "\u0639\u0644\u06CC\u200C\u0631\u0636\u0627";
    String nepali = "\u0936\u094D\u200D\u092F\u093E\u092E";
    ObjectNode request = new Case("quote-requested", "seed").event().deepCopy();
    ((ObjectNode) request.get("body"))
        .putObject("profile")
        .put("firstName", persian)
        .put("lastName", nepali + " a\u200Cb");

    Letter letter = letters.write(request, Letters.KNOWN, "de");

    assertThat(letter.subject())
        .isEqualTo("Angebotsanfrage o90419 (43,19) von " + persian + " " + nepali + " a[U+200C]b");
    assertThat(letter.html()).contains("<bdi>" + persian);
  }

  @Test
  void what_is_cut_short_ends_in_no_half_of_a_character() {
    String face = "\uD83D\uDE00";
    String scientist = "\uD83D\uDC69\u200D\uD83D\uDD2C";
    for (int before : List.of(20, 21, 22, 23, 36, 37, 38, 39, 296, 297, 298, 299, 1_998)) {
      ObjectNode request = new Case("quote-requested", "seed").event().deepCopy();
      String name = "A".repeat(before) + face + scientist.repeat(3) + "B".repeat(80);
      ((ObjectNode) request.get("body"))
          .put("note", name)
          .putObject("profile")
          .put("firstName", name)
          .put("lastName", face.repeat(40));

      Letter letter = letters.write(request, Letters.KNOWN, "en");

      for (String part : List.of(letter.subject(), letter.text(), letter.html())) {
        assertThat(part).as("after " + before).contains("…").doesNotContain("[U+", "\uFFFD", "?…");
        assertThat(UTF_8.newEncoder().canEncode(part)).as("after " + before).isTrue();
      }
    }
  }

  @Test
  void a_mail_links_to_where_the_reader_goes_next_and_nowhere_else() {
    Letter action = letters.write(new Case("quote-status-changed", "returned"), "en");
    assertThat(addresses(action))
        .containsExactly(
            "https://zoom.example.com/partner",
            "https://example.my.salesforce.com/lightning/r/a0X5g000001AbCdEAK/view",
            "https://commerce.example.com/api/events/zoom-commerce%3Aquote-status-changed-110");
    Letter good = letters.write(new Case("quote-status-changed", "approved"), "en");
    assertThat(addresses(good)).first().asString().contains("salesforce");
  }

  @Test
  void who_looks_after_the_service_is_led_to_the_trouble_in_the_console() {
    Letter deadLetters = letters.write(new Case("notice", "dead-letters"), "en");
    assertThat(addresses(deadLetters))
        .containsExactly(
            "https://commerce.example.com/console/failures/cause?target=salesforce"
                + "&code=FIELD_CUSTOM_VALIDATION_EXCEPTION");
    Letter silence = letters.write(new Case("notice", "silence"), "de");
    assertThat(addresses(silence)).containsExactly("https://commerce.example.com/console");
  }

  @Test
  void a_link_that_can_not_work_is_not_there() {
    Letter first = letters.write(new Case("quote-requested", "seed"), "en");
    assertThat(addresses(first))
        .as("no record is known yet")
        .noneMatch(a -> a.contains("lightning"));
    Letter gone = letters.write(new Case("notice", "dead-letters-gone"), "en");
    assertThat(addresses(gone)).as("there is nothing to look at").isEmpty();
    try (Letters bare = Letters.withoutLinks()) {
      for (Case one : Letters.cases()) {
        assertThat(addresses(bare.write(one, "en"))).as(one.toString()).isEmpty();
      }
    }
  }

  @Test
  void what_an_address_is_made_of_can_not_change_where_it_leads() {
    ObjectNode event = new Case("quote-status-changed", "approved").event().deepCopy();
    event.put("id", "zoom-commerce:\"><a href=\"https://evil.example/?x={id}&y=#\u202e");
    JsonNode known = Letters.KNOWN.<ObjectNode>deepCopy().put("record", "../evil?x=\" onclick=\"y");
    Letter letter = letters.write(event, known, "en");
    assertThat(addresses(letter))
        .hasSize(3)
        .allMatch(
            address -> address.matches("https://(zoom|commerce|example\\.my)[\\w.]+/[\\w/.%+-]*"));
    assertThat(letter.html()).doesNotContain("<a href=\"https://evil", "onclick=\"y");
  }

  @Test
  void letters_stand_out_from_their_ground_as_wcag_aa_asks_in_every_tone_and_scheme()
      throws IOException {
    String html = Files.readString(TEMPLATES.resolve("html.ftlh"));
    String[][] pairs = {
      {"#14181f", "#ffffff"}, {"#14181f", "#f5f6f8"}, {"#5b6472", "#ffffff"},
      {"#5b6472", "#f3f4f6"}, {"#f1f3f6", "#191c22"}, {"#f1f3f6", "#22262e"},
      {"#a3acb9", "#191c22"}, {"#a3acb9", "#0e1014"}
    };
    for (String[] pair : pairs) {
      assertThat(html).contains(pair);
      assertThat(contrast(pair[0], pair[1])).as(String.join(" on ", pair)).isGreaterThan(4.5);
    }
    Matcher tone =
        Pattern.compile(
                "\"strong\": \"(#\\w+)\", \"soft\": \"(#\\w+)\", \"onStrong\": \"(#\\w+)\","
                    + " \"darkStrong\": \"(#\\w+)\", \"darkSoft\": \"(#\\w+)\", \"darkOnStrong\":"
                    + " \"(#\\w+)\"")
            .matcher(html);
    int tones = 0;
    while (tone.find()) {
      tones++;
      for (int light = 1; light <= 4; light += 3) {
        String strong = tone.group(light);
        String soft = tone.group(light + 1);
        assertThat(contrast(strong, soft)).as(strong + " on " + soft).isGreaterThan(4.5);
        assertThat(contrast(tone.group(light + 2), strong)).as("on " + strong).isGreaterThan(4.5);
        assertThat(contrast(light == 1 ? "#14181f" : "#f1f3f6", soft)).isGreaterThan(7);
      }
    }
    assertThat(tones).isEqualTo(4);
  }

  /** The contrast of two colors by WCAG 2.2, from 1 to 21. */
  private static double contrast(String one, String other) {
    double lighter = Math.max(luminance(one), luminance(other));
    double darker = Math.min(luminance(one), luminance(other));
    return (lighter + 0.05) / (darker + 0.05);
  }

  private static double luminance(String color) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double share = Integer.parseInt(color.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum +=
          weights[i] * (share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  private interface Check {
    void of(Case one, String language) throws Exception;
  }

  private static Stream<DynamicTest> everywhere(Check check) {
    return Letters.languages().stream()
        .flatMap(
            language ->
                Letters.cases().stream()
                    .map(one -> dynamicTest(language + " " + one, () -> check.of(one, language))));
  }

  /** The words of a language by their path, such as {@code labels.order}; functions are named. */
  private static Map<String, String> words(String language) throws Exception {
    Template template =
        new EmailConfiguration()
            .mailTemplates(TEMPLATES.toString())
            .getTemplate(language + "/words.ftl");
    Environment environment = template.createProcessingEnvironment(Map.of(), new StringWriter());
    environment.process();
    Map<String, String> words = new TreeMap<>();
    collect((TemplateHashModelEx) environment.getVariable("words"), "", words);
    return words;
  }

  private static void collect(TemplateHashModelEx hash, String path, Map<String, String> words)
      throws Exception {
    TemplateModelIterator keys = hash.keys().iterator();
    while (keys.hasNext()) {
      String key = ((TemplateScalarModel) keys.next()).getAsString();
      TemplateModel value = hash.get(key);
      if (value instanceof TemplateHashModelEx inner) {
        collect(inner, path + key + ".", words);
      } else {
        words.put(
            path + key,
            value instanceof TemplateScalarModel text ? text.getAsString() : "a function");
      }
    }
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  private static String[] prefixed(String prefix, Set<String> names) {
    return names.stream().map(name -> prefix + name).toArray(String[]::new);
  }

  private static List<String> addresses(Letter letter) {
    return ADDRESS
        .matcher(letter.html())
        .results()
        .map(match -> unescaped(match.group(1)))
        .toList();
  }

  private static String unescaped(String html) {
    return html.replace("&nbsp;", " ")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }

  private static String wordsOf(String text) {
    return text.replaceAll("(?m)^> ", "").replaceAll("[\\s:\\u00A0]+", " ").trim();
  }
}
