package io.commercewebhooks.workbench;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenSettings;
import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.deadletters.FailureSettings;
import io.commercewebhooks.ledger.PersonalDataSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.util.FileSystemUtils;

/**
 * Looks at routes and config before they are deployed: no secret, no ledger, no target is needed.
 */
public final class FilesCheck {

  private static final List<String> CHANGEABLE =
      List.of(
          "routes",
          "config/mappings",
          "config/sql",
          "config/templates",
          CandidateSet.NOTIFICATIONS,
          CandidateSet.SETTINGS,
          CandidateSet.REDACTION);

  private static final String PERSONS = "config/personal-data.yaml";

  private FilesCheck() {}

  /**
   * Looks at the files of one installation.
   *
   * @param folder that holds routes and config
   * @return the first mistake, with its place and what to write; empty where there is none
   */
  public static Optional<String> firstMistake(Path folder) throws IOException {
    Path copies = Files.createTempDirectory("check-");
    try {
      Advice.check(folder.resolve("config/advice.yaml"));
      FailureSettings.check(folder.resolve("config/failures.yaml"));
      WrittenSettings.checkAll(folder, folder.resolve("routes"));
      PersonalDataSettings.check(folder.resolve(PERSONS));
      Map<String, Path> places = new LinkedHashMap<>();
      CHANGEABLE.forEach(name -> places.put(name, folder.resolve(name)));
      try (CandidateSet set = CandidateSet.of(FileSet.read(places), copies)) {
        set.checkObjects();
      }
      return Optional.empty();
    } catch (CannotStartException e) {
      return Optional.of(e.getMessage());
    } catch (BrokenSetException e) {
      return Optional.of(LiveFiles.Mistake.of(e).toString());
    } finally {
      FileSystemUtils.deleteRecursively(copies);
    }
  }
}
