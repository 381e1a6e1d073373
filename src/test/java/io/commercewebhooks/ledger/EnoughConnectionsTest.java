package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class EnoughConnectionsTest {

  @Test
  void more_workers_than_connections_are_told_of_at_the_start(CapturedOutput log) throws Exception {
    look(7);

    assertThat(log).contains("7 workers of routes", "it has 7 of them", "maximum-pool-size");
  }

  @Test
  void as_long_as_a_connection_is_left_nothing_is_said(CapturedOutput log) throws Exception {
    look(8);

    assertThat(log).doesNotContain("workers of routes");
  }

  @Test
  void workers_that_deliver_count_as_those_that_route() {
    DeliveriesEndpoint deliveries = new DeliveriesEndpoint("deliveries:database", null, "database");
    deliveries.setWorkers(4);

    assertThat(EnoughConnections.workers(deliveries)).isEqualTo(4);
  }

  /** Beside two routes of three and four workers. */
  private static void look(int connections) throws Exception {
    LedgerSettings settings = ShippedSettings.ledger();
    try (DefaultCamelContext camel = new DefaultCamelContext();
        HikariDataSource ledger = new HikariDataSource()) {
      ledger.setMaximumPoolSize(connections);
      camel.addComponent(
          "events",
          new EventsComponent(
              null, new Signals(), null, settings, null, null, null, null, null, null));
      camel.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("events:order-status-changed?workers=3").autoStartup(false).log("never");
              from("events:quote-status-changed?workers=4").autoStartup(false).log("never");
            }
          });
      camel.start();
      new EnoughConnections(camel, ledger).look();
    }
  }
}
