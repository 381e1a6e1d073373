package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.RouteMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@FlowTest
class RouteMapTest {

  private static final Path README = Path.of("routes/README.md");
  private static final Pattern PICTURE = Pattern.compile("(?s)```mermaid\n(.*?)\n```");

  @Autowired private CamelContext live;

  /** With {@code -Dmap.write} it renews the picture instead. */
  @Test
  void the_picture_in_the_readme_of_routes_is_that_of_the_routes() throws IOException {
    String map = RouteMap.of(live).mermaid();
    String readme = Files.readString(README);
    Matcher picture = PICTURE.matcher(readme);
    assertThat(picture.find()).as("a picture in %s", README).isTrue();
    if (System.getProperty("map.write") != null) {
      Files.writeString(
          README, readme.substring(0, picture.start(1)) + map + readme.substring(picture.end(1)));
      return;
    }
    assertThat(picture.group(1))
        .as("the picture in %s; ./mvnw test -Dtest=RouteMapTest -Dmap.write renews it", README)
        .isEqualTo(map);
  }

  @Test
  void every_route_is_on_the_map_and_can_be_come_to_or_is_a_beginning() {
    RouteMap map = RouteMap.of(live);

    assertThat(map.nodes())
        .filteredOn(node -> node.kind() == RouteMap.Kind.ROUTE)
        .extracting(RouteMap.Node::id)
        .containsExactlyInAnyOrderElementsOf(
            live.getRoutes().stream().map(Route::getRouteId).toList());
    assertThat(map.nodes())
        .filteredOn(node -> node.kind() == RouteMap.Kind.TARGET)
        .extracting(RouteMap.Node::title)
        .containsExactlyInAnyOrder("Salesforce", "database", "e-mail");
    assertThat(map.nodes())
        .filteredOn(node -> node.kind() == RouteMap.Kind.SENDER)
        .extracting(RouteMap.Node::title)
        .containsExactlyInAnyOrder("zoom-commerce", "oracle-commerce");
  }

  @Test
  void every_step_of_a_webhook_is_counted_on_its_edge() throws IOException {
    Map<String, Long> before = counts();
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "completed"));
    untilQuiet();
    Map<String, Long> after = counts();
    after.replaceAll((edge, count) -> count - before.get(edge));
    after.values().removeIf(count -> count == 0);

    assertThat(after)
        .containsOnly(
            Map.entry("sender zoom-commerce -> intake-zoom-commerce-subscription", 1L),
            Map.entry("intake-zoom-commerce-subscription -> intake-zoom-commerce", 1L),
            Map.entry("intake-zoom-commerce -> intake-zoom-commerce-event", 1L),
            Map.entry("intake-zoom-commerce-event -> events", 1L),
            Map.entry("events -> routing-order-status-changed", 1L),
            Map.entry("routing-order-status-changed -> deliveries:email", 2L),
            Map.entry("routing-order-status-changed -> deliveries:salesforce", 1L),
            Map.entry("routing-order-status-changed -> deliveries:database", 1L),
            Map.entry("deliveries:salesforce -> delivery-salesforce", 1L),
            Map.entry("delivery-salesforce -> target Salesforce", 1L),
            Map.entry("deliveries:database -> delivery-database", 1L),
            Map.entry("delivery-database -> target database", 1L),
            Map.entry("deliveries:email -> delivery-email", 2L),
            Map.entry("delivery-email -> delivery-email-single", 2L),
            Map.entry("delivery-email-single -> delivery-email-reader", 2L),
            Map.entry("delivery-email-single -> delivery-email-so-far", 2L),
            Map.entry("delivery-email-single -> delivery-email-letter", 2L),
            Map.entry("delivery-email-single -> delivery-email-send", 2L),
            Map.entry("delivery-email-send -> delivery-email-thread", 2L),
            Map.entry("delivery-email-send -> target e-mail", 2L));
  }

  private static Map<String, Long> counts() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (JsonNode edge : new ObjectMapper().readTree(api("/api/route-map").body()).path("edges")) {
      counts.merge(
          edge.path("from").asText() + " -> " + edge.path("to").asText(),
          edge.path("count").asLong(),
          Long::sum);
    }
    return counts;
  }
}
