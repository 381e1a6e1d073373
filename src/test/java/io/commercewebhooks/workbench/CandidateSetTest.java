package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.commercewebhooks.workbench.BrokenVersions.Broken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CandidateSetTest {

  private static final Map<String, Path> PLACES =
      Map.of("routes", Path.of("routes"), "config", Path.of("config"));

  @TempDir private Path folder;

  static List<Broken> brokenVersions() {
    return BrokenVersions.all().stream().filter(broken -> !broken.onlyWhenTriedOut()).toList();
  }

  @Test
  void nothing_is_wrong_in_the_shipped_files() throws Exception {
    try (CandidateSet set = CandidateSet.of(FileSet.read(PLACES), folder)) {
      assertThat(set.file("routes")).isDirectory();
    }
  }

  @ParameterizedTest
  @MethodSource("brokenVersions")
  void a_mistake_is_told_with_its_place_and_what_to_write(Broken broken) throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.put(broken.file(), broken.in(files.get(broken.file())));

    BrokenSetException told =
        catchThrowableOfType(
            BrokenSetException.class, () -> CandidateSet.of(FileSet.of(files), folder));

    assertThat(told.file()).isEqualTo(broken.file());
    assertThat(told.line()).as(told.getMessage()).isPositive();
    assertThat(told.column()).as(told.getMessage()).isPositive();
    assertThat(told).hasMessageContaining(broken.remedy());
    assertThat(folder).as("a copy of broken files is not kept").isEmptyDirectory();
  }

  @Test
  void files_that_a_cluster_mounts_as_links_are_read_once_by_their_own_names() throws IOException {
    Path mounted = Files.createDirectories(folder.resolve("..2026_11_25/sql")).getParent();
    Files.writeString(mounted.resolve("sql/one.sql"), "select 1");
    Files.createSymbolicLink(folder.resolve("..data"), mounted.getFileName());
    Path config = Files.createDirectories(folder.resolve("config/sql"));
    Files.createSymbolicLink(config.resolve("one.sql"), Path.of("../../..data/sql/one.sql"));
    Files.createSymbolicLink(folder.resolve("linked"), Path.of("config"));

    assertThat(FileSet.read(Map.of("config", folder.resolve("linked"))).files())
        .containsExactly(Map.entry("config/sql/one.sql", "select 1"));
  }
}
