package io.commercewebhooks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Tells at the start of routes with more workers than the ledger has connections. Each worker holds
 * one while it works, so webhooks and operators would wait for what they leave.
 */
@Component
public class EnoughConnections {

  private static final Logger LOG = LoggerFactory.getLogger(EnoughConnections.class);

  private final CamelContext camel;
  private final HikariDataSource ledger;

  EnoughConnections(CamelContext camel, HikariDataSource ledger) {
    this.camel = camel;
    this.ledger = ledger;
  }

  @EventListener(ApplicationStartedEvent.class)
  void look() {
    int workers =
        camel.getRoutes().stream()
            .map(Route::getEndpoint)
            .mapToInt(EnoughConnections::workers)
            .sum();
    int connections = ledger.getMaximumPoolSize();
    if (workers >= connections) {
      LOG.warn(
          "{} workers of routes hold a connection to the ledger each while they work, and it has {}"
              + " of them, so webhooks may find none and are sent away (503): raise"
              + " spring.datasource.hikari.maximum-pool-size (config/README.md, Limits)",
          workers,
          connections);
    }
  }

  /** How many work for a route that begins at an endpoint. */
  public static int workers(Endpoint from) {
    return from instanceof EventsEndpoint events
        ? events.getWorkers()
        : from instanceof DeliveriesEndpoint deliveries ? deliveries.getWorkers() : 0;
  }
}
