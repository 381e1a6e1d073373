package io.commercewebhooks.ledger;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which due deliveries go when, claims them, has {@link Attempts} made, and settles them;
 * see {@link DeliveriesEndpoint}.
 */
class DeliveriesConsumer extends DefaultConsumer {

  private static final Logger LOG = LoggerFactory.getLogger(DeliveriesConsumer.class);

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final LedgerMetrics.OfTarget metrics;
  private final RateLimiter pace;
  private final RateLimiter limit;
  private volatile boolean backlogged;
  private final AtomicInteger turns = new AtomicInteger();
  private final Workers workers;
  private final Unnoted unnoted = new Unnoted();

  /** The lanes in which this node has a call under way. */
  private final Set<Object> underWay = ConcurrentHashMap.newKeySet();

  private Attempts attempts;
  private Optional<Budget> budget = Optional.empty();

  DeliveriesConsumer(DeliveriesEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.component();
    this.metrics = component.metrics.of(endpoint.getTarget());
    this.pace =
        RateLimiter.of(
            endpoint.getTarget(),
            RateLimiterConfig.custom()
                .limitForPeriod(
                    Math.max(1, component.settings.backlog().perSecond() / endpoint.getBatchSize()))
                .limitRefreshPeriod(Duration.ofSeconds(1))
                .timeoutDuration(Duration.ofMillis(200))
                .build());
    this.limit =
        RateLimiter.of(
            "limit of " + endpoint.getTarget(),
            RateLimiterConfig.custom()
                .limitForPeriod(endpoint.getPerMinute() > 0 ? endpoint.getPerMinute() : NO_LIMIT)
                .limitRefreshPeriod(Duration.ofMinutes(1))
                .timeoutDuration(Duration.ZERO)
                .build());
    this.workers =
        new Workers(
            endpoint.getCamelContext(),
            "deliveries:" + endpoint.getTarget(),
            endpoint.getWorkers(),
            signal(),
            component.sweep,
            component.settings.rhythmOf(endpoint.getTarget(), endpoint.getBatchSize()),
            this::deliverDue);
  }

  /** A digest is due when its time has come: what is booked meanwhile wakes nobody. */
  private Signals.Signal signal() {
    return endpoint.isDigest()
        ? component.signals.ofDigests(endpoint.getTarget())
        : component.signals.ofDeliveries(endpoint.getTarget());
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    CamelContext camel = endpoint.getCamelContext();
    FailureClasses failures = CamelContextHelper.findSingleByType(camel, FailureClasses.class);
    attempts = new Attempts(endpoint, new RouteCalls(endpoint, getProcessor(), failures));
    budget =
        camel.getRegistry().findByType(Budget.class).stream()
            .filter(any -> any.target().equals(endpoint.getTarget()))
            .findFirst();
    workers.start();
  }

  @Override
  protected void doStop() throws Exception {
    workers.stop();
    super.doStop();
  }

  /**
   * A turn: live deliveries of every type, then a bit of the backlog, if there is any; or each
   * digest that is due. One try while on hold.
   */
  private int deliverDue() {
    String target = endpoint.getTarget();
    if (endpoint.isDigest()) {
      return deliverDigests(component.ledger.digestsDue(target, component.clock.instant()));
    }
    Duration after = component.settings.backlog().after();
    List<Ledger.Waiting> waiting = component.ledger.waitingFor(target, after);
    if (component.holds.isHeld(target)) {
      return tryOneIfAllowed(types(waiting, any -> true));
    }
    Budget.Left left = budgetLeft();
    if (left == Budget.Left.NOTHING) {
      holdForBudget(target);
      return 0;
    }
    int live = deliver(types(waiting, Ledger.Waiting::isLive), Ledger.Part.live(after));
    if (left == Budget.Left.LITTLE) {
      return live;
    }
    if (backlogged && !pace.acquirePermission()) {
      return withoutRest(live);
    }
    int late = deliverOneBatch(types(waiting, Ledger.Waiting::isLate), Ledger.Part.backlog(after));
    backlogged = late > 0;
    return backlogged ? withoutRest(live + late) : live;
  }

  /**
   * Who is at a backlog lets nothing gather: more of it waits, and live ones must not. So it is
   * with whoever left some behind for what they hold.
   */
  private int withoutRest(int done) {
    return Math.max(done, endpoint.getBatchSize());
  }

