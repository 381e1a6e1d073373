package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands out events to be routed; see {@link EventsEndpoint}. */
class EventsConsumer extends DefaultConsumer {

  /** Where {@code to: deliveries:…} leaves its bookings until the event is settled. */
  static final String BOOKINGS = "commercewebhooks.bookings";

  /** Set by a failure policy that parks an event: why no route knows what to do with it. */
  static final String UNROUTABLE = "unroutable";

  private static final Logger LOG = LoggerFactory.getLogger(EventsConsumer.class);

  /**
   * While nodes differ in their files, what one of them knows no route for is another's to route.
   */
  private static final Duration OTHER_FILES_FOR = Duration.ofMinutes(10);

  /** The name of the endpoint for all types that have no route of their own. */
  static final String ANY = "*";

  private final EventsEndpoint endpoint;
  private final EventsComponent component;
  private final Workers workers;

  EventsConsumer(EventsEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = endpoint.component();
    // Said when the route is made, before the first route starts: otherwise the route for all other
    // types would park what waits for a route that is about to start.
    component.routedTypes.add(endpoint.getName());
    this.workers =
        new Workers(
            endpoint.getCamelContext(),
            "events:" + endpoint.getName(),
            endpoint.getWorkers(),
            component.signals.ofEvents(endpoint.getName()),
            component.sweep,
            component.settings.rhythm(endpoint.getBatchSize()),
            this::routeBatch);
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    workers.start();
  }

  @Override
  protected void doStop() throws Exception {
    workers.stop();
    super.doStop();
  }

  @Override
  protected void doShutdown() throws Exception {
    component.routedTypes.remove(endpoint.getName());
    super.doShutdown();
  }

  private int routeBatch() {
    Set<String> wake = new TreeSet<>();
    int handled = component.ledger.inTransaction(ledger -> routeBatch(ledger, wake));
    wake.forEach(target -> component.signals.ofDeliveries(target).wake());
    return handled;
  }

  /**
   * @param wake gets the targets that something was booked for
   */
  private int routeBatch(LedgerTransaction ledger, Set<String> wake) {
    Ledger.Claimed<Event> events =
        endpoint.getName().equals(ANY)
            ? ledger.claimEvents(null, component.routedTypes, endpoint.getBatchSize())
            : ledger.claimEvents(endpoint.getName(), null, endpoint.getBatchSize());
    List<Ledger.Routed> routed = new ArrayList<>();
    for (Event event : events.rows()) {
      Ledger.Routed result = component.traces.routed(event, () -> route(ledger, event));
      if (result != null) {
        routed.add(result);
        result.bookings().forEach(b -> wake.add(b.target()));
      }
    }
    if (!routed.isEmpty()) {
      ledger.settle(routed);
    }
    // who left some behind for what they hold has had a whole batch
    return events.isFull() ? endpoint.getBatchSize() : events.rows().size();
  }

  private Ledger.Routed route(LedgerTransaction ledger, Event event) {
    Exchange exchange = EventExchange.of(endpoint, event, component.json);
    List<Booking> bookings = Collections.synchronizedList(new ArrayList<>());
    exchange.setProperty(BOOKINGS, bookings);
    try {
      getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
    Exception failure = exchange.getException();
    String unroutable = whyUnroutable(exchange);
    if (unroutable != null && !ledger.isOfOtherFiles(event, OTHER_FILES_FOR)) {
      LOG.info("{} is unroutable: {}", event.id(), unroutable);
      return new Ledger.Routed(event, List.of(), unroutable);
    }
    if (unroutable != null || failure != null) {
      int attempts = ledger.routingAttempts(event) + 1;
      Duration wait = component.settings.routing().next(attempts, null);
      String why =
          component.people.clean(
              unroutable == null ? failure.toString() : unroutable, List.of(event));
      LOG.warn("{} can't be routed, will try again in {} ms: {}", event.id(), wait.toMillis(), why);
      ledger.putBack(event, wait, why);
      return null;
    }
    LOG.info(
        "{} is routed to {}",
        event.id(),
        bookings.stream().map(EventsConsumer::name).collect(Collectors.joining(", ")));
    return new Ledger.Routed(event, List.copyOf(bookings), null);
  }

  /** Why no route knows what to do with an event, or null. */
  static String whyUnroutable(Exchange routed) {
    String why = routed.getVariable(UNROUTABLE, String.class);
    return why == null && routed.getException() instanceof UnroutableEventException unroutable
        ? unroutable.getMessage()
        : why;
  }

  private static String name(Booking booking) {
    return booking.audience().isEmpty()
        ? booking.target()
        : booking.target() + " " + booking.audience();
  }
}
