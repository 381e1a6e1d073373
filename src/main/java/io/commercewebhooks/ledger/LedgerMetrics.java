package io.commercewebhooks.ledger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What this node did, counted as it happens, and what all nodes have before them, looked up in the
 * ledger from time to time and so the same on each. {@code config/observability/README.md} has
 * every name and its meaning.
 */
@Component
public class LedgerMetrics {

  private static final Logger LOG = LoggerFactory.getLogger(LedgerMetrics.class);

  private final JdbcTemplate ledger;
  private final MeterRegistry metrics;
  private final Set<String> targets = new ConcurrentSkipListSet<>();
  private final MultiGauge deliveries;
  private final MultiGauge oldestDelivery;
  private final MultiGauge held;
  private final MultiGauge events;
  private final MultiGauge oldestEvent;
  private final MultiGauge replays;
  private final MultiGauge untold;
  private final Remembered<Instant> looked;
  private volatile long answeredAt = System.nanoTime();

  LedgerMetrics(JdbcTemplate ledger, MeterRegistry metrics, Remembered.Slow slow) {
    this.ledger = ledger;
    this.metrics = metrics;
    this.looked = new Remembered<>(slow, this::lookAtAll);
    this.deliveries = gauge("deliveries", null, "Deliveries that wait, are held or are dead");
    this.oldestDelivery =
        gauge("deliveries.oldest", "seconds", "How long the oldest delivery waits; digests apart");
    this.held = gauge("target.held", null, "1 while a target is on hold, with the reason");
    this.events = gauge("events", null, "Events that wait to be routed, or are unroutable");
    this.oldestEvent =
        gauge("events.oldest", "seconds", "How long the oldest event waits to be routed");
    this.replays = gauge("replays.left", null, "What running replays have still to take up");
    this.untold =
        gauge("notices.untold", "seconds", "For how long operators could not be told of a trouble");
    Gauge.builder("commerce.webhooks.ledger.silent", this::silentSeconds)
        .baseUnit("seconds")
        .description("How long ago this node last had an answer of the ledger for its gauges")
        .register(metrics);
  }

  private MultiGauge gauge(String name, String unit, String description) {
    return MultiGauge.builder("commerce.webhooks." + name)
        .baseUnit(unit)
        .description(description)
        .register(metrics);
  }

  /**
   * Counts a webhook that was kept, or that the ledger had already.
   *
   * @param isKnown whether routes know the type; a sender can make up any other
   */
  void received(String sender, String type, boolean isKnown, boolean isNew) {
    Counter.builder("commerce.webhooks.received")
        .description("Proved webhooks that are in the ledger")
        .tags("sender", sender, "type", isKnown ? type : "unknown")
        .tag("repeated", Boolean.toString(!isNew))
        .register(metrics)
        .increment();
  }

  /** The meters of a target; from now on it has gauges, too. */
  OfTarget of(String target) {
    targets.add(target);
    return new OfTarget(target);
  }

  /** What is counted of the deliveries to one target. */
  final class OfTarget {

    private final Map<Outcome.Kind, Counter> attempts = new EnumMap<>(Outcome.Kind.class);
    private final Timer latency;

    private OfTarget(String target) {
      for (Outcome.Kind kind : Outcome.Kind.values()) {
        attempts.put(
            kind,
            Counter.builder("commerce.webhooks.attempts")
                .description("Attempts to deliver, by what came of them")
                .tags("target", target, "outcome", kind.name().toLowerCase(Locale.ROOT))
                .register(metrics));
      }
      latency =
          Timer.builder("commerce.webhooks.delivery.latency")
              .description("From the receipt of an event until the target has it; digests apart")
              .tag("target", target)
              .register(metrics);
    }

