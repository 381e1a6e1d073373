package io.commercewebhooks;

import com.ibm.icu.text.Transliterator;
import com.ibm.icu.text.UnicodeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Texts of which everything is seen: characters that nobody sees, or that turn the direction of
 * writing, stand there as their number, {@code [U+202E]}. Half a character, and a joiner with
 * nothing behind it, are what a cut has left of an emoji, and go.
 */
public final class VisibleText {

  /** A text between tags; what can be edited is sent back, and stays as it is. */
  private static final Pattern BETWEEN_TAGS =
      Pattern.compile("<textarea\\b.*?</textarea>|<[^>]*>|([^<\\t\\r]+)", Pattern.DOTALL);

  private VisibleText() {}

  public static String of(String text) {
    return isPlain(text) ? text : Hidden.asNumbers(text);
  }

  /** The same for what is written between the tags of a page, with tabs and ends of lines. */
  public static String ofPage(String html) {
    if (isPlain(html)) {
      return html;
    }
    return BETWEEN_TAGS
        .matcher(html)
        .replaceAll(
            part ->
                Matcher.quoteReplacement(part.group(1) == null ? part.group() : of(part.group(1))));
  }

  /** Nearly all of a page is printable ASCII, which needs no data of Unicode. */
  private static boolean isPlain(String text) {
    char[] letters = text.toCharArray();
    for (int i = 0; i < letters.length; i++) {
      boolean printable = letters[i] >= ' ' && letters[i] <= '~';
      if (!printable && Hidden.isOne(letters, i)) {
        return false;
      }
    }
    return true;
  }

  /** Made for the first text that isn't ASCII: it takes a while, and nobody waits at the start. */
  private static final class Hidden {

    /** Controls, formats, fillers; not line feeds, nor the selectors that emoji consist of. */
    private static final UnicodeSet ALL =
        new UnicodeSet("[[:Cc:][:Cf:][:Cs:][:Co:][:Zl:][:Zp:][:DI:]-[\\n\\uFE0E\\uFE0F]]").freeze();

    private static final Transliterator AS_NUMBERS =
        Transliterator.createFromRules(
            "Visible",
            "[[:ExtPict:]\\uFE0F] { \\u200D } [:ExtPict:] > \\u200D;"
                // parts of words in Persian, and after a virama in the scripts of India
                + "[:Arab:] { \\u200C } [:Arab:] > \\u200C;"
                + "[:ccc=9:] { ([\\u200C\\u200D]) > $1;"
                + "\\u200D } [:Cs:]? \u2026 > ;"
                + "[:Cs:] > ;"
                + "("
                + ALL.toPattern(true)
                + ") > '[' &Any-Hex/Unicode($1) ']';",
            Transliterator.FORWARD);

    /** Whether the character that begins at a place, or ends there as a pair, is hidden. */
    static boolean isOne(char[] letters, int place) {
      boolean second = place > 0 && Character.isSurrogatePair(letters[place - 1], letters[place]);
      return !second && ALL.contains(Character.codePointAt(letters, place));
    }

    static String asNumbers(String text) {
      return AS_NUMBERS.transliterate(text);
    }
  }
}
