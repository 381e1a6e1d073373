package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.database;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.RouteDefinition;

/** A target that only a test has, and that takes everything. */
final class Fax {

  private Fax() {}

  /**
   * Delivers what is booked for {@code fax} while a test looks at it; nothing is left of either.
   *
   * @param parameters of {@code from: deliveries:fax}
   * @param steps what comes before the target
   */
  static void delivers(CamelContext camel, String parameters, List<String> steps, Runnable test)
      throws Exception {
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            RouteDefinition route = from("deliveries:fax?" + parameters).routeId("fax");
            steps.forEach(route::to);
            route.to("log:fax?level=OFF");
          }
        });
    try {
      test.run();
    } finally {
      camel.getRouteController().stopRoute("fax");
      camel.removeRoute("fax");
      database().update("delete from delivery where target = 'fax'");
      database().update("delete from target where name = 'fax'");
    }
  }
}
