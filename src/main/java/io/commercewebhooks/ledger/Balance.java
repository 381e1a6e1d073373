package io.commercewebhooks.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Whether every event of the last day is accounted for, or of one that brings too many the newest:
 * received = delivered + superseded + waiting + held + dead + unroutable, for each type and each
 * target that hears of every event. As metrics ({@code commerce.webhooks.balance}, tagged with
 * type, target and state) and as a list of what doesn't add up. A mended copy was not received; its
 * original was.
 */
@Component
public class Balance {

  private static final Logger LOG = LoggerFactory.getLogger(Balance.class);

  /** A sender can make up any number of types; those with the fewest events are counted as one. */
  private static final int MOST_TYPES = 50;

  private final JdbcTemplate ledger;
  private final Sequences sequences;
  private final List<String> targets;
  private final int mostEvents;
  private final MultiGauge gauges;
  private volatile List<Line> lines = List.of();
  private volatile Instant drawnAt;
  private final Remembered<List<Line>> counted;

  Balance(
      JdbcTemplate ledger, LedgerSettings settings, MeterRegistry metrics, Remembered.Slow slow) {
    this.ledger = ledger;
    this.sequences = Sequences.ofEvents(ledger);
    this.targets = settings.balance().targets();
    this.mostEvents = settings.balance().mostEvents();
    this.counted = new Remembered<>(slow, this::count);
    this.gauges =
        MultiGauge.builder("commerce.webhooks.balance")
            .description("Events of the last day by what became of their delivery to a target")
            .register(metrics);
  }

  /**
   * The account of one type and target.
   *
   * @param toRoute events that wait to be routed
   * @param missing events that are in no state at all; anything but 0 is an alarm
   */
  public record Line(
      String type,
      String target,
      long received,
      long toRoute,
      long unroutable,
      long delivered,
      long superseded,
      long waiting,
      long held,
      long dead,
      long missing) {}

  /** As it was at the last look. */
  public List<Line> lines() {
    return lines;
  }

  /** When the last look was; null before the first. */
  public Instant drawnAt() {
    return drawnAt;
  }

  /** Looks anew, on every node: each has metrics of its own. */
  @Scheduled(fixedDelayString = "${ledger.balance.look-each}")
  public void look() {
    try {
      Instant now = Instant.now();
      lines = counted.get();
      drawnAt = now;
    } catch (DataAccessException e) {
      LOG.debug("the balance could not be drawn", e);
      return;
    }
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Line line : lines) {
      row(rows, line, "received", line.received());
      row(rows, line, "to_route", line.toRoute());
      row(rows, line, "unroutable", line.unroutable());
      row(rows, line, "delivered", line.delivered());
      row(rows, line, "superseded", line.superseded());
      row(rows, line, "waiting", line.waiting());
      row(rows, line, "held", line.held());
      row(rows, line, "dead", line.dead());
      row(rows, line, "missing", line.missing());
    }
    gauges.register(rows, true);
  }

  private static void row(List<MultiGauge.Row<?>> rows, Line line, String state, long count) {
    rows.add(
        MultiGauge.Row.of(
            Tags.of("type", line.type(), "target", line.target(), "state", state), count));
  }

  private List<Line> count() {
    long before = Math.max(sequences.below(Duration.ofDays(1)), sequences.newest() - mostEvents);
    return ledger.query(
        """
        with counted as (
          select e.type, t.target, count(*) as received,
                 count(*) filter (where e.state = 'received') as to_route,
                 count(*) filter (where e.state = 'unroutable') as unroutable,
                 count(*) filter (where e.state = 'routed' and d.state = 'delivered') as delivered,
                 count(*) filter (where e.state = 'routed' and d.state = 'superseded') as superseded,
                 count(*) filter (where e.state = 'routed' and d.state = 'waiting') as waiting,
                 count(*) filter (where e.state = 'routed' and d.state = 'dead') as dead
          from event e
          cross join unnest(?) as t (target)
          left join delivery d
            on d.event_sequence = e.sequence and d.target = t.target and d.audience = ''
            and d.event_sequence > ?
          where e.sequence > ? and e.received_at > now() - interval '1 day'
            and e.mended_from is null
          group by e.type, t.target),
        ranked as (
          select c.*, dense_rank() over (order by c.received desc, c.type) as rank from counted c)
        select case when r.rank <= ? then r.type else 'others' end as type, r.target,
               sum(r.received) as received, sum(r.to_route) as to_route,
               sum(r.unroutable) as unroutable, sum(r.delivered) as delivered,
               sum(r.superseded) as superseded, sum(r.waiting) as waiting, sum(r.dead) as dead,
               bool_or(coalesce(t.state, 'active') = 'held') as held
        from ranked r left join target t on t.name = r.target
        group by 1, 2
        order by 1, 2
        """,
        (row, n) -> {
          long received = row.getLong("received");
          long waiting = row.getLong("waiting");
          boolean held = row.getBoolean("held");
          long known =
              row.getLong("to_route")
                  + row.getLong("unroutable")
                  + row.getLong("delivered")
                  + row.getLong("superseded")
                  + waiting
                  + row.getLong("dead");
          return new Line(
              row.getString("type"),
              row.getString("target"),
              received,
              row.getLong("to_route"),
              row.getLong("unroutable"),
              row.getLong("delivered"),
              row.getLong("superseded"),
              held ? 0 : waiting,
              held ? waiting : 0,
              row.getLong("dead"),
              received - known);
        },
        Ledger.texts(targets),
        before,
        before,
        MOST_TYPES);
  }
}
