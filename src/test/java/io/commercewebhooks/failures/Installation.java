package io.commercewebhooks.failures;

import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The servers around the service, which outlive it, and the packaged service itself, which can be
 * started again and again at the same address beside the project's {@code routes/} and {@code
 * config/}. The ledger and the database target are one PostgreSQL that loses no commit.
 */
final class Installation implements AutoCloseable {

  private static final Duration QUIET_LIMIT = Duration.ofSeconds(120);

  private final LocalServers servers = LocalServers.startDurable();
  private final JdbcTemplate database = new JdbcTemplate(servers.postgres().getPostgresDatabase());
  private final Map<String, String> environment = new LinkedHashMap<>(servers.environment());
  private final WebhookSender sender;
  private ServiceProcess service;

  Installation() {
    int port = ServiceProcess.freePort();
    sender = new WebhookSender(URI.create("http://127.0.0.1:" + port));
    environment.put("SERVER_PORT", Integer.toString(port));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
  }

  /** Starts the service and waits until it is ready. */
  ServiceProcess start() {
    service = ServiceProcess.ofJar(Path.of(""), environment);
    return service.awaitReady();
  }

  /** Waits until nothing is left to route or to deliver. */
  void awaitQuiet() {
    Awaitility.await("nothing is left to deliver")
        .atMost(QUIET_LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> left() == 0);
  }

  private long left() {
    Long left =
        database.queryForObject(
            """
            select (select count(*) from event where state = 'received')
                 + (select count(*) from delivery where state = 'waiting')
            """,
            Long.class);
    return left == null ? 0 : left;
  }

  LocalServers servers() {
    return servers;
  }

  JdbcTemplate database() {
    return database;
  }

  /** Sends webhooks to whichever service runs. */
  WebhookSender sender() {
    return sender;
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
    servers.salesforce().close();
    servers.mailbox().close();
    try (EmbeddedPostgres postgres = servers.postgres()) {
      // closed at the end of this block
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
