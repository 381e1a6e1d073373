package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * A service that can't read its files, or would lose events by them, names file and line and ends.
 */
class FilesAtStartTest extends FreshInstallation {

  @Test
  void a_start_away_from_the_config_folder_says_where_it_looked() {
    remove("config");

    assertThat(refusal()).contains("config/application.yaml", folder.toString());
  }

  @Test
  void a_start_away_from_the_routes_folder_says_where_it_looked() {
    remove("routes");

    assertThat(refusal()).contains("routes", folder.toString());
  }

  @Test
  void a_routes_folder_without_routes_is_no_service() throws IOException {
    remove("routes");
    Files.createDirectories(folder.resolve("routes/delivery"));

    assertThat(refusal()).contains("no route file", folder.resolve("routes").toString());
  }

  @Test
  void a_setting_file_that_is_missing_is_named() {
    remove("config/advice.yaml");

    assertThat(refusal()).contains("config/advice.yaml", "is missing; put it back");
  }

  @Test
  void a_route_file_that_is_a_link_to_nothing_is_named() throws IOException {
    String file = "routes/routing/order-status-changed.camel.yaml";
    Files.delete(folder.resolve(file));
    Files.createSymbolicLink(folder.resolve(file), Path.of("gone"));

    assertThat(refusal())
        .contains(file + ", line 1, column 1: this link leads to no file; mend it");
  }

  @Test
  void broken_yaml_in_a_route_file_is_named_with_its_line() throws IOException {
    Files.writeString(
        folder.resolve("routes/delivery/another.camel.yaml"),
        """
        - route:
            id: delivery-another
             description: one blank too many
        """);

    assertThat(refusal()).contains("routes/delivery/another.camel.yaml, line 3,");
  }

  @Test
  void numbers_are_written_in_the_same_digits_in_every_country() throws IOException {
    environment.put("JDK_JAVA_OPTIONS", "-Duser.language=ar -Duser.country=EG");
    change("config/notifications.yaml", "notifications:", "notifications: [");

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment)) {
      assertThat(service.exitCode(LIMIT)).isEqualTo(1);
      assertThat(service.output())
          .anyMatch(line -> line.matches(".*config/notifications.yaml, line [0-9]+.*"));
    }
  }

  @Test
  void broken_yaml_in_a_config_file_is_named() throws IOException {
    change("config/notifications.yaml", "notifications:", "notifications: [");

    assertThat(refusal()).contains("config/notifications.yaml, line ");
  }

  @Test
  void broken_yaml_in_a_settings_file_is_named_and_no_other_file_of_config() throws IOException {
    change("config/failures.yaml", "    retry:", "\tretry:");

    assertThat(refusal()).contains("config/failures.yaml, line ", "indent by spaces");
  }

  @Test
  void settings_in_another_encoding_are_named_with_what_to_do() throws IOException {
    Path settings = folder.resolve("config/application.yaml");
    String good = Files.readString(settings);

    Files.writeString(settings, "# für\n" + good, StandardCharsets.ISO_8859_1);
    assertThat(refusal())
        .contains("config/application.yaml, line 1, column 4: ", "save the file as UTF-8");

    Files.writeString(settings, "# \0\n" + good);
    assertThat(refusal())
        .contains("config/application.yaml, line 1, column 3: ", "save the file as UTF-8");
  }

  @Test
  void an_unknown_step_in_a_route_file_is_named_with_the_file() throws IOException {
    change("routes/intake/zoom-commerce.camel.yaml", "- setVariable:", "- setVarriable:");

    assertThat(refusal()).contains("routes/intake/zoom-commerce.camel.yaml", "setVarriable");
  }

  @Test
  void an_unknown_endpoint_option_in_a_route_file_is_named_with_the_file() throws IOException {
    change("routes/delivery/salesforce.camel.yaml", "batchSize:", "batchsSize:");

    assertThat(refusal()).contains("routes/delivery/salesforce.camel.yaml", "batchsSize");
  }

  @Test
  void a_setting_that_no_file_has_is_named_with_the_route_file() throws IOException {
    change("routes/delivery/database.camel.yaml", "{{database.workers}}", "{{database.wrokers}}");

    assertThat(refusal()).contains("routes/delivery/database.camel.yaml", "database.wrokers");
  }

  @Test
  void a_failure_policy_that_does_not_exist_is_named_with_file_and_line() throws IOException {
    change("routes/delivery/email.camel.yaml", "retry-then-dead-letter", "retry-then-give-up");

    assertThat(refusal())
        .contains(
            "routes/delivery/email.camel.yaml, line ", "routeConfiguration retry-then-give-up");
  }

  @Test
  void an_unknown_bean_in_a_route_file_is_named_with_the_file() throws IOException {
    change(
        "routes/intake/zoom-commerce.camel.yaml", "zoomCommerceSignature", "zoomComerceSignature");

    assertThat(refusal())
        .contains("routes/intake/zoom-commerce.camel.yaml", "zoomComerceSignature");
  }

  @Test
  void a_list_of_persons_fields_by_another_name_is_refused() throws IOException {
    change("config/personal-data.yaml", "  mask:", "  masks:");

    assertThat(refusal())
        .contains("config/personal-data.yaml, line 8, column 3", "write one of mask, profile-id");
  }

  @Test
  void a_list_of_fields_to_redact_by_another_name_is_refused() throws IOException {
    change("config/redaction.yaml", "  drop:", "  drops:");

    assertThat(refusal()).contains("config/redaction.yaml, line", "write one of drop, last-four");
  }

  @Test
  void words_of_failures_and_advice_that_nobody_knows_are_told_alike_before_and_at_the_start()
      throws IOException {
    change("config/failures.yaml", "    quota:", "    qouta:");
    int line = Files.readAllLines(Path.of("config/failures.yaml")).indexOf("    quota:") + 1;
    String told =
        "config/failures.yaml, line %d, column 5: nobody knows 'qouta' here; write one of"
            .formatted(line);
    assertThat(refusal()).contains(told);
    assertThat(mistakes()).singleElement().asString().startsWith(told);

    change("config/failures.yaml", "    qouta:", "    quota:");
    change("config/advice.yaml", "advice:", "advise:");
    assertThat(mistakes())
        .singleElement()
        .asString()
        .contains("config/advice.yaml, line 10, column 1", "write one of advice");
  }

  @Test
  void a_list_of_fields_to_redact_that_is_left_out_is_told() throws IOException {
    change("config/redaction.yaml", "  business-numbers: []\n", "");

    assertThat(refusal())
        .contains("config/redaction.yaml, line", "'business-numbers' is missing here");
  }

  @Test
  void files_that_are_read_at_the_start_are_looked_at_before_they_are_deployed_too()
      throws IOException {
    change("config/failures.yaml", "    retry:", "\tretry:");

    assertThat(mistakes())
        .singleElement()
        .asString()
        .startsWith("config/failures.yaml, line ")
        .contains("indent by spaces");
  }
}
