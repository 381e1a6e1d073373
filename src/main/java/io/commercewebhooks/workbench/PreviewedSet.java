package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.delivery.MailBookings;
import io.commercewebhooks.ledger.Booking;
import io.commercewebhooks.ledger.Event;
import io.commercewebhooks.ledger.PreviewLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.DefaultComponentResolver;
import org.apache.camel.impl.engine.DefaultResourceLoader;
import org.apache.camel.spi.ComponentResolver;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.ResourceLoader;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.springframework.core.env.Environment;

/**
 * A set of routes and config at work by itself, in a Camel context of its own: it has no ledger, no
 * target and none of the service's beans but those that can do no harm.
 */
final class PreviewedSet implements AutoCloseable {

  /** What reaches nobody outside; every other component is stood in for. */
  private static final Set<String> INSIDE =
      Set.of("bean", "class", "direct", "freemarker", "jslt", "language", "log");

  private static final String SECRET = "(?i).*(secret|password|token|key).*";

  private final CandidateSet files;
  private final KnownNames names;
  private final ObjectMapper json;
  private final PreviewLedger ledger;
  private final MailBookings bookings;
  private final Map<String, Processor> doors = new TreeMap<>();
  private final DefaultCamelContext context;

  /**
   * Starts the routes.
   *
   * @param files what to run; this closes it
   * @param harmless the service's beans that routes may use here, by name
   * @param names what routes can name
   * @throws BrokenSetException when Camel can't make these routes
   */
  PreviewedSet(
      CandidateSet files,
      Map<String, Object> harmless,
      KnownNames names,
      Environment settings,
      ObjectMapper json)
      throws BrokenSetException {
    this.files = files;
    this.names = names;
    this.json = json;
    this.ledger = new PreviewLedger(json);
    this.bookings = new MailBookings(files.notifications(), Clock.systemUTC());
    this.context = new DefaultCamelContext();
    harmless.forEach(context.getRegistry()::bind);
    context.getRegistry().bind("notifications", files.notifications());
    context.getRegistry().bind("mailTemplates", files.mailTemplates());
    try {
      start(settings);
    } catch (Exception e) {
      BrokenSetException broken =
          files.broken(BrokenSetException.ofRoute(e, files.file(""), names));
      close();
      throw broken;
    }
  }

  private void start(Environment settings) throws Exception {
    context.getCamelContextExtension().setName("preview");
    context.setMessageHistory(true);
    context.setSourceLocationEnabled(true);
    context.getShutdownStrategy().setTimeout(1);
    context.getShutdownStrategy().setSuppressLoggingOnTimeout(true);
    // its routes' log steps would look like those of the live ones
    context.getGlobalOptions().put(Exchange.LOG_EIP_NAME, "preview");
    context
        .getPropertiesComponent()
        .addPropertiesSource(
            new PropertiesSource() {
              @Override
              public String getName() {
                return "settings";
              }

              @Override
              public String getProperty(String name) {
                return name.matches(SECRET) ? "****" : settings.getProperty(name);
              }
            });
    ComponentResolver own = new DefaultComponentResolver();
    context
        .getCamelContextExtension()
        .addContextPlugin(
            ComponentResolver.class,
            (name, camel) ->
                INSIDE.contains(name)
                    ? own.resolveComponent(name, camel)
                    : names.isComponent(name) ? new StandInTargets(name, doors, json) : null);
    context.getCamelContextExtension().addContextPlugin(ResourceLoader.class, new CopiedFiles());
    ledger.joinTo(context);
    context.start();
    PluginHelper.getRoutesLoader(context).loadRoutes(routes());
  }

  private List<Resource> routes() throws IOException {
    try (Stream<Path> all = files.filesIn("routes")) {
      return all.filter(file -> file.toString().endsWith(".camel.yaml"))
          .map(file -> ResourceHelper.resolveResource(context, "file:" + file))
          .toList();
    }
  }

  /** Reads {@code file:config/…} from the copy. */
  private final class CopiedFiles extends DefaultResourceLoader {

    CopiedFiles() {
      super(PreviewedSet.this.context);
    }

    @Override
    public Resource resolveResource(String location) {
      return super.resolveResource(
          location.startsWith("file:config/")
              ? "file:" + files.file(location.substring("file:".length()))
              : location);
    }
  }

