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
    if (exchange.getMessage().getBody() instanceof SealedEvent spooled) {
      said(exchange, spooled.id(), component.keep(spooled));
      return;
    }
    Event event = MappedEvent.read(exchange, endpoint.getName(), component.json);
    said(exchange, event.id(), component.traces.received(exchange, event, component::keep));
  }

  private static void said(Exchange exchange, String id, Kept kept) {
    exchange.setVariable("eventId", id);
    exchange.setVariable("duplicate", kept == Kept.REPEATED);
  }
}
