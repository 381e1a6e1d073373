package io.commercewebhooks.workbench;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeCreatedEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSendingEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.apache.camel.support.ExchangeHelper;
import org.springframework.stereotype.Component;

/** Counts on this node, since it started, how often each route took each of its steps. */
@Component
public class RouteCounts extends EventNotifierSupport {

  /** Webhooks come without the name of the route that takes them; each has its own address. */
  private static final String FROM = "from ";

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * What the map calls an endpoint, by its address: told anew, it would cost more than to count.
   */
  private final Map<String, String> places = new ConcurrentHashMap<>();

  private final Instant since = Instant.now();

  @Override
  public boolean isEnabled(CamelEvent event) {
    return event instanceof ExchangeSendingEvent || event instanceof ExchangeCreatedEvent;
  }

  @Override
  public void notify(CamelEvent event) {
    if (event instanceof ExchangeSendingEvent sending) {
      count(ExchangeHelper.getRouteId(sending.getExchange()), sending.getEndpoint());
    } else if (event instanceof ExchangeCreatedEvent created && isWhole(created.getExchange())) {
      String route = created.getExchange().getFromRouteId();
      count(FROM + (route == null ? "" : route), created.getExchange().getFromEndpoint());
    }
  }

  /** A copy for a part of a route is no second beginning. */
  private static boolean isWhole(Exchange exchange) {
    return exchange.getProperty(ExchangePropertyKey.CORRELATION_ID) == null;
  }

  /** Endpoints whose names come from events would be without number, and are on no map. */
  private void count(String route, Endpoint endpoint) {
    if (route != null && endpoint != null && !endpoint.getEndpointUri().contains("config/")) {
      counts
          .computeIfAbsent(
              key(
                  route,
                  places.computeIfAbsent(
                      endpoint.getEndpointBaseUri(), RouteMap::withoutParameters)),
              key -> new LongAdder())
          .increment();
    }
  }

  private static String key(String route, String place) {
    return route + " " + place;
  }

  /** How often a step of the map was taken; null where it isn't one. */
  public Long of(RouteMap.Edge edge) {
    if (edge.route() == null) {
      return null;
    }
    return edge.to().equals(edge.route())
        ? sum(FROM + edge.route(), edge.endpoint()) + sum(FROM, edge.endpoint())
        : sum(edge.route(), edge.endpoint());
  }

  private long sum(String route, String place) {
    LongAdder count = counts.get(key(route, place));
    return count == null ? 0 : count.sum();
  }

  public Instant since() {
    return since;
  }
}