  /**
   * What becomes of a webhook.
   *
   * @param received the webhook, and what is known of its event if it came before
   */
  ObjectNode run(Received received) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("event", received.id());
    ArrayNode path = result.putArray("path");
    Event event = event(received, result, path);
    if (event == null) {
      return result;
    }
    result.put("event", event.id());
    result.put("type", event.type()).put("status", event.status());
    result.put("entity", event.entityKey());
    if (event.entityKey() == null) {
      return result.put("outcome", "unroutable").put("why", "names no " + event.entityKind());
    }
    Exchange routed = ledger.toRoute(event);
    if (routed == null) {
      return result.put("outcome", "unroutable").put("why", "no route takes " + event.type());
    }
    ledger.run(routed);
    PathTaken.of(routed, path);
    if (PreviewLedger.unroutable(routed) != null) {
      return result.put("outcome", "unroutable").put("why", PreviewLedger.unroutable(routed));
    }
    if (routed.getException() != null) {
      return failed(result, routed.getException());
    }
    result.put("outcome", "routed");
    ObjectNode sent = JsonNodeFactory.instance.objectNode();
    for (Booking booking : bookings.apply(event, PreviewLedger.bookings(routed))) {
      deliver(event, booking, sent, path, result);
    }
    result.setAll(sent);
    return result;
  }

  private void deliver(
      Event event, Booking booking, ObjectNode sent, ArrayNode path, ObjectNode result) {
    ObjectNode delivery = result.withArray("deliveries").addObject();
    delivery.put("target", booking.target());
    if (!booking.audience().isEmpty()) {
      delivery.put("audience", booking.audience());
    }
    if (booking.due() != null) {
      delivery.put("collectedUntil", booking.due().toString());
    }
    try {
      Exchange exchange = ledger.toDeliver(event, booking);
      if (exchange == null) {
        delivery.put("failure", "no route begins with deliveries:" + booking.target());
        return;
      }
      exchange.setProperty(StandInTargets.SENT, sent);
      ledger.run(exchange);
      PathTaken.of(exchange, path);
      if (exchange.getException() != null) {
        delivery.put("failure", files.plain(BrokenSetException.words(exchange.getException())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode failed(ObjectNode result, Exception failure) {
    return result.put("outcome", "failed").put("why", BrokenSetException.words(failure));
  }

  /** The event that intake makes of it, or null, and then the result says why. */
  private Event event(Received received, ObjectNode result, ArrayNode path) {
    for (Processor door : doors.values()) {
      Exchange exchange = new DefaultExchange(context);
      exchange.setProperty(StandInTargets.SENT, JsonNodeFactory.instance.objectNode());
      exchange.getMessage().setBody(received.body().getBytes(StandardCharsets.UTF_8));
      try {
        door.process(exchange);
      } catch (Exception e) {
        exchange.setException(e);
      }
      // what a mapping can't read is kept all the same
      Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
      Event event = PreviewLedger.kept(exchange);
      if (failure != null) {
        failed(result, failure);
      } else if (event != null && received.isBy(event)) {
        PathTaken.of(exchange, path);
        result.remove(List.of("outcome", "why"));
        return received.complete(event);
      }
    }
    if (!result.has("outcome")) {
      result
          .put("outcome", "refused")
          .put("why", "no route of intake reads this as %s".formatted(received.expected()));
    }
    return null;
  }

  /** Ends the routes and leaves the files. */
  void stop() {
    context.stop();
  }

  @Override
  public void close() {
    stop();
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A webhook.
   *
   * @param id of its event, if it came before; else null
   * @param sequence of its event, or 0
   * @param type which type of event it is meant to be, or null when the mapping tells
   * @param mapping by which it was read when it came, or null
   * @param body as redacted and, if it came before, masked
   * @param receivedAt when it came; or now
   */
  record Received(
      String id, long sequence, String type, String mapping, String body, Instant receivedAt) {

    private boolean isBy(Event event) {
      return mapping != null ? mapping.equals(event.mapping()) : type.equals(event.type());
    }

    private String expected() {
      return Optional.ofNullable(mapping).orElse(type);
    }

    private Event complete(Event event) {
      return new Event(
          sequence,
          id == null ? event.id() : id,
          event.sender(),
          event.type(),
          event.status(),
          event.entityKind(),
          event.entityKey(),
          event.occurredAt() == null ? receivedAt : event.occurredAt(),
          receivedAt,
          event.attributes(),
          event.mapping(),
          event.body(),
          null);
    }
  }
}
