package io.commercewebhooks.workbench;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.util.FileSystemUtils;

/**
 * The copies that live routes read, of each set a folder: a file that is saved changes nothing for
 * an event in hand.
 */
final class LiveCopies {

  private static final Logger LOG = LoggerFactory.getLogger(LiveCopies.class);

  private final Path below;
  private final CandidateSet first;

  /** The copies that somebody reads, by their folders. */
  private final Map<Path, CandidateSet> read = new HashMap<>();

  LiveCopies(FileSet atStart) {
    try {
      below = Files.createTempDirectory("live-files-");
      first = CandidateSet.atStart(atStart, below);
    } catch (IOException e) {
      throw new CannotStartException(
          "the folder for temporary files (%s) can't be written: %s"
              .formatted(System.getProperty("java.io.tmpdir"), why(e)),
          e);
    }
    read.put(first.file(""), first);
  }

  /** The copy of the start: what names a file without a copy reads it there. */
  CandidateSet first() {
    return first;
  }

  /**
   * Copies a set, and looks whether it can work.
   *
   * @throws IOException when it can't be copied, which says nothing about the set
   */
  CandidateSet add(FileSet set) throws IOException, BrokenSetException {
    try {
      CandidateSet copy = CandidateSet.of(set, below);
      read.put(copy.file(""), copy);
      return copy;
    } catch (IOException | UncheckedIOException e) {
      throw new IOException(
          "the files can't be copied into %s, which is tried again: %s".formatted(below, why(e)),
          e);
    }
  }

  private static String why(Exception failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    String said = cause instanceof FileSystemException told ? told.getReason() : cause.getMessage();
    return said == null ? cause.getClass().getSimpleName() : said;
  }

  /** Takes away a copy that nobody came to read. */
  void drop(CandidateSet refused) {
    try {
      remove(refused.file(""));
    } catch (IOException e) {
      LOG.debug("{} stays", refused.file(""), e);
    }
  }

  /** Puts back what of the copies is gone. */
  void keep() throws IOException {
    for (CandidateSet copy : read.values()) {
      copy.keep();
    }
  }

  /** What is done before a copy goes. */
  interface Farewell {
    void to(Path folder) throws Exception;
  }

  /** Takes away all but the first and those that are needed still. */
  void tidy(Set<Path> needed, Farewell before) {
    try {
      for (Path folder : new HashSet<>(read.keySet())) {
        if (!needed.contains(folder) && !folder.equals(first.file(""))) {
          before.to(folder);
          remove(folder);
        }
      }
    } catch (Exception e) {
      LOG.debug("a copy that nobody needs stays until the next change", e);
    }
  }

  private void remove(Path folder) throws IOException {
    read.remove(folder);
    FileSystemUtils.deleteRecursively(folder);
  }

  void removeAll() throws IOException {
    FileSystemUtils.deleteRecursively(below);
  }
}
