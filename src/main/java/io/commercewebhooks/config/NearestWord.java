package io.commercewebhooks.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what somebody may have meant. */
public final class NearestWord {

  private NearestWord() {}

  /** The known word that needs the fewest changed letters, if those are few. */
  static Optional<String> to(String written, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.comparingInt((String word) -> distance(written, word))
                .thenComparing(word -> !sorted(word).equals(sorted(written)))
                .thenComparing(Comparator.naturalOrder()))
        .filter(word -> distance(written, word) <= Math.max(2, written.length() / 3));
  }

  /** What to write instead, as a complaint ends with it: the nearest word, or all there are. */
  public static String instead(String written, Collection<String> known) {
    return to(written, known)
        .map(word -> "; write " + word)
        .orElseGet(() -> "; write one of " + String.join(", ", new TreeSet<>(known)));
  }

  /** The same of what can be left out as well. */
  public static String insteadOrNothing(String written, Collection<String> known) {
    return to(written, known).map(word -> "; write " + word).orElse("; take it away");
  }

  private static String sorted(String word) {
    return word.chars()
        .sorted()
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Letters put in, left out, or changed, and neighbours that changed places, count one each. */
  private static int distance(String a, String b) {
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(
                Math.min(distance[i - 1][j], distance[i][j - 1]) + 1,
                distance[i - 1][j - 1] + changed);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        distance[i][j] = swapped ? Math.min(least, distance[i - 2][j - 2] + 1) : least;
      }
    }
    return distance[a.length()][b.length()];
  }
}
