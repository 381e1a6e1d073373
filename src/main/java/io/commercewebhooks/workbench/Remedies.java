package io.commercewebhooks.workbench;

import static io.commercewebhooks.config.NearestWord.instead;

import com.schibsted.spt.data.jslt.impl.BuiltinFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what to write instead, where a parser only says what it met. */
final class Remedies {

  private static final Pattern PLACE =
      Pattern.compile("\\s*(at <unknown>:\\d+:\\d+|at line \\d+, column \\d+\\.?)");

  private static final Pattern SIGN =
      Pattern.compile("Parse error: Lexical error\\.?\\s+Encountered: (\\S+).*");

  private static final Pattern MET =
      Pattern.compile("Parse error: Encountered \" (\\S+).*?Was expecting(?: one of)?: (.*)");

  private static final Pattern EXPECTED = Pattern.compile("(\"[^\"]+\"|<[A-Z]+>)");
  private static final Pattern FUNCTION = Pattern.compile("No such function: '([^']*)'");
  private static final Pattern DIRECTIVE = Pattern.compile("(Unknown directive: #\\S+)\\. Help.*");
  private static final Pattern BUILT_IN =
      Pattern.compile("Unknown built-in: \"(\\w+)\"\\..* list of built-ins: (.*)");

  private static final Pattern NO_BEAN =
      Pattern.compile("No bean could be found in the registry for: (\\S+).*");

  private static final Pattern NO_COMPONENT =
      Pattern.compile("No endpoint could be found for: ([\\w-]+):.*");

  private Remedies() {}

  /** What JSLT says of a mapping. */
  static String ofMapping(String said) {
    String words = PLACE.matcher(said).replaceAll("");
    Matcher sign = SIGN.matcher(words);
    if (sign.matches()) {
      return sign.group(1) + " can't stand here; take it away, or write it in a text in quotes";
    }
    Matcher met = MET.matcher(words);
    if (met.matches()) {
      List<String> expected = new ArrayList<>();
      EXPECTED.matcher(met.group(2)).results().forEach(one -> expected.add(one.group(1)));
      return "'%s' can't stand here; write one of %s before it, or look for a bracket too many"
          .formatted(met.group(1).replace("\"", ""), String.join(" ", expected));
    }
    Matcher function = FUNCTION.matcher(words);
    if (function.find()) {
      return "there is no function %s%s"
          .formatted(
              function.group(1), instead(function.group(1), BuiltinFunctions.functions.keySet()));
    }
    return words + "; mend it as JSLT has it";
  }

  /** What FreeMarker says of a template. */
  static String ofTemplate(String said) {
    Matcher builtIn = BUILT_IN.matcher(said);
    if (builtIn.matches()) {
      return "there is no built-in ?%s%s"
          .formatted(
              builtIn.group(1), instead(builtIn.group(1), List.of(builtIn.group(2).split(", "))));
    }
    Matcher directive = DIRECTIVE.matcher(said);
    return directive.matches()
        ? directive.group(1) + "; write one that FreeMarker has, such as #if, #list or #assign"
        : said.replace(", but was expecting one of these patterns:", "; write one of");
  }

  /**
   * What Camel says of a route.
   *
   * @param names what routes can name
   */
  static String ofRoute(String said, KnownNames names) {
    Matcher bean = NO_BEAN.matcher(said);
    if (bean.matches()) {
      return "there is no bean %s%s"
          .formatted(bean.group(1), instead(bean.group(1), names.beans()));
    }
    Matcher component = NO_COMPONENT.matcher(said);
    if (component.matches()) {
      return "no address begins with %s:%s, or add its component to pom.xml"
          .formatted(component.group(1), instead(component.group(1), names.all()));
    }
    return said.contains("; write ") ? said : said + "; mend it as Camel has it";
  }

  /** How the address begins that Camel doesn't know, if that is what it says. */
  static Optional<String> unknownAddress(String said) {
    return Optional.of(NO_COMPONENT.matcher(said))
        .filter(Matcher::matches)
        .map(unknown -> unknown.group(1) + ":");
  }
}
