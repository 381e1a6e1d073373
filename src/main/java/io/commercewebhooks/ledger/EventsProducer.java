package io.commercewebhooks.ledger;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the event in the body; see {@link EventsEndpoint}. */
class EventsProducer extends DefaultProducer {

  private static final Logger LOG = LoggerFactory.getLogger(EventsProducer.class);

  private static final String MASKED = "****";

  private final EventsEndpoint endpoint;
  private final EventsComponent component;

  EventsProducer(EventsEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
    this.component = endpoint.component();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    String id;
    if (exchange.getMessage().getBody() instanceof SealedEvent spooled) {
      component.keep(spooled);
      id = spooled.id();
    } else {
      Event event = MappedEvent.read(exchange, endpoint.getName(), component.json);
      if (event.entityKey() != null && event.entityKey().contains(MASKED)) {
        LOG.warn(
            "{} {}: its number looks like a card's and was masked, so another with the same last"
                + " digits is taken for it; name its field under business-numbers in"
                + " config/redaction.yaml",
            event.id(),
            event.entity());
      }
      component.traces.received(exchange, event, component::keep);
      id = event.id();
    }
    exchange.setVariable("eventId", id);
  }
}
