package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What a node believes of a target while somebody changes it. */
class HoldsTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final Duration LONG = Duration.ofHours(1);

  private final Signals signals = new Signals();

  /** Runs when the ledger has read its answer and before the asker has it, or before a change. */
  private Runnable meanwhile = () -> {};

  private final Holds holds =
      new Holds(
          new JdbcTemplate() {
            private String state = "active";

            @Override
            public int update(String sql, Object... arguments) {
              state = sql.contains("'held'") && sql.contains("insert") ? "held" : "active";
              return 1;
            }

            @Override
            public <T> List<T> queryForList(String sql, Class<T> type, Object... arguments) {
              List<T> read = List.of(type.cast(state));
              meanwhile.run();
              return read;
            }
          },
          new LedgerSettings.HoldTimes(LONG, LONG, LONG),
          signals,
          Ticker.systemTicker());

  private Holds inTheLedger() {
    return new Holds(
        new JdbcTemplate(TABLES.dataSource()),
        new LedgerSettings.HoldTimes(LONG, LONG, LONG),
        signals,
        Ticker.systemTicker());
  }

  @BeforeEach
  void noTargetIsOnHold() {
    new JdbcTemplate(TABLES.dataSource()).execute("truncate target");
  }

  @AfterEach
  void forgetTheTransaction() {
    if (TransactionSynchronizationManager.isSynchronizationActive()) {
      TransactionSynchronizationManager.clearSynchronization();
    }
  }

  @Test
  void a_pause_is_not_undone_by_an_answer_that_was_on_its_way() {
    meanwhile = () -> holds.pause("salesforce", "an operator");

    assertThat(holds.isHeld("salesforce")).isTrue();
    assertThat(holds.isHeld("salesforce")).isTrue();
  }

  @Test
  void a_hold_begins_and_ends_by_the_clock_of_the_ledger_since_those_of_nodes_differ() {
    JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

    inTheLedger().hold("database", Outcome.Hold.ASKED, "too many", Duration.ofMinutes(2));

    assertThat(
            ledger.queryForObject(
                "select until - since = interval '2 minutes' from target where name = 'database'",
                Boolean.class))
        .isTrue();
  }

  @Test
  void a_target_that_asks_for_no_time_at_all_is_not_called_again_and_again() {
    Holds target = inTheLedger();
    target.hold("salesforce", Outcome.Hold.ASKED, "HTTP_503: no", Duration.ZERO);
    assertThat(target.mayTry("salesforce")).isTrue();

    target.hold("salesforce", Outcome.Hold.ASKED, "HTTP_503: no", Duration.ZERO);

    assertThat(target.mayTry("salesforce")).isFalse();
  }

  @Test
  void what_one_worker_was_asked_is_not_made_shorter_by_what_another_was() {
    Holds target = inTheLedger();
    target.hold("salesforce", Outcome.Hold.ASKED, "HTTP_429: in an hour", LONG);

    target.hold("salesforce", Outcome.Hold.ASKED, "HTTP_503: now", Duration.ZERO);

    assertThat(target.mayTry("salesforce")).isFalse();
  }

  @Test
  void what_another_node_did_is_seen_in_time_whatever_the_clock_is_set_to() {
    JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());
    LedgerSettings.HoldTimes times =
        new LedgerSettings.HoldTimes(LONG, LONG, Duration.ofMillis(250));
    AtomicLong passed = new AtomicLong(Long.MAX_VALUE);
    Holds here = new Holds(ledger, times, signals, passed::get);
    Holds elsewhere = new Holds(ledger, times, signals, Ticker.systemTicker());
    assertThat(here.isHeld("fax")).isFalse();

    elsewhere.pause("fax", "an operator");
    assertThat(here.isHeld("fax")).as("known for a moment").isFalse();
    passed.addAndGet(Duration.ofMillis(250).toNanos());

    assertThat(here.isHeld("fax")).isTrue();
  }

  @Test
  void a_try_that_went_well_does_not_undo_a_pause_that_came_in_between() {
    JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());
    LedgerSettings.HoldTimes times = new LedgerSettings.HoldTimes(LONG, LONG, Duration.ZERO);
    Holds operators = new Holds(ledger, times, signals, Ticker.systemTicker());
    Holds workers =
        new Holds(
            new JdbcTemplate(TABLES.dataSource()) {
              @Override
              public int update(String sql, Object... arguments) {
                Runnable first = meanwhile;
                meanwhile = () -> {};
                first.run();
                return super.update(sql, arguments);
              }
            },
            times,
            signals,
            Ticker.systemTicker());
    operators.hold("salesforce", Outcome.Hold.CIRCUIT, "away", null);
    meanwhile = () -> operators.pause("salesforce", "an operator");

    workers.resumeAfterTry("salesforce");

    assertThat(workers.isHeld("salesforce")).isTrue();
    operators.resume("salesforce", "an operator");
    assertThat(workers.isHeld("salesforce")).isFalse();
  }

  @Test
  void workers_are_woken_once_others_can_see_that_the_hold_is_over() {
    TransactionSynchronizationManager.initSynchronization();
    holds.resume("salesforce", "an operator");
    assertThat(signals.ofDeliveries("salesforce").count()).isZero();

    TransactionSynchronizationManager.getSynchronizations()
        .forEach(TransactionSynchronization::afterCommit);

    assertThat(signals.ofDeliveries("salesforce").count()).isEqualTo(1);
    assertThat(holds.isHeld("salesforce")).isFalse();
  }
}
