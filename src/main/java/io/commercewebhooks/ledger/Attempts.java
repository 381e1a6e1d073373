package io.commercewebhooks.ledger;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attempts to deliver: makes the {@link RouteCalls calls}, smaller ones where one failed for some
 * of its deliveries, and puts the target on hold when they show it to be unwell.
 */
final class Attempts {

  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  /** After so many attempts a delivery may be what its call fails for. */
  private static final int OFTEN = 3;

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final RouteCalls calls;
  private final CircuitBreaker circuit;

  Attempts(DeliveriesEndpoint endpoint, RouteCalls calls) {
    this.endpoint = endpoint;
    this.component = endpoint.component();
    this.calls = calls;
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
  }

  /**
   * One call of the route. Where it fails as a whole for what some of the deliveries are, each half
   * is tried alone, and so on, until the bad ones are by themselves; or until the target is found
   * unwell, and the rest waits.
   *
   * @param trying whether it is to show if a target on hold is well again
   * @return what came of them; not of those that wait
   */
  List<Ledger.Settled> make(List<Delivery> deliveries, boolean trying) {
    return make(deliveries, trying, true);
  }

  /**
   * @param inParts whether what is too much for one call goes in smaller ones
   */
  private List<Ledger.Settled> make(List<Delivery> deliveries, boolean trying, boolean inParts) {
    Call call = call(deliveries, trying);
    int size = deliveries.size();
    if (size == 1 || endpoint.isDigest()) {
      return call.settled();
    }
    if (inParts && call.outcomes().stream().anyMatch(Outcome::tooMuch)) {
      return inHalves(call, trying);
    }
    if (!call.failed()) {
      return call.settled();
    }
    if (call.isForWhatTheyAre()) {
      List<Ledger.Settled> halves =
          new ArrayList<>(make(deliveries.subList(0, size / 2), trying, inParts));
      if (halves.stream().noneMatch(half -> half.outcome().isUnwell())) {
        halves.addAll(make(deliveries.subList(size / 2, size), trying, inParts));
      }
      return halves;
    }
    boolean again = deliveries.stream().anyMatch(delivery -> delivery.attempts() >= OFTEN);
    return again && call.mayPass() ? apart(call, false, trying) : call.settled();
  }

  /**
   * What was too much for one call goes in halves, and so on, until the first goes well. Where it
   * never does, the other is tried once: it may be for one record, or all may be too much, and then
   * nobody asks for each.
   */
  private List<Ledger.Settled> inHalves(Call call, boolean trying) {
    Map<Boolean, List<Ledger.Settled>> all =
        call.settled().stream()
            .collect(Collectors.partitioningBy(settled -> settled.outcome().tooMuch()));
    List<Ledger.Settled> tooMany = all.get(true);
    LOG.warn(
        "{}: {} were too much for one call, and go in parts: {}",
        endpoint.getTarget(),
        tooMany.size(),
        codeAndWords(tooMany.get(0).outcome()));
    int half = (tooMany.size() + 1) / 2;
    List<Ledger.Settled> rest = tooMany.subList(half, tooMany.size());
    List<Ledger.Settled> settled = new ArrayList<>(all.get(false));
    List<Ledger.Settled> first = make(deliveries(tooMany.subList(0, half)), trying);
    settled.addAll(first);
    boolean goesOn = first.stream().noneMatch(each -> each.outcome().isUnwell());
    boolean inParts = first.stream().noneMatch(each -> each.outcome().tooMuch());
    settled.addAll(goesOn && !rest.isEmpty() ? make(deliveries(rest), trying, inParts) : rest);
    return settled;
  }

  private static List<Delivery> deliveries(List<Ledger.Settled> settled) {
    return settled.stream().map(Ledger.Settled::delivery).toList();
  }

