package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A service that its settings keep from working says why in one line and ends. */
class SettingsAtStartTest extends FreshInstallation {

  @Test
  void a_mail_server_that_is_not_a_name_is_told_what_to_write() {
    environment.put("SMTP_HOST", "::1");

    assertThat(refusal()).contains("SMTP_HOST is ::1: write the name of the mail server");
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
  void a_spool_that_cannot_be_written_is_named() throws IOException {
    Files.writeString(folder.resolve("spool"), "a file");
    environment.put("SPOOL_FOLDER", "spool");

    assertThat(refusal()).contains("SPOOL_FOLDER (spool) can't be written");
  }

  @Test
  void a_port_that_is_taken_is_named_with_its_settings() throws IOException {
    try (ServerSocket another = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("SERVER_PORT", Integer.toString(another.getLocalPort()));
      // the machine's language: by its words Spring knows that a port is taken
      environment.put("LC_ALL", "C.UTF-8");

      assertThat(refusal())
          .contains("port " + another.getLocalPort() + " of this machine is taken")
          .contains("SERVER_PORT");
    }
  }

  @Test
  void an_audit_that_would_be_kept_for_less_than_a_year_is_refused() {
    environment.put("RETENTION_AUDIT", "30d");

    assertThat(refusal()).contains("retention.audit must be 365d or more");
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
}
