package io.commercewebhooks;

import static io.commercewebhooks.NearestWord.instead;
import static io.commercewebhooks.NearestWord.insteadOrNothing;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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

/**
 * The route files as text with line numbers: finds what Camel would not notice before an event is
 * lost in it, and tells in which file a route is.
 */
public final class WrittenRoutes {

  private static final String SUFFIX = ".camel.yaml";
  private static final String DIRECT = "direct:";
  private static final String EVENTS = "events:";
  private static final String DELIVERIES = "deliveries:";
  private static final String MAIL = "deliveries:email";
  private static final String PARAMETERS = "parameters";
  private static final String OF_TYPE = "${variable.type}";

  /** A file of config that a route names; a part of the name may be told by an expression. */
  static final Pattern CONFIG_FILE = Pattern.compile("file:(config/(?:[\\w./-]|\\$\\{[^{}]*})+)");

  /** The parameter that names the place, where it isn't in the address: {@code uri: direct}. */
  private static final Map<String, String> NAME =
      Map.of("direct", "name", "events", "name", "deliveries", "target");

  /** The keys under which an address is written. */
  private static final Set<String> ADDRESSES = Set.of("uri", "to", "from");

  private record Named(String name, Path file, Mark mark) {

    String place() {
      return WrittenYaml.place(file, mark);
    }
  }

  /** A mail that routing asks for, as far as it says which, and for whom. */
  private record Mail(Named booking, Optional<String> template, Optional<String> audience) {}

  private final List<Named> routes = new ArrayList<>();
  private final List<Named> policies = new ArrayList<>();
  private final List<Named> policiesNamed = new ArrayList<>();
  private final List<Named> consumers = new ArrayList<>();
  private final List<Named> calls = new ArrayList<>();
  private final List<Named> keys = new ArrayList<>();
  private final List<Named> configFiles = new ArrayList<>();
  private final List<Named> addresses = new ArrayList<>();
  private final List<Named> expressions = new ArrayList<>();
  private final List<Named> typesRouted = new ArrayList<>();
  private final List<Named> booked = new ArrayList<>();
  private final List<Named> delivered = new ArrayList<>();

  /** Deliveries that a list of steps books a second time. */
  private final List<Named> bookedAgain = new ArrayList<>();

  private final List<Mail> mails = new ArrayList<>();

  /** What routes take from the ledger, each of which only one route may take. */
  private final List<Named> taken = new ArrayList<>();

  /** What is said in parameters, by their names. */
  private final Map<String, List<Named>> said = new HashMap<>();

  private WrittenRoutes() {}

