package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.RowsRead;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** What it costs to see to it that no business object goes backwards at a target. */
class OrderGuardTest {

  private static final int CLAIMED = 20;

  /** The claim itself reads each twice, and the guard what else there is of its object. */
  private static final long ROWS_OF_EACH = 10;

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final JdbcTemplate jdbc = new JdbcTemplate(TABLES.dataSource());

  /** A quiet day, by which PostgreSQL plans, and then an outage of the target. */
  @BeforeEach
  void muchWaitsForATargetThatWasAway() {
    jdbc.execute("truncate event cascade");
    deliveries("before", "delivered", 3_000);
    jdbc.execute("analyze event, delivery");
    deliveries("since", "waiting", 15_000);
  }

  /** Deliveries of events, each of a business object of its own. */
  private static void deliveries(String name, String state, int count) {
    jdbc.update(
        """
        with kept as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, body, state)
          select ? || n, 's', 't', '', 'k', ? || n, now(), '{}', '{}', 'routed'
          from generate_series(1, ?) n
          returning sequence, type, entity_key, occurred_at)
        insert into delivery (event_sequence, target, type, entity, occurred_at, state)
        select sequence, 'salesforce', type, 'k/' || entity_key, occurred_at, ? from kept
        """,
        name,
        name,
        count,
        state);
  }

  private static long rowsReadBy(Function<LedgerTransaction, Ledger.Claim> claim)
      throws SQLException {
    try (Connection connection = TABLES.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      LedgerTransaction ledger = LedgerTables.worker(connection);
      long before = RowsRead.ofDeliveries(ledger.jdbc);
      assertThat(claim.apply(ledger).deliveries()).hasSize(CLAIMED);
      return RowsRead.ofDeliveries(ledger.jdbc) - before;
    }
  }

  @Test
  void however_much_waits_the_newest_of_each_object_is_found_among_its_own() throws SQLException {
    assertThat(
            rowsReadBy(ledger -> ledger.claimInOrder("salesforce", "t", Ledger.Part.DUE, CLAIMED)))
        .isBetween(1L, CLAIMED * ROWS_OF_EACH);
  }

  @Test
  void however_much_waits_the_oldest_of_each_object_is_found_among_its_own() throws SQLException {
    assertThat(
            rowsReadBy(
                ledger ->
                    ledger.claimOneAfterAnother("salesforce", "t", Ledger.Part.DUE, true, CLAIMED)))
        .isBetween(1L, CLAIMED * ROWS_OF_EACH);
  }
}
