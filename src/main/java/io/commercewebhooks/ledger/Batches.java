package io.commercewebhooks.ledger;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims due deliveries of a target, has {@link Attempts} made, and settles them, a batch of one
 * type in one transaction.
 */
final class Batches {

  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final LedgerMetrics.OfTarget metrics;
  private final Attempts attempts;
  private final BooleanSupplier goesOn;
  private final RateLimiter limit;
  private final UncommittedOutcomes uncommitted = new UncommittedOutcomes();

  /** The lanes in which this node has a call under way. */
  private final Set<Object> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param goesOn whether more may be attempted of what is claimed; not when a stop waits
   */
  Batches(DeliveriesEndpoint endpoint, Attempts attempts, BooleanSupplier goesOn) {
    this.endpoint = endpoint;
    this.component = endpoint.component();
    this.metrics = component.metrics.of(endpoint.getTarget());
    this.attempts = attempts;
    this.goesOn = goesOn;
    this.limit =
        RateLimiter.of(
            "limit of " + endpoint.getTarget(),
            RateLimiterConfig.custom()
                .limitForPeriod(endpoint.getPerMinute() > 0 ? endpoint.getPerMinute() : NO_LIMIT)
                .limitRefreshPeriod(Duration.ofMinutes(1))
                .timeoutDuration(Duration.ZERO)
                .build());
  }

  /**
   * What came of a batch.
   *
   * @param attempted how many deliveries were handed over
   * @param dead those of them that have become dead letters
   * @param superseded how many ended because newer ones are there
   * @param asked whether the target said anything, were it by its silence
   * @param well whether a target on hold was tried and found well
   * @param isFull whether more may wait that would have been too much at once
   */
  record Done(
      int attempted, List<Long> dead, int superseded, boolean asked, boolean well, boolean isFull) {

    int total() {
      return attempted + superseded;
    }
  }

  Done deliver(String type, Ledger.Part part) {
    List<Ledger.Settled> settled = new ArrayList<>();
    Done done =
        component.ledger.inTransaction(ledger -> deliverClaimed(ledger, type, part, settled));
    uncommitted.forget(settled);
    if (endpoint.isOrdered() && !done.dead().isEmpty()) {
      component.ledger.bringBackOvertaken(done.dead());
    }
    return done;
  }

  /**
   * Delivers what it can claim.
   *
   * @param settled gets what came of each
   */
  private Done deliverClaimed(
      LedgerTransaction ledger, String type, Ledger.Part part, List<Ledger.Settled> settled) {
    Ledger.Claim claim = claim(ledger, type, part);
    boolean trying = part == Ledger.Part.ANY;
    if (claim.deliveries().isEmpty() || !trying && component.holds.isHeld(endpoint.getTarget())) {
      return new Done(0, List.of(), claim.superseded(), false, false, claim.isFull());
    }
    // one call is one try, however many go with it: a few of them may fail for what they are
    List<Delivery> deliveries =
        trying && endpoint.isOneByOne() ? claim.deliveries().subList(0, 1) : claim.deliveries();
    attempt(deliveries, trying, settled);
    List<Long> dead = settled.isEmpty() ? List.of() : settle(ledger, type, settled);
    boolean unwell = settled.stream().anyMatch(s -> s.outcome().isUnwell());
    boolean answered = settled.stream().anyMatch(s -> s.outcome().isAnswer());
    return new Done(
        settled.size(),
        dead,
        claim.superseded(),
        unwell || answered,
        trying && answered && !unwell,
        claim.isFull());
  }

  private void attempt(List<Delivery> deliveries, boolean trying, List<Ledger.Settled> settled) {
    List<Delivery> mine = begin(deliveries);
    try {
      settled.addAll(uncommitted.of(mine));
      if (settled.isEmpty() && !mine.isEmpty()) {
        attemptAll(mine, trying, settled);
      }
    } finally {
      uncommitted.remember(settled, component.clock.instant());
      mine.stream().map(this::lane).forEach(underWay::remove);
    }
  }

