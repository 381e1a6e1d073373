package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.NullNode;
import com.schibsted.spt.data.jslt.Parser;
import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenRoutes;
import io.commercewebhooks.workbench.BrokenVersions.Broken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
      set.checkObjects();
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
  void a_file_that_is_not_utf_8_is_told_with_its_place() throws IOException {
    Path written = Files.createDirectories(folder.resolve("routes")).resolve("x.camel.yaml");
    Files.write(written, "# a\n# für\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> FileSet.read(Map.of("routes", folder.resolve("routes"))))
        .isInstanceOf(CannotStartException.class)
        .hasMessage(
            "routes/x.camel.yaml, line 2, column 4: what stands here isn't UTF-8; save the file as"
                + " UTF-8");
    assertThatThrownBy(() -> WrittenRoutes.in(folder)).hasMessageContaining("line 2, column 4");
  }

  @Test
  void a_file_that_would_take_all_memory_is_not_read() throws IOException {
    Path written = Files.createDirectories(folder.resolve("sql")).resolve("one.sql");
    Files.writeString(written, "-- ".repeat(400_000));

    assertThatThrownBy(() -> FileSet.read(Map.of("config/sql", folder.resolve("sql"))))
        .hasMessageStartingWith(
            "config/sql/one.sql, line 1, column 1: it is larger than a megabyte");
  }

  @Test
  void the_mark_that_some_editors_put_before_a_text_is_no_part_of_it() throws IOException {
    Path written = Files.createDirectories(folder.resolve("sql")).resolve("one.sql");
    Files.writeString(written, "\uFEFFselect 1");

    assertThat(FileSet.read(Map.of("config/sql", folder.resolve("sql"))).files())
        .containsExactly(Map.entry("config/sql/one.sql", "select 1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fax.yaml",
        "fax.camel.YAML",
        "routing/fax.yml",
        "fax.v2.camel.yaml",
        "fax 2.camel.yaml"
      })
  void a_route_file_is_never_passed_over_for_its_name(String name) throws IOException {
    Path written = folder.resolve("routes").resolve(name);
    Files.createDirectories(written.getParent());
    Files.writeString(written, "# nothing");

    assertThatThrownBy(() -> FileSet.read(Map.of("routes", folder.resolve("routes"))))
        .hasMessageStartingWith("routes/" + name)
        .hasMessageContaining("call it .camel.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {".#fax.camel.yaml", ".swap/fax.yaml", "README.md", "fax.camel.yaml~"})
  void what_editors_and_people_put_beside_route_files_is_left_alone(String name)
      throws IOException {
    Path written = folder.resolve("routes").resolve(name);
    Files.createDirectories(written.getParent());
    Files.writeString(written, "# nothing");

    assertThat(FileSet.read(Map.of("routes", folder.resolve("routes"))).files()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"config/redaction.yaml", "config/notifications.yaml", "config/application.yaml"})
  void a_set_without_a_file_that_it_needs_is_refused(String name) throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.remove(name);

    assertThat(refused(files))
        .hasMessage("it is missing; put it back")
        .extracting(BrokenSetException::file)
        .isEqualTo(name);
  }

  private BrokenSetException refused(Map<String, String> files) {
    return catchThrowableOfType(
        BrokenSetException.class, () -> CandidateSet.of(FileSet.of(files), folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"letter.ftl", "subject.ftl", "text.ftl", "html.ftlh"})
  void a_set_without_what_all_mails_are_made_of_is_refused(String name) throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.remove("config/templates/" + name);

    assertThat(refused(files))
        .hasMessageContaining("it is missing")
        .extracting(BrokenSetException::file)
        .isEqualTo("config/templates/" + name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "routes/routing/order-status-changed.camel.yaml",
        "config/notifications.yaml",
        "config/mappings/order-status-changed-to-salesforce.jslt",
        "config/templates/en/order-completed.ftl",
        "config/templates/en/words.ftl"
      })
  void an_empty_file_is_refused(String name) throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.put(name, "\n");

    assertThat(refused(files))
        .hasMessageContaining("it is empty")
        .extracting(BrokenSetException::file, BrokenSetException::line)
        .containsExactly(name, 1);
  }

  @Test
  void a_mail_may_say_what_an_event_can_lack() throws Exception {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.computeIfPresent(
        BrokenVersions.TEMPLATE, (name, text) -> text.replace("${key}", "${letter.total.amount}"));

    try (CandidateSet set = CandidateSet.of(FileSet.of(files), folder)) {
      assertThat(set.file(BrokenVersions.TEMPLATE)).exists();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        setVariable:
              name: region
              constant: north
        """,
        """
        setVariables:
              variables:
                - name: region
                  constant: north
        """,
        """
        to:
              uri: direct:region-found
              variableReceive: region
        """
      })
  void routing_may_ask_for_what_a_route_that_it_calls_has_set(String step) throws Exception {
    String routing = "routes/routing/order-status-changed.camel.yaml";
    String status = "${variable.status} == 'completed'";
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.computeIfPresent(
        routing,
        (name, text) -> text.replace(status, status + " && ${variable.region} == 'north'"));
    files.put(
        "routes/routing/region.camel.yaml",
        """
        - route:
            id: region
            from:
              uri: direct:region
              steps:
                - %s
        - route:
            id: region-found
            from:
              uri: direct:region-found
              steps:
                - setBody:
                    constant: north
        """
            .formatted(step.replace("\n", "\n            ").strip()));

    try (CandidateSet set = CandidateSet.of(FileSet.of(files), folder)) {
      assertThat(set.text(routing)).contains("${variable.region}");
    }
  }

  @Test
  void mails_of_a_language_that_has_no_words_yet_keep_nothing_from_going_live() throws Exception {
    String first = "config/templates/fr/order-completed.ftl";
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.put(first, files.get(BrokenVersions.TEMPLATE));

    try (CandidateSet set = CandidateSet.of(FileSet.of(files), folder)) {
      assertThat(set.file(first)).exists();
    }
  }

  @Test
  void a_mapping_says_the_same_in_whatever_charset_the_platform_reads_it() throws Exception {
    String said = "\"Gr\u00f6\u00dfe \u2026 \ud83d\ude00\"";
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.put("config/mappings/size.jslt", said);

    try (CandidateSet set = CandidateSet.of(FileSet.of(files), folder)) {
      String read =
          Files.readString(set.file("config/mappings/size.jslt"), StandardCharsets.US_ASCII);
      assertThat(Parser.compileString(read).apply(NullNode.instance).toString()).isEqualTo(said);
    }
  }

  @Test
  void a_mapping_of_nothing_but_brackets_is_refused() throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.put(BrokenVersions.MAPPING, "(".repeat(100_000));

    BrokenSetException told =
        catchThrowableOfType(
            BrokenSetException.class, () -> CandidateSet.of(FileSet.of(files), folder));

    assertThat(told.file()).isEqualTo(BrokenVersions.MAPPING);
    assertThat(told).hasMessageContaining("nest it less");
  }

  @Test
  void a_mail_whose_macro_calls_itself_without_end_is_refused() throws IOException {
    String file = "config/templates/en/order-completed.ftl";
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.computeIfPresent(
        file, (name, text) -> "<#macro m><@m/></#macro><#assign x><@m/></#assign>" + text);

    BrokenSetException told =
        catchThrowableOfType(
            BrokenSetException.class, () -> CandidateSet.of(FileSet.of(files), folder));

    assertThat(told.file()).isEqualTo(file);
    assertThat(told).hasMessageContaining("without end");
  }

  @Test
  void a_mail_without_words_in_the_language_of_its_audience_is_refused() throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.remove("config/templates/de/order-completed.ftl");
    files.computeIfPresent(
        "config/notifications.yaml",
        (name, text) -> text.replaceFirst("(?s)(finance:.*?language: )en", "$1de"));

    BrokenSetException told =
        catchThrowableOfType(
            BrokenSetException.class, () -> CandidateSet.of(FileSet.of(files), folder));

    assertThat(told.file()).isEqualTo(BrokenVersions.ROUTE);
    assertThat(told)
        .hasMessage(
            "there is no file config/templates/de/order-completed.ftl, and finance reads de; save"
                + " it first");
  }

  @Test
  void a_type_that_goes_to_salesforce_and_has_no_object_there_is_told() throws Exception {
    Map<String, String> files = new TreeMap<>(FileSet.read(PLACES).files());
    files.computeIfPresent(
        BrokenVersions.SETTINGS,
        (name, text) -> text.replace("    order-status-changed:\n", "    order-status-change:\n"));

    try (CandidateSet set = CandidateSet.of(FileSet.of(files), folder)) {
      BrokenSetException told = catchThrowableOfType(BrokenSetException.class, set::checkObjects);

      assertThat(told.file()).isEqualTo(BrokenVersions.ROUTE);
      assertThat(told)
          .hasMessageContaining("there is no salesforce.objects.order-status-changed in");
    }
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