  /**
   * What fails together time and again may fail for one of them, by which the target breaks. When
   * one half goes well the target does, and what is the matter is looked for in the other.
   *
   * @param shown whether the target went well with others meanwhile
   */
  private List<Ledger.Settled> apart(Call failed, boolean shown, boolean trying) {
    List<Delivery> deliveries = failed.deliveries();
    int half = deliveries.size() / 2;
    if (half == 0) {
      return shown ? failed.settledAsTheirOwn() : failed.settled();
    }
    Call first = call(deliveries.subList(0, half), trying);
    Call second = call(deliveries.subList(half, deliveries.size()), trying);
    boolean isOfOne = first.isWell() || second.isWell();
    List<Ledger.Settled> settled = new ArrayList<>();
    for (Call part : List.of(first, second)) {
      if (part.failed() && part.isForWhatTheyAre()) {
        settled.addAll(make(part.deliveries(), trying));
      } else if (!part.failed() || !part.mayPass()) {
        settled.addAll(part.settled());
      } else if (isOfOne) {
        settled.addAll(apart(part, true, trying));
      } else {
        settled.addAll(shown ? part.settledAsTheirOwn() : part.settled());
      }
    }
    return settled;
  }

  /**
   * One call of the route, and what it says about the target as a whole.
   *
   * @param failed whether it failed as a whole
   * @param isForWhatTheyAre whether that is for what some of the deliveries are
   * @param mayPass whether that may be otherwise another time, as far as the target says
   */
  private record Call(
      List<Delivery> deliveries,
      List<Outcome> outcomes,
      Instant startedAt,
      boolean failed,
      boolean isForWhatTheyAre,
      boolean mayPass) {

    List<Ledger.Settled> settled() {
      List<Ledger.Settled> settled = new ArrayList<>(deliveries.size());
      for (int i = 0; i < deliveries.size(); i++) {
        settled.add(new Ledger.Settled(deliveries.get(i), outcomes.get(i), startedAt));
      }
      return settled;
    }

    boolean isWell() {
      return (!failed || isForWhatTheyAre) && outcomes.stream().noneMatch(Outcome::isUnwell);
    }

    /** The target is well: it is their own trouble, and the attempt counts. */
    List<Ledger.Settled> settledAsTheirOwn() {
      Outcome same = outcomes.get(0);
      Outcome own = Outcome.retry(same.code(), same.detail());
      return deliveries.stream().map(d -> new Ledger.Settled(d, own, startedAt)).toList();
    }
  }

  private Call call(List<Delivery> deliveries, boolean trying) {
    Instant startedAt = Instant.now();
    RouteCalls.Answer answer = calls.call(deliveries);
    List<Outcome> outcomes = answer.outcomes();
    Outcome gravest = gravest(outcomes);
    boolean unwell = gravest.isUnwell() || !answer.isOurs() && nothingCameThrough(outcomes, trying);
    if (unwell && component.holds.isHeld(endpoint.getTarget())) {
      outcomes =
          outcomes.stream()
              .map(o -> o.isUnwell() || deliveries.size() > 1 ? o.withoutCounting() : o)
              .toList();
    }
    if (!answer.isOurs()) {
      judge(gravest, unwell);
    }
    return new Call(
        deliveries,
        outcomes,
        startedAt,
        answer.failed(),
        answer.isOurs() || gravest.isDead() || gravest.clock() != null,
        gravest.kind() == Outcome.Kind.RETRY);
  }

  /** The outcome that says most about the target as a whole. */
  private static Outcome gravest(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome.kind() == Outcome.Kind.HOLD)
        .findFirst()
        .orElse(outcomes.stream().filter(Outcome::isUnwell).findFirst().orElse(outcomes.get(0)));
  }

  /**
   * Whether a call did nothing for any of its deliveries, each for a reason that passes. Of a
   * single delivery that says nothing about the target, unless it was to try it.
   */
  private boolean nothingCameThrough(List<Outcome> outcomes, boolean trying) {
    return (trying || outcomes.size() > 1 && !endpoint.isDigest())
        && outcomes.stream().noneMatch(Outcome::isAnswer);
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
}
