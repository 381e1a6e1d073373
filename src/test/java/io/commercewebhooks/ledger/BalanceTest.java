package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** Whether every event is accounted for, however many a day brings. */
class BalanceTest {

  private static final int MOST_EVENTS = 3;

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

  private final Balance balance =
      new Balance(
          ledger,
          ShippedSettings.ledger(
              "ledger.balance.targets=database", "ledger.balance.most-events=" + MOST_EVENTS),
          new SimpleMeterRegistry(),
          LedgerTables.NOTHING_IS_SLOW);

  /** An event that was routed, and what became of its delivery; null for none. */
  private void event(int number, String state) {
    Long sequence =
        ledger.queryForObject(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, body, state)
            values (?, 's', 't', '', 'k', '1', now(), '{}', '{}', 'routed') returning sequence
            """,
            Long.class,
            Integer.toString(number));
    if (state != null) {
      ledger.update(
          """
          insert into delivery (event_sequence, target, type, entity, occurred_at, state)
          values (?, 'database', 't', 'k/1', now(), ?)
          """,
          sequence,
          state);
    }
  }

  @Test
  void of_a_day_that_brings_too_many_events_the_newest_are_looked_at() {
    event(1, null);
    event(2, "delivered");
    event(3, "superseded");
    event(4, "dead");
    event(5, null);

    balance.look();

    assertThat(balance.lines())
        .singleElement()
        .extracting(
            Balance.Line::received,
            Balance.Line::delivered,
            Balance.Line::superseded,
            Balance.Line::dead,
            Balance.Line::missing)
        .containsExactly(3L, 0L, 1L, 1L, 1L);
  }
}
