package io.commercewebhooks.benchmark;

import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SingleMails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A service under test, as a process of its own, with a PostgreSQL, a Salesforce and a mail server
 * that serve it alone.
 */
final class Contestant implements AutoCloseable {

  /** Who takes part. */
  enum Who {
    COMMERCE_WEBHOOKS,
    HAND_WRITTEN
  }

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final String LEFT_IN_LEDGER =
      """
      select (select count(*) from event where state = 'received')
           + (select count(*) from delivery where state = 'waiting')
      """;

  private static final Map<String, String> TABLES =
      Map.of(
          "account-status-changed", "account",
          "quote-status-changed", "quote",
          "deal-registration-status-changed", "deal_registration",
          "order-status-changed", "commerce_order",
          "quote-requested", "quote_request",
          "return-updated", "return_request");

  private final Who who;
  private final LocalServers servers = LocalServers.startDurable();
  private final JdbcTemplate database = new JdbcTemplate(servers.postgres().getPostgresDatabase());
  private final int port = ServiceProcess.freePort();
  private final ServiceProcess service;

  Contestant(Who who) {
    this.who = who;
    Map<String, String> environment = new LinkedHashMap<>(servers.environment());
    environment.put("SERVER_PORT", Integer.toString(port));
    if (who == Who.HAND_WRITTEN) {
      environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(port));
      environment.put("SPRING_DATASOURCE_URL", environment.get("LEDGER_URL"));
      environment.put("SPRING_DATASOURCE_USERNAME", environment.get("LEDGER_USERNAME"));
      environment.put("SPRING_DATASOURCE_PASSWORD", environment.get("LEDGER_PASSWORD"));
      environment.put("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "40");
      environment.put("SPRING_CONFIG_LOCATION", "optional:file:./none/");
      service = ServiceProcess.ofProgram(HandWritten.class, elsewhere(), environment);
    } else {
      environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
      environment.put("MAIL_NOTIFICATIONS", SingleMails.file().toString());
      service = ServiceProcess.of(Path.of(""), environment);
    }
    service.awaitReady();
  }

  /** Where the settings of this project don't lie beside it. */
  private static Path elsewhere() {
    try {
      return Files.createDirectories(Path.of("target", "benchmark", "hand-written"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Who who() {
    return who;
  }

  int port() {
    return port;
  }

  LocalServers servers() {
    return servers;
  }

  JdbcTemplate database() {
    return database;
  }

  /** The processor time that the service has used since it was started. */
  Duration cpu() {
    return service.cpu();
  }

  /** Transactions of its PostgreSQL since that was started. */
  long transactions() {
    Long count =
        database.queryForObject(
            "select xact_commit from pg_stat_database where datname = 'postgres'", Long.class);
    return count == null ? 0 : count;
  }

  /** Waits until every target has everything. */
  void awaitDelivered() {
    String left =
        who == Who.HAND_WRITTEN ? "select count(*) from inbox where not done" : LEFT_IN_LEDGER;
    Awaitility.await("everything is delivered")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Long.valueOf(0).equals(database.queryForObject(left, Long.class)));
  }

  /** The state of every business object in the database target, by type and key. */
  Map<String, String> statesInDatabase() {
    Map<String, String> states = new HashMap<>();
    if (who == Who.HAND_WRITTEN) {
      database.query(
          "select type, key, status from entity",
          row -> {
            states.put(row.getString(1) + " " + row.getString(2), row.getString(3));
          });
    } else {
      TABLES.forEach(
          (type, table) ->
              database.query(
                  "select key, status from " + table,
                  row -> {
                    states.put(type + " " + row.getString(1), row.getString(2));
                  }));
    }
    return states;
  }

  @Override
  public void close() {
    service.close();
    servers.salesforce().close();
    servers.mailbox().close();
    try {
      servers.postgres().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
