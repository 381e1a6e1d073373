package io.commercewebhooks.console;

import io.commercewebhooks.workbench.RouteCounts;
import io.commercewebhooks.workbench.RouteMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** The way of a webhook through the routes as they run, with how often each step was taken. */
@ConsolePage
@RequestMapping("/console/map")
class RouteMapPage {

  private final CamelContext camel;
  private final RouteCounts counts;

  RouteMapPage(CamelContext camel, RouteCounts counts) {
    this.camel = camel;
    this.counts = counts;
  }

  /**
   * A route and the steps that it takes.
   *
   * @param steps where to, and how often
   */
  public record Steps(RouteMap.Node route, List<Step> from, List<Step> steps) {}

  /** A step to, or from, something with this title. */
  public record Step(String title, long count) {}

  @GetMapping
  String map(Model model) {
    RouteMap map = RouteMap.of(camel);
    model.addAttribute("picture", RoutePicture.of(map, counts::of));
    model.addAttribute("stages", stages(map));
    model.addAttribute("policies", policies(map));
    model.addAttribute("since", counts.since());
    return "map";
  }

  /** The routes of each stage, in the order of the flow. */
  private Map<String, List<Steps>> stages(RouteMap map) {
    Map<String, List<Steps>> stages = new LinkedHashMap<>();
    map.nodes().stream()
        .filter(node -> node.kind() == RouteMap.Kind.ROUTE)
        .sorted(
            Comparator.comparing((RouteMap.Node node) -> RouteMap.STAGES.indexOf(node.stage()))
                .thenComparing(RouteMap.Node::id))
        .forEach(
            node ->
                stages
                    .computeIfAbsent(node.stage(), stage -> new ArrayList<>())
                    .add(steps(map, node)));
    return stages;
  }

  private Steps steps(RouteMap map, RouteMap.Node route) {
    List<Step> from = new ArrayList<>();
    List<Step> to = new ArrayList<>();
    for (RouteMap.Edge edge : map.edges()) {
      if (edge.route() != null && edge.to().equals(route.id())) {
        from.add(new Step(title(map, edge.from()), counts.of(edge)));
      }
      if (edge.route() != null && edge.from().equals(route.id())) {
        to.add(new Step(title(map, edge.to()), counts.of(edge)));
      }
    }
    return new Steps(route, from, to);
  }

  /** By which policy the failures of each stage go. */
  private static Map<String, String> policies(RouteMap map) {
    Map<String, String> policies = new LinkedHashMap<>();
    map.edges().stream()
        .filter(edge -> edge.route() == null)
        .forEach(edge -> policies.put(edge.from(), title(map, edge.to())));
    return policies;
  }

  private static String title(RouteMap map, String id) {
    return map.nodes().stream()
        .filter(node -> node.id().equals(id))
        .map(RouteMap.Node::title)
        .findFirst()
        .orElse(id);
  }
}
