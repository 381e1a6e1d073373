package io.commercewebhooks.ledger;

import io.commercewebhooks.intake.StrictJson;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.unit.DataSize;

/** A PostgreSQL with the tables of the ledger, which ends with the class that registers it. */
final class LedgerTables implements AfterAllCallback {

  static final Remembered.Slow NOTHING_IS_SLOW = new Remembered.Slow(Duration.ofDays(1));

  private final EmbeddedPostgres postgres;

  LedgerTables() {
    try {
      postgres = EmbeddedPostgres.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Flyway.configure().dataSource(dataSource()).load().migrate();
  }

  DataSource dataSource() {
    return postgres.getPostgresDatabase();
  }

  /** An empty ledger by a connection of its own, whose clock {@link #setClock} sets. */
  Connection withAClock() throws SQLException {
    Connection connection = dataSource().getConnection();
    JdbcTemplate ledger = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    ledger.execute("truncate event cascade");
    ledger.execute("create schema if not exists other");
    ledger.execute("set search_path = other, public, pg_catalog");
    return connection;
  }

  /**
   * Sets the clock of such a connection, from which it goes on.
   *
   * @param fromThisNode an interval, such as {@code -10 minutes}
   */
  static void setClock(JdbcTemplate ledger, String fromThisNode) {
    for (String clock : List.of("now", "clock_timestamp")) {
      ledger.execute(
          """
          create or replace function other.%s() returns timestamptz stable language sql
          return pg_catalog.%s() + interval '%s'
          """
              .formatted(clock, clock, fromThisNode));
    }
  }

  /** The ledger as a worker has it, by this connection. */
  static LedgerTransaction worker(Connection connection) {
    JdbcTemplate ledger = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    return new LedgerTransaction(
        connection,
        new EventRows(
            StrictJson.mapper(), new DataProtection(new ProtectionSettings("", ""), ledger)),
        StrictJson.mapper(),
        null,
        new FileStamp(),
        new AtOnce(DataSize.ofMegabytes(2)));
  }

  String url() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    postgres.close();
  }
}
