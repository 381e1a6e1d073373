package io.commercewebhooks.config;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Finds files that people write, wherever they keep them. */
public final class WrittenFiles {

  private WrittenFiles() {}

  /**
   * The files below a folder, in the order of their names. The folder, each below it and each file
   * may be a link, as where they are mounted. What editors, mounts and version control hide by a
   * dot before its name is left out.
   *
   * @return also links that lead to nothing
   * @throws CannotStartException when a link leads in a circle, or a folder may not be read
   */
  public static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(file -> !isHidden(folder.relativize(file)))
          .filter(file -> Files.isRegularFile(file) || !Files.exists(file))
          .sorted()
          .toList();
    } catch (AccessDeniedException e) {
      throw WrittenText.unreadable(e.getFile(), e);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof AccessDeniedException denied) {
        throw WrittenText.unreadable(denied.getFile(), denied);
      }
      if (e.getCause() instanceof FileSystemLoopException loop) {
        throw new CannotStartException(
            loop.getFile() + ", line 1, column 1: this link leads in a circle; delete it", e);
      }
      throw e.getCause();
    }
  }

  private static boolean isHidden(Path below) {
    return StreamSupport.stream(below.spliterator(), false)
        .anyMatch(part -> part.toString().startsWith("."));
  }
}
