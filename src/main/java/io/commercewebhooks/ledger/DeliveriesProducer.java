package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Books a delivery of the event in hand; see {@link DeliveriesEndpoint}. */
class DeliveriesProducer extends DefaultProducer {

  private final Booking booking;

  DeliveriesProducer(DeliveriesEndpoint endpoint, ObjectMapper json) {
    super(endpoint);
    this.booking =
        new Booking(
            endpoint.getTarget(),
            endpoint.getAudience(),
            json.valueToTree(endpoint.said()).toString());
  }

  @Override
  @SuppressWarnings("unchecked")
  public void process(Exchange exchange) {
    List<Booking> bookings = exchange.getProperty(EventsConsumer.BOOKINGS, List.class);
    if (bookings == null) {
      throw new IllegalStateException(
          getEndpoint() + " can only be used in a route that begins with from: events:<type>");
    }
    bookings.add(booking);
  }
}
