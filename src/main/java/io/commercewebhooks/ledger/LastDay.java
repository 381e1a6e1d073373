package io.commercewebhooks.ledger;

import com.github.benmanes.caffeine.cache.Ticker;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * How the last 24 hours went, hour by hour, and what is still open.
 *
 * <p>A minute that is over is counted once and remembered, so that a look reads what came in the
 * last minutes, however much a day brings; the first look reads an hour at a time. What time it is
 * says the ledger, by whose clock all was received and settled: that of a node may be ahead, and
 * what comes in a minute that it took for over would never be counted.
 */
@Component
public class LastDay {

  private static final Duration FRESH = Duration.ofSeconds(15);
  private static final Duration DAY = Duration.ofDays(1);

  /** What was begun in a minute is committed when so many more are over. */
  private static final Duration OPEN = Duration.ofMinutes(2);

  private final JdbcTemplate ledger;
  private final Sequences sequences;
  private final TreeMap<Instant, Minute> over = new TreeMap<>();
  private final Remembered<List<Open>> open;
  private final Ticker ticker;
  private Figures latest;
  private long counted;

  @Autowired
  LastDay(JdbcTemplate ledger, Remembered.Slow slow) {
    this(ledger, slow, Ticker.systemTicker());
  }

  LastDay(JdbcTemplate ledger, Remembered.Slow slow, Ticker ticker) {
    this.ledger = ledger;
    this.sequences = Sequences.ofEvents(ledger);
    this.ticker = ticker;
    this.open = new Remembered<>(slow, this::countOpen);
  }

  /** The counts of one minute, their hours not yet known. */
  private record Minute(List<Received> received, List<Settled> settled) {
    Minute() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  /**
   * Events that were received.
   *
   * @param hour how many hours ago, 0 to 23
   */
  public record Received(int hour, String sender, String type, long count) {
    private Received in(int hoursAgo) {
      return new Received(hoursAgo, sender, type, count);
    }
  }

  /**
   * Deliveries that were settled.
   *
   * @param hour how many hours ago, 0 to 23
   * @param state delivered, superseded or dead
   * @param last when the last of them was settled
   */
  public record Settled(
      int hour, String target, String type, String state, long count, Instant last) {
    private Settled in(int hoursAgo) {
      return new Settled(hoursAgo, target, type, state, count, last);
    }
  }

  /**
   * Deliveries that are open now, whenever they were booked; and events that no route has seen yet.
   *
   * @param target empty for events
   * @param state waiting, held or dead; to-route of events
   */
  public record Open(String target, String type, String state, long count) {}

  /** All of it, as of a time. */
  public record Figures(
      Instant at, List<Received> received, List<Settled> settled, List<Open> open) {}

  /** What is open, now; the rest is a few seconds old at most. */
  public Figures figures() {
    Figures day = day();
    return new Figures(day.at(), day.received(), day.settled(), open.get());
  }

  /** All of it as it is now, for words that stay. */
  public synchronized Figures figuresNow() {
    latest = null;
    return figures();
  }

  /** Counts before anybody asks, so that nobody waits for a whole day to be counted. */
  @Scheduled(fixedDelayString = "${ledger.balance.look-each}")
  void lookAgain() {
    try {
      day();
    } catch (DataAccessException e) {
      // who asks next counts more
    }
  }

  private synchronized Figures day() {
    if (latest == null || ticker.read() - counted > FRESH.toNanos()) {
      latest = count(sequences.now());
      counted = ticker.read();
    }
    return latest;
  }

  private Figures count(Instant now) {
    Instant first = now.minus(DAY).truncatedTo(ChronoUnit.MINUTES);
    Instant open = now.minus(OPEN).truncatedTo(ChronoUnit.MINUTES);
    over.headMap(first).clear();
    // a clock that was set back has them before it once more
    over.tailMap(open).clear();
    Instant from = over.isEmpty() ? first : over.lastKey().plus(1, ChronoUnit.MINUTES);
    while (from.isBefore(open)) {
      Instant hour = from.plus(1, ChronoUnit.HOURS);
      Instant to = hour.isBefore(open) ? hour : open;
      TreeMap<Instant, Minute> counts = count(from, to);
      // also those in which nothing came: they are over
      for (Instant m = from; m.isBefore(to); m = m.plus(1, ChronoUnit.MINUTES)) {
        over.put(m, counts.getOrDefault(m, new Minute()));
      }
      from = to;
    }
    TreeMap<Instant, Minute> minutes = new TreeMap<>(over);
    minutes.putAll(count(open, null));
    List<Received> received = new ArrayList<>();
    List<Settled> settled = new ArrayList<>();
    minutes.forEach(
        (minute, counts) -> {
          // the day begins within a minute, all of which is of its first hour
          long ago = Math.max(0, Duration.between(minute, now).toHours());
          int hour = (int) Math.min(ago, DAY.toHours() - 1);
          counts.received().forEach(r -> received.add(r.in(hour)));
          counts.settled().forEach(s -> settled.add(s.in(hour)));
        });
    return new Figures(now, received, settled, List.of());
  }

  /**
   * Counts what was received and settled at or after a time.
   *
   * @param to and before this one; null for no end
   */
  private TreeMap<Instant, Minute> count(Instant from, Instant to) {
    Timestamp end = to == null ? null : Timestamp.from(to);
    TreeMap<Instant, Minute> minutes = new TreeMap<>();
    ledger.query(
        """
        select date_trunc('minute', received_at) as minute, sender, type, count(*) as count
        from event
        where sequence > ? and sequence < ? and received_at >= ?
          and received_at < coalesce(cast(? as timestamptz), 'infinity') and mended_from is null
        group by 1, 2, 3
        """,
        row -> {
          of(minutes, row.getTimestamp("minute"))
              .received()
              .add(
                  new Received(
                      0, row.getString("sender"), row.getString("type"), row.getLong("count")));
        },
        sequences.below(from),
        to == null ? Long.MAX_VALUE : sequences.above(to),
        Timestamp.from(from),
        end);
    ledger.query(
        """
        select date_trunc('minute', settled_at) as minute, target, type, state, count(*) as count,
               max(settled_at) as last
        from delivery
        where settled_at >= ? and settled_at < coalesce(cast(? as timestamptz), 'infinity')
        group by 1, 2, 3, 4
        """,
        row -> {
          of(minutes, row.getTimestamp("minute"))
              .settled()
              .add(
                  new Settled(
                      0,
                      row.getString("target"),
                      row.getString("type"),
                      row.getString("state"),
                      row.getLong("count"),
                      row.getTimestamp("last").toInstant()));
        },
        Timestamp.from(from),
        end);
    return minutes;
  }

  private static Minute of(TreeMap<Instant, Minute> minutes, Timestamp minute) {
    return minutes.computeIfAbsent(minute.toInstant(), m -> new Minute());
  }

  private List<Open> countOpen() {
    return ledger.query(
        """
            select d.target, d.type,
                   case when d.state = 'waiting' and t.state = 'held' then 'held' else d.state end
                     as state, count(*) as count
            from delivery d left join target t on t.name = d.target
            where d.state in ('waiting', 'dead')
            group by 1, 2, 3
            union all
            select '', type, 'to-route', count(*) from event where state = 'received' group by type
            """,
        (row, n) ->
            new Open(
                row.getString("target"),
                row.getString("type"),
                row.getString("state"),
                row.getLong("count")));
  }
}
