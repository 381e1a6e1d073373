package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.intake.StrictJson;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.unit.DataSize;

/** What the ledger writes while its clock is another than the node's, or is set. */
class ClocksTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final AtOnce AT_ONCE = new AtOnce(DataSize.ofMegabytes(2));

  private Connection connection;
  private JdbcTemplate jdbc;
  private Ledger ledger;

  @BeforeEach
  void start() throws SQLException {
    connection = TABLES.withAClock();
    jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    ledger =
        new Ledger(
            jdbc.getDataSource(), StrictJson.mapper(), null, null, null, new FileStamp(), AT_ONCE);
  }

  @AfterEach
  void stop() throws SQLException {
    connection.close();
  }

  private void keep(String id, Instant occurredAt) {
    ledger.keep(
        new SealedEvent(
            id,
            "s",
            "t",
            "draft",
            "quote",
            "Q-1",
            occurredAt == null ? null : occurredAt.toString(),
            "{}",
            null,
            "{}",
            List.of(),
            null,
            null,
            null));
  }

  private List<String> inOrder() {
    return jdbc.queryForList("select id from event order by occurred_at, sequence", String.class);
  }

  @Test
  void an_event_without_a_time_comes_after_the_one_before_also_when_the_clock_was_set_back() {
    LedgerTables.setClock(jdbc, "5 minutes");
    keep("first", null);

    LedgerTables.setClock(jdbc, "0 minutes");
    keep("second", null);
    keep("of before", Instant.now().minus(Duration.ofMinutes(1)));

    assertThat(inOrder()).containsExactly("of before", "first", "second");
  }

  /** The delivery of an event that came just now. */
  private Delivery due() {
    keep("first", null);
    jdbc.update("update event set received_at = now()");
    jdbc.update(
        """
        insert into delivery (event_sequence, target, type, entity, occurred_at, next_attempt_at)
        select sequence, 'fax', type, 'quote/Q-1', occurred_at, now() from event
        """);
    return LedgerTables.worker(connection)
        .claim("fax", "t", Ledger.Part.DUE, 1)
        .deliveries()
        .get(0);
  }

  @Test
  void a_delivery_is_counted_in_the_latency_also_where_the_clock_of_the_node_is_behind() {
    LedgerTables.setClock(jdbc, "5 minutes");
    SimpleMeterRegistry meters = new SimpleMeterRegistry();

    new LedgerMetrics(jdbc, meters, LedgerTables.NOTHING_IS_SLOW)
        .of("fax")
        .settled(List.of(new Ledger.Settled(due(), Outcome.delivered("1"), Instant.now())));

    assertThat(meters.get("commerce.webhooks.delivery.latency").timer().count()).isEqualTo(1);
  }

  @Test
  void a_failed_attempt_began_by_the_clock_of_the_ledger_and_lasted_by_that_of_the_node() {
    LedgerTables.setClock(jdbc, "-1 hour");

    LedgerTables.worker(connection)
        .settle(
            List.of(
                new Ledger.Settled(
                    due(),
                    Outcome.retry("BUSY", "busy"),
                    Instant.now().minus(Duration.ofMinutes(2)))),
            (target, clock) -> new RetryClock(Duration.ZERO, Duration.ZERO, 2));

    assertThat(
            jdbc.queryForObject(
                "select (now() - started_at) between '2 minutes' and '3 minutes' from attempt",
                Boolean.class))
        .isTrue();
  }

  /** More than the search for a time leaves room for. */
  private void keepMany(String age) {
    jdbc.update(
        """
        insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                           received_at, attributes, body, state)
        select n::text, 's', 't', 'draft', 'quote', 'Q-' || n, now() - cast(? as interval),
               now() - cast(? as interval), '{}', '{}', 'routed'
        from generate_series(1, 2500) n
        """,
        age,
        age);
  }

  @Test
  void the_balance_is_of_the_ledgers_last_day_also_where_the_clock_of_the_node_is_days_ahead() {
    LedgerTables.setClock(jdbc, "-2 days");
    keepMany("1 hour");
    Balance balance =
        new Balance(
            jdbc,
            ShippedSettings.ledger("ledger.balance.targets=database"),
            new SimpleMeterRegistry(),
            LedgerTables.NOTHING_IS_SLOW);

    balance.look();

    assertThat(balance.lines()).extracting(Balance.Line::missing).containsExactly(2500L);
  }

  @Test
  void what_is_too_old_by_the_clock_of_the_ledger_goes_also_where_that_of_the_node_is_behind() {
    LedgerTables.setClock(jdbc, "2 days");
    keepMany("91 days");
    Duration all = Duration.ofDays(90);
    Retention retention =
        new Retention(
            jdbc,
            jdbc.getDataSource(),
            new RetentionSettings(
                all, all, null, all, Duration.ZERO, Duration.ZERO, 500, Duration.ZERO));

    new DefaultLockingTaskExecutor(new JdbcTemplateLockProvider(jdbc))
        .executeWithLock(
            (Runnable) retention::look,
            new LockConfiguration(
                Instant.now(), "retention", Duration.ofMinutes(5), Duration.ZERO));

    assertThat(jdbc.queryForObject("select count(*) from event", Long.class)).isZero();
  }
}
