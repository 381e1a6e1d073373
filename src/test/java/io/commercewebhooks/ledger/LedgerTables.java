package io.commercewebhooks.ledger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A PostgreSQL with the tables of the ledger, which ends with the class that registers it. */
final class LedgerTables implements AfterAllCallback {

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

  String url() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    postgres.close();
  }
}
