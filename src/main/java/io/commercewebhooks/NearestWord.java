package io.commercewebhooks;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody may have meant. */
final class NearestWord {

  private NearestWord() {}

  /** The known word that needs the fewest changed letters, if those are few. */
  static Optional<String> to(String written, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt((String word) -> distance(written, word))
                .thenComparing(Comparator.naturalOrder()))
        .filter(word -> distance(written, word) <= Math.max(2, written.length() / 3));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      int diagonal = i;
      for (int j = 0; j <= b.length(); j++) {
        int above = row[j];
        if (i == 0 || j == 0) {
          row[j] = i + j;
        } else {
          int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
          row[j] = Math.min(Math.min(above, row[j - 1]) + 1, diagonal + same);
        }
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
