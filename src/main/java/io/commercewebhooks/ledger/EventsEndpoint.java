package io.commercewebhooks.ledger;

import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/**
 * Keeps events in the ledger and hands them out to be routed.
 *
 * <p>{@code to: events:<sender>} keeps the event in the body, a JSON object with {@code type},
 * {@code status}, {@code entity} ({@code kind}, {@code key}) and optionally {@code senderEventId},
 * {@code occurredAt}, {@code attributes} and {@code body}; without a body the text in the variable
 * {@code payload} is kept as it is. When the step is done the event is committed; the variable
 * {@code eventId} has its id.
 *
 * <p>{@code from: events:<type>} hands out the events of a type one by one, as JSON text, with the
 * variables {@code eventId}, {@code sender}, {@code type}, {@code status}, {@code entityKind},
 * {@code entityKey} and one for each attribute. {@code from: events:*} gets the types that no other
 * route asks for. What the route books with {@code to: deliveries:<target>} is committed together
 * with the event's new state.
 */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "events",
    title = "Ledger events",
    syntax = "events:name",
    remote = false)
public class EventsEndpoint extends DefaultEndpoint {

  @UriPath(description = "The sender whose event is kept, or the type whose events are routed")
  @Metadata(required = true)
  private final String name;

  @UriParam(label = "consumer", defaultValue = "100", description = "Events per transaction")
  private int batchSize = 100;

  @UriParam(label = "consumer", defaultValue = "1", description = "Threads that route this type")
  private int workers = 1;

  EventsEndpoint(String uri, Component component, String name) {
    super(uri, component);
    this.name = name;
  }

  @Override
  public Producer createProducer() {
    return new EventsProducer(this);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    EventsConsumer consumer = new EventsConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  /** Not that of a preview, which has no ledger. */
  EventsComponent component() {
    return (EventsComponent) getComponent();
  }

  public String getName() {
    return name;
  }

  public int getBatchSize() {
    return batchSize;
  }

  public void setBatchSize(int batchSize) {
    this.batchSize = batchSize;
  }

  public int getWorkers() {
    return workers;
  }

  public void setWorkers(int workers) {
    this.workers = workers;
  }
}
