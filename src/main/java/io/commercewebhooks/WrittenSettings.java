package io.commercewebhooks;

import static java.util.Map.entry;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Holds what is written as settings against {@code config/application.yaml} as it was shipped,
 * which has all names and shows how a value looks: what nobody reads changes nothing, and a time
 * without its unit is a thousandth of what was meant.
 */
public final class WrittenSettings {

  private static final Map<String, WrittenYaml> SHIPPED = shipped();

  /** Whoever reads these sections knows more settings than are shipped. */
  private static final Set<String> OF_OTHERS =
      Set.of("spring", "server", "management", "camel", "logging");

  /** What is said for a name of somebody's choice, and the setting that it looks like. */
  private static final Map<Pattern, String> LIKE =
      Stream.of(
              "ledger\\.clocks\\.[^.]+\\.(.*) ledger.retry.$1",
              "ledger\\.targets\\.[^.]+\\.(.*) ledger.$1",
              "retention\\.types\\.[^.]+\\.(payload|account) retention.$1",
              "intake\\.signed\\.[^.]+\\.(secrets|timestamp-tolerance) intake.zoom-commerce.$1",
              "intake\\.signed\\.[^.]+\\.(algorithm|code|prefix|text) intake.zoom-commerce.secrets",
              "(retention\\.types|intake\\.signed) $1",
              "mail\\.links\\.(?!salesforce|console)[^.]+ mail.links.operators",
              "[^.]+\\.objects\\.[^.]+\\.(.*) salesforce.objects.order-status-changed.$1",
              "console\\.oidc\\.roles\\.(viewer|operator|admin) console.oidc.roles.$1",
              "database\\.pool\\.(?!data-source-)(.*) spring.datasource.hikari.$1",
              "(.*\\.data-source-properties)\\..* $1.ApplicationName")
          .map(line -> line.split(" "))
          .collect(Collectors.toMap(like -> Pattern.compile(like[0]), like -> like[1]));

  /** Where nothing at all has a meaning; else it would be the end of what is set. */
  private static final Pattern MAY_BE_NONE =
      Pattern.compile(
          "retention\\.(payload|account|rejected|audit|database-history|pause)"
              + "|ledger\\.(gather|gather-from|notices\\.silent-for)"
              + "|protection\\.renew-(after|pause)|mail\\.per-minute|tracing\\.sampled"
              + "|(management\\.)?server\\.port");

  /** What others take no more of, and numbers of bytes that are still numbers. */
  private static final Map<String, String> MOST =
      Map.ofEntries(
          entry("server.port", "65535"),
          entry("management.server.port", "65535"),
          entry("mail.port", "65535"),
          entry("salesforce.batch-size", "200"),
          entry("salesforce.budget.live-only-above", "100"),
          entry("salesforce.budget.hold-above", "100"),
          entry("ledger.circuit.failure-rate", "100"),
          entry("intake.max-body", "1024MB"),
          entry("intake.max-in-flight-size", "2047MB"),
          entry("intake.max-at-work-size", "2047MB"),
          entry("tracing.sampled", "1"));

  /** Of each pair the first is not more than the second. */
  private static final Map<String, String> UP_TO =
      Map.of(
          "intake.max-body", "intake.max-in-flight-size",
          "ledger.routing.initial-delay", "ledger.routing.max-delay",
          "ledger.retry.initial-delay", "ledger.retry.max-delay",
          "ledger.hold.try-after", "ledger.hold.try-at-least-each",
          "salesforce.sign-in.first-pause", "salesforce.sign-in.longest-pause",
          "database.workers", "database.pool.maximum-pool-size",
          "spring.task.execution.pool.core-size", "spring.task.execution.pool.max-size",
          "salesforce.budget.live-only-above", "salesforce.budget.hold-above",
          "camel.component.salesforce.http-request-timeout",
              "camel.component.salesforce.http-client-idle-timeout");

