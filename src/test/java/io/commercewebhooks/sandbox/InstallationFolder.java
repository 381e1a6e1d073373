package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.util.FileSystemUtils;

/** What lies beside the service where it is installed. */
public final class InstallationFolder {

  private InstallationFolder() {}

  /** Puts copies of the shipped routes and settings into a folder. */
  public static void fill(Path folder) throws IOException {
    for (String part : List.of("routes", "config")) {
      FileSystemUtils.copyRecursively(Path.of(part), folder.resolve(part));
    }
  }
}
