package io.commercewebhooks.config;

import static java.util.stream.Collectors.joining;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The route files as text with line numbers: what is named in them, and where. */
public final class WrittenRoutes {

  private static final Set<String> SETTING_VARIABLES = Set.of("setVariable", "variables");

  private static final String SUFFIX = ".camel.yaml";
  private static final String DIRECT = "direct:";
  private static final String EVENTS = "events:";
  private static final String DELIVERIES = "deliveries:";
  private static final String MAIL = "deliveries:email";
  private static final String PARAMETERS = "parameters";

  /** A file of config that a route names; a part of the name may be told by an expression. */
  static final Pattern CONFIG_FILE = Pattern.compile("file:(config/(?:[\\w./-]|\\$\\{[^{}]*})+)");

  /** The parameter that names the place, where it isn't in the address: {@code uri: direct}. */
  private static final Map<String, String> NAME =
      Map.of("direct", "name", "events", "name", "deliveries", "target");

  /** A setting that a text reads, where it may be missing too. */
  private static final Pattern SETTING = Pattern.compile("\\{\\{\\??([\\w.-]+)");

  /** The keys under which an address is written. */
  private static final Set<String> ADDRESSES = Set.of("uri", "to", "from");

  /** A name, and where it is written. */
  record Named(String name, Path file, Mark mark) {

    String place() {
      return WrittenYaml.place(file, mark);
    }

    /** A complaint about this place: what is wrong, and what to write instead. */
    CannotStartException wrong(String what, Object... arguments) {
      return new CannotStartException(place() + ": " + what.formatted(arguments));
    }
  }

  /** A mail that routing asks for, as far as it says which, and for whom. */
  record Mail(Named booking, Optional<String> template, Optional<String> audience) {}

  private final List<Path> files = new ArrayList<>();
  final List<Named> routes = new ArrayList<>();
  final List<Named> policies = new ArrayList<>();
  final List<Named> policiesNamed = new ArrayList<>();
  final List<Named> consumers = new ArrayList<>();
  final List<Named> calls = new ArrayList<>();
  final List<Named> keys = new ArrayList<>();
  final List<Named> configFiles = new ArrayList<>();
  private final List<Named> addresses = new ArrayList<>();
  final List<Named> expressions = new ArrayList<>();

  /** Variables that routes set themselves. */
  final List<Named> variables = new ArrayList<>();

  final List<Named> typesRouted = new ArrayList<>();
  final List<Named> booked = new ArrayList<>();
  final List<Named> delivered = new ArrayList<>();

  /** Deliveries that a list of steps books a second time. */
  final List<Named> bookedAgain = new ArrayList<>();

  final List<Mail> mails = new ArrayList<>();

  /** What routes take from the ledger, each of which only one route may take. */
  final List<Named> taken = new ArrayList<>();

  /** What is said in parameters, by their names. */
  final Map<String, List<Named>> said = new HashMap<>();

  private final Set<String> settings = new HashSet<>();

  private WrittenRoutes() {}

  /**
   * Reads all route files below a folder.
   *
   * @throws CannotStartException when there is none, or one isn't YAML
   */
  public static WrittenRoutes in(Path folder) {
    List<Path> files;
    try {
      files =
          WrittenFiles.below(folder).stream()
              .filter(file -> file.toString().endsWith(SUFFIX))
              .toList();
    } catch (IOException e) {
      throw new CannotStartException(
          "no folder " + folder.toAbsolutePath() + " to read routes from", e);
    }
    if (files.isEmpty()) {
      throw new CannotStartException(
          "no route file (*" + SUFFIX + ") in " + folder.toAbsolutePath());
    }
    WrittenRoutes read = new WrittenRoutes();
    read.files.addAll(files);
    files.forEach(file -> read.visit(file, WrittenYaml.parse(file), "", ""));
    return read;
  }

  /** The route files, wherever links lead. */
  public List<Path> files() {
    return files;
  }

  /** The targets that a route delivers to. */
  public Set<String> targets() {
    return delivered.stream().map(Named::name).collect(Collectors.toSet());
  }

