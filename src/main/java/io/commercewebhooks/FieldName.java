package io.commercewebhooks;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of fields as they are compared, however a sender writes them. */
public final class FieldName {

  private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{N}]");
  private static final char FIRST_BEYOND_ASCII = 128;

  private FieldName() {}

  /**
   * Its letters, with their accents, and digits in lower case: {@code Card_Number} as {@code
   * cardnumber}.
   */
  public static String plain(String name) {
    // Nearly every name is ASCII, and each field of each webhook comes by here.
    StringBuilder plain = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= FIRST_BEYOND_ASCII) {
        String whole = Normalizer.normalize(name, Normalizer.Form.NFC);
        return NOT_ALPHANUMERIC.matcher(whole).replaceAll("").toLowerCase(Locale.ROOT);
      }
      if (Character.isLetterOrDigit(c)) {
        plain.append(Character.toLowerCase(c));
      }
    }
    return plain.toString();
  }
}
