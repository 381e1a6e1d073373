package io.commercewebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The YAML files of {@code routes/} and {@code config/}, read by Camel's own parser, with lines.
 */
final class RouteFiles {

  static final Path ROUTES = Path.of("routes");
  static final String SUFFIX = ".camel.yaml";

  private RouteFiles() {}

  /** Every route file, by path. */
  static List<RouteFile> all() {
    return filesBelow(ROUTES).stream()
        .filter(file -> file.toString().endsWith(SUFFIX))
        .map(RouteFile::read)
        .toList();
  }

  /** Every file below a folder, by path; a folder that doesn't exist has none. */
  static List<Path> filesBelow(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String textOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  /** A file of routes and failure policies. */
  record RouteFile(Path path, Value content) {

    private static RouteFile read(Path path) {
      return new RouteFile(path, Value.read(path));
    }

    /** The stage: the name of the folder. */
    String folder() {
      return path.getParent().getFileName().toString();
    }

    /** The outside party or the event type: the name of the file. */
    String name() {
      String file = path.getFileName().toString();
      return file.substring(0, file.length() - SUFFIX.length());
    }

    List<Route> routes() {
      List<Value> items = content.items();
      List<Route> routes = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        int start = items.get(i).line();
        int next = i + 1 < items.size() ? items.get(i + 1).line() : Integer.MAX_VALUE;
        items
            .get(i)
            .at("route")
            .ifPresent(route -> routes.add(new Route(this, route, linesWritten(start, next))));
      }
      return routes;
    }

    List<Value> configurations() {
      return content.items().stream()
          .flatMap(item -> item.at("routeConfiguration").stream())
          .toList();
    }

    /** How many lines an item has; what stands between it and the next one doesn't count. */
    private int linesWritten(int start, int next) {
      List<String> lines = textOf(path).lines().toList();
      int last = Math.min(next - 1, lines.size());
      while (last > start && lines.get(last - 1).strip().matches("(#.*)?")) {
        last--;
      }
      return last - start + 1;
    }
  }

  /** A route, as written. */
  record Route(RouteFile file, Value value, int lines) {

    String id() {
      return value.text("id");
    }

    /** The endpoint that it consumes from, e.g. {@code direct:delivery-email-send}. */
    String from() {
      return value.at("from").map(Route::endpoint).orElse("");
    }

    /** Reads {@code uri: direct} with {@code parameters: name: x}, as editors write it, too. */
    static String endpoint(Value step) {
      String uri = step.text("uri");
      return uri.equals("direct") || uri.equals("seda")
          ? uri + ":" + step.text("parameters", "name")
          : uri;
    }
  }

  /**
   * A value of a YAML file: a mapping, a list or a scalar.
   *
   * @param key the key that it is the value of; empty for an item of a list
   * @param line where the key, or the item, is written
   */
  record Value(Path file, String key, int line, Node node) {

    static Value read(Path file) {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      Node root = new Compose(settings).composeString(textOf(file)).orElseThrow();
      return new Value(file, "", 1, root);
    }

    /** What is wrong here and what to write instead, with the place for an editor to jump to. */
    String says(String text, Object... arguments) {
      return "%s:%d: %s".formatted(file, line, text.formatted(arguments));
    }

    List<Value> entries() {
      if (!(node instanceof MappingNode mapping)) {
        return List.of();
      }
      return mapping.getValue().stream().map(this::entry).toList();
    }

    private Value entry(NodeTuple tuple) {
      return new Value(
          file,
          ((ScalarNode) tuple.getKeyNode()).getValue(),
          lineOf(tuple.getKeyNode()),
          tuple.getValueNode());
    }

    List<Value> items() {
      if (!(node instanceof SequenceNode sequence)) {
        return List.of();
      }
      return sequence.getValue().stream()
          .map(item -> new Value(file, "", lineOf(item), item))
          .toList();
    }

    List<String> keys() {
      return entries().stream().map(Value::key).toList();
    }

    /** The value below these keys, if it is written. */
    Optional<Value> at(String... keys) {
      Optional<Value> found = Optional.of(this);
      for (String wanted : keys) {
        found =
            found.flatMap(
                value -> value.entries().stream().filter(e -> e.key().equals(wanted)).findFirst());
      }
      return found;
    }

    /** The scalar below these keys; empty if there is none. */
    String text(String... keys) {
      return at(keys)
          .filter(Value::isScalar)
          .map(value -> ((ScalarNode) value.node()).getValue())
          .orElse("");
    }

    boolean isScalar() {
      return node instanceof ScalarNode;
    }

    /** This value and everything below it, in the order of the file. */
    Stream<Value> everything() {
      return Stream.concat(
          Stream.of(this),
          Stream.concat(entries().stream(), items().stream()).flatMap(Value::everything));
    }

    /** The nearest value that is written on the way that a JSON pointer's elements name. */
    Value nearest(List<String> elements) {
      if (elements.isEmpty()) {
        return this;
      }
      String first = elements.get(0);
      Optional<Value> next =
          node instanceof SequenceNode
              ? Optional.of(items().get(Integer.parseInt(first)))
              : at(first);
      return next.map(value -> value.nearest(elements.subList(1, elements.size()))).orElse(this);
    }

    /** The settings below this mapping, by their full names: {@code mail.host}. */
    Map<String, Value> settings() {
      Map<String, Value> settings = new LinkedHashMap<>();
      collect("", settings);
      return settings;
    }

    private void collect(String name, Map<String, Value> settings) {
      List<Value> entries = entries();
      if (entries.isEmpty()) {
        settings.put(name, this);
      }
      for (Value entry : entries) {
        entry.collect(name.isEmpty() ? entry.key() : name + "." + entry.key(), settings);
      }
    }

    JsonNode json() {
      JsonNodeFactory json = JsonNodeFactory.instance;
      if (node instanceof MappingNode) {
        ObjectNode object = json.objectNode();
        entries().forEach(entry -> object.set(entry.key(), entry.json()));
        return object;
      }
      if (node instanceof SequenceNode) {
        ArrayNode array = json.arrayNode();
        items().forEach(item -> array.add(item.json()));
        return array;
      }
      String text = text();
      Tag tag = node.getTag();
      if (tag.equals(Tag.NULL)) {
        return json.nullNode();
      } else if (tag.equals(Tag.BOOL)) {
        return json.booleanNode(Boolean.parseBoolean(text));
      } else if (tag.equals(Tag.INT)) {
        return json.numberNode(new BigInteger(text));
      } else if (tag.equals(Tag.FLOAT)) {
        return json.numberNode(new BigDecimal(text));
      }
      return json.textNode(text);
    }

    private static int lineOf(Node node) {
      return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
  }
}
