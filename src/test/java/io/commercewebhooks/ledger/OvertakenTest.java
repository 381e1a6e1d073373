package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.intake.StrictJson;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.util.unit.DataSize;

/**
 * What becomes of a delivery that something newer has overtaken, when that becomes a dead letter.
 */
class OvertakenTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final JdbcTemplate jdbc = new JdbcTemplate(TABLES.dataSource());
  private static final AtOnce AT_ONCE = new AtOnce(DataSize.ofMegabytes(2));

  private final Ledger ledger =
      new Ledger(
          jdbc.getDataSource(), StrictJson.mapper(), null, null, null, new FileStamp(), AT_ONCE);

  @BeforeEach
  void empty() {
    jdbc.execute("truncate event cascade");
  }

  /** A delivery of an event of the one quote there is. */
  private static void book(String status, int second) {
    jdbc.update(
        """
        with kept as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, body, state)
          values (?, 's', 't', ?, 'quote', 'Q-1', now() + ? * interval '1 second', '{}', '{}',
                  'routed')
          returning sequence, type, occurred_at)
        insert into delivery (event_sequence, target, type, entity, occurred_at)
        select sequence, 'salesforce', type, 'quote/Q-1', occurred_at from kept
        """,
        status,
        status,
        second);
  }

  private static String state(String status) {
    return jdbc.queryForObject(
        "select d.state from delivery d join event e on e.sequence = d.event_sequence where e.id = ?",
        String.class,
        status);
  }

  private LedgerTransaction transaction(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    return LedgerTables.worker(connection);
  }

  private static Ledger.Claim claim(LedgerTransaction ledger) {
    return ledger.claimInOrder("salesforce", "t", Ledger.Part.DUE, 10);
  }

  /** Settles what was claimed: the target refuses all of it for good. */
  private static List<Long> refused(LedgerTransaction ledger, Ledger.Claim claim) {
    return ledger.settleInOrder(
        claim.deliveries().stream()
            .map(d -> new Ledger.Settled(d, Outcome.dead("NO", "no"), Instant.now()))
            .toList(),
        (target, clock) -> new RetryClock(Duration.ZERO, Duration.ZERO, 1));
  }

  @Test
  void the_dead_letter_and_what_is_made_in_its_place_are_one_commit() throws SQLException {
    book("draft", 1);
    book("submitted", 2);
    book("approved", 3);
    try (Connection connection = TABLES.dataSource().getConnection()) {
      LedgerTransaction worker = transaction(connection);
      refused(worker, claim(worker));
      connection.commit();
    }

    assertThat(state("approved")).isEqualTo("dead");
    assertThat(state("submitted")).isEqualTo("waiting");
    assertThat(state("draft")).isEqualTo("superseded");
  }

  @Test
  void what_a_claim_under_way_has_found_overtaken_is_made_too() throws Exception {
    book("approved", 3);
    try (Connection one = TABLES.dataSource().getConnection();
        Connection other = TABLES.dataSource().getConnection()) {
      LedgerTransaction worker = transaction(one);
      Ledger.Claim newest = claim(worker);
      book("submitted", 2);
      assertThat(claim(transaction(other)).superseded()).isEqualTo(1);

      List<Long> dead = refused(worker, newest);
      one.commit();
      FutureTask<Void> back = new FutureTask<>(() -> ledger.bringBackOvertaken(dead), null);
      new Thread(back).start();
      Awaitility.await().until(() -> back.isDone() || isWaitedFor());
      other.commit();
      back.get();
    }

    assertThat(state("approved")).isEqualTo("dead");
    assertThat(state("submitted")).isEqualTo("waiting");
  }

  private void refuseTheNewest() throws SQLException {
    try (Connection connection = TABLES.dataSource().getConnection()) {
      LedgerTransaction worker = transaction(connection);
      List<Long> dead = refused(worker, claim(worker));
      connection.commit();
      ledger.bringBackOvertaken(dead);
    }
  }

  private static boolean isWaitedFor() {
    return jdbc.queryForObject("select count(*) from pg_locks where not granted", Integer.class)
        > 0;
  }

  @Test
  void one_is_made_however_often_it_is_looked_for() throws SQLException {
    book("draft", 1);
    book("submitted", 2);
    book("approved", 3);
    refuseTheNewest();

    assertThat(state("submitted")).isEqualTo("waiting");
    assertThat(state("draft")).isEqualTo("superseded");
  }

  @Test
  void what_names_a_person_who_is_being_erased_is_not_made() throws SQLException {
    book("submitted", 2);
    book("approved", 3);
    jdbc.update(
        """
        update delivery set state = 'superseded', cause_code = 'ERASED', cause = 'erased'
        where event_sequence = (select sequence from event where id = 'submitted')
        """);
    refuseTheNewest();

    assertThat(state("submitted")).isEqualTo("superseded");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update event set body = '{}', payload_removed_at = now() where id = 'submitted'",
        "update delivery set state = 'superseded', cause_code = 'DISCARDED', cause = 'discarded'"
            + " where event_sequence = (select sequence from event where id = 'submitted')"
      })
  void where_the_last_before_has_no_payload_or_was_given_up_the_one_before_that_is_made(
      String meanwhile) throws SQLException {
    book("draft", 1);
    book("submitted", 2);
    book("approved", 3);
    jdbc.update(meanwhile);
    refuseTheNewest();

    assertThat(state("submitted")).isEqualTo("superseded");
    assertThat(state("draft")).isEqualTo("waiting");
  }

  @Test
  void what_the_target_had_before_it_was_to_have_it_again_keeps_older_ones_out()
      throws SQLException {
    book("draft", 1);
    book("approved", 2);
    jdbc.update(
        """
        update delivery set delivered_before = now()
        where event_sequence = (select sequence from event where id = 'approved')
        """);
    refuseTheNewest();

    assertThat(state("approved")).isEqualTo("dead");
    assertThat(state("draft")).isEqualTo("superseded");
  }

  @Test
  void of_those_that_go_one_after_another_the_oldest_goes_however_many_came_due_before_it()
      throws SQLException {
    book("approved", 3);
    book("submitted", 2);
    book("draft", 1);
    try (Connection connection = TABLES.dataSource().getConnection()) {
      Ledger.Claim claim =
          transaction(connection).claimOneAfterAnother("salesforce", "t", Ledger.Part.DUE, true, 2);

      assertThat(claim.deliveries()).extracting(d -> d.event().id()).containsExactly("draft");
      assertThat(claim.isFull()).isTrue();
    }
  }

  @Test
  void what_had_failed_before_it_was_overtaken_ends_without_a_cause_and_can_be_had_again()
      throws SQLException {
    book("draft", 1);
    jdbc.update("update delivery set attempts = 1, cause_code = 'NO', cause = 'no'");
    book("approved", 2);
    try (Connection connection = TABLES.dataSource().getConnection()) {
      claim(transaction(connection));
      connection.commit();
    }

    DeliveryFilter overtaken =
        new DeliveryFilter(
            null, "superseded", null, null, null, null, null, null, null, null, null, null);
    assertThat(
            new FilteredRows(new NamedParameterJdbcTemplate(jdbc))
                .toReplay(overtaken)
                .countDeliveries())
        .isEqualTo(1);
  }
}
