package io.commercewebhooks.console;

import io.commercewebhooks.workbench.RouteMap;
import io.commercewebhooks.workbench.RouteMap.Edge;
import io.commercewebhooks.workbench.RouteMap.Kind;
import io.commercewebhooks.workbench.RouteMap.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The map of the routes as a picture that fits a screen: from left to right in columns, and the
 * routes of one file as one box, which the first of their names is for.
 *
 * @param width in the picture's own units, as all other numbers
 * @param columns what stands where, by headings
 */
public record RoutePicture(
    int width, int height, List<Column> columns, List<Box> boxes, List<Line> lines) {

  private static final int TOP = 34;
  private static final int LEFT = 4;
  private static final int GAP = 47;
  private static final int BETWEEN = 14;
  private static final int PORT = 17;
  private static final int PADDING = 8;
  private static final double LETTER = 6.7;

  private static final List<String> HEADINGS =
      List.of("senders", "intake", "ledger", "routing", "ledger", "delivery", "targets");

  public record Column(String heading, int x) {}

  /**
   * A box.
   *
   * @param kind in lower case
   * @param description of a route, or null
   */
  public record Box(String title, String kind, String description, int x, int y, int w, int h) {}

  /**
   * A line from the right of one box to the left of another.
   *
   * @param count how often the way was taken
   * @param weight how thick it is
   */
  public record Line(
      String from, String to, long count, int x1, int y1, int x2, int y2, double weight) {}

  private record Way(String from, String to) {}

  /** Draws a map, with the count of each step. */
  static RoutePicture of(RouteMap map, Function<Edge, Long> counts) {
    Map<String, Node> boxed = boxes(map);
    Map<Way, Long> ways = new LinkedHashMap<>();
    for (Edge edge : map.edges()) {
      Long count = counts.apply(edge);
      String from = boxOf(boxed, edge.from());
      String to = boxOf(boxed, edge.to());
      if (count != null && from != null && to != null && !from.equals(to)) {
        ways.merge(new Way(from, to), count, Long::sum);
      }
    }
    return drawn(boxed, ways);
  }

  /** What gets a box: of the routes, those whose name no other one's begins with. */
  private static Map<String, Node> boxes(RouteMap map) {
    Map<String, Node> boxed = new LinkedHashMap<>();
    for (Node node : map.nodes()) {
      if (node.kind() != Kind.POLICY
          && (node.kind() != Kind.ROUTE
              || map.nodes().stream().noneMatch(other -> node.id().startsWith(other.id() + "-")))) {
        boxed.put(node.id(), node);
      }
    }
    return boxed;
  }

  private static String boxOf(Map<String, Node> boxed, String id) {
    return boxed.keySet().stream()
        .filter(box -> id.equals(box) || id.startsWith(box + "-"))
        .findFirst()
        .orElse(null);
  }

  private static int column(Node node) {
    return switch (node.kind()) {
      case SENDER -> 0;
      case LEDGER -> node.id().startsWith("deliveries:") ? 4 : 2;
      case TARGET -> 6;
      default ->
          switch (node.stage()) {
            case "intake" -> 1;
            case "routing" -> 3;
            case "dead-letters" -> 4;
            default -> 5;
          };
    };
  }

  private static String title(Node node) {
    return node.kind() == Kind.ROUTE && node.title().startsWith(node.stage() + "-")
        ? node.title().substring(node.stage().length() + 1)
        : node.title().replaceFirst("^deliveries:", "");
  }

  private static RoutePicture drawn(Map<String, Node> boxed, Map<Way, Long> ways) {
    TreeMap<Integer, List<Node>> columns = new TreeMap<>();
    boxed.values().forEach(n -> columns.computeIfAbsent(column(n), c -> new ArrayList<>()).add(n));
    order(columns, ways);
    Map<String, Box> placed = new HashMap<>();
    List<Column> headings = new ArrayList<>();
    int x = LEFT;
    int tallest = columns.values().stream().mapToInt(c -> height(c, ways)).max().orElse(0);
    for (Map.Entry<Integer, List<Node>> column : columns.entrySet()) {
      List<Node> nodes = column.getValue();
      int letters = nodes.stream().mapToInt(node -> title(node).length()).max().orElse(0);
      String heading = HEADINGS.get(column.getKey());
      int w = (int) (Math.max(letters, heading.length()) * LETTER) + 2 * PADDING;
      headings.add(new Column(heading, x));
      int y = TOP + (tallest - height(nodes, ways)) / 2;
      for (Node node : nodes) {
        int h = height(node, ways);
        String kind = node.kind().name().toLowerCase(Locale.ROOT);
        placed.put(node.id(), new Box(title(node), kind, node.description(), x, y, w, h));
        y += h + BETWEEN;
      }
      x += w + GAP;
    }
    return new RoutePicture(
        x - GAP + LEFT,
        TOP + tallest + LEFT,
        headings,
        boxed.keySet().stream().map(placed::get).toList(),
        lines(boxed, ways, placed));
  }

  private static int height(Node node, Map<Way, Long> ways) {
    long out = ways.keySet().stream().filter(way -> way.from().equals(node.id())).count();
    return (int) Math.max(1, out) * PORT + PADDING;
  }

  private static int height(List<Node> column, Map<Way, Long> ways) {
    return column.stream().mapToInt(node -> height(node, ways)).sum()
        + (column.size() - 1) * BETWEEN;
  }

  /**
   * Sorts the boxes of each column by where the ways to them come from, so that few lines cross.
   */
  private static void order(TreeMap<Integer, List<Node>> columns, Map<Way, Long> ways) {
    Map<String, Integer> places = new HashMap<>();
    for (List<Node> column : columns.values()) {
      Map<String, Double> middles = new HashMap<>();
      for (Node node : column) {
        middles.put(
            node.id(),
            ways.keySet().stream()
                .filter(way -> way.to().equals(node.id()))
                .map(way -> places.get(way.from()))
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .average()
                .orElse(Double.MAX_VALUE));
      }
      column.sort(Comparator.comparing(node -> middles.get(node.id())));
      column.forEach(node -> places.put(node.id(), column.indexOf(node)));
    }
  }

  private static List<Line> lines(
      Map<String, Node> boxed, Map<Way, Long> ways, Map<String, Box> placed) {
    List<Line> lines = new ArrayList<>();
    for (String from : boxed.keySet()) {
      Box start = placed.get(from);
      List<Map.Entry<Way, Long>> out =
          ways.entrySet().stream()
              .filter(way -> way.getKey().from().equals(from))
              .sorted(Comparator.comparing(way -> placed.get(way.getKey().to()).y()))
              .toList();
      for (int i = 0; i < out.size(); i++) {
        Box end = placed.get(out.get(i).getKey().to());
        long count = out.get(i).getValue();
        lines.add(
            new Line(
                start.title(),
                end.title(),
                count,
                start.x() + start.w(),
                start.y() + start.h() * (2 * i + 1) / (2 * out.size()),
                end.x(),
                end.y() + end.h() / 2,
                count == 0 ? 1 : Math.min(6, 1.5 + Math.log10(count))));
      }
    }
    return lines;
  }
}
