package io.commercewebhooks.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenRoutes.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds conditions of routing that hold for no event, though Camel takes them for good. */
final class RoutingConditions {

  private static final Set<String> OF_EVERY_EVENT =
      Set.of("eventId", "sender", "type", "status", "entityKind", "entityKey");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{variable\\.([\\w-]+)}");
  private static final Pattern LIST = Pattern.compile("\\bin\\s+'([^']*)'");

  /** What a mapping gives, as far as its text says so. */
  private static final Pattern KEY = Pattern.compile("\"([\\w-]+)\"\\s*:");

  private RoutingConditions() {}

  /**
   * Refuses a condition about a variable that nobody sets, or a list with blanks at its commas,
   * which Camel compares along.
   *
   * @param config where the mappings are that tell what an event is
   * @throws CannotStartException with the place of the first one
   */
  static void check(WrittenRoutes written, Path config) throws IOException {
    Set<String> known = new TreeSet<>(OF_EVERY_EVENT);
    known.addAll(attributes(config));
    // a route that is called may set it
    written.variables.forEach(set -> known.add(set.name()));
    for (Named type : written.typesRouted) {
      for (Named condition : WrittenRoutes.in(type.file(), written.expressions)) {
        refuseUnknown(condition, known);
        refuseBlanks(condition);
      }
    }
  }

  private static void refuseUnknown(Named condition, Set<String> known) {
    for (String name : found(VARIABLE, condition.name())) {
      if (!known.contains(name)) {
        throw condition.wrong(
            "nobody sets the variable %s%s", name, NearestWord.instead(name, known));
      }
    }
  }

  private static void refuseBlanks(Named condition) {
    for (String list : found(LIST, condition.name())) {
      String meant = list.strip().replaceAll("\\s*,\\s*", ",");
      if (!meant.equals(list)) {
        throw condition.wrong("blanks at a comma count, so it fits nothing; write '%s'", meant);
      }
    }
  }

  private static Set<String> attributes(Path config) throws IOException {
    Set<String> attributes = new TreeSet<>();
    for (Path file : WrittenFiles.below(config)) {
      if (file.toString().endsWith("-to-event.jslt")) {
        // one that is in another encoding is told by whoever reads it for good
        attributes.addAll(found(KEY, Files.readString(file, ISO_8859_1)));
      }
    }
    return attributes;
  }

  private static List<String> found(Pattern pattern, String text) {
    Stream<MatchResult> results = pattern.matcher(text).results();
    return results.map(result -> result.group(1)).toList();
  }
}
