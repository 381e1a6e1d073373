package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultProducer;

/**
 * The two schemes of the ledger for routes that are only tried out: there is no ledger behind them,
 * so nothing can be kept, booked or claimed. Events and deliveries are handed to the routes one at
 * a time, when asked.
 */
public final class PreviewLedger {

  private static final String KEPT = "commercewebhooks.kept";

  private final ObjectMapper json;
  private final Map<String, Consumer> routing = new ConcurrentHashMap<>();
  private final Map<String, Consumer> delivery = new ConcurrentHashMap<>();

  /**
   * @param json the strict one, by which intake reads
   */
  public PreviewLedger(ObjectMapper json) {
    this.json = json;
  }

  /** Makes both schemes those of a context. */
  public void joinTo(CamelContext context) {
    context.addComponent(
        "events",
        new DefaultComponent() {
          @Override
          protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters)
              throws Exception {
            EventsEndpoint endpoint = new PreviewEvents(uri, this, name);
            setProperties(endpoint, parameters);
            return endpoint;
          }
        });
    context.addComponent(
        "deliveries",
        new DefaultComponent() {
          @Override
          protected Endpoint createEndpoint(
              String uri, String target, Map<String, Object> parameters) throws Exception {
            DeliveriesEndpoint endpoint = new PreviewDeliveries(uri, this, target);
            setProperties(endpoint, parameters);
            endpoint.keepSaid(parameters);
            return endpoint;
          }
        });
  }

  /** What an intake route kept of a webhook, or null. */
  public static Event kept(Exchange exchange) {
    return exchange.getProperty(KEPT, Event.class);
  }

  /**
   * An event on its way into routing.
   *
   * @return null when there is no route for its type
   */
  public Exchange toRoute(Event event) {
    Consumer route = routing.getOrDefault(event.type(), routing.get(EventsConsumer.ANY));
    if (route == null) {
      return null;
    }
    Exchange exchange = EventExchange.of(route.getEndpoint(), event, json);
    exchange.setProperty(EventsConsumer.BOOKINGS, new ArrayList<Booking>());
    return exchange;
  }

  /** What routing asked for. */
  @SuppressWarnings("unchecked")
  public static List<Booking> bookings(Exchange routed) {
    return List.copyOf(routed.getProperty(EventsConsumer.BOOKINGS, List.of(), List.class));
  }

  /** Why no route knows what to do with an event, or null. */
  public static String unroutable(Exchange routed) {
    return EventsConsumer.whyUnroutable(routed);
  }

  /**
   * A delivery on its way to its target.
   *
   * @return null when no route delivers to it
   */
  public Exchange toDeliver(Event event, Booking booking) throws JsonProcessingException {
    Consumer route = delivery.get(booking.target());
    if (route == null) {
      return null;
    }
    JsonNode said = json.readTree(booking.parameters());
    Delivery one =
        new Delivery(0, event, booking.target(), booking.audience(), said, 0, 0, null, null, null);
    return ((DeliveriesEndpoint) route.getEndpoint()).isOneByOne()
        ? EventExchange.of(route.getEndpoint(), one, json)
        : EventExchange.of(route.getEndpoint(), List.of(one), json);
  }

  /** Lets the route behind an exchange's endpoint have it; a failure is in the exchange. */
  public void run(Exchange exchange) {
    Endpoint from = exchange.getFromEndpoint();
    Consumer route =
        from instanceof DeliveriesEndpoint deliveries
            ? delivery.get(deliveries.getTarget())
            : routing.get(((EventsEndpoint) from).getName());
    try {
      ((DefaultConsumer) route).getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
  }

  private final class PreviewEvents extends EventsEndpoint {

    PreviewEvents(String uri, Component component, String name) {
      super(uri, component, name);
    }

    @Override
    public Producer createProducer() {
      return new DefaultProducer(this) {
        @Override
        public void process(Exchange exchange) throws Exception {
          Event event = MappedEvent.read(exchange, getName(), json);
          exchange.setProperty(KEPT, event);
          exchange.setVariable("eventId", event.id());
        }
      };
    }

    @Override
    public Consumer createConsumer(Processor processor) {
      Consumer consumer = new DefaultConsumer(this, processor);
      routing.put(getName(), consumer);
      return consumer;
    }
  }

  private final class PreviewDeliveries extends DeliveriesEndpoint {

    PreviewDeliveries(String uri, Component component, String target) {
      super(uri, component, target);
    }

    @Override
    public Producer createProducer() {
      return new DeliveriesProducer(this, json);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
      refuseUnknownParameters();
      Consumer consumer = new DefaultConsumer(this, processor);
      // what is collected would go out as a digest later: shown is the mail that it is
      if (!isDigest()) {
        delivery.put(getTarget(), consumer);
      }
      return consumer;
    }
  }
}
