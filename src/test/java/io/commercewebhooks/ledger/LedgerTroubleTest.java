package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.EOFException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;

/** Only trouble that passes is a reason to spool an event. */
class LedgerTroubleTest {

  private static DataAccessException withState(String state) {
    return new UncategorizedSQLException("keep", "insert", new SQLException("it failed", state));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "08006", "08001", "53100", "53300", "57P01", "57014", "55P03", "40001", "25006", "42P01",
        "58030", "XX000", "23505"
      })
  void a_ledger_that_is_away_or_full_or_not_as_it_should_be_is_in_trouble(String state) {
    assertThat(LedgerTrouble.isOfTheLedger(withState(state))).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"22021", "22P05", "23502", "54000"})
  void an_event_that_the_ledger_would_never_take_is_no_trouble_of_the_ledger(String state) {
    assertThat(LedgerTrouble.isOfTheLedger(withState(state))).isFalse();
  }

  @Test
  void no_connection_and_a_circuit_that_is_open_are_the_ledgers_and_a_mistake_of_ours_is_not() {
    CircuitBreaker circuit = CircuitBreaker.ofDefaults("ledger");
    assertThat(
            LedgerTrouble.isOfTheLedger(
                CallNotPermittedException.createCallNotPermittedException(circuit)))
        .isTrue();
    assertThat(LedgerTrouble.isOfTheLedger(new CannotGetJdbcConnectionException("away"))).isTrue();
    assertThat(LedgerTrouble.isOfTheLedger(new IllegalStateException("ours"))).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "22021, true",
    "40P01, true",
    "40001, true",
    "08006, false",
    "53100, false",
    "57P01, false"
  })
  void what_is_kept_together_is_tried_one_by_one_where_the_trouble_may_be_of_one(
      String state, boolean oneByOne) {
    assertThat(LedgerTrouble.mayBeOfOneRow(withState(state))).isEqualTo(oneByOne);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"while locking tuple (0;1) in relation \"event\", true", ", false"})
  void a_row_that_somebody_holds_is_of_one_event_and_a_table_is_of_all(
      String where, boolean oneByOne) {
    String said = "SERROR\0C55P03\0Mlock timeout\0" + (where == null ? "" : "W" + where + "\0");
    PSQLException refusal = new PSQLException(new ServerErrorMessage(said));

    assertThat(
            LedgerTrouble.mayBeOfOneRow(new UncategorizedSQLException("keep", "insert", refusal)))
        .isEqualTo(oneByOne);
  }

  @Test
  void why_something_failed_is_told_as_the_database_said_it_and_by_what_that_comes_from() {
    SQLException said =
        new SQLException("SSL error: check failed", "08006", new Exception("NotAfter: Monday"));
    SQLException pool = new SQLException("no connection", "08006", said);
    SQLException plain = new SQLException("ERROR: disk full\n  Hint: make room", "53100");
    SQLException silent = new SQLException("An I/O error occurred.", "08006", new EOFException());

    assertThat(
            Stream.of(pool, plain, silent)
                .map(cause -> new UncategorizedSQLException("keep", "insert into event", cause))
                .map(LedgerTrouble::said))
        .containsExactly(
            Optional.of("SSL error: check failed: NotAfter: Monday"),
            Optional.of("ERROR: disk full"),
            Optional.of("An I/O error occurred: EOFException"));
    assertThat(LedgerTrouble.said(new IllegalStateException("ours"))).isEmpty();
  }
}
