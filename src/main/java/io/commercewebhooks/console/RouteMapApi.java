package io.commercewebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.commercewebhooks.workbench.RouteCounts;
import io.commercewebhooks.workbench.RouteMap;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.apache.camel.CamelContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The map of the routes, as they run. */
@RestController
@RequestMapping("/api/route-map")
class RouteMapApi {

  private final CamelContext camel;
  private final RouteCounts counts;

  RouteMapApi(CamelContext camel, RouteCounts counts) {
    this.camel = camel;
    this.counts = counts;
  }

  /**
   * The map.
   *
   * @param since from when on steps are counted, on this node
   */
  record Picture(
      Instant since, Collection<RouteMap.Node> nodes, List<Counted> edges, String mermaid) {}

  /**
   * A step.
   *
   * @param count how often it was taken; null where it leads to a failure policy
   */
  record Counted(@JsonUnwrapped RouteMap.Edge edge, Long count) {}

  @GetMapping
  Picture map() {
    RouteMap map = RouteMap.of(camel);
    return new Picture(
        counts.since(),
        map.nodes(),
        map.edges().stream().map(edge -> new Counted(edge, counts.of(edge))).toList(),
        map.mermaid());
  }
}
