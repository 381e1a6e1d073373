package io.commercewebhooks.workbench;

import io.commercewebhooks.config.NearestWord;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** JSLT takes a variable that nobody sets for one that its caller brings along. */
final class MappingVariables {

  /** Texts in quotes and comments. */
  private static final Pattern WORDS = Pattern.compile("\"(?:\\\\.|[^\"\\\\]++)*+\"|//[^\n]*");

  private static final Pattern LET = Pattern.compile("\\blet\\s+([\\w-]+)\\s*=");
  private static final Pattern PARAMETERS = Pattern.compile("\\bdef\\s+[\\w-]+\\s*\\(([^)]*)\\)");
  private static final Pattern NAMED = Pattern.compile("\\$([A-Za-z_][\\w-]*)");

  /** What Camel brings along. */
  private static final Set<String> BROUGHT =
      Set.of("headers", "variables", "exchange", "camelContext");

  private MappingVariables() {}

  /**
   * Looks whether each variable is set somewhere in a mapping.
   *
   * @throws BrokenSetException with the first that isn't
   */
  static void check(String file, String mapping) throws BrokenSetException {
    // as long as before, so that places stay what they are
    String code =
        WORDS.matcher(mapping).replaceAll(found -> found.group().replaceAll("[^\n]", " "));
    Set<String> known = new TreeSet<>(BROUGHT);
    LET.matcher(code).results().forEach(let -> known.add(let.group(1)));
    PARAMETERS
        .matcher(code)
        .results()
        .forEach(def -> known.addAll(List.of(def.group(1).strip().split("\\s*,\\s*"))));
    Matcher named = NAMED.matcher(code);
    while (named.find()) {
      if (!known.contains(named.group(1))) {
        throw BrokenSetException.at(
            file,
            code,
            named.start(),
            "nobody sets $%s%s"
                .formatted(named.group(1), NearestWord.instead(named.group(1), known)),
            null);
      }
    }
  }
}
