package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A service that can work starts, whatever else is to be told. */
class StartTest extends FreshInstallation {

  @Test
  void a_complete_installation_answers_webhooks_as_soon_as_its_port_is_open_and_ends_when_asked() {
    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment)) {
      Set<Integer> answers = new TreeSet<>();
      Awaitility.await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> answers.addAll(answerToUnsigned(service)) && answers.contains(401));
      service.awaitReady().terminate();

      assertThat(answers)
          .as("503 asks to come back, 401 is the answer of a route")
          .isSubsetOf(503, 401);
      assertThat(service.exitCode(LIMIT)).as("ended by SIGTERM").isEqualTo(143);
      assertThat(complaints(service)).isEmpty();
    }
  }

  @Test
  void a_variable_or_secret_that_nobody_reads_is_told_and_keeps_nothing_from_starting()
      throws IOException {
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Files.writeString(secrets.resolve("SMTP_PASWORD"), "pw-of-it");
    environment.put("INTAKE_MAXBODDY", "2MB");
    environment.put("SMTP_PASSWORD", "another-pw");
    environment.put("LEDGER_PORT", "tcp://10.0.0.7:5432");
    environment.put("SECRETS_FOLDER", "");

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment).awaitReady()) {
      // it is read a moment after it is said
      Awaitility.await().atMost(LIMIT).until(() -> complaints(service).size() >= 3);
      assertThat(complaints(service))
          .hasSize(3)
          .anyMatch(line -> line.endsWith("INTAKE_MAXBODDY; write INTAKE_MAXBODY"))
          .anyMatch(line -> line.endsWith("secrets; write SMTP_PASSWORD"))
          .anyMatch(line -> line.contains("SMTP_PASSWORD does nothing without SMTP_USERNAME"))
          .noneMatch(line -> line.contains("pw"));
    }
  }

  @Test
  void files_may_be_mounted_as_links_and_editors_may_hide_theirs_beside_them() throws Exception {
    Path mounted = Files.createDirectory(folder.resolve("mounted"));
    for (String part : List.of("routes", "config")) {
      Files.move(folder.resolve(part), mounted.resolve(part));
      Files.createSymbolicLink(folder.resolve(part), Path.of("mounted", part));
    }
    Path routing = mounted.resolve("routes/routing");
    Files.move(routing, mounted.resolve("routing"));
    Files.createSymbolicLink(routing, Path.of("../routing"));
    // as Kubernetes mounts a ConfigMap
    Path version = Files.createDirectory(routing.resolve("..2026"));
    Files.createSymbolicLink(routing.resolve("..data"), Path.of("..2026"));
    try (Stream<Path> files = Files.list(mounted.resolve("routing"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = file.getFileName();
        Files.move(file, version.resolve(name));
        Files.createSymbolicLink(routing.resolve(name), Path.of("..data").resolve(name));
      }
    }
    Files.writeString(routing.resolve("._order-status-changed.camel.yaml"), "\0");
    Files.createSymbolicLink(
        routing.resolve(".#order-status-changed.camel.yaml"), Path.of("somebody@somewhere.1"));

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment).awaitReady()) {
      String order = Webhooks.zoomCommerce("order-status-changed", "O-MOUNTED", "draft");
      assertThat(service.sender().zoomCommerce(order).statusCode()).isEqualTo(200);
      Awaitility.await().atMost(LIMIT).until(() -> delivered("O-MOUNTED") == 2);
      assertThat(complaints(service)).isEmpty();
    }
    assertThat(mistakes()).isEmpty();
  }

  private static int delivered(String key) {
    return SERVERS
        .database()
        .queryForList(
            """
            select 1 from delivery d join event e on e.sequence = d.event_sequence
            where d.state = 'delivered' and e.entity_key = ?
            """,
            key)
        .size();
  }

  @Test
  void a_mapping_with_a_mistake_keeps_no_webhook_out_and_is_named_with_file_and_line()
      throws IOException {
    change("config/mappings/order-status-changed-to-salesforce.jslt", "\": ", "\"; ");

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment).awaitReady()) {
      Awaitility.await().atMost(LIMIT).until(() -> !complaints(service).isEmpty());

      assertThat(complaints(service).get(0))
          .contains("config/mappings/order-status-changed-to-salesforce.jslt, line ");
      assertThat(answerToUnsigned(service)).containsExactly(401);
    }
  }

  @Test
  void a_type_without_its_object_in_salesforce_keeps_no_webhook_out_and_is_told_until_it_is_mended()
      throws IOException {
    String settings = "config/application.yaml";
    String good = "    order-status-changed:\n      name";
    String bad = "    nobodys-type:\n      name";
    change(settings, good, bad);

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment).awaitReady()) {
      Awaitility.await().atMost(LIMIT).until(() -> complaints(service).size() == 2);
      assertThat(complaints(service))
          .anyMatch(line -> line.contains("there is no salesforce.objects.order-status-changed"))
          .anyMatch(line -> line.contains("salesforce.objects.nobodys-type is of no use without"));
      assertThat(answerToUnsigned(service)).containsExactly(401);
      assertThat(reload(service)).isEqualTo(422);

      change(settings, bad, good);

      assertThat(reload(service)).isEqualTo(200);
      assertThat(reload(service)).as("once more").isEqualTo(200);
    }
  }

  private int reload(ServiceProcess service) {
    URI management = URI.create("http://127.0.0.1:" + environment.get("MANAGEMENT_SERVER_PORT"));
    return service
        .sender()
        .send(
            HttpRequest.newBuilder(management.resolve("/api/reload"))
                .header("Authorization", LocalServers.OPERATORS_LOGIN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build())
        .statusCode();
  }

  @Test
  void a_statement_that_the_database_refuses_keeps_no_webhook_out_and_is_named()
      throws IOException {
    change("config/sql/order-status-changed.sql", "join commerce_order", "join comerce_order");

    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment).awaitReady()) {
      Awaitility.await().atMost(LIMIT).until(() -> !complaints(service).isEmpty());

      assertThat(complaints(service).get(0))
          .contains("config/sql/order-status-changed.sql, line ")
          .contains("relation \"comerce_order\" does not exist");
      assertThat(answerToUnsigned(service)).containsExactly(401);
    }
  }

  @Test
  void files_are_looked_at_before_they_are_deployed_without_a_secret_or_a_ledger()
      throws IOException {
    assertThat(mistakes()).isEmpty();

    change("config/notifications.yaml", "add: sales-management", "add: sales-managment");
    assertThat(mistakes())
        .singleElement()
        .asString()
        .matches(
            "config/notifications.yaml, line \\d+, column \\d+, there is no audience"
                + " 'sales-managment'; write one of .*");
  }
}
