package io.commercewebhooks.config;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/** What a setting may say: a value like the shipped one, and within its bounds. */
final class SettingValues {

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

  private SettingValues() {}

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

  /** A setting, and what is wrong about its value without the value. */
  record Wrong(String name, String what) {}

  /** Whether not every text will do. */
  static boolean areBound(String name) {
    return LOOKS.containsKey(name) || Kind.of(KnownSettings.value(name)) != Kind.TEXT;
  }

  /**
   * The first that can't be.
   *
   * @param said values by their settings
   */
  static Optional<Wrong> firstWrong(Map<String, String> said) {
    return said.keySet().stream()
        .sorted()
        .flatMap(name -> wrong(name, said).map(what -> new Wrong(name, what)).stream())
        .findFirst();
  }

  private static Optional<String> wrong(String name, Map<String, String> said) {
    String like = KnownSettings.like(name);
    if (!KnownSettings.names().contains(like)) {
      return Optional.empty();
    }
    String shipped = KnownSettings.value(like);
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
    String bound = other == null ? null : said.get(KnownSettings.beside(name, other));
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
}
