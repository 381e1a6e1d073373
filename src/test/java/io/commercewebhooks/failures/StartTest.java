package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A service that can't work says why in one line and ends. */
class StartTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final LocalServers SERVERS = LocalServers.start();

  private static final String ACME =
      """
        signed:
          acme-billing:
            secrets: ${ACME_BILLING_SECRETS}
            algorithm: HmacSHA256
            code: hex
            text: "{timestamp}.{body}"
            timestamp-tolerance: 5m
      """;

  @TempDir private Path folder;
  private final Map<String, String> environment = SERVERS.environment();

  @BeforeEach
  void install() throws IOException {
    InstallationFolder.fill(folder);
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
  }

  @Test
  void a_missing_secret_is_named() {
    environment.remove("ZOOM_COMMERCE_SECRETS");

    assertThat(refusal()).contains("not set, or empty: ZOOM_COMMERCE_SECRETS ");
  }

  @Test
  void a_secret_of_nothing_but_commas_and_blanks_is_none() {
    environment.put("ORACLE_COMMERCE_RETURN_SECRETS", " , ");

    assertThat(refusal()).contains("not set, or empty: ORACLE_COMMERCE_RETURN_SECRETS ");
  }

  @Test
  void one_empty_secret_among_good_ones_is_refused_too() {
    environment.put("ZOOM_COMMERCE_SECRETS", "good,,also-good");

    assertThat(refusal()).contains("ZOOM_COMMERCE_SECRETS").doesNotContain("also-good");
  }

  @Test
  void all_that_is_missing_is_named_at_once() {
    environment.remove("SALESFORCE_CLIENT_SECRET");
    environment.put("SMTP_HOST", "");
    environment.remove("CONSOLE_PASSWORD");

    assertThat(refusal()).contains("SALESFORCE_CLIENT_SECRET, SMTP_HOST, CONSOLE_PASSWORD");
  }

  @Test
  void an_oracle_secret_that_is_not_base64_is_named_and_not_shown() {
    environment.put("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", "c2VjcmV0,not*base64");

    assertThat(refusal())
        .contains("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", "base64")
        .doesNotContain("not*base64", "c2VjcmV0");
  }

  @Test
  void the_secrets_of_the_sandbox_are_refused_outside_of_it() {
    environment.remove("SANDBOX");

    assertThat(refusal()).contains("ZOOM_COMMERCE_SECRETS is a sample").doesNotContain("sandbox-");
  }

  @Test
  void the_sandbox_refuses_to_listen_on_the_open_network() {
    environment.put("SERVER_ADDRESS", "0.0.0.0");

    assertThat(refusal()).contains("the sandbox", "server.address must be 127.0.0.1");
  }

  @Test
  void a_salesforce_that_would_be_told_secrets_over_plain_http_is_refused() {
    environment.put("SALESFORCE_LOGIN_URL", "http://example.my.salesforce.com");

    assertThat(refusal()).contains("SALESFORCE_LOGIN_URL", "https://");
  }

  @Test
  void a_key_for_salesforce_that_is_not_there_is_named() {
    environment.remove("SALESFORCE_CLIENT_SECRET");
    environment.put("SALESFORCE_KEYSTORE", "nowhere.p12");
    environment.put("SALESFORCE_KEYSTORE_PASSWORD", "pw-of-the-key");
    environment.put("SALESFORCE_USERNAME", "integration@example.com");

    assertThat(refusal())
        .contains("SALESFORCE_KEYSTORE (nowhere.p12)")
        .doesNotContain("pw-of-the-key");
  }

  @Test
  void a_key_for_salesforce_needs_its_password_and_its_user() {
    environment.put("SALESFORCE_KEYSTORE", "nowhere.p12");

    assertThat(refusal()).contains("SALESFORCE_KEYSTORE_PASSWORD, SALESFORCE_USERNAME");
  }

  @Test
  void without_a_first_user_there_must_be_others_who_can_sign_in() {
    environment.remove("CONSOLE_USERNAME");
    environment.remove("CONSOLE_PASSWORD");
    environment.put("CONSOLE_USERS", "anna:admin:not-hashed");

    assertThat(refusal())
        .contains("CONSOLE_USERS", "name:role:hash")
        .doesNotContain("anna", "not-hashed");

    environment.remove("CONSOLE_USERS");

    assertThat(refusal()).contains("not set, or empty: CONSOLE_USERNAME, CONSOLE_PASSWORD ");
  }

  @Test
  void a_key_of_the_ledger_that_is_none_is_named_and_not_shown() {
    environment.put("LEDGER_PAYLOAD_KEYS", "dG9vLXNob3J0");
    assertThat(refusal()).contains("not set, or empty: LEDGER_LOOK_UP_KEYS ");
    environment.put("LEDGER_LOOK_UP_KEYS", "A".repeat(43) + "=");

    assertThat(refusal()).contains("LEDGER_PAYLOAD_KEYS", "32 bytes").doesNotContain("dG9v");
  }

  @Test
  void a_mail_server_that_is_not_a_name_is_told_what_to_write() {
    environment.put("SMTP_HOST", "::1");

    assertThat(refusal()).contains("SMTP_HOST is ::1: write the name of the mail server");
  }

  @Test
  void a_mail_server_elsewhere_is_not_talked_to_in_the_clear() {
    environment.put("SMTP_HOST", "192.0.2.1");

    assertThat(refusal()).contains("SMTP_TLS is false", "192.0.2.1");
  }

  @Test
  void a_sender_of_mails_that_is_not_one_address_is_named() {
    for (String from :
        List.of(
            "Example, Inc. <commerce@example.com>",
            "Commerce",
            "\"Commerce <commerce@example.com>\"")) {
      environment.put("MAIL_FROM", from);

      assertThat(refusal()).contains("MAIL_FROM is not one address: " + from);
    }
  }

  @Test
  void a_ledger_out_of_reach_is_named_by_its_address_without_its_password() {
    int nobody = ServiceProcess.freePort();
    environment.put("LEDGER_URL", "jdbc:postgresql://127.0.0.1:" + nobody + "/ledger?password=pw");

    assertThat(refusal())
        .contains("LEDGER_URL", "127.0.0.1:" + nobody, "refused")
        .doesNotContain("password=pw");
  }

  @Test
  void a_ledger_whose_address_has_a_login_in_it_is_named_without_it() {
    for (String scheme : List.of("postgresql", "jdbc:postgresql")) {
      environment.put("LEDGER_URL", scheme + "://ledger-user:pw-of@it@127.0.0.1:1/ledger");

      assertThat(refusal())
          .contains("LEDGER_URL", "127.0.0.1:1/ledger")
          .doesNotContain("ledger-user", "pw-of");
    }
  }

  @Test
  void a_ledger_that_cannot_hold_every_text_is_named() throws SQLException {
    try (Connection ledger = SERVERS.postgres().getPostgresDatabase().getConnection();
        Statement statement = ledger.createStatement()) {
      statement.execute("create database latin template template0 encoding 'LATIN1' locale 'C'");
    }
    environment.put("LEDGER_URL", SERVERS.postgres().getJdbcUrl("postgres", "latin"));

    assertThat(refusal()).contains("LEDGER_URL", "LATIN1", "UTF8 is needed");
  }

  @Test
  void a_ledger_in_which_somebody_else_has_a_table_of_its_names_is_told_what_it_needs()
      throws SQLException {
    try (Connection ledger = SERVERS.postgres().getPostgresDatabase().getConnection();
        Statement statement = ledger.createStatement()) {
      statement.execute("create schema shared create table event (at timestamptz)");
    }
    environment.put(
        "LEDGER_URL",
        SERVERS.postgres().getJdbcUrl("postgres", "postgres") + "&currentSchema=shared");

    assertThat(refusal())
        .contains("relation \"event\" already exists", "a schema of its own")
        .doesNotContain("Tomcat");
  }

  @Test
  void a_ledger_that_only_reads_is_named() throws SQLException {
    try (Connection ledger = SERVERS.postgres().getPostgresDatabase().getConnection();
        Statement statement = ledger.createStatement()) {
      statement.execute("create role reader login");
      statement.execute("alter role reader set default_transaction_read_only = on");
    }
    environment.put("LEDGER_URL", SERVERS.postgres().getJdbcUrl("reader", "postgres"));
    environment.put("LEDGER_USERNAME", "reader");

    assertThat(refusal()).contains("LEDGER_URL", "targetServerType: primary");
  }

  @Test
  void a_secret_that_looks_like_the_name_of_a_setting_is_not_shown() {
    environment.put("LEDGER_PASSWORD", "pw${of}it");

    assertThat(refusal()).contains("holds ${of}").doesNotContain("pw$", "}it");
  }

  @Test
  void callers_are_not_believed_about_their_own_address() {
    environment.put("FORWARD_HEADERS", "framework");

    assertThat(refusal()).contains("FORWARD_HEADERS", "native", "TRUSTED_PROXIES");
  }

  @Test
  void proxies_that_could_be_anybody_or_are_no_pattern_are_refused() {
    environment.put("FORWARD_HEADERS", "native");
    environment.put("TRUSTED_PROXIES", ".*");
    assertThat(refusal()).contains("TRUSTED_PROXIES fits every address");

    environment.put("TRUSTED_PROXIES", "10.(");
    assertThat(refusal()).contains("TRUSTED_PROXIES is no regular expression");
  }

  @Test
  void an_option_that_the_driver_would_pass_over_is_named_with_what_was_meant() {
    String ledger = environment.get("LEDGER_URL");
    environment.put("LEDGER_URL", ledger + "&sslmod=verify-full");
    assertThat(refusal()).contains("LEDGER_URL has an option", "sslmod; write sslmode");

    environment.put("LEDGER_URL", ledger);
    environment.put("DATABASE_URL", ledger + "&sslrootcrt=/authority.pem");
    assertThat(refusal()).contains("DATABASE_URL has an option", "sslrootcrt; write sslrootcert");

    environment.put("DATABASE_URL", "postgres://user:pw-of-it@db.example.com/orders");
    assertThat(refusal()).contains("DATABASE_URL is not written like").doesNotContain("pw-of-it");
  }

  @Test
  void two_ports_that_are_the_same_are_named() {
    environment.put("MANAGEMENT_SERVER_PORT", environment.get("SERVER_PORT"));

    assertThat(refusal()).contains("SERVER_PORT and MANAGEMENT_SERVER_PORT are both");
  }

  @Test
  void what_tls_or_a_token_needs_besides_is_named() {
    environment.put("SERVER_TLS", "true");
    environment.put("SMTP_TOKEN_URL", "https://login.example.com/token");

    assertThat(refusal())
        .contains("SMTP_USERNAME, SMTP_CLIENT_ID, SMTP_CLIENT_SECRET")
        .contains("TLS_CERTIFICATE, TLS_PRIVATE_KEY");
  }

  @Test
  void a_setting_that_a_library_refuses_is_named_with_its_place_and_what_it_takes()
      throws IOException {
    change("config/application.yaml", "connection-timeout: 800", "connection-timeout: 100");
    assertThat(refusal()).contains("spring.datasource.hikari (", "application.yaml", "250ms");

    change("config/application.yaml", "connection-timeout: 100", "connection-timeout: 800");
    environment.put("LOGGING_LEVEL_ROOT", "WARNING");
    assertThat(refusal()).contains("logging.level.root", "LOGGING_LEVEL_ROOT", "WARN, ERROR");
  }

  @Test
  void a_setting_that_is_written_twice_is_named_with_its_file() throws IOException {
    change("config/application.yaml", "  max-body: 1MB", "  max-body: 3MB\n  max-body: 1MB");

    assertThat(refusal()).contains("config/application.yaml, line", "'max-body' is written twice");
  }

  @Test
  void a_balance_of_a_target_that_no_route_knows_is_refused() throws IOException {
    change("config/application.yaml", "targets: salesforce, database", "targets: databse");

    assertThat(refusal()).contains("ledger.balance.targets", "databse; write database");
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
      assertThat(complaints(service))
          .hasSize(3)
          .anyMatch(line -> line.endsWith("INTAKE_MAXBODDY; write INTAKE_MAXBODY"))
          .anyMatch(line -> line.endsWith("secrets; write SMTP_PASSWORD"))
          .anyMatch(line -> line.contains("SMTP_PASSWORD does nothing without SMTP_USERNAME"))
          .noneMatch(line -> line.contains("pw"));
    }
  }

  @Test
  void a_spool_that_cannot_be_written_is_named() throws IOException {
    Files.writeString(folder.resolve("spool"), "a file");
    environment.put("SPOOL_FOLDER", "spool");

    assertThat(refusal()).contains("SPOOL_FOLDER (spool) can't be written");
  }

  @Test
  void a_port_that_is_taken_is_named_with_its_settings() throws IOException {
    try (ServerSocket another = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("SERVER_PORT", Integer.toString(another.getLocalPort()));

      assertThat(refusal())
          .contains("port " + another.getLocalPort() + " of this machine is taken")
          .contains("SERVER_PORT");
    }
  }

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
  void an_audit_that_would_be_kept_for_less_than_a_year_is_refused() {
    environment.put("RETENTION_AUDIT", "30d");

    assertThat(refusal()).contains("retention.audit must be 365d or more");
  }

  @Test
  void a_sender_of_the_settings_without_a_secret_of_its_own_is_named() throws IOException {
    change("config/application.yaml", "  signed: {}\n", ACME);

    assertThat(refusal()).contains("${ACME_BILLING_SECRETS}, and no setting has this name");
    environment.put("ACME_BILLING_SECRETS", "good, ");
    assertThat(refusal())
        .contains("intake.signed.acme-billing.secrets holds an empty secret")
        .doesNotContain("good");
    environment.put("ACME_BILLING_SECRETS", "good, changeme");
    environment.put("SANDBOX", "false");
    assertThat(refusal()).contains("is a sample that everybody knows");
  }

  @Test
  void a_signature_that_would_prove_nothing_is_named_with_its_setting() throws IOException {
    change("config/application.yaml", "  signed: {}\n", ACME.replace("{timestamp}.", "{time}."));
    environment.put("ACME_BILLING_SECRETS", "a-secret-of-its-own");

    assertThat(refusal())
        .contains(
            "config/application.yaml: intake.signed.acme-billing.text proves nothing;"
                + " write it like \"{timestamp}.{body}\"");
  }

  @Test
  void a_retention_of_a_type_that_no_route_knows_is_refused() throws IOException {
    change("config/application.yaml", "types: {}", "types: {return-udpated: {payload: 30d}}");

    assertThat(refusal())
        .contains("retention.types: no route knows the type return-udpated; write return-updated");
  }

  @Test
  void a_retention_of_a_type_as_a_variable_which_has_no_dashes_is_refused() {
    environment.put("RETENTION_TYPES_RETURNUPDATED_PAYLOAD", "30d");

    assertThat(refusal()).contains("the type returnupdated; write return-updated");
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
  void a_clock_of_a_target_that_no_route_knows_is_refused() throws IOException {
    change("config/application.yaml", "  targets:\n    salesforce:", "  targets:\n    salesfroce:");

    assertThat(refusal())
        .contains("ledger.targets: no route knows the target salesfroce; write salesforce");
  }

  @Test
  void a_clock_of_a_failure_that_nobody_has_set_is_refused() throws IOException {
    change("config/failures.yaml", "FOREIGN_KEY_NOT_FOUND: slow", "FOREIGN_KEY_NOT_FOUND: slwo");

    assertThat(refusal())
        .contains("failures.salesforce.clocks: ledger.clocks has no clock slwo; write slow");
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

  /** What is said of the files; the exit code is 1 then. */
  private List<String> mistakes() {
    try (ServiceProcess check = ServiceProcess.ofCheck(folder)) {
      int exitCode = check.exitCode(LIMIT);
      List<String> said = List.copyOf(check.output());
      assertThat(exitCode).as(said.toString()).isEqualTo(said.isEmpty() ? 0 : 1);
      return said;
    }
  }

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

  private static Set<Integer> answerToUnsigned(ServiceProcess service) {
    try {
      return Set.of(
          service
              .sender()
              .send(WebhookSender.ZOOM_COMMERCE, WebhookSender.json(), "{}")
              .statusCode());
    } catch (UncheckedIOException notYet) {
      return Set.of();
    }
  }

  /** Starts the service, which must end at once, and gives its only complaint. */
  private String refusal() {
    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment)) {
      int exitCode = service.exitCode(LIMIT);

      assertThat(exitCode).as(() -> "exit code, after " + service.output()).isEqualTo(1);
      assertThat(service.output()).noneMatch(line -> line.matches("(\\s+at |Caused by:).*"));
      List<String> complaints = complaints(service);
      assertThat(complaints).hasSize(1);
      return complaints.get(0);
    }
  }

  private static List<String> complaints(ServiceProcess service) {
    return service.output().stream().filter(line -> !line.contains(" INFO ")).toList();
  }

  private void remove(String part) {
    FileSystemUtils.deleteRecursively(folder.resolve(part).toFile());
  }

  private void change(String file, String what, String replacement) throws IOException {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(what);
    int at = text.indexOf(what);
    Files.writeString(
        path, text.substring(0, at) + replacement + text.substring(at + what.length()));
  }
}
