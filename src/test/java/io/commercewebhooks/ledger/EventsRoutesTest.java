package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Which events the route for all other types takes. */
class EventsRoutesTest {

  private static final Duration SWEEP = Duration.ofMillis(5);

  /** What the components knew each time somebody looked for events. */
  private final Queue<Set<String>> known = new ConcurrentLinkedQueue<>();

  private final EventsComponent component =
      new EventsComponent(
          new Ledger(new PGSimpleDataSource(), null, null, null, null, null, null) {
            @Override
            <T> T inTransaction(Function<LedgerTransaction, T> work) {
              known.add(Set.copyOf(component.routedTypes));
              throw new IllegalStateException("nothing to route here");
            }
          },
          new Signals(),
          new Sweep(SWEEP, () -> {}),
          ShippedSettings.ledger("ledger.sweep=" + SWEEP),
          null,
          null,
          null,
          null,
          null,
          null);

  @Test
  void a_type_whose_route_has_not_started_yet_is_not_one_without_a_route() throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      camel.addComponent("events", component);
      camel.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("events:*").startupOrder(1).log("never");
              from("events:order-status-changed").autoStartup(false).log("never");
            }
          });
      camel.start();
      Awaitility.await().until(() -> known.size() > 1);
    }
    assertThat(known).allSatisfy(types -> assertThat(types).contains("order-status-changed"));
  }
}
