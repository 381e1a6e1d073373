package io.commercewebhooks.workbench;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.Sha256;
import io.commercewebhooks.config.WrittenFiles;
import io.commercewebhooks.config.WrittenText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The texts of routes and config at one moment.
 *
 * @param hash of all names and texts
 * @param files texts by name, such as {@code routes/routing/x.camel.yaml}
 */
record FileSet(String hash, SortedMap<String, String> files) {

  private static final int SHORT = 12;

  /** What was meant as a route file, by its name. */
  private static final Pattern PASSED_OVER = Pattern.compile("routes/.*\\.(?i:ya?ml)");

  static FileSet of(Map<String, String> files) {
    String all =
        new TreeMap<>(files)
            .entrySet().stream()
                .map(file -> file.getKey() + "\0" + Sha256.of(file.getValue()))
                .collect(Collectors.joining("\n"));
    return new FileSet(Sha256.of(all).substring(0, SHORT), new TreeMap<>(files));
  }

  /**
   * Reads the files as they are now.
   *
   * @param places folders and files by what they are called here; one may be missing
   * @throws CannotStartException when one isn't UTF-8, or is called so that nobody would read it
   */
  static FileSet read(Map<String, Path> places) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Map.Entry<String, Path> place : places.entrySet()) {
      if (!Files.exists(place.getValue())) {
        continue;
      }
      for (Path file : WrittenFiles.below(place.getValue())) {
        String below = place.getValue().relativize(file).toString().replace('\\', '/');
        String name = below.isEmpty() ? place.getKey() : place.getKey() + "/" + below;
        if (CandidateSet.isChangeable(name)) {
          files.put(name, WrittenText.of(file, name));
        } else if (PASSED_OVER.matcher(name).matches()) {
          throw new CannotStartException(
              name
                  + ", line 1, column 1: a file of this name is passed over; call it .camel.yaml,"
                  + " and before that letters, digits, - and _");
        }
      }
    }
    return of(files);
  }

  /** The names of the files that differ, also those that only one of both has. */
  Set<String> differencesTo(FileSet other) {
    Set<String> names = new HashSet<>(files.keySet());
    names.addAll(other.files.keySet());
    return names.stream()
        .filter(name -> !Objects.equals(files.get(name), other.files.get(name)))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
