package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.ledger.RetentionSettings.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What each period of the retention is about, and that none means for good. */
class RetentionPeriodsTest {

  private static final Duration FOR_GOOD = Duration.ZERO;

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

  @BeforeAll
  static void makeTheTablesOfTheTarget() {
    Flyway.configure()
        .dataSource(TABLES.dataSource())
        .locations("classpath:db/database")
        .table("database_schema_history")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }

  @BeforeEach
  void empty() {
    ledger.execute("truncate event, rejected_webhook, replay, status_history cascade");
  }

  /** As the scheduler does it. */
  private void look(DataSource database, Duration all, Duration history, Type ofA) {
    Map<String, Type> types = ofA == null ? null : Map.of("a", ofA);
    Retention retention =
        new Retention(
            ledger,
            database,
            new RetentionSettings(all, all, types, all, FOR_GOOD, history, 2, Duration.ZERO));
    new DefaultLockingTaskExecutor(new JdbcTemplateLockProvider(ledger))
        .executeWithLock(
            (Runnable) retention::look,
            new LockConfiguration(
                Instant.now(), "retention", Duration.ofMinutes(5), Duration.ZERO));
  }

  private void event(String type, String kind, String key, String state, int days) {
    ledger.update(
        """
        insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                           received_at, attributes, body, state)
        values (gen_random_uuid()::text, 's', ?, 'x', ?, ?, now() - ? * interval '1 day',
                now() - ? * interval '1 day', '{}', '{"a":1}', ?)
        """,
        type,
        kind,
        key,
        days,
        days,
        state);
  }

  private List<String> events() {
    return ledger.queryForList(
        "select type || ' ' || entity_kind || ' ' || body from event order by 1", String.class);
  }

  private void history(String id, int days) {
    ledger.update(
        """
        insert into status_history (event_id, event_sequence, event_type, occurred_at)
        values (?, 1, 'a', now() - ? * interval '1 day')
        """,
        id,
        days);
  }

  @Test
  void what_has_no_period_is_kept_for_good() {
    event("a", "k", "1", "routed", 10_000);
    ledger.update(
        """
        insert into rejected_webhook (received_at, sender, path, status, reason, detail,
                                      remote_address)
        values (now() - interval '9999 days', '', '/', 401, '', '', '')
        """);
    history("old", 10_000);

    look(TABLES.dataSource(), FOR_GOOD, FOR_GOOD, null);

    assertThat(events()).containsExactly("a k {\"a\":1}");
    assertThat(ledger.queryForList("select 1 from rejected_webhook")).hasSize(1);
    assertThat(ledger.queryForList("select 1 from status_history")).hasSize(1);
  }

  @Test
  void a_type_that_is_kept_for_shorter_or_for_good_takes_no_other_with_it() {
    event("a", "k", "1", "routed", 20);
    event("b", "k", "2", "routed", 20);

    Type shorter = new Type(Duration.ofDays(10), Duration.ofDays(10));
    look(TABLES.dataSource(), Duration.ofDays(30), FOR_GOOD, shorter);
    assertThat(events()).containsExactly("b k {\"a\":1}");

    event("a", "k", "1", "routed", 20);
    Type forGood = new Type(FOR_GOOD, FOR_GOOD);
    look(TABLES.dataSource(), Duration.ofDays(10), FOR_GOOD, forGood);
    assertThat(events()).containsExactly("a k {\"a\":1}");
  }

  @Test
  void what_waits_for_somebody_keeps_nothing_of_another_kind_of_object_with_the_same_number() {
    event("a", "quote", "1", "unroutable", 30);
    event("a", "order", "1", "routed", 20);
    event("a", "quote", "1", "routed", 20);

    look(TABLES.dataSource(), Duration.ofDays(10), FOR_GOOD, null);

    assertThat(events())
        .containsExactly("a quote {\"a\":1}", "a quote {\"removed\":\"retention\"}");
  }

  @Test
  void the_history_of_the_database_target_is_kept_for_a_time_of_its_own() {
    for (int i = 0; i < 5; i++) {
      history("old " + i, 31);
    }
    history("new", 29);

    look(TABLES.dataSource(), FOR_GOOD, Duration.ofDays(30), null);

    assertThat(ledger.queryForList("select event_id from status_history", String.class))
        .containsExactly("new");
  }

  @Test
  void a_database_target_that_does_not_answer_keeps_nothing_in_the_ledger() {
    event("a", "k", "1", "routed", 20);
    PGSimpleDataSource nobody = new PGSimpleDataSource();
    nobody.setPortNumbers(new int[] {1});

    look(nobody, Duration.ofDays(10), Duration.ofDays(10), null);

    assertThat(events()).isEmpty();
  }
}
