package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands over due deliveries and settles them; see {@link DeliveriesEndpoint}. */
class DeliveriesConsumer extends DefaultConsumer {

  /** Set by a route that learned what the target calls the result. */
  static final String REFERENCE = "reference";

  private static final Logger LOG = LoggerFactory.getLogger(DeliveriesConsumer.class);

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  /** Longer than a ledger is away. */
  private static final Duration REMEMBERED_FOR = Duration.ofDays(3);

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final LedgerMetrics.OfTarget metrics;
  private final CircuitBreaker circuit;
  private final RateLimiter pace;
  private final RateLimiter limit;
  private volatile boolean backlogged;
  private final AtomicInteger turns = new AtomicInteger();
  private final Workers workers;

  /**
   * What came of attempts and is not committed yet, by delivery. Where the ledger has no room for
   * it, it is noted when they are claimed again, and the target hears nothing twice.
   */
  private final Map<Long, Made> unnoted = new ConcurrentHashMap<>();

  private FailureClasses failures;
  private Optional<Budget> budget = Optional.empty();

  /**
   * What came of an attempt; without the payload, since it may be remembered for long.
   *
   * @param event its id: a ledger that was restored gives numbers of deliveries a second time
   * @param attempts how many there were before
   */
  private record Made(String event, int attempts, Outcome outcome, Instant startedAt) {

    boolean isOf(Delivery delivery) {
      return event.equals(delivery.event().id()) && attempts == delivery.attempts();
    }
  }