  /**
   * @return those that have become dead letters
   */
  private List<Long> settle(LedgerTransaction ledger, String type, List<Ledger.Settled> settled) {
    List<Long> dead =
        endpoint.isOrdered()
            ? ledger.settleInOrder(settled, component.settings::retryOf)
            : ledger.settle(settled, component.settings::retryOf);
    metrics.settled(settled);
    component.traces.saying(
        settled.stream().map(Ledger.Settled::delivery).toList(), () -> tell(type, settled));
    return dead;
  }

  /**
   * Those of the deliveries that no other worker of this node is at. The ledger frees what is
   * claimed by a connection that breaks, while its call is still under way: the others wait, as
   * long as that takes, for what comes of it. A digest goes as a whole or not at all.
   */
  private List<Delivery> begin(List<Delivery> deliveries) {
    List<Delivery> mine = deliveries.stream().filter(d -> underWay.add(lane(d))).toList();
    if (endpoint.isDigest() && mine.size() < deliveries.size()) {
      mine.stream().map(this::lane).forEach(underWay::remove);
      return List.of();
    }
    return mine;
  }

  private Object lane(Delivery delivery) {
    return endpoint.isOrdered() || endpoint.isPartial(delivery.event().type())
        ? delivery.event().entity()
        : delivery.id();
  }

  private Ledger.Claim claim(LedgerTransaction ledger, String type, Ledger.Part part) {
    String target = endpoint.getTarget();
    int atMost = endpoint.getBatchSize();
    if (endpoint.isDigest()) {
      return ledger.claimDigest(target, type, component.clock.instant(), atMost);
    }
    if (endpoint.isPartial(type)) {
      return ledger.claimOneAfterAnother(target, type, part, endpoint.isOrdered(), atMost);
    }
    return endpoint.isOrdered()
        ? ledger.claimInOrder(target, type, part, atMost)
        : ledger.claim(target, type, part, atMost);
  }

  private void attemptAll(List<Delivery> deliveries, boolean trying, List<Ledger.Settled> settled) {
    if (!endpoint.isOneByOne()) {
      settled.addAll(traced(deliveries, trying));
      return;
    }
    long begun = System.nanoTime();
    long turn = component.settings.turn().toNanos();
    deliveries.stream()
        .takeWhile(d -> settled.isEmpty() || System.nanoTime() - begun < turn)
        .takeWhile(d -> goesOn.getAsBoolean() && limit.acquirePermission())
        .forEach(d -> settled.addAll(traced(List.of(d), trying)));
  }

  private List<Ledger.Settled> traced(List<Delivery> deliveries, boolean trying) {
    return component.traces.delivered(deliveries, () -> attempts.make(deliveries, trying));
  }

  /**
   * One line per attempt: which events went, and why the rest did not. That a target on hold is
   * still unwell is no news.
   */
  private void tell(String type, List<Ledger.Settled> settled) {
    Map<String, Long> failed =
        settled.stream()
            .map(Ledger.Settled::outcome)
            .filter(o -> o.code() != null)
            .collect(
                Collectors.groupingBy(
                    o -> o.kind() + " " + o.code(), TreeMap::new, Collectors.counting()));
    if (failed.isEmpty()) {
      LOG.info("{}: {} {} delivered: {}", endpoint.getTarget(), settled.size(), type, ids(settled));
      return;
    }
    if (settled.stream().allMatch(s -> s.outcome().kind() == Outcome.Kind.HOLD)) {
      LOG.debug("{}: still on hold, {}", endpoint.getTarget(), failed);
      return;
    }
    String detail =
        settled.stream()
            .map(Ledger.Settled::outcome)
            .filter(o -> o.code() != null)
            .map(Outcome::detail)
            .findFirst()
            .orElse("");
    LOG.warn(
        "{}: of {} {} {} failed, e.g. {}: {}",
        endpoint.getTarget(),
        settled.size(),
        type,
        failed,
        detail,
        ids(settled));
  }

  /** The ids of the events, to be found by; those of failed ones with what came of them. */
  private static String ids(List<Ledger.Settled> settled) {
    return settled.stream()
        .map(
            s -> {
              String id = s.delivery().event().id();
              return s.outcome().code() == null ? id : id + " " + s.outcome().code();
            })
        .collect(Collectors.joining(", "));
  }
}
