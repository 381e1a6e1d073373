package io.commercewebhooks;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of fields as they are compared, however a sender writes them, and as they are masked. */
public final class FieldName {

  private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{N}]");
  private static final char FIRST_BEYOND_ASCII = 128;

  private FieldName() {}

  /**
   * Its letters, with their accents, and digits in lower case: {@code Card_Number} as {@code
   * cardnumber}.
   */
  public static String plain(String name) {
    // Nearly every name is ASCII, many are plain already, and each field of each webhook comes by
    // here.
    int begin = 0;
    while (begin < name.length() && isPlain(name.charAt(begin))) {
      begin++;
    }
    if (begin == name.length()) {
      return name;
    }
    StringBuilder plain = new StringBuilder(name.length()).append(name, 0, begin);
    for (int i = begin; i < name.length(); i++) {
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

  /**
   * A name that none of those has that are taken: itself, or with a number behind it.
   *
   * @param alike the last number of each name; a sender may write a hundred thousand that are
   *     alike, and nobody counts anew for each
   */
  public static String free(String name, Set<String> taken, Map<String, Integer> alike) {
    String free = name;
    while (taken.contains(free)) {
      free = name + " (" + alike.merge(name, 2, (last, first) -> last + 1) + ")";
    }
    return free;
  }

  private static boolean isPlain(char c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
  }
}
