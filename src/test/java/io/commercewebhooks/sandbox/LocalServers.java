package io.commercewebhooks.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;

/**
 * Everything around the service on this machine: a real PostgreSQL, a Salesforce, a mail server.
 */
public final class LocalServers implements AutoCloseable {

  /** What the operator who is known there sends as {@code Authorization}. */
  public static final String OPERATORS_LOGIN =
      "Basic " + Base64.getEncoder().encodeToString("operator:operator".getBytes(UTF_8));

  private final EmbeddedPostgres postgres;
  private final StandInSalesforce salesforce;
  private final Mailbox mailbox;

  private LocalServers(EmbeddedPostgres postgres, StandInSalesforce salesforce, Mailbox mailbox) {
    this.postgres = postgres;
    this.salesforce = salesforce;
    this.mailbox = mailbox;
  }

  /** Starts them on free ports. */
  public static LocalServers start() {
    return start(0, 0, 0);
  }

  /** Starts them; port 0 means any free one. */
  public static LocalServers start(int salesforcePort, int smtpPort, int mailboxPagePort) {
    return start(EmbeddedPostgres.builder(), salesforcePort, smtpPort, mailboxPagePort);
  }

  /**
   * Starts them on free ports, with a PostgreSQL that keeps what it committed as one in production
   * does; the embedded one is else set to forget for the sake of speed. Its log is a file of its
   * own.
   */
  public static LocalServers startDurable() {
    EmbeddedPostgres.Builder postgres = EmbeddedPostgres.builder();
    for (String setting :
        List.of("fsync", "full_page_writes", "synchronous_commit", "logging_collector")) {
      postgres.setServerConfig(setting, "on");
    }
    return start(postgres, 0, 0, 0);
  }

  private static LocalServers start(
      EmbeddedPostgres.Builder postgres, int salesforcePort, int smtpPort, int mailboxPagePort) {
    try {
      return new LocalServers(
          postgres.start(),
          StandInSalesforce.start(salesforcePort),
          Mailbox.start(smtpPort, mailboxPagePort));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the environment of a real installation would say, by the names it would say it. */
  public Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("SANDBOX", "true");
    environment.put(Sandbox.ADDRESS, "127.0.0.1");
    environment.put("ZOOM_COMMERCE_SECRETS", WebhookSender.ZOOM_COMMERCE_SECRET);
    environment.put("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", WebhookSender.REQUEST_QUOTE_SECRET);
    environment.put("ORACLE_COMMERCE_RETURN_SECRETS", WebhookSender.RETURN_SECRET);
    environment.put("LEDGER_URL", postgres.getJdbcUrl("postgres", "postgres"));
    environment.put("LEDGER_USERNAME", "postgres");
    environment.put("LEDGER_PASSWORD", "postgres");
    environment.put("SALESFORCE_LOGIN_URL", salesforce.url());
    environment.put("SALESFORCE_CLIENT_ID", StandInSalesforce.CLIENT_ID);
    environment.put("SALESFORCE_CLIENT_SECRET", StandInSalesforce.CLIENT_SECRET);
    environment.put("SMTP_HOST", "127.0.0.1");
    environment.put("SMTP_PORT", Integer.toString(mailbox.port()));
    environment.put("SMTP_TLS", "false");
    environment.put("MAIL_FROM", "Commerce Webhooks <commerce-webhooks@example.com>");
    environment.put("CONSOLE_USERNAME", "operator");
    environment.put("CONSOLE_PASSWORD", "operator");
    return environment;
  }

  /** Tells a service of a test where they are; its database target is in the ledger's database. */
  public void addTo(DynamicPropertyRegistry properties) {
    environment().forEach((name, value) -> properties.add(name, () -> value));
    properties.add("DATABASE_URL", () -> environment().get("LEDGER_URL"));
  }

  /** Asks the ledger, and the database target. */
  public JdbcTemplate database() {
    return new JdbcTemplate(postgres.getPostgresDatabase());
  }

  public EmbeddedPostgres postgres() {
    return postgres;
  }

  public StandInSalesforce salesforce() {
    return salesforce;
  }

  public Mailbox mailbox() {
    return mailbox;
  }

  @Override
  public void close() {
    salesforce.close();
    mailbox.close();
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
