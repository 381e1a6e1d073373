package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What becomes of events that come while another is being written. */
class GroupCommitTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final JdbcTemplate jdbc = new JdbcTemplate(TABLES.dataSource());

  private final GroupCommit commits = new GroupCommit(ledger());

  @BeforeEach
  void empty() {
    jdbc.execute("truncate event cascade");
  }

  private static Ledger ledger() {
    return new Ledger(TABLES.dataSource(), null, null, null, null, null, null);
  }

  private static SealedEvent event(String id, String body) {
    return new SealedEvent(
        id, "s", "t", "", "k", "K-1", null, "{}", null, body, List.of(), "", null, null);
  }

  private static List<String> kept() {
    return jdbc.queryForList("select id from event order by id", String.class);
  }

  /** By which transaction each event was written. */
  private static Map<String, String> transactions() {
    Map<String, String> transactions = new TreeMap<>();
    jdbc.query(
        "select id, xmin::text as transaction from event",
        row -> {
          transactions.put(row.getString("id"), row.getString("transaction"));
        });
    return transactions;
  }

  /** Keeps each in a thread of its own; the first is held up until all the others wait. */
  private static Map<String, FutureTask<Boolean>> keepWhileTheFirstIsWritten(
      GroupCommit commits, SealedEvent... events) throws SQLException {
    Map<String, FutureTask<Boolean>> results = new TreeMap<>();
    List<Thread> threads = new ArrayList<>();
    try (Connection other = TABLES.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table event in share mode");
      for (SealedEvent event : events) {
        Callable<Boolean> keep = () -> commits.keep(event);
        FutureTask<Boolean> result = new FutureTask<>(keep);
        results.put("%d %s".formatted(threads.size(), event.id()), result);
        Thread thread = new Thread(result, event.id());
        threads.add(thread);
        thread.start();
        Awaitility.await()
            .until(threads.size() == 1 ? GroupCommitTest::isHeldUp : () -> isWaiting(thread));
      }
    }
    return results;
  }

  private static boolean isHeldUp() {
    return jdbc.queryForObject("select count(*) from pg_locks where not granted", Integer.class)
        == 1;
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  @Test
  void events_that_come_while_one_is_written_are_kept_by_one_transaction() throws Exception {
    Map<String, FutureTask<Boolean>> results =
        keepWhileTheFirstIsWritten(
            commits, event("a", "{}"), event("d", "{}"), event("c", "{}"), event("b", "{}"));

    for (FutureTask<Boolean> result : results.values()) {
      assertThat(result.get()).isTrue();
    }
    Map<String, String> transactions = transactions();
    assertThat(transactions).containsOnlyKeys("a", "b", "c", "d");
    assertThat(transactions.get("b")).isNotEqualTo(transactions.get("a"));
    assertThat(transactions.get("c")).isEqualTo(transactions.get("b"));
    assertThat(transactions.get("d")).isEqualTo(transactions.get("b"));
  }

  @Test
  void one_that_comes_alone_is_kept_at_once_and_again_when_nobody_waits() {
    assertThat(commits.keep(event("a", "{}"))).isTrue();
    assertThat(commits.keep(event("b", "{}"))).isTrue();
    assertThat(commits.keep(event("a", "{}"))).isFalse();

    assertThat(transactions().values()).doesNotHaveDuplicates();
  }

  @Test
  void an_event_that_comes_several_times_at_once_is_new_once() throws Exception {
    commits.keep(event("before", "{}"));

    Map<String, FutureTask<Boolean>> results =
        keepWhileTheFirstIsWritten(
            commits,
            event("a", "{}"),
            event("b", "{}"),
            event("b", "{}"),
            event("before", "{}"),
            event("a", "{}"));

    assertThat(results.get("0 a").get()).isTrue();
    assertThat(List.of(results.get("1 b").get(), results.get("2 b").get()))
        .containsExactlyInAnyOrder(true, false);
    assertThat(results.get("3 before").get()).isFalse();
    assertThat(results.get("4 a").get()).isFalse();
    assertThat(kept()).containsExactly("a", "b", "before");
  }

  @Test
  void one_that_the_ledger_never_takes_takes_no_other_with_it() throws Exception {
    Map<String, FutureTask<Boolean>> results =
        keepWhileTheFirstIsWritten(
            commits, event("a", "{}"), event("b", "no\u0000body"), event("c", "{}"));

    assertThat(results.get("2 c").get()).isTrue();
    assertThatThrownBy(() -> results.get("1 b").get())
        .cause()
        .isInstanceOf(DataAccessException.class)
        .matches(failure -> !LedgerTrouble.isOfTheLedger(failure));
    assertThat(kept()).containsExactly("a", "c");
  }

  @Test
  void one_whose_row_somebody_else_holds_takes_no_other_with_it() throws Exception {
    DriverManagerDataSource impatient =
        new DriverManagerDataSource(TABLES.url() + "&options=-c%20lock_timeout=200");
    GroupCommit impatientCommits =
        new GroupCommit(new Ledger(impatient, null, null, null, null, null, null));
    try (Connection other = TABLES.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute(
              "insert into event (id, sender, type, status, entity_kind, occurred_at, attributes,"
                  + " body, state) values ('b', '', '', '', '', now(), '{}', '{}', 'routed')");
      Map<String, FutureTask<Boolean>> results = new TreeMap<>();
      for (String id : List.of("a", "b", "c")) {
        results.put(id, new FutureTask<>(() -> impatientCommits.keep(event(id, "{}"))));
        new Thread(results.get(id)).start();
      }

      assertThat(results.get("a").get()).isTrue();
      assertThat(results.get("c").get()).isTrue();
      assertThatThrownBy(() -> results.get("b").get())
          .cause()
          .matches(LedgerTrouble::isOfTheLedger);
    }
  }

  @Test
  void a_table_that_somebody_changes_is_waited_for_once_and_not_for_each_event() throws Exception {
    DriverManagerDataSource impatient =
        new DriverManagerDataSource(TABLES.url() + "&options=-c%20lock_timeout=200");
    List<Integer> asked = new ArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    GroupCommit impatientCommits =
        new GroupCommit(
            new Ledger(impatient, null, null, null, null, null, null) {
              @Override
              boolean keep(SealedEvent event) {
                asked.add(1);
                await(go);
                return super.keep(event);
              }

              @Override
              boolean[] keep(List<SealedEvent> events) {
                asked.add(events.size());
                return super.keep(events);
              }
            });
    List<FutureTask<Boolean>> results = new ArrayList<>();
    for (String id : List.of("a", "b", "c", "d")) {
      FutureTask<Boolean> result = new FutureTask<>(() -> impatientCommits.keep(event(id, "{}")));
      results.add(result);
      Thread thread = new Thread(result, id);
      thread.start();
      Awaitility.await().until(() -> isWaiting(thread));
    }
    try (Connection other = TABLES.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table event in access exclusive mode");
      go.countDown();

      for (FutureTask<Boolean> result : results) {
        assertThatThrownBy(result::get).cause().matches(LedgerTrouble::isOfTheLedger);
      }
    }
    assertThat(asked).containsExactly(1, 3);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_group_that_the_ledger_does_not_take_fails_for_all_and_the_next_one_is_tried()
      throws Exception {
    List<Integer> groups = new ArrayList<>();
    GroupCommit away =
        new GroupCommit(
            new Ledger(TABLES.dataSource(), null, null, null, null, null, null) {
              @Override
              boolean[] keep(List<SealedEvent> events) {
                groups.add(events.size());
                throw new CannotGetJdbcConnectionException("away");
              }
            });

    Map<String, FutureTask<Boolean>> results =
        keepWhileTheFirstIsWritten(
            away, event("a", "{}"), event("b", "{}"), event("c", "{}"), event("d", "{}"));

    assertThat(results.get("0 a").get()).isTrue();
    for (String failed : List.of("1 b", "2 c", "3 d")) {
      assertThatThrownBy(() -> results.get(failed).get())
          .cause()
          .matches(LedgerTrouble::isOfTheLedger);
    }
    assertThat(groups).containsExactly(3);
    assertThat(away.keep(event("e", "{}"))).isTrue();
    assertThat(kept()).containsExactly("a", "e");
  }

  @Test
  void an_event_whose_writer_came_to_an_end_never_counts_as_kept() throws Exception {
    GroupCommit ending =
        new GroupCommit(
            new Ledger(TABLES.dataSource(), null, null, null, null, null, null) {
              @Override
              boolean[] keep(List<SealedEvent> events) {
                throw new OutOfMemoryError("for the test");
              }
            });

    Map<String, FutureTask<Boolean>> results =
        keepWhileTheFirstIsWritten(ending, event("a", "{}"), event("b", "{}"), event("c", "{}"));

    assertThatThrownBy(() -> results.get("1 b").get()).hasCauseInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> results.get("2 c").get())
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(ending.keep(event("d", "{}"))).isTrue();
  }
}
