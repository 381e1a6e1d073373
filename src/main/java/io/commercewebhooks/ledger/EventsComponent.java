package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** The scheme {@code events:}, see {@link EventsEndpoint}. */
@Component("events")
public class EventsComponent extends DefaultComponent {

  final Ledger ledger;
  final Signals signals;
  final Sweep sweep;
  final LedgerSettings settings;
  final ObjectMapper json;
  final PersonalData people;
  final LedgerMetrics metrics;
  final Traces traces;
  final Spool spool;
  private final Keeping keeping;

  private final GroupCommit commits;

  private final CircuitBreaker circuit =
      CircuitBreaker.of(
          "ledger",
          CircuitBreakerConfig.custom()
              .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
              .slidingWindowSize(10)
              .minimumNumberOfCalls(5)
              .permittedNumberOfCallsInHalfOpenState(2)
              .waitDurationInOpenState(Duration.ofSeconds(1))
              .build());

  /** The types that have routes of their own: what is left belongs to {@code events:*}. */
  final Set<String> routedTypes = ConcurrentHashMap.newKeySet();

  EventsComponent(
      Ledger ledger,
      Signals signals,
      Sweep sweep,
      LedgerSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      PersonalData people,
      LedgerMetrics metrics,
      Traces traces,
      Spool spool,
      Keeping keeping) {
    this.ledger = ledger;
    this.signals = signals;
    this.sweep = sweep;
    this.settings = settings;
    this.json = json;
    this.people = people;
    this.metrics = metrics;
    this.traces = traces;
    this.spool = spool;
    this.keeping = keeping;
    this.commits = new GroupCommit(ledger);
  }

  /**
   * Keeps an event, or fails at once while the ledger does not answer: a webhook must not wait, and
   * threads must not pile up, for what is known to fail. Where there is a spool, it takes what the
   * ledger can't.
   */
  Kept keep(Event event) {
    Instant receivedAt = Instant.now();
    boolean isNew;
    try {
      isNew = circuit.executeSupplier(() -> commits.keep(ledger.seal(event)));
      keeping.wentWell();
    } catch (RuntimeException failure) {
      if (!LedgerTrouble.isOfTheLedger(failure)) {
        throw failure;
      }
      keeping.failed(failure);
      if (!spool.isOn()) {
        throw failure;
      }
      spool.take(ledger.seal(event), receivedAt, failure);
      return Kept.SPOOLED;
    }
    return kept(event.sender(), event.type(), isNew);
  }

  /**
   * Keeps an event that was in the spool.
   *
   * @throws SpoiledEventException when the ledger will never take it
   */
  Kept keep(SealedEvent spooled) {
    boolean isNew;
    try {
      isNew = ledger.keep(spooled);
    } catch (RuntimeException failure) {
      if (LedgerTrouble.isOfTheLedger(failure)) {
        throw failure;
      }
      throw new SpoiledEventException(
          "the ledger does not take it ("
              + NestedExceptionUtils.getMostSpecificCause(failure).getMessage()
              + ")",
          failure);
    }
    return kept(spooled.sender(), spooled.type(), isNew);
  }

  private Kept kept(String sender, String type, boolean isNew) {
    boolean isKnown = routedTypes.contains(type);
    metrics.received(sender, type, isKnown, isNew);
    if (isNew) {
      signals.ofEvents(isKnown ? type : EventsConsumer.ANY).wake();
    }
    return isNew ? Kept.NEW : Kept.REPEATED;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters)
      throws Exception {
    EventsEndpoint endpoint = new EventsEndpoint(uri, this, name);
    setProperties(endpoint, parameters);
    return endpoint;
  }
}