  /**
   * Reads all route files below a folder.
   *
   * @throws CannotStartException when there is none, or one isn't YAML
   */
  public static WrittenRoutes in(Path folder) {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new CannotStartException(
          "no folder " + folder.toAbsolutePath() + " to read routes from", e);
    }
    if (files.isEmpty()) {
      throw new CannotStartException(
          "no route file (*" + SUFFIX + ") in " + folder.toAbsolutePath());
    }
    WrittenRoutes read = new WrittenRoutes();
    files.forEach(file -> read.visit(file, WrittenYaml.parse(file), "", ""));
    return read;
  }

  /**
   * Refuses what Camel ignores when it starts.
   *
   * @throws CannotStartException when a failure policy doesn't exist, so that failures would pass
   *     unnoticed, a {@code direct:} call would find nobody, a delivery would wait for ever, or two
   *     routes would share one id or the work of one
   */
  public void check() {
    for (Named key : keys) {
      if (!Dsl.WORDS.contains(key.name())) {
        throw new CannotStartException(
            "%s: the YAML DSL doesn't know '%s'%s"
                .formatted(key.place(), key.name(), insteadOrNothing(key.name(), Dsl.WORDS)));
      }
    }
    refuseSecond(policies, "routeConfiguration is called", "write another id");
    refuseSecond(routes, "route is called", "write another id");
    refuseSecond(taken, "route takes", "take one of them away");
    bookedAgain.stream()
        .findFirst()
        .ifPresent(
            again -> {
              throw new CannotStartException(
                  again.place()
                      + ": of two deliveries to "
                      + again.name()
                      + " the second would be lost; write another audience, or keep one");
            });
    refuseUnknown(policiesNamed, "routeConfiguration ", policies);
    refuseUnknown(calls, "route from direct:", consumers);
    refuseUnknown(booked, "route from deliveries:", delivered);
  }

  /** Camel puts a second route of an id into the place of the first. */
  private static void refuseSecond(List<Named> all, String what, String instead) {
    Map<String, Named> first = new HashMap<>();
    for (Named one : all) {
      Named other = first.putIfAbsent(one.name(), one);
      if (other != null) {
        throw new CannotStartException(
            "%s: another %s %s, in %s; %s"
                .formatted(one.place(), what, one.name(), other.place(), instead));
      }
    }
  }

  private static void refuseUnknown(List<Named> named, String what, List<Named> known) {
    Set<String> names = known.stream().map(Named::name).collect(Collectors.toSet());
    for (Named one : named) {
      if (!names.contains(one.name())) {
        throw new CannotStartException(
            "%s: there is no %s%s%s"
                .formatted(one.place(), what, one.name(), instead(one.name(), names)));
      }
    }
  }

  /**
   * Refuses routes that name a file of config that isn't there.
   *
   * @param folder what file names in routes are relative to
   * @throws CannotStartException with the place of the first one
   */
  public void checkConfigFiles(Path folder) {
    Set<String> there;
    try (Stream<Path> all = Files.walk(folder.resolve("config"))) {
      there =
          all.map(file -> folder.relativize(file).toString().replace('\\', '/'))
              .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new CannotStartException("no config in " + folder.toAbsolutePath(), e);
    }
    for (Named named : configFiles) {
      Pattern name = named(named.name());
      if (there.stream().noneMatch(file -> name.matcher(file).matches())) {
        throw new CannotStartException(
            "%s: there is no file %s%s"
                .formatted(
                    named.place(),
                    named.name(),
                    named.name().contains("${")
                        ? "; mend the name, or save a file that has one like it"
                        : instead(named.name(), sameFolder(named.name(), there))));
      }
    }
    filesOfTypes(there).stream()
        .findFirst()
        .ifPresent(
            missing -> {
              throw new CannotStartException(
                  "%s: there is no file %s; save it first, or leave this target out"
                      .formatted(missing.place(), missing.name()));
            });
  }

  /** The targets that a route delivers to. */
  Set<String> targets() {
    return delivered.stream().map(Named::name).collect(Collectors.toSet());
  }

  /** The types of events that have a route of their own. */
  Set<String> types() {
    return typesRouted.stream().map(Named::name).collect(Collectors.toSet());
  }

  /** The files that a target needs of a type that is routed to it, and that aren't there. */
  private List<Named> filesOfTypes(Set<String> there) {
    List<Named> missing = new ArrayList<>();
    for (Named type : typesRouted) {
      for (Named target : in(type.file(), booked)) {
        for (Named delivery : delivered) {
          if (!delivery.name().equals(target.name())) {
            continue;
          }
          in(delivery.file(), configFiles).stream()
              .filter(file -> file.name().contains(OF_TYPE))
              .map(file -> file.name().replace(OF_TYPE, type.name()))
              .filter(name -> there.stream().noneMatch(named(name).asMatchPredicate()))
              .forEach(name -> missing.add(new Named(name, target.file(), target.mark())));
        }
      }
    }
    return missing;
  }

  private static List<Named> in(Path file, List<Named> all) {
    return all.stream().filter(one -> one.file().equals(file)).toList();
  }

  /**
   * Refuses a target of a type for which a setting is missing that the target needs.
   *
   * @param setting what it is called, before the type
   * @param types that have it
   * @throws CannotStartException with the place of the first one
   */
  public void checkTypes(String target, String setting, Set<String> types) {
    for (Named type : typesRouted) {
      for (Named booking : in(type.file(), booked)) {
        if (booking.name().equals(target) && !types.contains(type.name())) {
          throw new CannotStartException(
              "%s: there is no %s.%s in config/application.yaml; write it, or leave this target out"
                  .formatted(booking.place(), setting, type.name()));
        }
      }
    }
  }

  /**
   * Refuses what routing says of a delivery where nobody knows it.
   *
   * @param parameter such as {@code audience}
   * @param known what it may be
   * @throws CannotStartException with the place of the first that is unknown
   */
  public void checkSaid(String parameter, Collection<String> known) {
    for (Named one : said.getOrDefault(parameter, List.of())) {
      if (isPlainName(one.name()) && !known.contains(one.name())) {
        throw new CannotStartException(
            "%s: there is no %s %s%s"
                .formatted(one.place(), parameter, one.name(), instead(one.name(), known)));
      }
    }
  }

  /**
   * Refuses mails that could never be written.
   *
   * @param languages of the audiences, by their names
   * @param letters that there are, as {@code en/order-completed}
   * @throws CannotStartException with the place of the first one
   */
  public void checkMails(Map<String, String> languages, Set<String> letters) {
    for (Mail mail : mails) {
      if (mail.template().isEmpty() || mail.audience().isEmpty()) {
        throw new CannotStartException(
            mail.booking().place() + ": a mail has a template and an audience; write both");
      }
      String language = languages.get(mail.audience().get());
      String letter = language + "/" + mail.template().get();
      if (language != null && !letters.contains(letter)) {
        throw new CannotStartException(
            "%s: there is no file config/templates/%s.ftl, and %s reads %s; save it first"
                .formatted(mail.booking().place(), letter, mail.audience().get(), language));
      }
    }
  }

  private static List<String> sameFolder(String name, Set<String> files) {
    String folder = name.substring(0, name.lastIndexOf('/') + 1);
    return files.stream().filter(file -> file.startsWith(folder)).toList();
  }

  /** The files of config that a text of routes names, where a part of a name may be any. */
  public static Stream<Pattern> configFilesNamedIn(String text) {
    return CONFIG_FILE.matcher(text).results().map(found -> named(found.group(1)));
  }

  private static Pattern named(String name) {
    return Pattern.compile(
        Stream.of(name.split("\\$\\{[^{}]*}", -1)).map(Pattern::quote).collect(joining(".*")));
  }

  /** Every key that the YAML DSL has anywhere; what fits where, Camel says itself. */
  private static final class Dsl {

    private static final Set<String> WORDS = new HashSet<>();

    static {
      for (JsonNode properties : RouteSchema.ofTheYamlDsl().findValues("properties")) {
        properties.fieldNames().forEachRemaining(WORDS::add);
      }
    }
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
      address(map)
          .ifPresent(uri -> address(new Named(uri, file, node.getStartMark()), key.equals("from")));
      if (key.equals("to") && MAIL.equals(uri(map))) {
        mails.add(
            new Mail(
                new Named(MAIL, file, node.getStartMark()),
                parameter(map, "template"),
                parameter(map, "audience")));
      }
      if (key.equals("from")) {
        taken(map).ifPresent(what -> taken.add(new Named(what, file, node.getStartMark())));
      }
      for (NodeTuple entry : map.getValue()) {
        if (!key.equals(PARAMETERS)) {
          keys.add(new Named(text(entry.getKeyNode()), file, entry.getKeyNode().getStartMark()));
        }
        visit(file, entry.getValueNode(), key, text(entry.getKeyNode()));
      }
    } else if (node instanceof ScalarNode scalar) {
      scalar(new Named(scalar.getValue(), file, node.getStartMark()), parent, key);
    }
  }

  private void scalar(Named text, String parent, String key) {
    CONFIG_FILE
        .matcher(text.name())
        .results()
        .forEach(found -> configFiles.add(new Named(found.group(1), text.file(), text.mark())));
    if (parent.equals(PARAMETERS)) {
      said.computeIfAbsent(key, parameter -> new ArrayList<>()).add(text);
    }
    if (key.equals("expression")) {
      expressions.add(text);
    }
    if (ADDRESSES.contains(key)) {
      address(text, key.equals("from") || key.equals("uri") && parent.equals("from"));
    }
    if (key.equals("id") && parent.equals("route")) {
      routes.add(text);
    } else if (key.equals("id") && parent.equals("routeConfiguration")) {
      policies.add(text);
    } else if (key.equals("routeConfigurationId")) {
      Stream.of(text.name().split(","))
          .map(String::strip)
          .filter(WrittenRoutes::isPlainName)
          .forEach(name -> policiesNamed.add(new Named(name, text.file(), text.mark())));
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
  private static boolean isPlainName(String name) {
    return name.matches("[\\w./-]+");
  }

  private static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "";
  }
}
