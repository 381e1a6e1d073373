package io.commercewebhooks.intake;

import static java.text.Normalizer.normalize;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds codes in text by the label before them, as in {@code CVV: 123}: three to six digits after a
 * label and at most six signs, which are as many as quoted JSON has there.
 *
 * <p>Every text of every webhook comes by here, and hardly any has a label. So the expression is
 * asked only where digits stand behind a character with which a label ends.
 */
final class LabelledCodes {

  private static final String MASKED = "***";

  /** Of a code. */
  static final int FEWEST_DIGITS = 3;

  /** Six signs of two characters each. */
  private static final int WIDEST_GAP = 12;

  private final Pattern code;
  private final String ends;
  private final boolean digitsAlone;

  /**
   * @param labels as they are written, in any case; null for none. An accent may be a part of its
   *     letter or a character behind it: some systems write it so, and nobody sees a difference.
   */
  LabelledCodes(List<String> labels) {
    List<String> written =
        labels == null
            ? List.of()
            : labels.stream()
                .filter(label -> !label.isBlank())
                .flatMap(label -> Stream.of(Form.NFC, Form.NFD).map(f -> normalize(label, f)))
                .distinct()
                .toList();
    String any = written.stream().map(LabelledCodes::expression).collect(Collectors.joining("|"));
    this.code =
        Pattern.compile(
            "(?=\\p{Nd}{3,6}(?![\\p{L}\\p{N}]))"
                + "(?<=(?<![\\p{L}\\p{N}])(?:"
                + any
                + ")[^\\p{L}\\p{N}]{0,6})\\p{Nd}{3,6}",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    StringBuilder ends = new StringBuilder();
    for (String label : written) {
      ends.append(plain(label.charAt(label.length() - 1)));
      // the digits of a label look like the first ones of its code
      String name = label.replaceFirst("\\d+$", "");
      if (!name.isEmpty()) {
        ends.append(plain(name.charAt(name.length() - 1)));
      }
    }
    this.ends = ends.toString();
    this.digitsAlone = written.stream().anyMatch(label -> label.matches("\\d+"));
  }

  private static String expression(String label) {
    return Stream.of(label.split(" "))
        .map(Pattern::quote)
        .collect(Collectors.joining("[\\p{Zs}_-]"));
  }

  /** A text with asterisks in place of each code. */
  String mask(String text) {
    return mayHaveOne(text) ? code.matcher(text).replaceAll(MASKED) : text;
  }

  private boolean mayHaveOne(String text) {
    int first = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean digit = i < text.length() && Character.isDigit(text.charAt(i));
      if (digit && first < 0) {
        first = i;
      } else if (!digit && first >= 0) {
        if (i - first >= FEWEST_DIGITS && (digitsAlone || isAfterEnd(text, first))) {
          return true;
        }
        first = -1;
      }
    }
    return false;
  }

  /** Whether a label could end right before a place, or before the signs that stand there. */
  private boolean isAfterEnd(String text, int place) {
    for (int i = place - 1; i >= Math.max(0, place - 1 - WIDEST_GAP); i--) {
      char letter = text.charAt(i);
      if (ends.indexOf(plain(letter)) >= 0) {
        return true;
      }
      if (Character.isLetterOrDigit(letter)) {
        return false;
      }
    }
    return false;
  }

  private static char plain(char letter) {
    return Character.toLowerCase(Character.toUpperCase(letter));
  }
}
