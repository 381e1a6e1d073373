package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** Whether every event is accounted for, however many a day brings. */
class BalanceTest {

  private static final int MOST_EVENTS = 3;

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private final Balance balance =
      new Balance(
          ledger,
          ShippedSettings.ledger(
              "ledger.balance.targets=database", "ledger.balance.most-events=" + MOST_EVENTS),
          meters,
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

  @BeforeEach
  void empty() {
    ledger.execute("truncate event, target cascade");
  }

  private void delivery(String audience, String state) {
    ledger.update(
        """
        insert into delivery (event_sequence, target, audience, type, entity, occurred_at, state)
        select max(sequence), 'database', ?, 't', 'k/1', now(), ? from event
        """,
        audience,
        state);
  }

  private Balance.Line line() {
    balance.look();
    assertThat(balance.lines()).hasSize(1);
    return balance.lines().get(0);
  }

  @Test
  void an_event_counts_once_whatever_else_was_made_of_it() {
    event(1, "delivered");
    delivery("sales", "dead");
    event(2, "superseded");
    ledger.update("update event set state = 'unroutable' where id = '2'");

    assertThat(line())
        .extracting(
            Balance.Line::received,
            Balance.Line::delivered,
            Balance.Line::superseded,
            Balance.Line::unroutable,
            Balance.Line::dead,
            Balance.Line::missing)
        .containsExactly(2L, 1L, 0L, 1L, 0L, 0L);
  }

  @Test
  void what_came_more_than_a_day_ago_counts_no_longer() {
    event(1, null);
    ledger.update("update event set received_at = now() - interval '25 hours'");
    event(2, "delivered");

    assertThat(line().received()).isEqualTo(1);
    assertThat(line().missing()).isZero();
  }

  @Test
  void what_waits_for_a_target_on_hold_is_held_and_a_type_without_events_is_told_no_more() {
    event(1, "waiting");
    assertThat(line().waiting()).isEqualTo(1);
    assertThat(line().held()).isZero();

    ledger.update("insert into target (name, state) values ('database', 'held')");
    assertThat(line().waiting()).isZero();
    assertThat(line().held()).isEqualTo(1);

    Instant before = balance.drawnAt();
    ledger.update("update event set type = 'another'");
    balance.look();
    assertThat(balance.drawnAt()).isAfter(before);
    assertThat(meters.get("commerce.webhooks.balance").gauges())
        .extracting(gauge -> gauge.getId().getTag("type"))
        .containsOnly("another");
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
