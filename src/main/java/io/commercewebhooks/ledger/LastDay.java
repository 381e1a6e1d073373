package io.commercewebhooks.ledger;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** How the last 24 hours went, hour by hour, and what is still open. */
public class LastDay {

  private static final Duration FRESH = Duration.ofSeconds(15);
  private static final int HOURS = 24;

  private final NamedParameterJdbcTemplate jdbc;
  private final LoadingCache<Boolean, Figures> settled;

  LastDay(NamedParameterJdbcTemplate jdbc) {
    this.jdbc = jdbc;
    // counting a busy day takes a moment, and many may look
    this.settled = Caffeine.newBuilder().expireAfterWrite(FRESH).build(key -> count());
  }

  /**
   * Events that were received.
   *
   * @param hour how many hours ago, 0 to 23
   */
  public record Received(int hour, String sender, String type, long count) {}

  /**
   * Deliveries that were settled.
   *
   * @param hour how many hours ago, 0 to 23
   * @param state delivered, superseded or dead
   * @param last when the last of them was settled
   */
  public record Settled(
      int hour, String target, String type, String state, long count, Instant last) {}

  /**
   * Deliveries that are open now, whenever they were booked.
   *
   * @param state waiting, held or dead
   */
  public record Open(String target, String type, String state, long count) {}

  /** All of it, as of a time. */
  public record Figures(
      Instant at, List<Received> received, List<Settled> settled, List<Open> open) {

    /** The beginning of the hour that ended so many hours ago. */
    public Instant beginOf(int hour) {
      return at.minus(hour + 1L, ChronoUnit.HOURS);
    }
  }

  /** What is open, now; the rest is a few seconds old at most. */
  public Figures figures() {
    Figures day = settled.get(true);
    return new Figures(day.at(), day.received(), day.settled(), open());
  }

  private Figures count() {
    Map<String, Integer> hours = Map.of("hours", HOURS);
    return new Figures(
        Instant.now(),
        jdbc.query(
            """
            select floor(extract(epoch from now() - received_at) / 3600)::int as hour, sender, type,
                   count(*) as count
            from event
            where received_at > now() - :hours * interval '1 hour' and mended_from is null
            group by 1, 2, 3
            """,
            hours,
            (row, n) ->
                new Received(
                    Math.max(0, row.getInt("hour")),
                    row.getString("sender"),
                    row.getString("type"),
                    row.getLong("count"))),
        jdbc.query(
            """
            select floor(extract(epoch from now() - settled_at) / 3600)::int as hour, target, type,
                   state, count(*) as count, max(settled_at) as last
            from delivery where settled_at > now() - :hours * interval '1 hour'
            group by 1, 2, 3, 4
            """,
            hours,
            (row, n) ->
                new Settled(
                    Math.max(0, row.getInt("hour")),
                    row.getString("target"),
                    row.getString("type"),
                    row.getString("state"),
                    row.getLong("count"),
                    row.getTimestamp("last").toInstant())),
        List.of());
  }

  private List<Open> open() {
    return jdbc.query(
        """
            select d.target, d.type,
                   case when d.state = 'waiting' and t.state = 'held' then 'held' else d.state end
                     as state, count(*) as count
            from delivery d left join target t on t.name = d.target
            where d.state in ('waiting', 'dead')
            group by 1, 2, 3
            """,
        Map.of(),
        (row, n) ->
            new Open(
                row.getString("target"),
                row.getString("type"),
                row.getString("state"),
                row.getLong("count")));
  }
}