  /** The types of events that have a route of their own. */
  public Set<String> types() {
    return typesRouted.stream().map(Named::name).collect(Collectors.toSet());
  }

  /** The types of which a target gets each event, one after another. */
  List<Named> partialTypes() {
    return said.getOrDefault("partial", List.of()).stream().flatMap(WrittenRoutes::eachOf).toList();
  }

  /** The plain names of a list with commas. */
  private static Stream<Named> eachOf(Named list) {
    return Stream.of(list.name().split(","))
        .map(String::strip)
        .filter(WrittenRoutes::isPlainName)
        .map(name -> new Named(name, list.file(), list.mark()));
  }

  /** The names of the settings that routes read. */
  Set<String> settings() {
    return settings;
  }

  static List<Named> in(Path file, List<Named> all) {
    return all.stream().filter(one -> one.file().equals(file)).toList();
  }

  /** The files of config that a text of routes names, where a part of a name may be any. */
  public static Stream<Pattern> configFilesNamedIn(String text) {
    return CONFIG_FILE.matcher(text).results().map(found -> named(found.group(1)));
  }

  /** A name of a file, where what an expression tells may be any. */
  static Pattern named(String name) {
    return Pattern.compile(
        Stream.of(name.split("\\$\\{[^{}]*}", -1)).map(Pattern::quote).collect(joining(".*")));
  }

  /** The ids of the routes in a file, in their order. */
  public List<String> idsIn(Path file) {
    return in(file, routes).stream().map(Named::name).toList();
  }

  /** The ids of the failure policies in a file. */
  public List<String> policiesIn(Path file) {
    return in(file, policies).stream().map(Named::name).toList();
  }

  /** The id of the route that Camel says it can't make or start. */
  public static Optional<String> routeNamedBy(Throwable failure) {
    if (failure instanceof FailedToCreateRouteException create) {
      return Optional.ofNullable(create.getRouteId());
    }
    return failure instanceof FailedToStartRouteException start
        ? Optional.ofNullable(start.getRouteId())
        : Optional.empty();
  }

  /** The place of the first address that begins so. */
  public Optional<String> placeOfAddress(String beginning) {
    return addresses.stream()
        .filter(address -> address.name().startsWith(beginning))
        .map(Named::place)
        .findFirst();
  }

  /** The place of the first expression that is written so. */
  public Optional<String> placeOfExpression(String text) {
    return expressions.stream()
        .filter(expression -> expression.name().equals(text))
        .map(Named::place)
        .findFirst();
  }

  /** The place where a route begins. */
  public Optional<String> placeOf(String routeId) {
    return routes.stream()
        .filter(route -> route.name().equals(routeId))
        .map(Named::place)
        .findFirst();
  }

  private void visit(Path file, Node node, String parent, String key) {
    if (node instanceof SequenceNode list) {
      if (key.equals("steps")) {
        findBookedAgain(file, list);
      }
      list.getValue().forEach(item -> visit(file, item, parent, key));
    } else if (node instanceof MappingNode map) {
      visitMap(file, map, key);
    } else if (node instanceof ScalarNode scalar) {
      scalar(new Named(scalar.getValue(), file, node.getStartMark()), parent, key);
    }
  }

  private void visitMap(Path file, MappingNode map, String key) {
    Mark mark = map.getStartMark();
    address(map).ifPresent(uri -> address(new Named(uri, file, mark), key.equals("from")));
    if (key.equals("to") && MAIL.equals(uri(map))) {
      Named booking = new Named(MAIL, file, mark);
      mails.add(new Mail(booking, parameter(map, "template"), parameter(map, "audience")));
    }
    if (key.equals("from")) {
      taken(map).ifPresent(what -> taken.add(new Named(what, file, mark)));
    }
    for (NodeTuple entry : map.getValue()) {
      if (!key.equals(PARAMETERS)) {
        keys.add(new Named(text(entry.getKeyNode()), file, entry.getKeyNode().getStartMark()));
      }
      visit(file, entry.getValueNode(), key, text(entry.getKeyNode()));
    }
  }