  /** How a text looks of which nobody would else notice before a webhook or a mail what it is. */
  private static final Map<String, Looks> LOOKS =
      Map.ofEntries(
          entry("intake.zoom-commerce.path", Looks.PATH),
          entry("intake.oracle-commerce.request-quote-path", Looks.PATH),
          entry("intake.oracle-commerce.return-path", Looks.PATH),
          entry("camel.component.salesforce.login-url", Looks.ORG),
          entry("camel.component.salesforce.api-version", Looks.RELEASE),
          entry("salesforce.objects.order-status-changed.name", Looks.API_NAME),
          entry("salesforce.objects.order-status-changed.external-id", Looks.API_NAME),
          entry("mail.links.console", Looks.EVENTS_PAGE),
          entry("mail.links.operators", Looks.ADDRESS),
          entry("mail.host", Looks.HOST),
          entry("mail.ehlo", Looks.HOST),
          entry("mail.message-id-domain", Looks.DOMAIN),
          entry("console.oidc.issuer", Looks.ISSUER),
          entry("tracing.endpoint", Looks.COLLECTOR),
          entry("tracing.headers", Looks.HEADERS),
          entry("server.forward-headers-strategy", Looks.STRATEGY),
          entry("server.tomcat.remoteip.internal-proxies", Looks.PROXIES));

  private static final String CLOCK = "ledger.retry.";

