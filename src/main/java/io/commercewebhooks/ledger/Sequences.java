package io.commercewebhooks.ledger;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds by halving where in the order of arrival a time is, so that a question about a time reads
 * those rows and no others. Sequences and times rise together, nearly.
 */
class Sequences {

  private static final int PROBES = 64;

  /** A sequence is drawn a little before or after the transaction says what time it is. */
  private static final int SLACK = 1_000;

  private final JdbcTemplate ledger;
  private final String newest;
  private final String next;

  private Sequences(JdbcTemplate ledger, String table, String sequence, String time) {
    this.ledger = ledger;
    this.newest = "select max(%s) from %s".formatted(sequence, table);
    this.next =
        "select %s from %s where %s >= ? order by %s limit 1"
            .formatted(time, table, sequence, sequence);
  }

  /** The sequences of events, by when these were received. */
  static Sequences ofEvents(JdbcTemplate ledger) {
    return new Sequences(ledger, "event", "sequence", "received_at");
  }

  /** The numbers of deliveries, by when these were booked. */
  static Sequences ofDeliveries(JdbcTemplate ledger) {
    return new Sequences(ledger, "delivery", "id", "booked_at");
  }

  /** The highest sequence, or 0. */
  long newest() {
    Long highest = ledger.queryForObject(newest, Long.class);
    return highest == null ? 0 : highest;
  }

  /** What is of a time or later has a higher sequence than this. */
  long below(Instant time) {
    return at(time) - SLACK;
  }

  /** What is of before a time has a lower sequence than this. */
  long above(Instant time) {
    return at(time) + SLACK;
  }

  /**
   * What is no older by the clock of the ledger, which gave it its time, has a higher one than
   * this.
   */
  long below(Duration age) {
    return below(now().minus(age));
  }

  /** What is older by the clock of the ledger has a lower one than this. */
  long above(Duration age) {
    return above(now().minus(age));
  }

  /** What time it is by the clock of the ledger. */
  Instant now() {
    return Objects.requireNonNull(ledger.queryForObject("select now()", Timestamp.class))
        .toInstant();
  }

  private long at(Instant time) {
    long low = 0;
    long high = newest() + 1;
    for (int i = 0; i < PROBES && low < high; i++) {
      long middle = (low + high) >>> 1;
      List<Instant> times = ledger.query(next, (row, n) -> row.getTimestamp(1).toInstant(), middle);
      if (!times.isEmpty() && times.get(0).isBefore(time)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
