package io.commercewebhooks.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds card numbers in text: written in one piece or in groups, whatever digits stand around them
 * (a quantity before, an expiry date or a security code after).
 *
 * <p>A number counts as a card's when an issuer uses its length and its first digits and its check
 * digit is right. UUIDs, decimal numbers, numbers of articles (EAN) and phone numbers with their
 * country code are none, though some look like it.
 */
final class CardNumbers {

  static final String MASK = "************";

  private static final String MASKED_CODE = "***";

  /** Tried in this order where several lengths fit. */
  private static final int[] LENGTHS = {16, 15, 14, 19, 18, 17, 13};

  private static final int SHORTEST = 13;
  private static final int LONGEST = 19;
  private static final int LONGEST_PHONE_NUMBER = 15;
  private static final int LENGTH_OF_EAN = 13;

  private static final Pattern ISSUERS =
      Pattern.compile(
          "4(?:\\d{12}|\\d{15}|\\d{18})|5\\d{15,18}|6\\d{15,18}|2[2-7]\\d{14}"
              + "|3\\d{15}|3[47]\\d{13}|3[0689]\\d{12}");

  private static final Pattern UUID_OR_DECIMAL =
      Pattern.compile(
          "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
              + "|-?\\d{1,12}[.]\\d{1,30}(?:[Ee][+-]?\\d{1,3})?");

  private static final char MINUS = '\u2212';

  /** Between groups of three digits and more, besides what stands between any two. */
  private static final String IN_WIDE_GAP = "\t\r\n._/";

  private static final int WIDEST_GAP = 3;

  private CardNumbers() {}

  /** Replaces every card number by its last four digits, and a code right after it by asterisks. */
  static String mask(String text) {
    if (!hasDigits(text, SHORTEST) || UUID_OR_DECIMAL.matcher(text).matches()) {
      return text;
    }
    List<Group> groups = groups(text);
    StringBuilder masked = null;
    int copied = 0;
    int i = 0;
    while (i < groups.size()) {
      int end = cardEnd(text, groups, i);
      if (end < 0) {
        i++;
        continue;
      }
      masked = masked == null ? new StringBuilder(text.length()) : masked;
      String digits = digits(text, groups, i, end);
      masked.append(text, copied, groups.get(i).start);
      masked.append(MASK).append(digits, digits.length() - 4, digits.length());
      copied = groups.get(end).end;
      i = end + 1;
      if (i < groups.size()
          && isCode(groups.get(i))
          && belongTogether(text, groups.get(end), groups.get(i))
          && cardEnd(text, groups, i) < 0) {
        masked.append(text, copied, groups.get(i).start).append(MASKED_CODE);
        copied = groups.get(i).end;
        i++;
      }
    }
    return masked == null ? text : masked.append(text, copied, text.length()).toString();
  }

  /** Whether a text has so many digits anywhere: most have fewer, and need no closer look. */
  static boolean hasDigits(String text, int fewest) {
    int digits = 0;
    for (int i = 0; i < text.length() && digits < fewest; i++) {
      if (Character.isDigit(text.charAt(i))) {
        digits++;
      }
    }
    return digits == fewest;
  }

  private record Group(int start, int end) {
    int size() {
      return end - start;
    }
  }

  private static List<Group> groups(String text) {
    List<Group> groups = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean digit = i < text.length() && Character.isDigit(text.charAt(i));
      if (digit && start < 0) {
        start = i;
      } else if (!digit && start >= 0) {
        groups.add(new Group(start, i));
        start = -1;
      }
    }
    return groups;
  }

  /** The last group of the card number that begins with a group, or -1. */
  private static int cardEnd(String text, List<Group> groups, int first) {
    int[] endByLength = new int[LONGEST + 1];
    int length = 0;
    for (int i = first; i < groups.size(); i++) {
      if (i > first && !belongTogether(text, groups.get(i - 1), groups.get(i))) {
        break;
      }
      length += groups.get(i).size();
      if (length > LONGEST) {
        break;
      }
      endByLength[length] = i + 1;
    }
    int start = groups.get(first).start;
    boolean phoneNumber = start > 0 && text.charAt(start - 1) == '+';
    for (int candidate : LENGTHS) {
      int end = endByLength[candidate] - 1;
      if (end >= 0
          && !(phoneNumber && candidate <= LONGEST_PHONE_NUMBER)
          && isCard(digits(text, groups, first, end))) {
        return end;
      }
    }
    return -1;
  }

  private static boolean isCode(Group group) {
    return group.size() == 3 || group.size() == 4;
  }

  private static boolean belongTogether(String text, Group left, Group right) {
    int gap = right.start - left.end;
    if (gap == 1 && isSpaceOrDash(text.charAt(left.end))) {
      return true;
    }
    return gap <= WIDEST_GAP
        && left.size() >= 3
        && right.size() >= 3
        && text.substring(left.end, right.start)
            .chars()
            .allMatch(c -> isSpaceOrDash((char) c) || IN_WIDE_GAP.indexOf(c) >= 0);
  }

  /** Of any width, also of none: what is copied from a page or a document has them. */
  private static boolean isSpaceOrDash(char sign) {
    return switch (Character.getType(sign)) {
      case Character.SPACE_SEPARATOR, Character.DASH_PUNCTUATION, Character.FORMAT -> true;
      default -> sign == MINUS;
    };
  }

  private static String digits(String text, List<Group> groups, int first, int last) {
    StringBuilder digits = new StringBuilder(LONGEST);
    for (int i = groups.get(first).start; i < groups.get(last).end; i++) {
      int digit = Character.digit(text.charAt(i), 10);
      if (digit >= 0) {
        digits.append(digit);
      }
    }
    return digits.toString();
  }

  private static boolean isCard(String digits) {
    return ISSUERS.matcher(digits).matches() && passesLuhn(digits) && !isArticle(digits);
  }

  /**
   * Whether it is the number of an article (EAN). One in ten of those that begin with a 4, as the
   * German and Japanese ones do, would pass for a card's; cards of that length are of the past.
   */
  private static boolean isArticle(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      sum += (digits.charAt(i) - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return digits.length() == LENGTH_OF_EAN && sum % 10 == 0;
  }

  private static boolean passesLuhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      if (i % 2 == 1) {
        digit = digit > 4 ? digit * 2 - 9 : digit * 2;
      }
      sum += digit;
    }
    return sum % 10 == 0;
  }
}