  private static final Pattern REFERENCED = Pattern.compile("\\$\\{([\\w.-]+)");
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([\\w.-]+)(?::(.*))?}");

  private WrittenSettings() {}

  private enum Kind {
    COUNT("-?[0-9]+", "0|[1-9][0-9]{0,8}", "whole number"),
    TIME("[0-9]+(ms|[smhd])", "[0-9]{1,9}ms|[0-9]{1,5}[smhd]", "time with its unit"),
    SIZE("[0-9]+(KB|MB)", "[0-9]{1,6}(B|KB|MB|GB)", "size with its unit"),
    NUMBER("[0-9]+\\.[0-9]+", "[0-9]{1,9}(\\.[0-9]{1,9})?", "number"),
    SWITCH("true|false", "(?i)true|false|on|off|yes|no", "true or false"),
    TEXT("(?s).*", "(?s).*", "text");

    private final Pattern shipped;
    private final Pattern fits;
    private final String words;

    Kind(String shipped, String fits, String words) {
      this.shipped = Pattern.compile(shipped);
      this.fits = Pattern.compile(fits);
      this.words = words;
    }

    static Kind of(String shipped) {
      return Stream.of(values())
          .filter(kind -> kind.shipped.matcher(shipped).matches())
          .findFirst()
          .orElse(TEXT);
    }

    /** How much a text says that fits; a text or a switch is never nothing. */
    double amount(String text) {
      return switch (this) {
        case TIME -> DurationStyle.SIMPLE.parse(text).toMillis();
        case SIZE -> DataSize.parse(text).toBytes();
        case COUNT, NUMBER -> Double.parseDouble(text);
        default -> 1;
      };
    }
  }

  private enum Looks {
    PATH("/?[\\w.~-]+(/[\\w.~-]+)*", "/webhooks/zoom-commerce"),
    ORG("https?://[^/@?#\"'\\s]+", "https://example.my.salesforce.com"),
    RELEASE("(6[2-9]|[7-9][0-9]|[1-9][0-9]{2})\\.0", "62.0"),
    API_NAME("\\w+", "Zoom_Order__c"),
    EVENTS_PAGE("(https?://\\S+\\{id}\\S*)?", "https://commerce.example.com/console/events/{id}"),
    ADDRESS("(https?://[^/@\\s]+(/\\S*)?)?", "https://commerce.example.com/console"),
    COLLECTOR("(https?://[^/@\\s]+(/\\S*)?)?", "http://collector:4318"),
    HOST("\\S*", "smtp.example.com"),
    DOMAIN("[\\w-]+(\\.[\\w-]+)*", "commerce.example.com"),
    ISSUER("((?!.*/\\.well-known/)https?://\\S+)?", "https://login.example.com"),
    HEADERS("([^=,]+=[^=,]*(=*)(,|$))*", "api-key=value,another=value"),
    STRATEGY("(?i)none|native|framework", "native"),
    PROXIES("[^/,\\s]*", "10\\.0\\.0\\.[0-9]+");

    private final Pattern fits;
    private final String example;

    Looks(String fits, String example) {
      this.fits = Pattern.compile(fits);
      this.example = example;
    }
  }

  private static Map<String, WrittenYaml> shipped() {
    try (InputStream text = WrittenSettings.class.getResourceAsStream("application.yaml")) {
      return WrittenYaml.of(
              Path.of("config/application.yaml"),
              new String(text.readAllBytes(), StandardCharsets.UTF_8))
          .settings();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Looks at the files of settings.
   *
   * @param folder that holds config
   * @param routes the folder of routes, which may read settings of their own
   * @throws CannotStartException with the place of what nobody knows or what can't be, or with what
   *     is missing
   */
  public static void checkAll(Path folder, Path routes) {
    filesIn(folder.resolve("config")).forEach(file -> check(file, routes));
  }

  private static void check(Path file, Path routes) {
    Map<String, WrittenYaml> written = WrittenYaml.read(file).settings();
    List<String> unknown = written.keySet().stream().filter(name -> !isKnown(name)).toList();
    if (!unknown.isEmpty()) {
      // routes are read only now: that takes a while, and a start is waited for
      Set<String> read = new HashSet<>(WrittenRoutes.in(routes).settings());
      written.values().forEach(value -> addReferences(value, read));
      for (String name : unknown) {
        if (!read.contains(name)) {
          throw written
              .get(name)
              .wrong(
                  "nobody knows the setting %s%s",
                  name, NearestWord.insteadOrNothing(name, SHIPPED.keySet()));
        }
      }
    }
    written.forEach((name, value) -> checkClock(name, value, written.keySet()));
    Map<String, String> said = new HashMap<>();
    written.forEach((name, value) -> said.put(name, value.said()));
    said.values().removeIf(text -> text.contains("${"));
    firstWrong(said)
        .ifPresent(
            wrong -> {
              throw written.get(wrong.name).wrong("%s %s", wrong.name, wrong.what);
            });
    if (file.endsWith("application.yaml")) {
      checkAllThere(file, written.keySet());
    }
  }

  /** A clock of its own is said whole. */
  private static void checkClock(String name, WrittenYaml value, Set<String> written) {
    String like = chosen(name).orElse("");
    if (!like.startsWith(CLOCK)) {
      return;
    }
    for (String part : SHIPPED.keySet()) {
      if (part.startsWith(CLOCK) && !written.contains(beside(name, like, part))) {
        throw value.wrong("%s is missing beside it; write it", beside(name, like, part));
      }
    }
  }

  private static void checkAllThere(Path file, Set<String> written) {
    String missing =
        SHIPPED.keySet().stream()
            .filter(name -> !isOfOthers(name) && chosen(name).isEmpty() && !written.contains(name))
            .map(name -> name + ": " + SHIPPED.get(name).said())
            .collect(joining(", "));
    if (!missing.isEmpty()) {
      throw new CannotStartException(
          "%s, line 1, column 1: what is missing has no default; write it, as shipped %s"
              .formatted(file, missing));
    }
  }

  /**
   * Looks at what is in force, which variables may have said.
   *
   * @throws CannotStartException with the name of what can't be, and never its value
   */
  static void check(Environment environment) {
    Map<String, String> said = new HashMap<>();
    SHIPPED.forEach(
        (name, shipped) -> {
          boolean isLookedAt = LOOKS.containsKey(name) || Kind.of(plain(shipped)) != Kind.TEXT;
          String value = isLookedAt ? environment.getProperty(name) : null;
          if (value != null) {
            said.put(name, value);
          }
        });
    firstWrong(said)
        .ifPresent(
            wrong -> {
              Matcher variable = REFERENCE.matcher(SHIPPED.get(wrong.name).said());
              throw new CannotStartException(
                  "%s (%s) %s"
                      .formatted(
                          variable.matches() ? variable.group(1) : asVariable(wrong.name),
                          wrong.name,
                          wrong.what));
            });
  }

  private static String asVariable(String name) {
    return name.replace(".", "_").replace("-", "").toUpperCase(Locale.ROOT);
  }

  /** The variables that could say a setting; Spring takes them with dashes as underscores too. */
  static Set<String> asVariables() {
    return SHIPPED.keySet().stream()
        .flatMap(name -> Stream.of(asVariable(name), asVariable(name.replace("-", "."))))
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** What the files of settings in a folder refer to: variables, secrets and other settings. */
  static Set<String> references(Path config) {
    Set<String> references = new HashSet<>();
    SHIPPED.values().forEach(value -> addReferences(value, references));
    filesIn(config)
        .forEach(
            file ->
                WrittenYaml.read(file)
                    .settings()
                    .values()
                    .forEach(value -> addReferences(value, references)));
    return references;
  }

  private static void addReferences(WrittenYaml value, Set<String> references) {
    value.items().stream()
        .flatMap(item -> REFERENCED.matcher(item.said()).results())
        .forEach(found -> references.add(found.group(1)));
  }

  private static List<Path> filesIn(Path config) {
    try (Stream<Path> files = Files.list(config)) {
      return files
          .filter(file -> file.getFileName().toString().matches("application(-.*)?\\.ya?ml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Wrong(String name, String what) {}

  private static Optional<Wrong> firstWrong(Map<String, String> said) {
    return said.keySet().stream()
        .sorted()
        .flatMap(name -> wrong(name, said).map(what -> new Wrong(name, what)).stream())
        .findFirst();
  }

  private static Optional<String> wrong(String name, Map<String, String> said) {
    String like = chosen(name).orElse(name);
    if (!SHIPPED.containsKey(like)) {
      return Optional.empty();
    }
    String shipped = plain(SHIPPED.get(like));
    Kind kind = Kind.of(shipped);
    String text = said.get(name);
    Looks looks = LOOKS.get(like);
    if (looks != null && !looks.fits.matcher(text).matches()) {
      return Optional.of("is not written like " + looks.example);
    }
    if (looks == Looks.PATH) {
      Optional<String> taken = taken(name, said);
      if (taken.isPresent()) {
        return taken;
      }
    }
    if (!text.equals(shipped)) {
      if (!kind.fits.matcher(text).matches()) {
        return Optional.of("is no %s; write it like %s".formatted(kind.words, shipped));
      }
      if (kind.amount(text) == 0 && !MAY_BE_NONE.matcher(like).matches()) {
        return Optional.of("can't be 0; write it like " + shipped);
      }
    }
    String most = MOST.get(like);
    if (most != null && kind.amount(text) > kind.amount(most)) {
      return Optional.of("is %s at most; write less".formatted(most));
    }
    String other = UP_TO.get(like);
    String bound = other == null ? null : said.get(beside(name, like, other));
    return bound != null
            && kind.fits.matcher(bound).matches()
            && kind.amount(text) > kind.amount(bound)
        ? Optional.of("is more than %s, which is %s; write less".formatted(other, bound))
        : Optional.empty();
  }

  private static Optional<String> taken(String path, Map<String, String> said) {
    return said.keySet().stream()
        .filter(other -> LOOKS.get(other) == Looks.PATH && !other.equals(path))
        .filter(other -> said.get(other).equals(said.get(path)))
        .findFirst()
        .map("is that of %s too; write another"::formatted);
  }

  /** The other of a pair, which of a name of somebody's choice has the same. */
  private static String beside(String name, String like, String other) {
    return name.equals(like)
        ? other
        : name.substring(0, name.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
  }

  private static boolean isOfOthers(String name) {
    return OF_OTHERS.contains(name.replaceFirst("\\..*", ""));
  }

  private static boolean isKnown(String name) {
    if (SHIPPED.containsKey(name)) {
      return true;
    }
    String like = chosen(name).orElse(name);
    return SHIPPED.containsKey(like) || isOfOthers(like) && OfOthers.know(like);
  }

  /** The setting that one with a name of somebody's choice looks like. */
  private static Optional<String> chosen(String name) {
    return LIKE.entrySet().stream()
        .filter(like -> like.getKey().matcher(name).matches())
        .map(like -> like.getKey().matcher(name).replaceFirst(like.getValue()))
        .findFirst();
  }

  /** A value as it is shipped, where a variable may say another. */
  private static String plain(WrittenYaml shipped) {
    Matcher variable = REFERENCE.matcher(shipped.said());
    return variable.matches() && variable.group(2) != null ? variable.group(2) : shipped.said();
  }

  /** The settings of Spring and Camel, of which their libraries bring lists; seldom needed. */
  private static final class OfOthers {

    private static final Map<String, String> TYPES = new HashMap<>();

    static {
      try {
        for (URL list :
            Collections.list(
                OfOthers.class
                    .getClassLoader()
                    .getResources("META-INF/spring-configuration-metadata.json"))) {
          for (JsonNode setting : new ObjectMapper().readTree(list).path("properties")) {
            TYPES.put(setting.path("name").asText(), setting.path("type").asText());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Below a setting that is a map, anything may be written; capitals are as good as dashes. */
    static boolean know(String written) {
      String name = written.replaceAll("(?<=[a-z0-9])([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      if (TYPES.containsKey(name)) {
        return true;
      }
      for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        if (TYPES.getOrDefault(name.substring(0, dot), "").startsWith("java.util.Map")) {
          return true;
        }
      }
      return false;
    }
  }
}
