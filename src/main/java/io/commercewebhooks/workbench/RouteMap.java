package io.commercewebhooks.workbench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;

/**
 * The way of a webhook as a graph: senders, routes, what the ledger holds between the stages, and
 * targets. It is read from the routes themselves.
 *
 * @param nodes each once
 * @param edges in the order of the routes
 */
public record RouteMap(Collection<Node> nodes, Collection<Edge> edges) {

  /** What only shapes a message, and what reads the ledger, is no place that it goes to. */
  private static final Set<String> NO_PLACES =
      Set.of("bean", "class", "freemarker", "jslt", "language", "log", "spring-jdbc:dataSource");

  /** What targets are called by people. */
  private static final Map<String, String> TITLES =
      Map.of("salesforce", "Salesforce", "spring-jdbc", "database", "smtp", "e-mail");

  /** What something on the way is. */
  public enum Kind {
    SENDER,
    ROUTE,
    LEDGER,
    TARGET,
    POLICY
  }

  /**
   * Something on the way.
   *
   * @param stage the folder of a route or a policy, else null
   * @param description what a route is for, else null
   */
  public record Node(String id, Kind kind, String title, String stage, String description) {}

  /**
   * A step from one thing to another.
   *
   * @param from the id of a node; of a stage, where it leads to a policy
   * @param route the route that takes the step, or null
   * @param endpoint the endpoint it goes by, without its parameters
   */
  public record Edge(String from, String to, String route, String endpoint) {}

  /** The map of the routes that a context runs. */
  public static RouteMap of(CamelContext context) {
    List<RouteDefinition> routes =
        context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions();
    Builder map = new Builder(context);
    routes.stream()
        .sorted((a, b) -> order(a.getRouteId()).compareTo(order(b.getRouteId())))
        .forEach(map::route);
    return new RouteMap(map.nodes.values(), map.edges);
  }

  /** The stages, in the order of the flow. */
  public static final List<String> STAGES =
      List.of("intake", "routing", "delivery", "dead-letters");

  private static String stage(String routeId) {
    return STAGES.stream().filter(stage -> routeId.startsWith(stage + "-")).findFirst().orElse("");
  }

  private static String order(String routeId) {
    return STAGES.indexOf(stage(routeId)) + routeId;
  }

  /** An endpoint as the map and its counts name it. */
  static String withoutParameters(String uri) {
    return uri.replaceFirst("\\?.*", "").replaceFirst(":(//)?", ":");
  }

  private static final class Builder {

    private final CamelContext context;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Set<Edge> edges = new LinkedHashSet<>();

    Builder(CamelContext context) {
      this.context = context;
    }

    void route(RouteDefinition route) {
      String id = route.getRouteId();
      String stage = stage(id);
      node(id, Kind.ROUTE, id, stage, route.getDescriptionText());
      String from = place(route.getInput().getEndpointUri());
      if (from.startsWith("platform-http:")) {
        String sender = id.replaceFirst("^intake-(\\w+-\\w+).*", "$1");
        edge(node("sender " + sender, Kind.SENDER, sender, null, null), id, id, from);
      } else if (from.startsWith("events:")) {
        edge(node("events", Kind.LEDGER, "events", null, null), id, id, from);
      } else if (from.startsWith("file:")) {
        edge(node("spool", Kind.LEDGER, "spool", null, null), id, id, from);
      } else if (from.startsWith("deliveries:")) {
        edge(node(from, Kind.LEDGER, from, null, null), id, id, from);
      }
      ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), SendDefinition.class)
          .forEach(step -> step(id, place(step.getEndpointUri())));
      if (route.getRouteConfigurationId() != null) {
        String policy = route.getRouteConfigurationId();
        edge(stage, node("policy " + policy, Kind.POLICY, policy, "dead-letters", null), null, "");
      }
    }

    private void step(String route, String to) {
      String scheme = to.replaceFirst(":.*", "");
      if (scheme.equals("direct")) {
        edge(route, to.substring("direct:".length()), route, to);
      } else if (scheme.equals("events")) {
        edge(route, node("events", Kind.LEDGER, "events", null, null), route, to);
      } else if (scheme.equals("deliveries")) {
        edge(route, node(to, Kind.LEDGER, to, null, null), route, to);
      } else if (!NO_PLACES.contains(scheme) && !NO_PLACES.contains(to)) {
        String title = TITLES.getOrDefault(scheme, to);
        edge(route, node("target " + title, Kind.TARGET, title, null, null), route, to);
      }
    }

    private String place(String uri) {
      return withoutParameters(context.resolvePropertyPlaceholders(uri));
    }

    private String node(String id, Kind kind, String title, String stage, String description) {
      nodes.putIfAbsent(id, new Node(id, kind, title, stage, description));
      return id;
    }

    private void edge(String from, String to, String route, String endpoint) {
      edges.add(new Edge(from, to, route, endpoint));
    }
  }

  /** The map as a picture in Mermaid. */
  public String mermaid() {
    List<String> lines = new ArrayList<>(List.of("flowchart LR"));
    ofKind(Kind.SENDER)
        .forEach(node -> lines.add("  %s([%s])".formatted(word(node), node.title())));
    for (String stage : STAGES) {
      lines.add("  subgraph %s".formatted(stage));
      nodes.stream()
          .filter(node -> stage.equals(node.stage()))
          .forEach(
              node ->
                  lines.add(
                      (node.kind() == Kind.POLICY ? "    %s{{%s}}" : "    %s[%s]")
                          .formatted(word(node), node.title())));
      lines.add("  end");
    }
    ofKind(Kind.LEDGER)
        .forEach(node -> lines.add("  %s[(\"%s\")]".formatted(word(node), node.title())));
    ofKind(Kind.TARGET)
        .forEach(node -> lines.add("  %s([%s])".formatted(word(node), node.title())));
    Map<String, Node> byId = nodes.stream().collect(Collectors.toMap(Node::id, node -> node));
    edges.stream()
        .map(
            edge ->
                "  %s %s %s"
                    .formatted(
                        byId.containsKey(edge.from()) ? word(byId.get(edge.from())) : edge.from(),
                        edge.route() == null ? "-.->" : "-->",
                        byId.containsKey(edge.to()) ? word(byId.get(edge.to())) : edge.to()))
        .distinct()
        .forEach(lines::add);
    return String.join("\n", lines);
  }

  private List<Node> ofKind(Kind kind) {
    return nodes.stream().filter(node -> node.kind() == kind).toList();
  }

  private static String word(Node node) {
    return node.id().replaceAll("[^A-Za-z0-9-]", "_");
  }
}
