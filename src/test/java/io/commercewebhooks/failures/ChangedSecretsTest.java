package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SalesforceCall;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A running service whose secrets are files, around which one secret after another is changed.
 * Every server refuses the old one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangedSecretsTest {

  /** With what Spring, Camel and shells would take for signs of their own. */
  private static final String FIRST = "#the}}first{{value$1%2B";

  private static final String SECOND = "the-second-value";

  private final LocalServers servers = LocalServers.start();
  private final JdbcTemplate database = servers.database();

  private final URI managementPort = URI.create("http://127.0.0.1:" + ServiceProcess.freePort());

  @TempDir private static Path folder;
  private ServiceProcess service;

  @BeforeAll
  void start() throws IOException {
    InstallationFolder.fill(folder);
    Files.createDirectory(folder.resolve("secrets"));
    for (String role : List.of("ledger_user", "database_user")) {
      database.execute("create role %s superuser login password '%s'".formatted(role, FIRST));
    }
    askForPasswords();
    servers.salesforce().requireClientSecret(FIRST);
    servers.mailbox().addUser("commerce", FIRST);
    Map<String, String> environment = servers.environment();
    for (String name :
        List.of(
            "ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS",
            "ORACLE_COMMERCE_RETURN_SECRETS",
            "SALESFORCE_CLIENT_SECRET",
            "LEDGER_PASSWORD",
            "DATABASE_PASSWORD",
            "SMTP_PASSWORD")) {
      environment.remove(name);
      secret(name, name.startsWith("ORACLE") ? base64(FIRST) : FIRST);
    }
    environment.put("LEDGER_USERNAME", "ledger_user");
    environment.put("DATABASE_USERNAME", "database_user");
    environment.put("SMTP_USERNAME", "commerce");
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(managementPort.getPort()));
    environment.put("SECRETS_LOOKEACH", "200ms");
    environment.put("LEDGER_RETRY_INITIALDELAY", "100ms");
    environment.put("LEDGER_RETRY_MAXDELAY", "500ms");
    environment.put("LEDGER_HOLD_TRYATLEASTEACH", "1s");
    // none of the trials waits so long: a changed secret ends the pause
    environment.put("SALESFORCE_SIGNIN_FIRSTPAUSE", "10m");
    environment.put("SALESFORCE_SIGNIN_LONGESTPAUSE", "10m");
    service = ServiceProcess.ofClasses(folder, environment).awaitReady();
  }

  /** The embedded server else trusts whoever comes from this machine. */
  private void askForPasswords() throws IOException {
    Path rules = Path.of(database.queryForObject("show hba_file", String.class));
    Files.writeString(
        rules, "host all ledger_user,database_user all scram-sha-256\n" + Files.readString(rules));
    database.execute("select pg_reload_conf()");
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
    servers.close();
  }

  @Test
  void of_both_webhooks_of_oracle_are_taken_up() throws IOException {
    String quote = Webhooks.file("oracle-commerce/quote-request-seed.json");
    String goods = Webhooks.file("oracle-commerce/return-full.json");

    secret("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", base64(SECOND));
    eventually().until(() -> oracle(WebhookSender.REQUEST_QUOTE, quote, SECOND) == 200);
    assertThat(oracle(WebhookSender.REQUEST_QUOTE, quote, FIRST)).isEqualTo(401);
    assertThat(oracle(WebhookSender.RETURN, goods, SECOND)).isEqualTo(401);

    secret("ORACLE_COMMERCE_RETURN_SECRETS", base64(SECOND));
    eventually().until(() -> oracle(WebhookSender.RETURN, goods, SECOND) == 200);
    assertThat(oracle(WebhookSender.RETURN, goods, FIRST)).isEqualTo(401);
    nothingShown();
  }

  @Test
  void of_the_ledger_and_the_database_are_taken_up_by_connections_to_come() throws IOException {
    changeRole("ledger_user");
    secret("LEDGER_PASSWORD", SECOND);
    eventually().until(() -> zoom("Q-ledger") == 200);

    changeRole("database_user");
    secret("DATABASE_PASSWORD", SECOND);
    eventually().until(() -> zoom("Q-database") == 200);
    eventually()
        .until(
            () ->
                database.queryForObject(
                        "select count(*) from quote where key in ('Q-ledger', 'Q-database')",
                        Long.class)
                    == 2);
    eventually().until(() -> health() == 200);
    nothingShown();
  }

  /** With the new password only, and all that came in by the old one put out. */
  private void changeRole(String role) {
    database.execute("alter role %s password '%s'".formatted(role, SECOND));
    database.queryForList(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = ?", role);
  }

  @Test
  void of_salesforce_is_taken_up_at_once_after_the_old_one_was_refused() throws IOException {
    long logins = servers.salesforce().calls(SalesforceCall.Kind.LOGIN);
    servers.salesforce().requireClientSecret(SECOND);
    servers.salesforce().expireSessions();
    assertThat(zoom("Q-salesforce")).isEqualTo(200);
    eventually().until(() -> servers.salesforce().calls(SalesforceCall.Kind.LOGIN) > logins);

    secret("SALESFORCE_CLIENT_SECRET", SECOND);

    eventually()
        .until(() -> !servers.salesforce().record("Zoom_Quote__c", "Q-salesforce").isEmpty());
    nothingShown();
  }

  @Test
  void of_the_mail_server_is_taken_up_and_an_emptied_file_changes_nothing() throws IOException {
    servers.mailbox().changePassword("commerce", SECOND);
    servers.mailbox().stop();
    servers.mailbox().start();

    secret("SMTP_PASSWORD", SECOND);
    eventually().until(() -> zoom("Q-mail") == 200);
    arrivesByMail("Q-mail");

    secret("SMTP_PASSWORD", "");
    untilSaid("mail.password was changed to what can't be");
    servers.mailbox().stop();
    servers.mailbox().start();
    eventually().until(() -> zoom("Q-mail-again") == 200);
    arrivesByMail("Q-mail-again");
    nothingShown();
  }

  @Test
  void that_hold_what_means_another_setting_are_said_to_be_left_out() throws IOException {
    secret("ORACLE_COMMERCE_RETURN_SECRETS", "a${b}c");
    untilSaid("return-secrets can't be read");

    assertThat(service.output()).noneMatch(line -> line.contains("a${b}"));
  }

  private void untilSaid(String words) {
    eventually().until(() -> service.output().stream().anyMatch(line -> line.contains(words)));
  }

  private int health() {
    return service
        .sender()
        .send(HttpRequest.newBuilder(managementPort.resolve("/actuator/health")).GET().build())
        .statusCode();
  }

  private void arrivesByMail(String key) {
    eventually()
        .until(
            () -> servers.mailbox().received().stream().anyMatch(m -> m.subject().contains(key)));
  }

  private int zoom(String key) {
    return service
        .sender()
        .zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", key, "approved"))
        .statusCode();
  }

  private int oracle(String path, String body, String secret) {
    return service
        .sender()
        .send(path, WebhookSender.oracleCommerceHeaders(body, base64(secret)), body)
        .statusCode();
  }

  private void nothingShown() {
    assertThat(service.output()).noneMatch(line -> line.contains(FIRST) || line.contains(SECOND));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void secret(String name, String content) throws IOException {
    Path next = Files.writeString(folder.resolve("next"), content);
    Files.move(
        next,
        folder.resolve("secrets").resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200));
  }
}
