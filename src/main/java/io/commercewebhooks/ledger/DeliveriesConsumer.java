package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private final RetryClock clock;
  private final Workers workers;
  private FailureClasses failures;

  DeliveriesConsumer(DeliveriesEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.getComponent();
    this.clock = component.settings.retryOf(endpoint.getTarget());
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

  /** A stop waits for the call under way, which may take its time, and for no other. */
  private int deliverDue() {
    int done = 0;
    for (String type : component.ledger.typesWaitingFor(endpoint.getTarget())) {
      if (isRunAllowed()) {
        done += component.ledger.inTransaction(ledger -> deliverBatch(ledger, type));
      }
    }
    return done;
  }

  private int deliverBatch(Ledger.Transaction ledger, String type) {
    Ledger.Claim claim =
        endpoint.isOrdered()
            ? ledger.claimInOrder(endpoint.getTarget(), type, endpoint.getBatchSize())
            : ledger.claim(endpoint.getTarget(), type, endpoint.getBatchSize());
    List<Delivery> deliveries = claim.deliveries();
    if (!deliveries.isEmpty()) {
      List<Ledger.Settled> settled = new ArrayList<>(deliveries.size());
      if (endpoint.isOneByOne()) {
        deliveries.stream()
            .takeWhile(d -> isRunAllowed())
            .forEach(d -> settled.addAll(attempt(List.of(d))));
      } else {
        settled.addAll(attempt(deliveries));
      }
      if (!settled.isEmpty()) {
        ledger.settle(settled, clock);
        tell(type, settled);
      }
    }
    return deliveries.size() + claim.superseded();
  }

  /** One call of the route, and one for each alone where the failure is some of theirs. */
  private List<Ledger.Settled> attempt(List<Delivery> deliveries) {
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
    } else {
      Outcome outcome = failures.classify(exchange.getException());
      if (outcome.isDead() && deliveries.size() > 1) {
        return deliveries.stream().flatMap(d -> attempt(List.of(d)).stream()).toList();
      }
      outcomes = deliveries.stream().map(d -> outcome).toList();
    }
    List<Ledger.Settled> settled = new ArrayList<>(deliveries.size());
    for (int i = 0; i < deliveries.size(); i++) {
      settled.add(new Ledger.Settled(deliveries.get(i), outcomes.get(i), startedAt));
    }
    return settled;
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
              : Outcome.retry(
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
      LOG.debug("{}: {} {} settled", endpoint.getTarget(), settled.size(), type);
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
