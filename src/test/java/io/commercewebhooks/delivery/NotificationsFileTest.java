package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.FileSystemUtils;

/** A mistake in config/notifications.yaml is named with its line and what to write instead. */
class NotificationsFileTest {

  private static final Path SHIPPED = Path.of("config/notifications.yaml");
  private static final Path TEMPLATES = Path.of("config/templates");

  @TempDir private Path folder;

  private NotificationsFile read(String text) throws IOException {
    return NotificationsFile.read(
        Files.writeString(folder.resolve("notifications.yaml"), text), TEMPLATES);
  }

  @Test
  void the_shipped_file_has_none() {
    NotificationsFile shipped = NotificationsFile.read(SHIPPED, TEMPLATES);

    assertThat(shipped.audiences()).containsKeys("sales", "operators");
    assertThat(shipped.audiences().values()).allSatisfy(a -> assertThat(a.to()).isNotEmpty());
  }

  @Test
  void a_quiet_time_has_hours_of_each_day_and_whole_days() throws IOException {
    String quiet = "language: en\n      quiet: 20:00-07:00, Saturday, Sunday";

    assertThat(
            read(Files.readString(SHIPPED).replaceFirst("language: en", quiet))
                .audiences()
                .get("sales")
                .quiet())
        .isEqualTo(
            new Audience.Quiet(
                new Audience.Hours(LocalTime.of(20, 0), LocalTime.of(7, 0)),
                Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY)));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "to: finance@example.com | to: finance | 'finance' is no address; write it like",
        "to: finance@example.com | to: [finance@example.com, 'x y'] | 'x y' is no address",
        "to: finance@example.com | to: Finance <finance@example.com> | is no address",
        "to: finance@example.com | to: 'finance:finance@example.com;' | is no address",
        "to: finance@example.com | to: fin\u0161nce@example.com | has letters that not every mail server takes",
        "to: finance@example.com | too: finance@example.com | nobody knows 'too' here; write one of to, language",
        "to: finance@example.com | language: de | 'language' is written twice; keep one",
        "to: finance@example.com | send: hourly | 'to' is missing here; write it",
        "to: finance@example.com | to: | there is nothing",
        "time-zone: UTC | time-zone: Mars/Olympus | no time zone 'Mars/Olympus'; write a name of the IANA list",
        "language: en | language: tlh | there are no words in 'tlh'; write one of",
        "time-zone: UTC | time-zone: UTC\\n      send: weekly | write immediately, hourly or daily at 08:00",
        "time-zone: UTC | time-zone: UTC\\n      send: daily at 25:00 | '25:00' is no time of day; write it like 08:00",
        "time-zone: UTC | time-zone: UTC\\n      quiet: at night | 'at night' is no time of day and no day; write it like 20:00-07:00, Saturday, Sunday",
        "time-zone: UTC | time-zone: UTC\\n      quiet: 20:00-07:00, Sat | 'Sat' is no time of day and no day",
        "time-zone: UTC | time-zone: UTC\\n      quiet: 20:00-07:00, 12:00-13:00 | '12:00-13:00' is a second time of day; write one",
        "time-zone: UTC | time-zone: UTC\\n      quiet: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday] | no day is left",
        "finance-management: | Finance Management: | can't be called 'Finance Management'; write small letters",
        "operators: | administrators: | no audience 'operators'",
        "add: sales-management | add: sales-managers | no audience 'sales-managers'; write one of",
        "add: sales-management | ad: sales-management | nobody knows 'ad' here; write one of name, when, add",
        "add: sales-management | template: quote-request | changes nothing; write add, replace or drop",
        "add: sales-management | replace: sales-management\\n      drop: sales | replace leaves nobody to add or drop",
        "type: quote-requested | type: quote-demanded | no type 'quote-demanded'; write one of",
        "type: quote-requested | weekday: Monday | nobody knows 'weekday' here; write one of type, status",
        "amount-over: 10000 | amount-over: 10.000,00 EUR | is no number; write it like 10000",
        "template: return-refund-due | template: return-refund | there is no mail",
        "name: large refunds are for finance management too | name: large quote requests are for sales management too | a second rule",
        "mails: 20 | mails: few | 'few' is no count; write a whole number like 20",
        "mails: 20 | mails: -1 | '-1' is no count",
        "mails: 20 | mails: 0.5 | '0.5' is no count",
        "amount-over: 10000 | amount-over: 10.000 | '10.000' may be meant as thousands; write the number like 10000",
        "type: quote-requested | type: [] | there is nothing in this list; write one",
        "type: quote-requested | status: [] | there is nothing in this list",
        "to: finance@example.com | to: [] | there is nothing in this list",
        "to: finance@example.com | to: ',' | there is nothing in this list",
        "burst:\\n    mails: 20\\n    within: 15m | burst: never | no list of 'name: value' here",
        "within: 15m | within: 15 | '15' is no length of time; write it like 15m",
        "within: 15m | within: a while | 'a while' is no length of time; write it like 15m",
        "told-each-time: quote-requested | told-each-time: quotes | no type 'quotes'",
        "daily-summary: \"07:00\" | daily-summary: in the morning | is no time of day",
      })
  void a_mistake_is_named_with_its_line(String right, String wrong, String words)
      throws IOException {
    String text = Files.readString(SHIPPED);
    String there = right.replace("\\n", "\n");
    assertThat(text).contains(there);
    String mistaken =
        text.replaceFirst("\\Q" + there + "\\E", wrong.replace("\\n", "\n").replace("$", "\\$"));

    assertThatThrownBy(() -> read(mistaken))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining(words)
        .hasMessageMatching(".*notifications\\.yaml, line \\d+, column \\d+: .*");
  }

  @Test
  void the_line_is_the_one_of_the_mistake() throws IOException {
    String text = Files.readString(SHIPPED).replace("time-zone: UTC", "time-zone: Nowhere");
    int line = 1 + Arrays.asList(text.split("\n")).indexOf("      time-zone: Nowhere");

    assertThatThrownBy(() -> read(text)).hasMessageContaining("line " + line + ",");
  }

  @Test
  void what_is_not_yaml_is_named_with_its_line() {
    assertThatThrownBy(() -> read("notifications: [\n  audiences"))
        .hasMessageMatching(".*notifications\\.yaml, line \\d+, column \\d+: .*");
    assertThatThrownBy(() -> read("")).hasMessageContaining("is empty");
  }

  @ParameterizedTest
  @CsvSource({
    "finance, digest",
    "operators, digest",
    "operators, notice",
    "operators, daily-summary"
  })
  void a_language_without_a_mail_that_the_audience_may_get_is_named(String audience, String letter)
      throws IOException {
    Path templates = folder.resolve("templates");
    FileSystemUtils.copyRecursively(TEMPLATES, templates);
    FileSystemUtils.copyRecursively(TEMPLATES.resolve("en"), templates.resolve("fr"));
    Files.delete(templates.resolve("fr").resolve(letter + ".ftl"));
    Path file = folder.resolve("notifications.yaml");
    Files.writeString(
        file,
        Files.readString(SHIPPED)
            .replaceFirst("(?s)(    " + audience + ":.*?language: )en", "$1fr"));

    assertThatThrownBy(() -> NotificationsFile.read(file, templates))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("fr/" + letter + ".ftl; write it first")
        .hasMessageMatching(".*notifications\\.yaml, line \\d+, column \\d+: .*");
  }
}