  DeliveriesConsumer(DeliveriesEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.getComponent();
    this.metrics = component.metrics.of(endpoint.getTarget());
    LedgerSettings.Circuit unwell = component.settings.circuit();
    this.circuit =
        CircuitBreaker.of(
            endpoint.getTarget(),
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(unwell.calls())
                .minimumNumberOfCalls(unwell.calls())
                .failureRateThreshold(unwell.failureRate())
                .build());
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
    failures =
        CamelContextHelper.findSingleByType(getEndpoint().getCamelContext(), FailureClasses.class);
    budget =
        getEndpoint().getCamelContext().getRegistry().findByType(Budget.class).stream()
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
    Done done = component.ledger.inTransaction(ledger -> deliverBatch(ledger, type, part, settled));
    settled.forEach(one -> unnoted.remove(one.delivery().id()));
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
  private Done deliverBatch(
      LedgerTransaction ledger, String type, Ledger.Part part, List<Ledger.Settled> settled) {
    Ledger.Claim claim = claim(ledger, type, part);
    boolean trying = part == Ledger.Part.ANY;
    if (claim.deliveries().isEmpty() || !trying && component.holds.isHeld(endpoint.getTarget())) {
      return new Done(0, List.of(), claim.superseded(), false, false, claim.isFull());
    }
    // one call is one try, however many go with it: a few of them may fail for what they are
    List<Delivery> deliveries =
        trying && endpoint.isOneByOne() ? claim.deliveries().subList(0, 1) : claim.deliveries();
    settled.addAll(made(deliveries));
    if (settled.isEmpty()) {
      try {
        attemptAll(deliveries, trying, settled);
      } finally {
        remember(settled);
      }
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

  /** What stays unnoted for long was claimed by another node since, and isn't asked for again. */
  private void remember(List<Ledger.Settled> settled) {
    Instant longAgo = component.clock.instant().minus(REMEMBERED_FOR);
    unnoted.values().removeIf(one -> one.startedAt().isBefore(longAgo));
    for (Ledger.Settled one : settled) {
      Delivery delivery = one.delivery();
      unnoted.put(
          delivery.id(),
          new Made(delivery.event().id(), delivery.attempts(), one.outcome(), one.startedAt()));
    }
  }

  /** The attempts that were made already, unless they were noted after all. */
  private List<Ledger.Settled> made(List<Delivery> deliveries) {
    List<Ledger.Settled> made = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      Made one = unnoted.get(delivery.id());
      if (one != null && one.isOf(delivery)) {
        made.add(new Ledger.Settled(delivery, one.outcome(), one.startedAt()));
      }
    }
    return made;
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

  /** What an attempt says about the target as a whole. */
  private void judge(Outcome gravest, boolean unwell) {
    String target = endpoint.getTarget();
    if (gravest.kind() == Outcome.Kind.HOLD) {
      component.holds.hold(target, gravest.hold(), codeAndWords(gravest), gravest.atLeast());
    } else if (unwell) {
      boolean held = component.holds.isHeld(target);
      circuit.onError(0, TimeUnit.MILLISECONDS, new IllegalStateException(gravest.code()));
      if (held || circuit.getState() == CircuitBreaker.State.OPEN) {
        component.holds.hold(
            target, Outcome.Hold.CIRCUIT, codeAndWords(gravest), gravest.atLeast());
        circuit.reset();
      }
    } else {
      circuit.onSuccess(0, TimeUnit.MILLISECONDS);
    }
  }

  /** The code comes first: advice on a hold is found by it. */
  private static String codeAndWords(Outcome outcome) {
    return outcome.code() + ": " + outcome.detail();
  }

  private List<Ledger.Settled> traced(List<Delivery> deliveries, boolean trying) {
    return component.traces.delivered(deliveries, () -> attempt(deliveries, trying));
  }

  /**
   * One call of the route. Where it fails as a whole for what some of the deliveries are, each half
   * is tried alone, and so on, until the bad ones are by themselves; or until the target is found
   * unwell, and the rest waits.
   *
   * @return what came of them, in order; not of those that wait
   */
  private List<Ledger.Settled> attempt(List<Delivery> deliveries, boolean trying) {
    Instant startedAt = Instant.now();
    int size = deliveries.size();
    Exchange exchange = exchange(deliveries);
    try {
      getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
    boolean whole = exchange.getException() != null;
    List<Outcome> outcomes =
        whole
            ? Collections.nCopies(
                size, withoutPersonalData(failures.classify(exchange.getException()), deliveries))
            : answers(exchange, deliveries);
    Outcome gravest = gravest(outcomes);
    boolean ours = whole && isOurs(exchange);
    boolean unwell = gravest.isUnwell() || !ours && nothingCameThrough(outcomes, trying);
    if (unwell && component.holds.isHeld(endpoint.getTarget())) {
      outcomes =
          outcomes.stream().map(o -> o.isUnwell() || size > 1 ? o.withoutCounting() : o).toList();
    }
    if (!ours) {
      judge(gravest, unwell);
    }
    if (whole && (ours || gravest.isDead()) && size > 1 && !endpoint.isDigest()) {
      List<Ledger.Settled> halves =
          new ArrayList<>(attempt(deliveries.subList(0, size / 2), trying));
      if (halves.stream().noneMatch(half -> half.outcome().isUnwell())) {
        halves.addAll(attempt(deliveries.subList(size / 2, size), trying));
      }
      return halves;
    }
    List<Ledger.Settled> settled = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      settled.add(new Ledger.Settled(deliveries.get(i), outcomes.get(i), startedAt));
    }
    return settled;
  }

  /** Whether a mapping or a template failed, which says nothing about the target. */
  private static boolean isOurs(Exchange exchange) {
    String last = exchange.getProperty(Exchange.TO_ENDPOINT, "", String.class);
    return last.startsWith("jslt:") || last.startsWith("freemarker:");
  }

  private Exchange exchange(List<Delivery> deliveries) {
    if (endpoint.isOneByOne() || endpoint.isDigest() && deliveries.size() == 1) {
      return EventExchange.of(endpoint, deliveries.get(0), component.json);
    }
    return endpoint.isDigest()
        ? EventExchange.ofDigest(endpoint, deliveries, component.json)
        : EventExchange.of(endpoint, deliveries, component.json);
  }

  /** A target's words may quote what it was sent; they go into logs, mails and the ledger. */
  private Outcome withoutPersonalData(Outcome outcome, List<Delivery> deliveries) {
    return outcome.detail() == null
        ? outcome
        : outcome.withDetail(
            component.people.clean(
                outcome.detail(), deliveries.stream().map(Delivery::event).toList()));
  }

  /**
   * Whether a call did nothing for any of its deliveries, each for a reason that passes. Of a
   * single delivery that says nothing about the target, unless it was to try it.
   */
  private boolean nothingCameThrough(List<Outcome> outcomes, boolean trying) {
    return (trying || outcomes.size() > 1 && !endpoint.isDigest())
        && outcomes.stream().noneMatch(Outcome::isAnswer);
  }

  /** The outcome that says most about the target as a whole. */
  private static Outcome gravest(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome.kind() == Outcome.Kind.HOLD)
        .findFirst()
        .orElse(outcomes.stream().filter(Outcome::isUnwell).findFirst().orElse(outcomes.get(0)));
  }

  private List<Outcome> answers(Exchange exchange, List<Delivery> deliveries) {
    int size = deliveries.size();
    List<Outcome> outcomes = new ArrayList<>(size);
    if (endpoint.getSettle() == DeliveriesEndpoint.Settle.together) {
      Outcome delivered = Outcome.delivered(exchange.getVariable(REFERENCE, String.class));
      for (int i = 0; i < size; i++) {
        outcomes.add(delivered);
      }
      return outcomes;
    }
    JsonNode answers = readable(exchange.getMessage().getBody());
    for (int i = 0; i < size; i++) {
      outcomes.add(
          answers.isArray() && answers.size() == size
              ? withoutPersonalData(answer(answers.get(i)), deliveries.subList(i, i + 1))
              : Outcome.unwell(
                  "UNREADABLE_ANSWER",
                  "the target answered without an error, but not with a result for each of the "
                      + size
                      + " records sent"));
    }
    return outcomes;
  }

  private JsonNode readable(Object body) {
    try {
      if (body instanceof String text) {
        return component.json.readTree(text);
      }
      return component.json.valueToTree(body);
    } catch (Exception e) {
      return component.json.nullNode();
    }
  }

  private Outcome answer(JsonNode answer) {
    if (!answer.path("success").asBoolean(false)) {
      return failures.classify(answer.path("errors"));
    }
    if (answer.path("superseded").asBoolean(false)) {
      return Outcome.superseded();
    }
    return Outcome.delivered(answer.path("id").asText(null));
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
