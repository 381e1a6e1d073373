package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Keeps the event in the body; see {@link EventsEndpoint}. */
class EventsProducer extends DefaultProducer {

  private final EventsEndpoint endpoint;
  private final EventsComponent component;

  EventsProducer(EventsEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
    this.component = endpoint.getComponent();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    ObjectMapper json = component.json;
    Event event =
        MappedEvent.read(
            json.readTree(exchange.getMessage().getMandatoryBody(String.class)),
            exchange.getVariable("payload", String.class),
            endpoint.getName(),
            exchange.getVariable("mapping", String.class),
            json);
    boolean isKnown = component.routedTypes.contains(event.type());
    boolean isNew = component.traces.received(exchange, event, component::keep);
    component.metrics.received(event, isKnown, isNew);
    exchange.setVariable("eventId", event.id());
    exchange.setVariable("duplicate", !isNew);
    if (isNew) {
      component.signals.of("events:" + (isKnown ? event.type() : "*")).wake();
    }
  }
}
