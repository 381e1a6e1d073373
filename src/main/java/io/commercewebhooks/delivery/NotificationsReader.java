package io.commercewebhooks.delivery;

import io.commercewebhooks.config.WrittenYaml;
import io.commercewebhooks.delivery.NotificationRule.Condition;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;

/**
 * Reads what {@code config/notifications.yaml} says, and complains of the first thing that can't be
 * meant.
 *
 * @param templates the folder of words, one folder in it for each language
 */
record NotificationsReader(Path templates) {

  /** What an audience may get whatever routing says. */
  private static final List<String> LETTERS_TO_ALL = List.of("digest");

  private static final List<String> LETTERS_TO_OPERATORS =
      List.of("digest", "notice", "daily-summary");

  /** From Monday on. */
  private static final List<String> DAYS =
      Stream.of(DayOfWeek.values())
          .map(day -> day.getDisplayName(TextStyle.FULL, Locale.ENGLISH))
          .toList();

  private static final String FORM_OF_TIME = "[0-2][0-9]:[0-5][0-9]";

  NotificationsFile read(WrittenYaml root) {
    WrittenYaml all = need(root, root.entries(List.of("notifications")), "notifications");
    Map<String, WrittenYaml> parts =
        all.entries(List.of("audiences", "rules", "burst", "told-each-time", "daily-summary"));
    WrittenYaml named = need(all, parts, "audiences");
    Map<String, Audience> audiences = new LinkedHashMap<>();
    named.entries().forEach((name, audience) -> audiences.put(name, audience(name, audience)));
    if (!audiences.containsKey(NotificationsFile.OPERATORS)) {
      throw named.wrong("there is no audience 'operators', who run this service; write it");
    }
    List<NotificationRule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (WrittenYaml rule :
        parts.containsKey("rules") ? parts.get("rules").items() : List.<WrittenYaml>of()) {
      NotificationRule read = rule(rule, audiences);
      if (!names.add(read.name())) {
        throw rule.wrong("a second rule '%s'; write another name", read.name());
      }
      rules.add(read);
    }
    return new NotificationsFile(
        audiences,
        rules,
        burst(need(all, parts, "burst")),
        parts.containsKey("told-each-time") ? types(parts.get("told-each-time")) : List.of(),
        time(need(all, parts, "daily-summary")));
  }

  private static Optional<NotificationsFile.Burst> burst(WrittenYaml written) {
    if (written.says("none")) {
      return Optional.empty();
    }
    Map<String, WrittenYaml> parts = written.entries(List.of("mails", "within"));
    return Optional.of(
        new NotificationsFile.Burst(
            count(need(written, parts, "mails")), duration(need(written, parts, "within"))));
  }