  private void scalar(Named text, String parent, String key) {
    SETTING.matcher(text.name()).results().forEach(found -> settings.add(found.group(1)));
    CONFIG_FILE
        .matcher(text.name())
        .results()
        .forEach(found -> configFiles.add(new Named(found.group(1), text.file(), text.mark())));
    if (parent.equals(PARAMETERS)) {
      said.computeIfAbsent(key, parameter -> new ArrayList<>()).add(text);
    }
    if (key.equals("expression") || key.equals("simple")) {
      expressions.add(text);
    }
    if (key.equals("name") && SETTING_VARIABLES.contains(parent) || key.equals("variableReceive")) {
      variables.add(text);
    }
    if (ADDRESSES.contains(key)) {
      address(text, key.equals("from") || key.equals("uri") && parent.equals("from"));
    }
    if (key.equals("id") && parent.equals("route")) {
      routes.add(text);
    } else if (key.equals("id") && parent.equals("routeConfiguration")) {
      policies.add(text);
    } else if (key.equals("routeConfigurationId")) {
      eachOf(text).forEach(policiesNamed::add);
    }
  }

  private void address(Named text, boolean consumer) {
    addresses.add(text);
    String name = text.name().replaceFirst("^\\w+:", "").replaceFirst("\\?.*", "");
    if (!isPlainName(name)) {
      return;
    }
    Named rest = new Named(name, text.file(), text.mark());
    if (text.name().startsWith(EVENTS) && consumer) {
      typesRouted.add(rest);
    } else if (text.name().startsWith(DELIVERIES)) {
      (consumer ? delivered : booked).add(rest);
    } else if (text.name().startsWith(DIRECT)) {
      (consumer ? consumers : calls).add(rest);
    }
  }

  /** The other way to write it, where the name is among the parameters. */
  private static Optional<String> address(MappingNode map) {
    String scheme = value(map, "uri").map(WrittenRoutes::text).orElse("");
    return parameter(map, NAME.get(scheme)).map(name -> scheme + ":" + name);
  }

  /** The address without what is said in it of parameters. */
  private static String uri(MappingNode map) {
    return address(map)
        .or(() -> value(map, "uri").map(WrittenRoutes::text))
        .orElse("")
        .replaceFirst("\\?.*", "");
  }

  /** The ledger keeps one delivery of an event for each target and audience. */
  private void findBookedAgain(Path file, SequenceNode steps) {
    Set<String> before = new HashSet<>();
    for (Node step : steps.getValue()) {
      if (step instanceof MappingNode map
          && value(map, "to").orElse(null) instanceof MappingNode to
          && uri(to).startsWith(DELIVERIES)) {
        String whom =
            uri(to).substring(DELIVERIES.length())
                + parameter(to, "audience").map(" "::concat).orElse("");
        if (!before.add(whom)) {
          bookedAgain.add(new Named(whom, file, to.getStartMark()));
        }
      }
    }
  }

  /** What a route that begins so takes from the ledger; single events of a digest are its own. */
  private static Optional<String> taken(MappingNode from) {
    boolean digest = parameter(from, "digest").filter("true"::equals).isPresent();
    return Optional.of(uri(from))
        .filter(address -> address.startsWith(EVENTS) || address.startsWith(DELIVERIES))
        .map(address -> digest ? address + " for digests" : address);
  }

  private static Optional<String> parameter(MappingNode map, String name) {
    return value(map, PARAMETERS)
        .filter(MappingNode.class::isInstance)
        .flatMap(parameters -> value((MappingNode) parameters, name))
        .map(WrittenRoutes::text);
  }

  private static Optional<Node> value(MappingNode map, String key) {
    return map.getValue().stream()
        .filter(entry -> text(entry.getKeyNode()).equals(key))
        .map(NodeTuple::getValueNode)
        .findFirst();
  }

  /** Not a pattern, a placeholder or an expression, which only a running service can resolve. */
  static boolean isPlainName(String name) {
    return name.matches("[\\w./-]+");
  }

  private static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "";
  }
}
