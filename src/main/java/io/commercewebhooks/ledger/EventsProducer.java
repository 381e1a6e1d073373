package io.commercewebhooks.ledger;

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
    String id;
    if (exchange.getMessage().getBody() instanceof SealedEvent spooled) {
      component.keep(spooled);
      id = spooled.id();
    } else {
      Event event = MappedEvent.read(exchange, endpoint.getName(), component.json);
      component.traces.received(exchange, event, component::keep);
      id = event.id();
    }
    exchange.setVariable("eventId", id);
  }
}
