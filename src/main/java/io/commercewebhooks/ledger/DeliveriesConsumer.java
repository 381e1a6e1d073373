package io.commercewebhooks.ledger;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultConsumer;

/**
 * Decides which of a target's due deliveries go when, and has {@link Batches} of them delivered;
 * see {@link DeliveriesEndpoint}.
 */
class DeliveriesConsumer extends DefaultConsumer {

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final RateLimiter pace;
  private volatile boolean backlogged;
  private final AtomicInteger turns = new AtomicInteger();
  private final Workers workers;
  private final Batches batches;
  private final Optional<Budget> budget;

  DeliveriesConsumer(DeliveriesEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.component();
    this.pace =
        RateLimiter.of(
            endpoint.getTarget(),
            RateLimiterConfig.custom()
                .limitForPeriod(
                    Math.max(1, component.settings.backlog().perSecond() / endpoint.getBatchSize()))
                .limitRefreshPeriod(Duration.ofSeconds(1))
                .timeoutDuration(Duration.ofMillis(200))
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
    CamelContext camel = endpoint.getCamelContext();
    FailureClasses failures = CamelContextHelper.findSingleByType(camel, FailureClasses.class);
    Attempts attempts = new Attempts(endpoint, new RouteCalls(endpoint, processor, failures));
    this.batches = new Batches(endpoint, attempts, this::isRunAllowed);
    this.budget =
        camel.getRegistry().findByType(Budget.class).stream()
            .filter(any -> any.target().equals(endpoint.getTarget()))
            .findFirst();
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
      Batches.Done batch = batches.deliver(type, part);
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
      Batches.Done done;
      do {
        done = batches.deliver(type, Ledger.Part.ANY);
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
}
