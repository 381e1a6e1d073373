package io.commercewebhooks.config;

import static io.commercewebhooks.config.RouteFiles.ROUTES;
import static io.commercewebhooks.config.RouteFiles.SUFFIX;
import static io.commercewebhooks.config.RouteFiles.filesBelow;
import static io.commercewebhooks.config.RouteFiles.textOf;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.config.RouteFiles.Route;
import io.commercewebhooks.config.RouteFiles.RouteFile;
import io.commercewebhooks.config.RouteFiles.Value;
import io.commercewebhooks.flow.FlowTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * How routes and their configuration are written here. Each rule lists every place that breaks it,
 * as {@code file:line: what is wrong; what to write instead}.
 */
class HouseRulesTest {

  private static final int MOST_LINES = 80;
  private static final int MOST_ROUTES = 6;

  private static final Path SETTINGS = Path.of("config/application.yaml");
  private static final Path MAPPINGS = Path.of("config/mappings");
  private static final Path STATEMENTS = Path.of("config/sql");
  private static final Path JAVA = Path.of("src/main/java");
  private static final Path POM = Path.of("pom.xml");

  /** How routes say that they use a starter, where it is not a scheme of its name. */
  private static final Map<String, String> STARTERS =
      Map.of(
          "spring-boot", "",
          "yaml-dsl", "- route:",
          "jackson", "json:",
          "mail", "smtp:",
          "spring-jdbc", "jdbc:");

  /** What the shipped application.yaml sets that is not of this service. */
  private static final Set<String> OF_OTHERS =
      Set.of("spring", "server", "management", "camel", "logging");

  private static final Set<String> CODE =
      Set.of("groovy", "java", "joor", "js", "mvel", "ognl", "process", "python", "script");

