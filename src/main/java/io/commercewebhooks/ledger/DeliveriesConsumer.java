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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
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

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final CircuitBreaker circuit;
  private final RateLimiter pace;
  private volatile boolean backlogged;
  private final Workers workers;
  private FailureClasses failures;

  DeliveriesConsumer(DeliveriesEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.getComponent();
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
    this.workers =
        new Workers(
            endpoint.getCamelContext(),
            "deliveries:" + endpoint.getTarget(),
            endpoint.getWorkers(),
            component.signals.of("deliveries:" + endpoint.getTarget()),
            component.settings.sweep(),
            this::deliverDue);
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    failures =
        CamelContextHelper.findSingleByType(getEndpoint().getCamelContext(), FailureClasses.class);
    workers.start();
  }

  @Override
  protected void doStop() throws Exception {
    workers.stop();
    super.doStop();
  }

  /** A turn: live deliveries of every type before the backlog; one try while on hold. */
  private int deliverDue() {
    String target = endpoint.getTarget();
    if (component.holds.isHeld(target)) {
      return component.holds.mayTry(target) ? tryOne(target) : 0;
    }
    List<String> types = component.ledger.typesWaitingFor(target);
    int live = deliver(types, Ledger.Part.live(component.settings.backlog().after()));
    if (backlogged && !pace.acquirePermission()) {
      return live + 1;
    }
    int late = deliver(types, Ledger.Part.backlog(component.settings.backlog().after()));
    backlogged = late > 0;
    return live + late;
  }

  /** A stop waits for the call under way, which may take its time, and for no other. */
  private int deliver(List<String> types, Ledger.Part part) {
    int done = 0;
    for (String type : types) {
      if (!isRunAllowed() || component.holds.isHeld(endpoint.getTarget())) {
        return 0;
      }
      done +=
          component.ledger.inTransaction(
              ledger -> deliverBatch(ledger, type, part, endpoint.getBatchSize()));
    }
    return done;
  }

  /** One delivery shows whether a target on hold is well again. */
  private int tryOne(String target) {
    for (String type : component.ledger.typesWaitingFor(target)) {
      int done =
          component.ledger.inTransaction(ledger -> deliverBatch(ledger, type, Ledger.Part.ANY, 1));
      if (done > 0) {
        return done;
      }
    }
    return 0;
  }

  private int deliverBatch(Ledger.Transaction ledger, String type, Ledger.Part part, int atMost) {
    Ledger.Claim claim =
        endpoint.isOrdered()
            ? ledger.claimInOrder(endpoint.getTarget(), type, part, atMost)
            : ledger.claim(endpoint.getTarget(), type, part, atMost);
    List<Delivery> deliveries = claim.deliveries();
    boolean trying = part == Ledger.Part.ANY;
    if (!trying && component.holds.isHeld(endpoint.getTarget())) {
      return claim.superseded();
    }
    if (!deliveries.isEmpty()) {
      List<Ledger.Settled> settled = new ArrayList<>(deliveries.size());
      if (endpoint.isOneByOne()) {
        deliveries.stream()
            .takeWhile(d -> isRunAllowed())
            .forEach(d -> settled.addAll(attempt(List.of(d), trying)));
      } else {
        settled.addAll(attempt(deliveries, trying));
      }
      if (!settled.isEmpty()) {
        ledger.settle(settled, component.settings::retryOf);
        tell(type, settled);
      }
    }
    return deliveries.size() + claim.superseded();
  }

  /** What an attempt says about the target as a whole. */
  private void judge(Outcome outcome, boolean trying) {
    String target = endpoint.getTarget();
    boolean held = component.holds.isHeld(target);
    if (outcome.kind() == Outcome.Kind.HOLD) {
      component.holds.hold(target, outcome.hold(), outcome.detail(), outcome.atLeast());
    } else if (outcome.isUnwell()) {
      circuit.onError(0, TimeUnit.MILLISECONDS, new IllegalStateException(outcome.code()));
      if (held || circuit.getState() == CircuitBreaker.State.OPEN) {
        component.holds.hold(target, Outcome.Hold.CIRCUIT, outcome.detail(), outcome.atLeast());
        circuit.reset();
      }
    } else {
      circuit.onSuccess(0, TimeUnit.MILLISECONDS);
      // a call that began before the hold says nothing about its end
      if (trying) {
        component.holds.resumeAfterTry(target);
      }
    }
  }

  /** One call of the route, and one for each alone where the failure is some of theirs. */
  private List<Ledger.Settled> attempt(List<Delivery> deliveries, boolean trying) {
    Instant startedAt = Instant.now();
    Exchange exchange =
        endpoint.isOneByOne()
            ? EventExchange.of(endpoint, deliveries.get(0), component.json)
            : EventExchange.of(endpoint, deliveries, component.json);
    try {
      getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
    List<Outcome> outcomes;
    if (exchange.getException() == null) {
      outcomes = answers(exchange, deliveries.size());
      for (int i = 0; i < outcomes.size(); i++) {
        outcomes.set(i, withoutPersonalData(outcomes.get(i), deliveries.subList(i, i + 1)));
      }
      judge(gravest(outcomes), trying);
    } else {
      Outcome outcome = withoutPersonalData(failures.classify(exchange.getException()), deliveries);
      if (component.holds.isHeld(endpoint.getTarget()) && outcome.isUnwell()) {
        outcome = outcome.withoutCounting();
      }
      judge(outcome, trying);
      if (outcome.isDead() && deliveries.size() > 1) {
        return deliveries.stream().flatMap(d -> attempt(List.of(d), trying).stream()).toList();
      }
      outcomes = Collections.nCopies(deliveries.size(), outcome);
    }
    List<Ledger.Settled> settled = new ArrayList<>(deliveries.size());
    for (int i = 0; i < deliveries.size(); i++) {
      settled.add(new Ledger.Settled(deliveries.get(i), outcomes.get(i), startedAt));
    }
    return settled;
  }

  /** A target's words may quote what it was sent; they go into logs, mails and the ledger. */
  private Outcome withoutPersonalData(Outcome outcome, List<Delivery> deliveries) {
    return outcome.detail() == null
        ? outcome
        : outcome.withDetail(
            component.people.clean(
                outcome.detail(), deliveries.stream().map(Delivery::event).toList()));
  }

  /** The outcome that says most about the target as a whole. */
  private static Outcome gravest(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome.kind() == Outcome.Kind.HOLD)
        .findFirst()
        .orElse(outcomes.stream().filter(Outcome::isUnwell).findFirst().orElse(outcomes.get(0)));
  }

  private List<Outcome> answers(Exchange exchange, int size) {
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
              ? answer(answers.get(i))
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

  /** One line per attempt: what went, and why the rest did not. */
  private void tell(String type, List<Ledger.Settled> settled) {
    Map<String, Long> failed =
        settled.stream()
            .map(Ledger.Settled::outcome)
            .filter(o -> o.code() != null)
            .collect(
                Collectors.groupingBy(
                    o -> o.kind() + " " + o.code(), TreeMap::new, Collectors.counting()));
    if (failed.isEmpty()) {
      LOG.info("{}: {} {} delivered", endpoint.getTarget(), settled.size(), type);
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
        "{}: of {} {} {} failed, e.g. {}",
        endpoint.getTarget(),
        settled.size(),
        type,
        failed,
        detail);
  }
}
