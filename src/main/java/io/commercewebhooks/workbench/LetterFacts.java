package io.commercewebhooks.workbench;

import io.commercewebhooks.config.NearestWord;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds facts that a mail can't do without and no mapping gives. */
final class LetterFacts {

  /** Not one for which the mail has something else, and not the file {@code letter.ftl}. */
  private static final Pattern NEEDED =
      Pattern.compile("(?<![/\\w.])letter\\.(\\w++)(?!\\s*(?:!|\\?\\?|\\?has_content))");

  private static final Pattern COMMENT = Pattern.compile("(?s)<#--.*?-->");

  /** A fact of the letter, or of one of its parts. */
  private static final Pattern GIVEN = Pattern.compile("\"(\\w+)\"\\s*:");

  /** One of the letter, as mappings are written. */
  private static final Pattern OF_THE_LETTER = Pattern.compile("(?m)^ {0,2}\"(\\w+)\"\\s*:");

  private LetterFacts() {}

  /**
   * Looks whether what mails say of a letter may be there.
   *
   * @param files by their names
   * @throws BrokenSetException with the first fact that never is
   */
  static void check(Map<String, String> files) throws BrokenSetException {
    Set<String> given = found(GIVEN, files);
    for (Map.Entry<String, String> file : files.entrySet()) {
      if (!file.getKey().startsWith(CandidateSet.TEMPLATES)) {
        continue;
      }
      // as long as before, so that places stay what they are
      String code =
          COMMENT
              .matcher(file.getValue())
              .replaceAll(found -> found.group().replaceAll("[^\n]", " "));
      Matcher needed = NEEDED.matcher(code);
      while (needed.find()) {
        if (!given.contains(needed.group(1))) {
          throw BrokenSetException.at(
              file.getKey(),
              file.getValue(),
              needed.start(),
              "no mapping gives letter.%s%s"
                  .formatted(
                      needed.group(1),
                      NearestWord.instead(needed.group(1), found(OF_THE_LETTER, files))),
              null);
        }
      }
    }
  }

  private static Set<String> found(Pattern key, Map<String, String> files) {
    Set<String> found = new TreeSet<>();
    files.forEach(
        (name, text) -> {
          if (name.endsWith("-to-email.jslt")) {
            key.matcher(text).results().forEach(result -> found.add(result.group(1)));
          }
        });
    return found;
  }
}
