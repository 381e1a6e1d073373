package io.commercewebhooks.ledger;

import io.commercewebhooks.config.NearestWord;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
 * Books deliveries in the ledger and hands out the due ones.
 *
 * <p>{@code to: deliveries:<target>} books a delivery of the event in hand. {@code audience} tells
 * apart several deliveries of one event to one target; any other parameter (such as {@code
 * template}) is kept with the delivery and comes back as a variable.
 *
 * <p>{@code from: deliveries:<target>} hands over due deliveries: up to {@code batchSize} events of
 * one type as a JSON array, with the variables {@code type} and {@code size}; or, with {@code
 * oneByOne}, single events with the variables of {@link EventsEndpoint} and those of the booking.
 * The route's end settles them:
 *
 * <ul>
 *   <li>with {@code settle=each} the body is a list with one answer per event, in order: {@code
 *       {"success": true|false, "id": …, "superseded": …, "errors": […]}}; any other body is a
 *       failure of all;
 *   <li>with {@code settle=together} an end without exception means that all are delivered;
 *   <li>an exception is classified ({@link FailureClasses}): retry puts all back; where nothing can
 *       mend it, or a mapping failed, each half of the batch is tried alone, and so on, so that one
 *       bad event never fails its neighbours.
 * </ul>
 *
 * <p>With {@code ordered}, an older event of an entity never follows a newer one: what waits
 * together with a newer one is spared. Of the types in {@code partial} none is spared for one that
 * waits: events of an entity are handed over one after another, the oldest first. Without {@code
 * ordered} one that comes after a newer one was delivered is handed over too.
 *
 * <p>With {@code digest}, it hands over what is collected for a digest, when that is due: all of it
 * as an array, with the variables {@code audience}, {@code digest} and {@code size}; or, when it is
 * only one, as with {@code oneByOne}. All are settled as one.
 */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "deliveries",
    title = "Ledger deliveries",
    syntax = "deliveries:target",
    remote = false,
    lenientProperties = true)
public class DeliveriesEndpoint extends DefaultEndpoint {

  /** How the end of a route settles the deliveries it was given. */
  public enum Settle {
    /** The body answers for each one. */
    each,
    /** They succeed or fail as one. */
    together
  }

  private static final List<String> PARAMETERS =
      Stream.of(DeliveriesEndpoint.class.getDeclaredFields())
          .filter(field -> field.isAnnotationPresent(UriParam.class))
          .filter(field -> field.getAnnotation(UriParam.class).label().equals("consumer"))
          .map(Field::getName)
          .toList();

  @UriPath(description = "Who must hear of the event")
  @Metadata(required = true)
  private final String target;

  @UriParam(label = "producer", description = "Which readers, where a target has several")
  private String audience = "";

  @UriParam(label = "consumer", defaultValue = "1", description = "Events of one type per attempt")
  private int batchSize = 1;

  @UriParam(label = "consumer", defaultValue = "1", description = "Threads, each with a claim")
  private int workers = 1;

  @UriParam(label = "consumer", description = "Hand over single events instead of an array")
  private boolean oneByOne;

  @UriParam(label = "consumer", description = "An older event of an entity never follows a newer")
  private boolean ordered;

  @UriParam(
      label = "consumer",
      description =
          "Types of which no event is spared because a newer one waits, or goes before it, with"
              + " commas")
  private Set<String> partial = Set.of();

  @UriParam(label = "consumer", description = "Hand over what is collected for one digest")
  private boolean digest;

  @UriParam(
      label = "consumer",
      defaultValue = "0",
      description = "Single events a minute at most, on each node; 0 for no limit")
  private int perMinute;

  @UriParam(label = "consumer", defaultValue = "together", description = "What the answer settles")
  private Settle settle = Settle.together;

  private Map<String, Object> said = Map.of();

  DeliveriesEndpoint(String uri, Component component, String target) {
    super(uri, component);
    this.target = target;
  }

  @Override
  public Producer createProducer() {
    return new DeliveriesProducer(this, component().json);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    refuseUnknownParameters();
    DeliveriesConsumer consumer = new DeliveriesConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  final void refuseUnknownParameters() {
    said.keySet().stream()
        .findFirst()
        .ifPresent(
            parameter -> {
              throw new IllegalArgumentException(
                  "from: deliveries:%s doesn't know the parameter %s%s"
                      .formatted(target, parameter, NearestWord.instead(parameter, PARAMETERS)));
            });
  }

  /** Not that of a preview, which has no ledger. */
  DeliveriesComponent component() {
    return (DeliveriesComponent) getComponent();
  }

  @Override
  public boolean isLenientProperties() {
    return true;
  }

  public String getTarget() {
    return target;
  }

  public String getAudience() {
    return audience;
  }

  public void setAudience(String audience) {
    this.audience = audience;
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

  public boolean isOneByOne() {
    return oneByOne;
  }

  public void setOneByOne(boolean oneByOne) {
    this.oneByOne = oneByOne;
  }

  public boolean isOrdered() {
    return ordered;
  }

  public void setOrdered(boolean ordered) {
    this.ordered = ordered;
  }

  public void setPartial(String types) {
    this.partial =
        Stream.of(types.split(",")).map(String::strip).collect(Collectors.toUnmodifiableSet());
  }

  boolean isPartial(String type) {
    return partial.contains(type);
  }

  public boolean isDigest() {
    return digest;
  }

  public void setDigest(boolean digest) {
    this.digest = digest;
  }

  public int getPerMinute() {
    return perMinute;
  }

  public void setPerMinute(int perMinute) {
    this.perMinute = perMinute;
  }

  public Settle getSettle() {
    return settle;
  }

  public void setSettle(Settle settle) {
    this.settle = settle;
  }

  Map<String, Object> said() {
    return said;
  }

  /** Keeps what of an address is none of our parameters. */
  void keepSaid(Map<String, Object> parameters) {
    said = new HashMap<>(parameters);
    parameters.clear();
  }
}
