package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.RowsRead;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What workers are told of what waits for a target, and what that costs. */
class WaitingForTest {

  private static final Duration BACKLOG_AFTER = Duration.ofSeconds(10);

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  @BeforeEach
  void empty() {
    new JdbcTemplate(TABLES.dataSource()).execute("truncate event cascade");
  }

  /** Events of a type, each with a delivery that is due after so long, or has been. */
  private static void waiting(JdbcTemplate jdbc, String type, int count, Duration dueIn) {
    jdbc.update(
        """
        with kept as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, body, state)
          select concat_ws(' ', ?, ?, n), 's', ?, '', 'k', n::text, now(), '{}', '{}', 'routed'
          from generate_series(1, ?) n
          returning sequence, type, entity_key, occurred_at)
        insert into delivery (event_sequence, target, type, entity, occurred_at, next_attempt_at)
        select sequence, 'salesforce', type, 'k/' || entity_key, occurred_at,
               now() + ? * interval '1 millisecond'
        from kept
        """,
        type,
        dueIn.toString(),
        type,
        count,
        dueIn.toMillis());
  }

  private static List<Ledger.Waiting> waitingFor(JdbcTemplate jdbc) {
    return new Ledger(jdbc.getDataSource(), null, null, null, null, null, null)
        .waitingFor("salesforce", BACKLOG_AFTER);
  }

  @Test
  void each_type_is_told_with_what_of_it_is_live_late_or_not_due() throws SQLException {
    try (Connection connection = TABLES.dataSource().getConnection()) {
      JdbcTemplate jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
      waiting(jdbc, "both", 1, Duration.ofSeconds(-60));
      waiting(jdbc, "both", 1, Duration.ofSeconds(-1));
      waiting(jdbc, "late", 2, Duration.ofSeconds(-60));
      waiting(jdbc, "late", 1, Duration.ofSeconds(60));
      waiting(jdbc, "live", 2, Duration.ofSeconds(-1));
      waiting(jdbc, "not due", 1, Duration.ofSeconds(60));

      assertThat(waitingFor(jdbc))
          .containsExactly(
              new Ledger.Waiting("both", true, true),
              new Ledger.Waiting("late", false, true),
              new Ledger.Waiting("live", true, false),
              new Ledger.Waiting("not due", false, false));
    }
  }

  @Test
  void however_much_waits_little_of_it_is_read() throws SQLException {
    try (Connection connection = TABLES.dataSource().getConnection()) {
      JdbcTemplate jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
      for (String type : List.of("a", "b", "c")) {
        waiting(jdbc, type, 1000, Duration.ofSeconds(-60));
        waiting(jdbc, type, 1000, Duration.ofSeconds(-1));
      }
      jdbc.execute("analyze delivery");
      connection.setAutoCommit(false);
      long before = RowsRead.ofDeliveries(jdbc);

      assertThat(waitingFor(jdbc)).hasSize(3).allMatch(Ledger.Waiting::isLive);

      assertThat(RowsRead.ofDeliveries(jdbc) - before).isBetween(1L, 20L);
    }
  }
}
