package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.FutureTask;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class PoliteMigrationTest {

  @RegisterExtension static final LedgerTables TABLES = new LedgerTables();

  @TempDir private Path later;

  private final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

  /** The ledger's migrations and one more. */
  private Flyway with(String schema, String sql) throws IOException {
    Files.writeString(later.resolve("V9001__later.sql"), sql);
    return Flyway.configure()
        .dataSource(TABLES.dataSource())
        .defaultSchema(schema)
        .locations("classpath:db/migration", "filesystem:" + later)
        .load();
  }

  @Test
  void a_table_that_is_to_be_changed_takes_events_while_somebody_reads_it_for_long()
      throws Exception {
    Flyway flyway = with("public", "alter table event add column later text");
    try (Connection reads = TABLES.dataSource().getConnection();
        Connection keeps = TABLES.dataSource().getConnection()) {
      reads.setAutoCommit(false);
      new JdbcTemplate(new SingleConnectionDataSource(reads, true))
          .queryForObject("select count(*) from event", Long.class);
      JdbcTemplate keeping = new JdbcTemplate(new SingleConnectionDataSource(keeps, true));
      // as for the pool of the ledger
      keeping.execute("set lock_timeout = '2s'");

      FutureTask<Void> change = new FutureTask<>(() -> new PoliteMigration().migrate(flyway), null);
      new Thread(change).start();
      for (String id : new String[] {"one", "another"}) {
        await().until(this::isTheTableWaitedFor);
        keep(keeping, id);
      }
      assertThat(change.isDone()).isFalse();
      reads.rollback();
      change.get();
    }

    assertThat(ledger.queryForList("select later from event")).hasSize(2);
  }

  private static void keep(JdbcTemplate ledger, String id) {
    ledger.update(
        """
        insert into event (id, sender, type, status, entity_kind, occurred_at, attributes, body,
                           state)
        values (?, 's', 't', 'x', 'quote', now(), '{}', '{}', 'unroutable')
        """,
        id);
  }

  private boolean isTheTableWaitedFor() {
    return ledger.queryForObject(
            "select count(*) from pg_locks where relation = 'event'::regclass and not granted",
            Integer.class)
        > 0;
  }

  @Test
  void a_change_that_the_server_refuses_is_told_at_once() throws IOException {
    Flyway flyway = with("refusing", "alter table nowhere add column later text");

    assertThatThrownBy(() -> new PoliteMigration().migrate(flyway))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("nowhere");
  }
}