  private static final Pattern HOST =
      Pattern.compile(
          "localhost|://(?!\\{)|\\b\\d{1,3}(\\.\\d{1,3}){3}\\b|[\\w.+-]+@[\\w-]+\\.\\w"
              + "|\\b[\\w-]+\\.(com|net|org|io|dev|app|cloud|local|internal)(?![\\w.])");
  private static final Pattern SECRET =
      Pattern.compile("RAW\\(|\\b(Basic|Bearer) \\S|(?=\\S*\\d)(?=\\S*[A-Za-z])[\\w+/=]{24,}");
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "(?i).*(password|passwd|passphrase|secret|token|api-?key|credentials?|private-?key)");
  private static final Pattern ADDRESS_KEY = Pattern.compile("(?i)(host|hostname|username|user)");
  private static final Pattern REFERENCE = Pattern.compile("\\{\\{[^{}]+}}|#[\\w:]+");

  private static final String NESTED = "((?:[^{}$]|\\$\\{[^{}]*})*)";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
  private static final Pattern PROPERTIES =
      Pattern.compile("\\$\\{properties(?:Exist)?:!?" + NESTED + "}");
  private static final Pattern DYNAMIC = Pattern.compile("\\$\\{[^{}]*}");
  private static final Pattern DIRECT = Pattern.compile("\\b((?:direct|seda):[\\w-]+)(\\$\\{)?");

  private final List<RouteFile> files = RouteFiles.all();
  private final List<Route> routes =
      files.stream().flatMap(file -> file.routes().stream()).toList();
  private final Map<String, Value> settings = settings();

  // Files

  @Test
  void a_route_file_is_in_the_folder_of_its_stage_and_named_so_that_camel_loads_it() {
    none(
        filesBelow(ROUTES).stream()
            .filter(file -> !file.equals(ROUTES.resolve("README.md")))
            .filter(file -> !file.toString().endsWith(SUFFIX) || file.getNameCount() != 3)
            .map(
                file ->
                    file + ":1: nobody looks for it here; name it routes/<stage>/<name>" + SUFFIX));
  }

  @Test
  void every_route_file_has_its_line_in_the_readme_of_routes() {
    Path readme = ROUTES.resolve("README.md");
    String text = Files.exists(readme) ? textOf(readme) : "";
    none(
        files.stream()
            .map(file -> file.folder() + "/" + file.name())
            .filter(file -> !text.contains("`" + file + "`") && !text.contains(file + SUFFIX))
            .map(
                file ->
                    readme + ":1: says nothing of " + file + "; add a line with `" + file + "`"));
  }

  @Test
  void routes_are_written_in_canonical_notation() {
    RouteSchema any = new RouteSchema(RouteSchema.ofTheYamlDsl());
    RouteSchema canonical = new RouteSchema(canonical(RouteSchema.ofTheYamlDsl()));
    none(
        files.stream()
            .filter(file -> any.complaints(file.content().json()).isEmpty())
            .flatMap(file -> invalid(file, canonical))
            .map(
                complaint ->
                    complaint
                        + "; the long form is e.g. log: message:, to: uri:, expression: simple:"
                        + " expression:"));
  }

  // Names

  @Test
  void a_route_id_tells_the_folder_and_the_file() {
    none(
        routes.stream()
            .filter(
                route -> {
                  String name = route.file().folder() + "-" + route.file().name();
                  return !route.id().matches(Pattern.quote(name) + "(-[a-z0-9]+)*");
                })
            .map(
                route ->
                    route
                        .value()
                        .says(
                            "the id is '%s'; write %s-%s, and -<part> after it if there are several",
                            route.id(), route.file().folder(), route.file().name())));
  }

  @Test
  void a_direct_endpoint_is_named_as_the_route_behind_it() {
    none(
        routes.stream()
            .filter(route -> route.from().matches("(direct|seda):.*"))
            .filter(route -> !route.from().replaceFirst("^\\w+:", "").equals(route.id()))
            .map(
                route ->
                    route.value().says("consumes %s; write direct:%s", route.from(), route.id())));
  }

  @Test
  void every_route_behind_a_direct_endpoint_is_called() {
    List<String> calls =
        values()
            .filter(value -> !value.key().equals("from"))
            .flatMap(value -> matches(DIRECT, called(value)))
            .map(call -> call.group(2) == null ? call.group(1) : call.group(1) + ".*")
            .toList();
    List<String> java = sources();
    none(
        routes.stream()
            .filter(route -> route.from().matches("(direct|seda):.*"))
            .filter(route -> calls.stream().noneMatch(call -> route.from().matches(call)))
            .filter(route -> java.stream().noneMatch(source -> source.contains(route.from())))
            .map(
                route ->
                    route.value().says("nothing calls %s; call it or delete it", route.from())));
  }

  @Test
  void ids_are_chosen_and_not_generated() {
    Pattern generated = Pattern.compile(".*-(\\d{3,}|(?=\\w*\\d)[0-9a-f]{4,})");
    none(
        values()
            .filter(value -> value.key().equals("id") && value.isScalar())
            .filter(value -> generated.matcher(value.text()).matches())
            .map(
                value ->
                    value.says(
                        "'%s' comes from a generator; delete it, or say verb and object",
                        value.text())));
  }

  @Test
  void a_routing_file_is_named_as_the_type_of_event_that_it_routes() {
    none(
        routes.stream()
            .filter(route -> route.from().matches("events:[^*]+"))
            .filter(route -> !route.from().equals("events:" + route.file().name()))
            .map(
                route ->
                    route
                        .value()
                        .says(
                            "consumes %s; write events:%s, or rename the file",
                            route.from(), route.file().name())));
  }

  // What every route says of itself

  @Test
  void every_route_and_policy_says_in_a_sentence_what_it_is_for() {
    Stream<Value> described =
        Stream.concat(
            routes.stream().map(Route::value),
            files.stream().flatMap(file -> file.configurations().stream()));
    none(
        described
            .filter(value -> !isASentence(value.text("description").strip(), value.text("id")))
            .map(
                value ->
                    value.says(
                        "the description of '%s' is '%s'; write a sentence that ends with a full"
                            + " stop and tells more than the id",
                        value.text("id"), value.text("description"))));
  }

  @Test
  void a_route_begins_with_its_id_its_description_and_its_failure_policy() {
    List<String> first = List.of("id", "description", "routeConfigurationId");
    none(
        routes.stream()
            .filter(route -> !route.value().keys().stream().limit(3).toList().equals(first))
            .map(route -> route.value().says("begins otherwise; write first %s", first)));
  }

  @Test
  void failure_policies_are_named_and_in_dead_letters() {
    none(
        files.stream()
            .flatMap(
                file ->
                    file.configurations().stream()
                        .filter(
                            policy ->
                                policy.text("id").isEmpty()
                                    || !file.folder().equals("dead-letters")))
            .map(
                policy ->
                    policy.says(
                        "'%s': one without an id would apply to every route, one elsewhere isn't"
                            + " found; write it with an id in routes/dead-letters",
                        policy.text("id"))));
  }

  // Size and shape

  @Test
  void a_route_is_short_enough_to_be_read_at_once() {
    none(
        routes.stream()
            .filter(route -> route.lines() > MOST_LINES)
            .map(
                route ->
                    route
                        .value()
                        .says(
                            "%s has %d lines; write two routes of %d at most, joined by direct:",
                            route.id(), route.lines(), MOST_LINES)));
  }

  @Test
  void a_file_has_few_routes() {
    none(
        files.stream()
            .filter(file -> file.routes().size() > MOST_ROUTES)
            .map(
                file ->
                    file.content()
                        .says(
                            "%d routes; write at most %d, and another file for another job",
                            file.routes().size(), MOST_ROUTES)));
  }

  @Test
  void routes_hold_no_program_code() {
    none(
        steps()
            .filter(
                value ->
                    CODE.contains(value.key())
                        || value.text().matches("language:(" + String.join("|", CODE) + "):.*")
                        || (value.key().equals("language")
                            && CODE.contains(value.text("language"))))
            .map(
                value ->
                    value.says(
                        "%s in a route; write a mapping, a statement, a template or, last, a bean",
                        value.key())));
  }

  @Test
  void options_of_an_endpoint_are_parameters() {
    none(
        values()
            .filter(value -> value.key().equals("uri") && value.text().contains("?"))
            .map(
                value ->
                    value.says(
                        "options after ? in %s; write them below parameters:", value.text())));
  }

  @Test
  void a_choice_has_its_conditions_first() {
    none(
        steps()
            .filter(value -> value.key().equals("choice"))
            .filter(
                choice ->
                    choice.keys().contains("otherwise")
                        && choice.keys().indexOf("when") > choice.keys().indexOf("otherwise"))
            .map(choice -> choice.says("otherwise comes first; write when before it")));
  }

  @Test
  void routing_says_what_becomes_of_a_status_that_it_does_not_know() {
    none(
        files.stream()
            .filter(file -> file.folder().equals("routing"))
            .flatMap(file -> file.content().everything())
            .filter(value -> value.key().equals("choice") && !value.keys().contains("otherwise"))
            .filter(
                choice ->
                    choice.at("when").stream()
                        .flatMap(when -> when.items().stream())
                        .flatMap(condition -> condition.at("expression").stream())
                        .flatMap(Value::everything)
                        .anyMatch(value -> value.text().contains("variable.status")))
            .map(
                choice ->
                    choice.says(
                        "decides by status without otherwise; write an otherwise that throws"
                            + " UnroutableEventException")));
  }

  @Test
  void the_readme_of_routes_tells_who_hears_of_each_status() {
    Path readme = ROUTES.resolve("README.md");
    Set<String> told = new TreeSet<>();
    matches(Pattern.compile("(?m)^\\| ([a-z-]+) \\| (`.* → .*) \\|$"), textOf(readme))
        .forEach(
            row -> {
              for (String part : row.group(2).split(" · ")) {
                String[] sides = part.split(" → ");
                Set<String> audiences = new TreeSet<>(List.of(sides[1].split(" and ")));
                namedIn(sides[0])
                    .forEach(status -> told.add(row.group(1) + " " + status + " " + audiences));
              }
            });
    Set<String> decided = new TreeSet<>();
    routes.stream()
        .filter(route -> told.stream().anyMatch(line -> line.startsWith(route.file().name())))
        .flatMap(route -> route.value().everything())
        .filter(value -> value.key().equals("when"))
        .flatMap(when -> when.items().stream())
        .forEach(
            condition -> {
              Set<String> audiences =
                  condition
                      .everything()
                      .map(step -> step.text("parameters", "audience"))
                      .filter(audience -> !audience.isEmpty())
                      .collect(Collectors.toCollection(TreeSet::new));
              String type = condition.file().getFileName().toString().replace(SUFFIX, "");
              matches(
                      Pattern.compile("'(.*)'"),
                      condition.text("expression", "simple", "expression"))
                  .flatMap(statuses -> Stream.of(statuses.group(1).split(",")))
                  .map(status -> type + " " + status + " ")
                  .map(line -> line + (audiences.isEmpty() ? Set.of("nobody") : audiences))
                  .forEach(decided::add);
            });
    none(
        Stream.concat(
            told.stream()
                .filter(line -> !decided.contains(line))
                .map(line -> readme + ":1: tells what no route decides: " + line),
            decided.stream()
                .filter(line -> !told.contains(line))
                .map(line -> readme + ":1: doesn't tell: " + line)));
  }

  // Settings and secrets

  @Test
  void every_setting_that_a_route_reads_is_in_config() {
    none(
        values()
            .flatMap(value -> settingsRead(value).map(name -> new Read(value, name)))
            .filter(read -> settings.keySet().stream().noneMatch(pattern(read.name(), "[^.]+")))
            .map(
                read ->
                    read.value()
                        .says(
                            "no setting %s; set it in config/application.yaml, with its default",
                            read.name())));
  }

  @Test
  void the_limits_that_the_readme_of_config_tells_are_those_that_are_set() {
    Pattern row = Pattern.compile("(?m)^\\| (\\d[^|]*)\\| (`[^|]*)\\|");
    Pattern number = Pattern.compile("\\b\\d[\\d,]*");
    none(
        matches(row, textOf(Path.of("config/README.md")))
            .filter(limit -> settings.keySet().containsAll(namedIn(limit.group(2))))
            .filter(
                limit ->
                    !matches(number, limit.group(1))
                        .map(told -> told.group().replace(",", ""))
                        .toList()
                        .equals(
                            namedIn(limit.group(2)).stream()
                                .map(name -> setting(name).replaceAll("\\D", ""))
                                .toList()))
            .map(limit -> "config/README.md: is set otherwise: " + limit.group()));
  }

  private static List<String> namedIn(String text) {
    return matches(Pattern.compile("`([^`]+)`"), text).map(name -> name.group(1)).toList();
  }

  @Test
  void hosts_and_secrets_come_from_settings() {
    none(
        values()
            .filter(value -> value.isScalar() && !value.key().equals("description"))
            .filter(
                value ->
                    HOST.matcher(literal(value)).find()
                        || SECRET.matcher(literal(value)).find()
                        || value.text().matches("(smtps?|https?|ftps?|sftp|tcp):(?!\\{\\{).*")
                        || ((SECRET_KEY.matcher(value.key()).matches()
                                || ADDRESS_KEY.matcher(value.key()).matches())
                            && !REFERENCE.matcher(value.text()).matches()))
            .map(
                value ->
                    value.says(
                        "%s looks like an address or a secret; write {{a.setting}} and set it in"
                            + " config/application.yaml",
                        value.key().isEmpty() ? "this" : value.key())));
  }

  // What a route names

  @Test
  void every_mapping_and_statement_is_used_by_a_route() {
    List<Predicate<String>> named =
        Stream.concat(
                values().flatMap(this::configFiles).map(name -> pattern(name, "[^/]+")),
                filesBelow(MAPPINGS).stream()
                    .flatMap(
                        file -> matches(Pattern.compile("import\\s+\"([^\"]+)\""), textOf(file)))
                    .map(name -> (Predicate<String>) file -> file.endsWith(name.group(1))))
            .toList();
    List<String> java = sources();
    none(
        Stream.concat(existing(MAPPINGS).stream(), existing(STATEMENTS).stream())
            .filter(file -> named.stream().noneMatch(name -> name.test(file)))
            .filter(file -> java.stream().noneMatch(source -> source.contains(file)))
            .map(file -> file + ":1: no route uses it; delete it, or name it in a route"));
  }

  @Test
  void every_template_that_a_route_names_exists() {
    none(
        values()
            .filter(value -> value.text().matches("freemarker:(?!\\w+:).*"))
            .map(
                value ->
                    new Read(
                        value,
                        setting("mail.templates")
                            + "/"
                            + value.text().substring("freemarker:".length())))
            .filter(read -> !Files.exists(Path.of(read.name())))
            .map(read -> read.value().says("no file %s; write it, or name one", read.name())));
  }

  @Test
  void mappings_are_plain_ascii_since_camel_reads_them_in_the_charset_of_the_platform() {
    none(
        filesBelow(MAPPINGS).stream()
            .flatMap(
                file -> {
                  List<String> lines = textOf(file).lines().toList();
                  return IntStream.range(0, lines.size())
                      .filter(i -> !lines.get(i).chars().allMatch(c -> c < 128))
                      .mapToObj(
                          i ->
                              "%s:%d: not ASCII; write \\u and four digits".formatted(file, i + 1));
                }));
  }

  @Test
  void every_starter_of_camel_is_used_by_a_route_or_by_camel_itself() {
    String uses =
        Stream.concat(files.stream().map(file -> textOf(file.path())), Stream.of(textOf(SETTINGS)))
            .collect(Collectors.joining());
    none(
        matches(Pattern.compile("<artifactId>camel-([\\w-]+)-starter</artifactId>"), textOf(POM))
            .map(match -> match.group(1))
            .filter(
                name -> !uses.matches("(?s).*" + STARTERS.getOrDefault(name, name + ":") + ".*"))
            .map(name -> "pom.xml: nothing uses camel-" + name + "-starter; delete it"));
  }

  /** What only the service itself, started as in every flow test, can tell. */
  @Nested
  @FlowTest
  class OnceStarted {

    @Autowired private CamelContext camel;
    @Autowired private ConfigurableApplicationContext application;

    @Test
    void every_route_is_running_under_the_failure_policy_that_it_names() {
      none(
          routes.stream()
              .flatMap(
                  route -> {
                    var running = camel.getRoute(route.id());
                    String named = route.value().text("routeConfigurationId");
                    if (running == null && !route.value().text("precondition").isEmpty()) {
                      // one of the switches that are off as shipped
                      return Stream.of();
                    }
                    if (running == null) {
                      return Stream.of(
                          route.value().says("%s was not loaded; write it as a route", route.id()));
                    }
                    return named.equals(running.getConfigurationId())
                        ? Stream.of()
                        : Stream.of(
                            route
                                .value()
                                .says(
                                    "%s runs under the failure policy %s; write the id of one",
                                    route.id(), running.getConfigurationId()));
                  }));
    }

    @Test
    void every_setting_of_our_own_is_read_by_a_route_or_by_java() {
      Set<String> bound = boundNames();
      List<Predicate<String>> read =
          values()
              .flatMap(HouseRulesTest.this::settingsRead)
              .map(name -> pattern(name, "[^.]+"))
              .toList();
      List<String> texts = new ArrayList<>(sources());
      texts.add(textOf(SETTINGS));
      none(
          Value.read(SETTINGS).settings().entrySet().stream()
              .filter(setting -> isOurs(setting.getKey()))
              .filter(setting -> !bound.contains(setting.getKey().toLowerCase(Locale.ROOT)))
              .filter(setting -> read.stream().noneMatch(name -> name.test(setting.getKey())))
              .filter(
                  setting ->
                      texts.stream()
                          .noneMatch(
                              text ->
                                  text.contains("\"" + setting.getKey() + "\"")
                                      || text.contains("${" + setting.getKey() + "}")))
              .map(
                  setting ->
                      setting.getValue().says("nothing reads %s; delete it", setting.getKey())));
    }

    private static boolean isOurs(String setting) {
      return !OF_OTHERS.contains(setting.replaceFirst("\\..*", ""));
    }

    /** The names that the settings classes know, whether or not they are set. */
    private Set<String> boundNames() {
      Set<String> names = new HashSet<>();
      BindHandler noting =
          new BindHandler() {
            @Override
            public <T> Bindable<T> onStart(
                ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
              names.add(name.toString().toLowerCase(Locale.ROOT));
              return target;
            }
          };
      Binder binder = Binder.get(application.getEnvironment());
      ConfigurationPropertiesBean.getAll(application).values().stream()
          .filter(bean -> isOurs(bean.getAnnotation().prefix()))
          .forEach(
              bean ->
                  binder.bind(
                      bean.getAnnotation().prefix(),
                      // never the bean itself, which is in use
                      Bindable.of(bean.asBindTarget().getType()),
                      noting));
      return names;
    }
  }

  // How rules look

  /** A name that a value reads: of a setting or of a file. */
  private record Read(Value value, String name) {}

  private static void none(Stream<String> broken) {
    List<String> places = broken.distinct().toList();
    if (!places.isEmpty()) {
      fail("\n" + String.join("\n", places));
    }
  }

  private Stream<Value> values() {
    return files.stream().flatMap(file -> file.content().everything());
  }

  /** Everything but the options of endpoints, whose names are their own. */
  private Stream<Value> steps() {
    return files.stream().flatMap(file -> withoutParameters(file.content()));
  }

  private static Stream<Value> withoutParameters(Value value) {
    return value.key().equals("parameters")
        ? Stream.of()
        : Stream.concat(
            Stream.of(value),
            Stream.concat(value.entries().stream(), value.items().stream())
                .flatMap(HouseRulesTest::withoutParameters));
  }

  /** The endpoints that a value calls; a route's own doesn't count. */
  private static String called(Value value) {
    if (value.key().equals("from") || value.key().equals("description")) {
      return "";
    }
    return value.isScalar() && !value.key().equals("uri") ? value.text() : Route.endpoint(value);
  }

  private static boolean isASentence(String description, String id) {
    Set<String> idWords = Set.of(id.split("-"));
    long news =
        Arrays.stream(description.toLowerCase(Locale.ROOT).split("\\W+"))
            .filter(word -> !word.isEmpty() && !idWords.contains(word))
            .distinct()
            .count();
    return description.endsWith(".") && news >= 3;
  }

  /** The names of settings in a value's text, with the part that is known only later as written. */
  private Stream<String> settingsRead(Value value) {
    if (!value.isScalar()) {
      return Stream.of();
    }
    return Stream.concat(matches(PLACEHOLDER, value.text()), matches(PROPERTIES, value.text()))
        // a colon at the end: it may be unset
        .map(match -> match.group(1).replaceFirst("^[?!]", "").replaceFirst(":$", ""));
  }

  /** What a value says by itself; what it reads when the route runs is left out. */
  private static String literal(Value value) {
    String text = PLACEHOLDER.matcher(value.text()).replaceAll("{}");
    while (DYNAMIC.matcher(text).find()) {
      text = DYNAMIC.matcher(text).replaceAll("");
    }
    return text;
  }

  private Stream<String> configFiles(Value value) {
    return value.isScalar()
        ? matches(WrittenRoutes.CONFIG_FILE, value.text()).map(match -> match.group(1))
        : Stream.of();
  }

  /** Whether a name is the written one, in which each dynamic part may be whatever is given. */
  private static Predicate<String> pattern(String written, String dynamic) {
    String[] known = DYNAMIC.split(written, -1);
    return Pattern.compile(
            Arrays.stream(known).map(Pattern::quote).collect(Collectors.joining(dynamic)))
        .asMatchPredicate();
  }

  private static Stream<MatchResult> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results();
  }

  private static Set<String> existing(Path folder) {
    return filesBelow(folder).stream()
        .map(file -> file.toString().replace('\\', '/'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> sources() {
    return filesBelow(JAVA).stream().map(RouteFiles::textOf).toList();
  }

  /** Every setting of application.yaml and of the files that it imports. */
  private static Map<String, Value> settings() {
    Value application = Value.read(SETTINGS);
    Map<String, Value> settings = new LinkedHashMap<>(application.settings());
    application.at("spring", "config", "import").stream()
        .flatMap(imports -> imports.items().stream())
        .filter(imported -> !imported.text().contains("configtree:"))
        .map(file -> Value.read(Path.of(file.text().replaceFirst("^(optional:)?file:", ""))))
        .forEach(file -> settings.putAll(file.settings()));
    return settings;
  }

  private String setting(String name) {
    Value value = settings.get(name);
    return value == null ? "" : value.text();
  }

  private static Stream<String> invalid(RouteFile file, RouteSchema schema) {
    return schema.complaints(file.content().json()).stream()
        .map(
            complaint -> {
              Value value = file.content().nearest(complaint.place());
              return value.says("%s: %s", value.key(), complaint.what());
            });
  }

  /** The DSL without its short forms: no bare text for a step, no language without expression. */
  private static JsonNode canonical(JsonNode schema) {
    for (JsonNode definition : schema.at("/items/definitions")) {
      JsonNode forms = definition.path("oneOf");
      if (forms.size() == 2 && forms.path(0).path("type").asText().equals("string")) {
        ((ObjectNode) definition).remove("oneOf");
        ((ObjectNode) definition).setAll((ObjectNode) forms.get(1));
      }
      JsonNode options = definition.path("properties");
      if (options.path("expression").isObject() && options.path("expression").isEmpty()) {
        List<String> languages = new ArrayList<>();
        options
            .properties()
            .forEach(
                option -> {
                  if (option.getValue().isEmpty() && !option.getKey().equals("expression")) {
                    languages.add(option.getKey());
                  }
                });
        ((ObjectNode) options).remove(languages);
      }
    }
    return schema;
  }
}