    void settled(List<Ledger.Settled> settled) {
      Instant now = Instant.now();
      for (Ledger.Settled one : settled) {
        attempts.get(one.outcome().kind()).increment();
        if (one.outcome().kind() == Outcome.Kind.DELIVERED && one.delivery().digest() == null) {
          Duration took = Duration.between(one.delivery().event().receivedAt(), now);
          // where this node's clock is behind the ledger's; a timer leaves out what is negative
          latency.record(took.isNegative() ? Duration.ZERO : took);
        }
      }
    }
  }

  /** Looks anew, on every node: each has metrics of its own. */
  @Scheduled(fixedDelayString = "${ledger.metrics.look-each}")
  public void look() {
    try {
      looked.get();
      answeredAt = System.nanoTime();
    } catch (DataAccessException e) {
      LOG.debug("the ledger could not be asked for its metrics", e);
    }
  }

  private double silentSeconds() {
    return Duration.ofNanos(System.nanoTime() - answeredAt).toMillis() / 1000.0;
  }

  private Instant lookAtAll() {
    lookAtTargets();
    lookAtEvents();
    lookAtNotices();
    return Instant.now();
  }

  private void lookAtTargets() {
    List<MultiGauge.Row<?>> counts = new ArrayList<>();
    List<MultiGauge.Row<?>> ages = new ArrayList<>();
    List<MultiGauge.Row<?>> holds = new ArrayList<>();
    ledger.query(
        """
        select n.name, coalesce(t.state, 'active') = 'held' as held,
               coalesce(nullif(t.reason, ''), 'none') as reason, w.waiting, w.age, d.dead
        from unnest(?) as n (name)
        left join target t on t.name = n.name
        cross join lateral (
          select count(*) as waiting,
                 coalesce(extract(epoch from now() - min(booked_at) filter (where digest is null)),
                          0) as age
          from delivery where target = n.name and state = 'waiting') w
        cross join lateral (
          select count(*) as dead from delivery where target = n.name and state = 'dead') d
        """,
        row -> {
          Tags target = Tags.of("target", row.getString("name"));
          boolean isHeld = row.getBoolean("held");
          long waiting = row.getLong("waiting");
          counts.add(MultiGauge.Row.of(target.and("state", "waiting"), isHeld ? 0 : waiting));
          counts.add(MultiGauge.Row.of(target.and("state", "held"), isHeld ? waiting : 0));
          counts.add(MultiGauge.Row.of(target.and("state", "dead"), row.getLong("dead")));
          ages.add(MultiGauge.Row.of(target, row.getDouble("age")));
          holds.add(
              MultiGauge.Row.of(target.and("reason", row.getString("reason")), isHeld ? 1 : 0));
        },
        Ledger.texts(targets));
    deliveries.register(counts, true);
    oldestDelivery.register(ages, true);
    held.register(holds, true);
  }

  private void lookAtEvents() {
    ledger.query(
        """
        select r.to_route, r.age,
               (select count(*) from event where %s) as unroutable,
               (select coalesce(sum(greatest(total - done, 0)), 0)
                from replay where state = 'running') as left_to_replay
        from (select count(*) as to_route,
                     coalesce(extract(epoch from now() - min(received_at)), 0) as age
              from event where state = 'received') r
        """
            .formatted(FilteredRows.UNROUTABLE),
        row -> {
          events.register(
              List.of(
                  MultiGauge.Row.of(Tags.of("state", "to_route"), row.getLong("to_route")),
                  MultiGauge.Row.of(Tags.of("state", "unroutable"), row.getLong("unroutable"))),
              true);
          oldestEvent.register(
              List.of(MultiGauge.Row.of(Tags.empty(), row.getDouble("age"))), true);
          replays.register(
              List.of(MultiGauge.Row.of(Tags.empty(), row.getLong("left_to_replay"))), true);
        });
  }

  private void lookAtNotices() {
    Double seconds =
        ledger.queryForObject(
            """
            select coalesce(extract(epoch from now() - min(first_at)), 0) from notice
            where told_at is null and gone_at is null
            """,
            Double.class);
    untold.register(List.of(MultiGauge.Row.of(Tags.empty(), seconds)), true);
  }
}
