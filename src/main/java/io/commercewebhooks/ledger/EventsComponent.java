package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/** The scheme {@code events:}, see {@link EventsEndpoint}. */
public class EventsComponent extends DefaultComponent {

  final Ledger ledger;
  final Signals signals;
  final LedgerSettings settings;
  final ObjectMapper json;
  final PersonalData people;
  final LedgerMetrics metrics;
  final Traces traces;

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
      LedgerSettings settings,
      ObjectMapper json,
      PersonalData people,
      LedgerMetrics metrics,
      Traces traces) {
    this.ledger = ledger;
    this.signals = signals;
    this.settings = settings;
    this.json = json;
    this.people = people;
    this.metrics = metrics;
    this.traces = traces;
  }

  /**
   * Keeps an event, or fails at once while the ledger does not answer: a webhook must not wait, and
   * threads must not pile up, for what is known to fail.
   *
   * @return false when the ledger already had it
   */
  boolean keep(Event event) {
    return circuit.executeSupplier(() -> ledger.keep(event));
  }

  @Override
  protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters)
      throws Exception {
    EventsEndpoint endpoint = new EventsEndpoint(uri, this, name);
    setProperties(endpoint, parameters);
    return endpoint;
  }
}