  /**
   * A batch of one type, and of another the next time: whoever is at the backlog must soon look
   * again whether something came in.
   */
  private int deliverOneBatch(List<String> types, Ledger.Part part) {
    int first = types.isEmpty() ? 0 : Math.floorMod(turns.getAndIncrement(), types.size());
    List<String> inTurn = new ArrayList<>(types);
    Collections.rotate(inTurn, -first);
    for (String type : inTurn) {
      int done = deliver(List.of(type), part);
      if (done > 0) {
        return done;
      }
    }
    return 0;
  }

  private int deliverDigests(List<String> digests) {
    return component.holds.isHeld(endpoint.getTarget())
        ? tryOneIfAllowed(digests)
        : deliver(digests, Ledger.Part.DUE);
  }

  private int tryOneIfAllowed(List<String> types) {
    return !types.isEmpty() && component.holds.mayTry(endpoint.getTarget()) ? tryOne(types) : 0;
  }

  private static List<String> types(List<Ledger.Waiting> waiting, Predicate<Ledger.Waiting> which) {
    return waiting.stream().filter(which).map(Ledger.Waiting::type).toList();
  }

  private Budget.Left budgetLeft() {
    return budget.map(Budget::left).orElse(Budget.Left.ENOUGH);
  }

  private void holdForBudget(String target) {
    budget.ifPresent(
        spent ->
            component.holds.hold(target, Outcome.Hold.QUOTA, spent.words(), spent.lookAgain()));
  }

  /** A stop waits for the call under way, which may take its time, and for no other. */
  private int deliver(List<String> types, Ledger.Part part) {
    int done = 0;
    for (String type : types) {
      if (!isRunAllowed() || component.holds.isHeld(endpoint.getTarget())) {
        return 0;
      }
      Done batch = deliverBatch(type, part);
      done += batch.isFull() && batch.total() > 0 ? withoutRest(batch.total()) : batch.total();
    }
    return done;
  }

  /**
   * One call shows whether a target on hold is well again; overtaken deliveries can't show it, and
   * neither can those that fail before the call.
   */
  private int tryOne(List<String> types) {
    int attempted = 0;
    for (String type : types) {
      Done done;
      do {
        done = deliverBatch(type, Ledger.Part.ANY);
      } while (done.attempted() == 0 && done.superseded() > 0);
      if (done.well() && budgetLeft() == Budget.Left.NOTHING) {
        holdForBudget(endpoint.getTarget());
      } else if (done.well()) {
        // after the commit: what the try had locked may go too
        component.holds.resumeAfterTry(endpoint.getTarget());
      }
      attempted += done.attempted();
      if (done.asked()) {
        break;
      }
    }
    return attempted;
  }

  /**
   * What came of a claim.
   *
   * @param attempted how many deliveries were handed over
   * @param dead those of them that have become dead letters
   * @param superseded how many ended because newer ones are there
   * @param asked whether the target said anything, were it by its silence
   * @param well whether a target on hold was tried and found well
   * @param isFull whether more may wait that would have been too much at once
   */
  private record Done(
      int attempted, List<Long> dead, int superseded, boolean asked, boolean well, boolean isFull) {

    int total() {
      return attempted + superseded;
    }
  }

  private Done deliverBatch(String type, Ledger.Part part) {
    List<Ledger.Settled> settled = new ArrayList<>();
    Done done =
        component.ledger.inTransaction(ledger -> deliverClaimed(ledger, type, part, settled));
    unnoted.forget(settled);
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
    List<Delivery> mine = begin(deliveries);
    try {
      settled.addAll(unnoted.of(mine));
      if (settled.isEmpty() && !mine.isEmpty()) {
        attemptAll(mine, trying, settled);
      }
    } finally {
      unnoted.remember(settled, component.clock.instant());
      mine.stream().map(this::lane).forEach(underWay::remove);
    }
    List<Long> dead = List.of();
    if (!settled.isEmpty()) {
      dead =
          endpoint.isOrdered()
              ? ledger.settleInOrder(settled, component.settings::retryOf)
              : ledger.settle(settled, component.settings::retryOf);
      metrics.settled(settled);
      component.traces.saying(
          settled.stream().map(Ledger.Settled::delivery).toList(), () -> tell(type, settled));
    }
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
    return endpoint.isOrdered() ? delivery.event().entity() : delivery.id();
  }

  private Ledger.Claim claim(LedgerTransaction ledger, String type, Ledger.Part part) {
    String target = endpoint.getTarget();
    int atMost = endpoint.getBatchSize();
    if (endpoint.isDigest()) {
      return ledger.claimDigest(target, type, component.clock.instant(), atMost);
    }
    if (endpoint.isPartial(type)) {
      return ledger.claimOneAfterAnother(target, type, part, atMost);
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
        .takeWhile(d -> isRunAllowed() && limit.acquirePermission())
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
