package io.commercewebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The settings of {@code config/application.yaml} as it was shipped, which has all names and shows
 * how a value looks; of a name that somebody chooses it has one alike.
 */
final class KnownSettings {

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
              "mail\\.links\\.(?!(salesforce|console|operators)$)[^.]+ mail.links.operators",
              "[^.]+\\.objects\\.[^.]+\\.(.*) salesforce.objects.order-status-changed.$1",
              "console\\.oidc\\.roles\\.(viewer|operator|admin) console.oidc.roles.$1",
              "database\\.pool\\.(?!data-source-)(.*) spring.datasource.hikari.$1",
              "(.*\\.data-source-properties)\\..* $1.ApplicationName")
          .map(line -> line.split(" "))
          .collect(Collectors.toMap(like -> Pattern.compile(like[0]), like -> like[1]));

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([\\w.-]+)(?::(.*))?}");

  private KnownSettings() {}

  private static Map<String, WrittenYaml> shipped() {
    try (InputStream text = KnownSettings.class.getResourceAsStream("application.yaml")) {
      return WrittenYaml.of(
              Path.of("config/application.yaml"),
              new String(text.readAllBytes(), StandardCharsets.UTF_8))
          .settings();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Set<String> names() {
    return SHIPPED.keySet();
  }

  /** All names, and what else there may be beside one that nobody knows. */
  static Set<String> namesFor(String unknown) {
    String beside = unknown.substring(0, unknown.lastIndexOf('.') + 1);
    return Stream.concat(
            names().stream(),
            names().stream()
                .map(name -> beside + name.substring(name.lastIndexOf('.') + 1))
                .filter(KnownSettings::isShippedAlike))
        .collect(Collectors.toSet());
  }

  private static boolean isShippedAlike(String name) {
    return SHIPPED.containsKey(like(name));
  }

  /** As they are written in the shipped file. */
  static Collection<WrittenYaml> written() {
    return SHIPPED.values();
  }

  /** Whether Spring, Camel or one of their libraries reads it. */
  static boolean isOfOthers(String name) {
    return OF_OTHERS.contains(name.replaceFirst("\\..*", ""));
  }

  static boolean isKnown(String name) {
    if (SHIPPED.containsKey(name) || isShippedAlike(name)) {
      return true;
    }
    String like = like(name);
    return isOfOthers(like) && OfOthers.know(like);
  }

  /** Whether it has a name of somebody's choice, and so need not be there. */
  static boolean isOfChoice(String name) {
    return LIKE.keySet().stream().anyMatch(like -> like.matcher(name).matches());
  }

  /** The setting that one with a name of somebody's choice looks like; any other is itself. */
  static String like(String name) {
    return LIKE.entrySet().stream()
        .filter(like -> like.getKey().matcher(name).matches())
        .findFirst()
        .map(like -> like.getKey().matcher(name).replaceFirst(like.getValue()))
        .orElse(name);
  }

  /** The other of a pair, which of a name of somebody's choice has the same. */
  static String beside(String name, String other) {
    return like(name).equals(name)
        ? other
        : name.substring(0, name.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
  }

  /** The shipped value, where a variable may say another. */
  static String value(String name) {
    String said = said(name);
    Matcher variable = REFERENCE.matcher(said);
    return variable.matches() && variable.group(2) != null ? variable.group(2) : said;
  }

  /** What the shipped file says, a variable by its name. */
  static String said(String name) {
    return SHIPPED.get(name).said();
  }

  /** The variable that says another value. */
  static String variable(String name) {
    Matcher variable = REFERENCE.matcher(said(name));
    return variable.matches() ? variable.group(1) : asVariable(name);
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