  private Audience audience(String name, WrittenYaml written) {
    if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      throw written.wrong(
          "an audience can't be called '%s'; write small letters, digits and dashes", name);
    }
    Map<String, WrittenYaml> parts =
        written.entries(List.of("to", "language", "time-zone", "send", "quiet"));
    WrittenYaml to = need(written, parts, "to");
    to.items().forEach(NotificationsReader::checkAddresses);
    WrittenYaml language = need(written, parts, "language");
    for (String letter :
        name.equals(NotificationsFile.OPERATORS) ? LETTERS_TO_OPERATORS : LETTERS_TO_ALL) {
      if (!Files.exists(words(language(language), letter))) {
        throw language.wrong("there is no mail %s; write it first", words(language.text(), letter));
      }
    }
    return new Audience(
        name,
        some(to),
        language(language),
        zone(need(written, parts, "time-zone")),
        parts.containsKey("send")
            ? sent(parts.get("send"))
            : new Audience.Sent(Audience.Often.IMMEDIATELY, null),
        parts.containsKey("quiet")
            ? quiet(parts.get("quiet"))
            : new Audience.Quiet(null, Set.of()));
  }

  private static void checkAddresses(WrittenYaml written) {
    for (String address : written.texts()) {
      if (!address.matches("\\p{ASCII}*")) {
        // Jakarta Mail would leave out half of each such letter, and write to somebody else
        throw written.wrong(
            "'%s' has letters that not every mail server takes; write its domain as xn--…",
            address);
      }
      try {
        InternetAddress[] parsed = InternetAddress.parse(address, true);
        if (parsed.length == 1
            && !parsed[0].isGroup()
            && address.equals(parsed[0].getAddress())
            && address.matches(".+@.+")) {
          continue;
        }
      } catch (AddressException e) {
        // said below
      }
      throw written.wrong("'%s' is no address; write it like sales@example.com", address);
    }
  }

  private String language(WrittenYaml written) {
    String language = written.text();
    List<String> languages = languages();
    if (!languages.contains(language)) {
      throw written.wrong(
          "there are no words in '%s'; write one of %s, or save %s/%s/words.ftl first",
          language, String.join(", ", languages), templates, language);
    }
    return language;
  }

  private List<String> languages() {
    try (Stream<Path> folders = Files.list(templates)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("words.ftl")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ZoneId zone(WrittenYaml written) {
    String zone = written.text();
    if (!ZoneId.getAvailableZoneIds().contains(zone)) {
      throw written.wrong(
          "there is no time zone '%s'; write a name of the IANA list, like Europe/Berlin", zone);
    }
    return ZoneId.of(zone);
  }

  private static Audience.Sent sent(WrittenYaml written) {
    String sent = written.text();
    if (sent.equals("immediately")) {
      return new Audience.Sent(Audience.Often.IMMEDIATELY, null);
    }
    if (sent.equals("hourly")) {
      return new Audience.Sent(Audience.Often.HOURLY, null);
    }
    if (sent.matches("daily at " + FORM_OF_TIME)) {
      return new Audience.Sent(Audience.Often.DAILY, time(written, sent.substring(9)));
    }
    throw written.wrong(
        "'%s' is no way to send; write immediately, hourly or daily at 08:00", sent);
  }

  private static Audience.Quiet quiet(WrittenYaml written) {
    Audience.Hours hours = null;
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String part : some(written)) {
      if (DAYS.contains(part)) {
        days.add(DayOfWeek.of(DAYS.indexOf(part) + 1));
        continue;
      }
      Audience.Hours read = hours(written, part);
      if (hours != null) {
        throw written.wrong("'%s' is a second time of day; write one", part);
      }
      hours = read;
    }
    if (days.size() == DAYS.size()) {
      throw written.wrong("no day is left for a mail; write six at most");
    }
    return new Audience.Quiet(hours, days);
  }

  private static Audience.Hours hours(WrittenYaml written, String words) {
    String[] times = words.split("\\s*-\\s*");
    if (times.length == 2 && Arrays.stream(times).allMatch(time -> time.matches(FORM_OF_TIME))) {
      Audience.Hours hours = new Audience.Hours(time(written, times[0]), time(written, times[1]));
      if (!hours.from().equals(hours.until())) {
        return hours;
      }
    }
    throw written.wrong(
        "'%s' is no time of day and no day; write it like 20:00-07:00, Saturday, Sunday", words);
  }

  private static LocalTime time(WrittenYaml written) {
    return time(written, written.text());
  }

  private static LocalTime time(WrittenYaml written, String time) {
    try {
      return LocalTime.parse(time);
    } catch (DateTimeParseException e) {
      throw written.wrong("'%s' is no time of day; write it like 08:00", time);
    }
  }

  private static Duration duration(WrittenYaml written) {
    // without its unit it would be so many milliseconds
    if (written.text().matches("[1-9][0-9]{0,4}[smhd]")) {
      return DurationStyle.SIMPLE.parse(written.text());
    }
    throw written.wrong("'%s' is no length of time; write it like 15m", written.text());
  }

  /** An empty list would fit nothing, and nobody would notice. */
  private static List<String> some(WrittenYaml written) {
    List<String> texts = written.texts();
    if (texts.isEmpty()) {
      throw written.wrong("there is nothing in this list; write one");
    }
    return texts;
  }

  private static int count(WrittenYaml written) {
    if (!written.text().matches("[1-9][0-9]{0,8}")) {
      throw written.wrong("'%s' is no count; write a whole number like 20", written.text());
    }
    return Integer.parseInt(written.text());
  }

  private static BigDecimal number(WrittenYaml written) {
    if (written.text().matches("[0-9]{1,3}(\\.[0-9]{3})+")) {
      throw written.wrong(
          "'%s' may be meant as thousands; write the number like 10000", written.text());
    }
    try {
      return new BigDecimal(written.text());
    } catch (NumberFormatException e) {
      throw written.wrong("'%s' is no number; write it like 10000", written.text());
    }
  }

  private NotificationRule rule(WrittenYaml written, Map<String, Audience> audiences) {
    Map<String, WrittenYaml> parts =
        written.entries(List.of("name", "when", "add", "replace", "drop", "template"));
    WrittenYaml when = need(written, parts, "when");
    List<String> conditions =
        Stream.concat(
                Arrays.stream(Condition.values()).map(NotificationsReader::word),
                Stream.of("amount-over"))
            .toList();
    Map<Condition, List<String>> wanted = new EnumMap<>(Condition.class);
    BigDecimal amountOver = null;
    for (Map.Entry<String, WrittenYaml> entry : when.entries(conditions).entrySet()) {
      if (entry.getKey().equals("amount-over")) {
        amountOver = number(entry.getValue());
      } else {
        Condition condition = Condition.valueOf(entry.getKey().toUpperCase(Locale.ROOT));
        wanted.put(condition, some(entry.getValue()));
        if (condition == Condition.TYPE) {
          types(entry.getValue());
        }
      }
    }
    Function<String, List<String>> named =
        part -> parts.containsKey(part) ? named(parts.get(part), audiences) : List.of();
    NotificationRule rule =
        new NotificationRule(
            need(written, parts, "name").text(),
            wanted,
            amountOver,
            named.apply("add"),
            named.apply("replace"),
            named.apply("drop"),
            parts.containsKey("template") ? parts.get("template").text() : null);
    check(rule, written, parts.get("template"), audiences);
    return rule;
  }

  private void check(
      NotificationRule rule,
      WrittenYaml written,
      WrittenYaml template,
      Map<String, Audience> audiences) {
    if (rule.add().isEmpty() && rule.replace().isEmpty() && rule.drop().isEmpty()) {
      throw written.wrong("the rule changes nothing; write add, replace or drop");
    }
    if (!rule.replace().isEmpty() && !(rule.add().isEmpty() && rule.drop().isEmpty())) {
      throw written.wrong("replace leaves nobody to add or drop; write all of them there");
    }
    if (template != null) {
      for (String name : concat(rule.add(), rule.replace())) {
        Path words = words(audiences.get(name).language(), rule.template());
        if (!Files.exists(words)) {
          throw template.wrong("there is no mail %s; write the name of one", words);
        }
      }
    }
  }

  private Path words(String language, String template) {
    return templates.resolve(language).resolve(template + ".ftl");
  }

  private static List<String> concat(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  private static List<String> named(WrittenYaml written, Map<String, Audience> audiences) {
    return known(written, "audience", audiences.keySet());
  }

  /** The types that can be told at all are those that have a letter. */
  private List<String> types(WrittenYaml written) {
    String ending = "-to-email.jslt";
    try (Stream<Path> files = Files.list(templates.resolveSibling("mappings"))) {
      Set<String> types =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(ending))
              .map(name -> name.substring(0, name.length() - ending.length()))
              .collect(Collectors.toSet());
      return known(written, "type", types);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> known(WrittenYaml written, String what, Collection<String> possible) {
    for (WrittenYaml item : written.items()) {
      for (String name : item.texts()) {
        if (!possible.contains(name)) {
          throw item.wrong(
              "there is no %s '%s'; write one of %s",
              what, name, possible.stream().sorted().collect(Collectors.joining(", ")));
        }
      }
    }
    return written.texts();
  }

  private static String word(Condition condition) {
    return condition.name().toLowerCase(Locale.ROOT);
  }

  private static WrittenYaml need(WrittenYaml place, Map<String, WrittenYaml> parts, String name) {
    if (!parts.containsKey(name)) {
      throw place.wrong("'%s' is missing here; write it", name);
    }
    return parts.get(name);
  }
}
