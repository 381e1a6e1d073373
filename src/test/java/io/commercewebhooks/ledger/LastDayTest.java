package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What the console says of the last day where clocks differ, or are set. */
class LastDayTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final AtomicLong passed = new AtomicLong();

  private Connection connection;
  private JdbcTemplate ledger;
  private LastDay lastDay;

  @BeforeEach
  void start() throws SQLException {
    connection = TABLES.withAClock();
    ledger = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    lastDay = new LastDay(ledger, LedgerTables.NOTHING_IS_SLOW, passed::get);
  }

  @AfterEach
  void stop() throws SQLException {
    connection.close();
  }

  private void receive(String id) {
    ledger.update(
        """
        insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                           received_at, attributes, body, state)
        values (?, 's', 't', '', 'k', '1', now(), now(), '{}', '{}', 'routed')
        """,
        id);
  }

  /** Lets the clock stand for as long as a test takes, in which else a minute may end. */
  private void standStill() throws SQLException {
    connection.setAutoCommit(false);
  }

  private void delivery(String id, String state, String settledAgo) {
    ledger.update(
        """
        insert into delivery (event_sequence, target, type, entity, occurred_at, state, settled_at)
        select sequence, 'fax', type, 'k/1', occurred_at, ?, now() - cast(? as interval)
        from event where id = ?
        """,
        state,
        settledAgo,
        id);
  }

  private long received() {
    passed.addAndGet(Duration.ofMinutes(1).toNanos());
    return lastDay.figures().received().stream().mapToLong(LastDay.Received::count).sum();
  }

  @Test
  void what_comes_in_is_counted_also_where_the_clock_of_the_node_is_ahead() {
    LedgerTables.setClock(ledger, "-10 minutes");
    assertThat(received()).isZero();

    receive("1");

    assertThat(received()).isEqualTo(1);
  }

  @Test
  void what_comes_in_is_counted_also_after_the_clock_of_the_ledger_was_ahead_and_set_back() {
    LedgerTables.setClock(ledger, "2 hours");
    receive("1");
    assertThat(received()).isEqualTo(1);

    LedgerTables.setClock(ledger, "0 hours");
    receive("2");

    assertThat(received()).isEqualTo(2);
    assertThat(lastDay.figures().received()).extracting(LastDay.Received::hour).containsOnly(0);

    LedgerTables.setClock(ledger, "10 minutes");

    assertThat(received()).as("as its minute is over for the second time").isEqualTo(2);
  }

  @Test
  void what_came_in_more_than_a_day_ago_is_counted_no_longer() {
    LedgerTables.setClock(ledger, "-30 hours");
    receive("1");
    assertThat(received()).isEqualTo(1);
    LedgerTables.setClock(ledger, "-29 hours");
    assertThat(received()).as("in a minute that is over").isEqualTo(1);

    LedgerTables.setClock(ledger, "0 hours");

    assertThat(received()).isZero();
  }

  @Test
  void what_is_committed_a_minute_after_it_came_is_counted_too() {
    receive("1");
    assertThat(received()).isEqualTo(1);

    receive("2");
    ledger.update("update event set received_at = now() - interval '70 seconds' where id = '2'");

    assertThat(received()).isEqualTo(2);
  }

  @Test
  void what_is_open_is_held_where_its_target_is_and_the_last_of_what_is_settled_is_the_newest()
      throws SQLException {
    standStill();
    for (String id : List.of("waits", "dead", "first", "last")) {
      receive(id);
    }
    receive("to route");
    ledger.update("update event set state = 'received' where id = 'to route'");
    delivery("waits", "waiting", null);
    delivery("dead", "dead", "1 hour");
    delivery("first", "delivered", "20 seconds");
    delivery("last", "delivered", "10 seconds");

    assertThat(open()).containsExactlyInAnyOrder("fax waiting 1", "fax dead 1", " to-route 1");
    ledger.update("insert into target (name, state) values ('fax', 'held')");
    assertThat(open()).containsExactlyInAnyOrder("fax held 1", "fax dead 1", " to-route 1");

    Instant last =
        ledger.queryForObject("select max(settled_at) from delivery", Timestamp.class).toInstant();
    assertThat(lastDay.figures().settled())
        .filteredOn(settled -> settled.state().equals("delivered"))
        .extracting(LastDay.Settled::last)
        .contains(last);
  }

  private List<String> open() {
    return lastDay.figures().open().stream()
        .map(open -> "%s %s %d".formatted(open.target(), open.state(), open.count()))
        .toList();
  }

  @Test
  void each_event_of_a_day_that_nobody_looked_at_is_counted_once() throws SQLException {
    standStill();
    for (int hour = 0; hour < 24; hour++) {
      LedgerTables.setClock(ledger, "-" + hour + " hours");
      receive("at " + hour);
      LedgerTables.setClock(ledger, "-" + hour + " hours -59 minutes");
      receive("before " + hour);
    }
    LedgerTables.setClock(ledger, "0 hours");

    List<LastDay.Received> received = lastDay.figures().received();

    assertThat(received).hasSize(48).extracting(LastDay.Received::count).containsOnly(1L);
    assertThat(received)
        .extracting(LastDay.Received::hour)
        .containsOnly(IntStream.range(0, 24).boxed().toArray(Integer[]::new));
    assertThat(received()).as("looked at again").isEqualTo(48);
  }

  @Test
  void what_came_in_the_minute_in_which_the_day_began_is_of_its_first_hour() throws SQLException {
    standStill();
    LedgerTables.setClock(ledger, "-24 hours");
    receive("1");
    LedgerTables.setClock(ledger, "0 hours");

    assertThat(lastDay.figures().received()).extracting(LastDay.Received::hour).containsExactly(23);
  }
}
