package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Calls the route of a target with deliveries, and reads what came of each. */
final class RouteCalls {

  /** Set by a route that learned what the target calls the result. */
  private static final String REFERENCE = "reference";

  private final DeliveriesEndpoint endpoint;
  private final DeliveriesComponent component;
  private final Processor route;
  private final FailureClasses failures;

  RouteCalls(DeliveriesEndpoint endpoint, Processor route, FailureClasses failures) {
    this.endpoint = endpoint;
    this.component = endpoint.component();
    this.route = route;
    this.failures = failures;
  }

  /**
   * What a call said.
   *
   * @param outcomes of each delivery, in their order
   * @param failed whether it failed as a whole
   * @param isOurs whether a mapping or a template failed, which says nothing about the target
   */
  record Answer(List<Outcome> outcomes, boolean failed, boolean isOurs) {}

  Answer call(List<Delivery> deliveries) {
    Exchange exchange = exchange(deliveries);
    try {
      route.process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
    Exception failure = exchange.getException();
    return failure == null
        ? new Answer(answers(exchange, deliveries), false, false)
        : new Answer(
            ofEach(deliveries, withoutPersonalData(failures.classify(failure), deliveries)),
            true,
            isOurs(exchange));
  }

  private Exchange exchange(List<Delivery> deliveries) {
    if (endpoint.isOneByOne() || endpoint.isDigest() && deliveries.size() == 1) {
      return EventExchange.of(endpoint, deliveries.get(0), component.json);
    }
    return endpoint.isDigest()
        ? EventExchange.ofDigest(endpoint, deliveries, component.json)
        : EventExchange.of(endpoint, deliveries, component.json);
  }

  private static boolean isOurs(Exchange exchange) {
    String last = exchange.getProperty(Exchange.TO_ENDPOINT, "", String.class);
    return last.startsWith("jslt:") || last.startsWith("freemarker:");
  }

  /** What a route that did not fail says of each delivery. */
  private List<Outcome> answers(Exchange exchange, List<Delivery> deliveries) {
    int size = deliveries.size();
    if (endpoint.getSettle() == DeliveriesEndpoint.Settle.together) {
      return ofEach(deliveries, Outcome.delivered(exchange.getVariable(REFERENCE, String.class)));
    }
    JsonNode answers = readable(exchange.getMessage().getBody());
    if (!answers.isArray() || answers.size() != size || !areResults(answers)) {
      return ofEach(
          deliveries,
          Outcome.unwell(
              "UNREADABLE_ANSWER",
              "the target answered without an error, but not with a result for each of the "
                  + size
                  + " records sent"));
    }
    List<Outcome> outcomes = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      outcomes.add(withoutPersonalData(answer(answers.get(i)), deliveries.subList(i, i + 1)));
    }
    return outcomes;
  }

  private static List<Outcome> ofEach(List<Delivery> deliveries, Outcome outcome) {
    return Collections.nCopies(deliveries.size(), outcome);
  }

  /**
   * What doesn't even say whether it went well is no word about a delivery, least of all the last.
   */
  private static boolean areResults(JsonNode answers) {
    return StreamSupport.stream(answers.spliterator(), false)
        .allMatch(answer -> answer.has("success"));
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

  /** A target's words may quote what it was sent; they go into logs, mails and the ledger. */
  private Outcome withoutPersonalData(Outcome outcome, List<Delivery> deliveries) {
    return outcome.detail() == null
        ? outcome
        : outcome.withDetail(
            component.people.clean(
                outcome.detail(), deliveries.stream().map(Delivery::event).toList()));
  }
}
