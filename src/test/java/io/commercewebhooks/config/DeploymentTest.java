package io.commercewebhooks.config;

import static io.commercewebhooks.config.DeploymentFiles.COMPOSE;
import static io.commercewebhooks.config.DeploymentFiles.DOCKERFILE;
import static io.commercewebhooks.config.DeploymentFiles.FOLDER;
import static io.commercewebhooks.config.DeploymentFiles.KUBERNETES;
import static io.commercewebhooks.config.DeploymentFiles.KUSTOMIZATION;
import static io.commercewebhooks.config.DeploymentFiles.compose;
import static io.commercewebhooks.config.DeploymentFiles.container;
import static io.commercewebhooks.config.DeploymentFiles.documents;
import static io.commercewebhooks.config.DeploymentFiles.manifest;
import static io.commercewebhooks.config.DeploymentFiles.manifests;
import static io.commercewebhooks.config.DeploymentFiles.pod;
import static io.commercewebhooks.config.DeploymentFiles.text;
import static io.commercewebhooks.config.DeploymentFiles.variables;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.commercewebhooks.config.DeploymentFiles.Instruction;
import io.kubernetes.client.openapi.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * What config/deployment says is what Docker, Compose and Kubernetes know, and what the service is.
 */
class DeploymentTest {

  private static final Path SETTINGS = Path.of("config/application.yaml");
  private static final Path README = Path.of("config/README.md");

  private static final Map<String, String> API_OF_KIND =
      Map.of(
          "Deployment", "apps/v1",
          "Service", "v1",
          "Secret", "v1",
          "Ingress", "networking.k8s.io/v1",
          "NetworkPolicy", "networking.k8s.io/v1",
          "PodDisruptionBudget", "policy/v1");

  /** Where the keys are anybody's own. */
  private static final Pattern FREE_KEYS =
      Pattern.compile(
          ".*/(labels|matchLabels|annotations|stringData|requests|limits|environment|services|networks"
              + "|secrets|volumes|depends_on)$");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)");
  private static final Pattern REQUIRED =
      Pattern.compile("(?m)^\\| `([A-Z_]+)`(?:, `([A-Z_]+)`)? .*\\| yes[^|]*\\|$");
  private static final Pattern EXPORTED = Pattern.compile("\\b([A-Z][A-Z0-9_]+)=");

  // Their words

  @Test
  void kubernetes_knows_every_field_of_every_manifest() {
    for (JsonNode manifest : manifests()) {
      assertThat(kubernetesSays(manifest)).as("%s", manifest).isEmpty();
    }
    assertThat(manifests())
        .extracting(m -> m.path("kind").asText())
        .containsAll(API_OF_KIND.keySet());
  }

  @Test
  void a_field_that_kubernetes_does_not_know_would_be_found_wherever_it_is() {
    for (JsonNode manifest : manifests()) {
      assertThat(misspelt(manifest))
          .hasSizeGreaterThan(3)
          .allSatisfy((where, wrong) -> assertThat(kubernetesSays(wrong)).as(where).isNotEmpty());
    }
  }

  @Test
  void compose_knows_every_key() throws IOException {
    assertThat(composeSays(compose())).isEmpty();
  }

  @Test
  void a_key_that_compose_does_not_know_would_be_found_wherever_it_is() throws IOException {
    for (Map.Entry<String, JsonNode> wrong : misspelt(compose()).entrySet()) {
      assertThat(composeSays(wrong.getValue())).as(wrong.getKey()).isNotEmpty();
    }
  }

  /** What is wrong with an object, in the words of the model made from Kubernetes' own API. */
  private static List<String> kubernetesSays(JsonNode manifest) {
    String kind = manifest.path("kind").asText();
    if (!manifest.path("apiVersion").asText().equals(API_OF_KIND.get(kind))) {
      return List.of("no kind " + kind + " in " + manifest.path("apiVersion").asText());
    }
    try {
      Class<?> model = Class.forName("io.kubernetes.client.openapi.models.V1" + kind);
      JSON.getGson().fromJson(manifest.toString(), model);
      return List.of();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      return List.of(e.getMessage());
    }
  }

  private static List<String> composeSays(JsonNode compose) throws IOException {
    try (InputStream in =
        DeploymentTest.class.getResourceAsStream("/deployment/compose.schema.json")) {
      JsonSchema schema = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(in);
      return schema.validate(compose).stream().map(Object::toString).toList();
    }
  }

  /** The object with each of its keys misspelt once, by where that is. */
  private static Map<String, JsonNode> misspelt(JsonNode whole) {
    Map<String, JsonNode> all = new TreeMap<>();
    misspell(whole, "", whole, all);
    return all;
  }

  private static void misspell(
      JsonNode here, String path, JsonNode whole, Map<String, JsonNode> all) {
    if (here.isArray()) {
      for (int i = 0; i < here.size(); i++) {
        misspell(here.get(i), path + "/" + i, whole, all);
      }
    }
    here.properties()
        .forEach(
            field -> {
              String below = path + "/" + field.getKey();
              boolean free = FREE_KEYS.matcher(path).matches() || field.getKey().contains("/");
              if (field.getKey().startsWith("x-")) {
                return;
              }
              if (!free) {
                JsonNode copy = whole.deepCopy();
                ObjectNode parent = (ObjectNode) copy.at(path);
                parent.set(field.getKey() + "x", parent.remove(field.getKey()));
                all.put(below, copy);
              }
              misspell(field.getValue(), below, whole, all);
            });
  }

  @Test
  void kustomize_gets_every_manifest_but_the_example_of_the_secret() throws IOException {
    JsonNode kustomization = documents(KUBERNETES.resolve(KUSTOMIZATION)).get(0);
    Set<String> manifests;
    try (Stream<Path> files = Files.list(KUBERNETES)) {
      manifests =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".yaml") && !name.endsWith(".example.yaml"))
              .filter(name -> !name.equals(KUSTOMIZATION))
              .collect(Collectors.toSet());
    }

    assertThat(kustomization.properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(
            "apiVersion", "kind", "resources", "images", "configMapGenerator");
    assertThat(texts(kustomization.path("resources"))).hasSameElementsAs(manifests);
    assertThat(kustomization.at("/images/0/name")).isEqualTo(container().path("image"));
    JsonNode settings = kustomization.at("/configMapGenerator/0");
    assertThat(settings.path("name")).isEqualTo(container().at("/envFrom/0/configMapRef/name"));
    assertThat(texts(settings.path("envs")))
        .isNotEmpty()
        .allMatch(file -> Files.exists(KUBERNETES.resolve(file)));
  }

  // The settings of the service

  @Test
  void every_variable_and_secret_is_a_setting_and_all_that_are_required_are_there() {
    Set<String> known = settings();
    Set<String> required = required();

    assertThat(required).hasSizeGreaterThan(8);
    Stream.of(ofKubernetes(), ofCompose("node-1"), ofCompose("node-2"))
        .forEach(
            given -> {
              assertThat(given).isSubsetOf(known);
              assertThat(given).containsAll(required);
            });
    assertThat(exported(FOLDER.resolve("image/train"))).isSubsetOf(known).containsAll(required);
  }

  private static Set<String> exported(Path script) {
    return EXPORTED
        .matcher(
            text(script)
                .lines()
                .filter(line -> line.startsWith("export ") && !line.contains("PGPORT="))
                .collect(Collectors.joining("\n")))
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  private static Set<String> ofKubernetes() {
    Set<String> given = new TreeSet<>(variables(KUBERNETES.resolve("settings.env")).keySet());
    container().path("env").forEach(variable -> given.add(variable.path("name").asText()));
    manifest("Secret").path("stringData").fieldNames().forEachRemaining(given::add);
    return given;
  }

  private static Set<String> ofCompose(String service) {
    JsonNode node = compose().path("services").path(service);
    Set<String> given =
        new TreeSet<>(variables(FOLDER.resolve(node.path("env_file").asText())).keySet());
    node.path("environment").fieldNames().forEachRemaining(given::add);
    given.addAll(texts(node.path("secrets")));
    return given;
  }

  /** The variables that application.yaml reads, and all its keys as variables. */
  private static Set<String> settings() {
    Set<String> names =
        PLACEHOLDER
            .matcher(text(SETTINGS))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    addKeys("", documents(SETTINGS).get(0), names);
    return names;
  }

  private static void addKeys(String prefix, JsonNode settings, Set<String> names) {
    settings
        .properties()
        .forEach(
            setting -> {
              String name =
                  prefix
                      + setting
                          .getKey()
                          .replace("-", "")
                          .replace('.', '_')
                          .toUpperCase(Locale.ROOT);
              names.add(name);
              addKeys(name + "_", setting.getValue(), names);
            });
  }

  private static Set<String> required() {
    return REQUIRED
        .matcher(text(README))
        .results()
        .flatMap(found -> Stream.of(found.group(1), found.group(2)))
        .filter(name -> name != null)
        .collect(Collectors.toSet());
  }

  @Test
  void secrets_are_files_and_hold_nothing_that_the_service_would_start_with() {
    JsonNode compose = compose();
    Set<String> files = new TreeSet<>();
    compose.path("secrets").properties().forEach(secret -> files.add(secret.getKey()));
    compose
        .path("secrets")
        .properties()
        .forEach(
            secret ->
                assertThat(secret.getValue().path("file").asText())
                    .isEqualTo("secrets/" + secret.getKey()));
    Set<String> ofTheExample = new TreeSet<>();
    manifest("Secret")
        .path("stringData")
        .properties()
        .forEach(
            secret -> {
              ofTheExample.add(secret.getKey());
              assertThat(secret.getValue().asText()).isEqualTo("change-me");
            });

    assertThat(ofTheExample)
        .isEqualTo(files)
        .isEqualTo(new TreeSet<>(texts(compose.at("/services/node-1/secrets"))));
    assertThat(settingsGivenInTheClear())
        .isNotEmpty()
        .noneMatch(name -> name.matches(".*(PASSWORD|SECRETS?|KEYS)"));
    JsonNode mount = named(container().path("volumeMounts"), "secrets");
    assertThat(mount.path("mountPath"))
        .isEqualTo(named(container().path("env"), "SECRETS_FOLDER").path("value"));
    assertThat(named(pod().path("volumes"), "secrets").at("/secret/secretName"))
        .isEqualTo(manifest("Secret").at("/metadata/name"));
    assertThat(text(Path.of(".gitignore"))).contains("secrets/\n");
    assertThat(text(Path.of(".dockerignore")).lines()).contains("*").doesNotContain("!secrets");
  }

  private static Set<String> settingsGivenInTheClear() {
    Set<String> names = new HashSet<>(variables(FOLDER.resolve("settings.env")).keySet());
    names.addAll(variables(KUBERNETES.resolve("settings.env")).keySet());
    compose().at("/services/node-1/environment").fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void ports_are_those_that_the_service_listens_on() {
    int webhooks = defaultOf("SERVER_PORT");
    int management = defaultOf("MANAGEMENT_SERVER_PORT");

    assertThat(words("EXPOSE")).containsExactly(webhooks + " " + management);
    assertThat(named(container().path("ports"), "webhooks").path("containerPort").asInt())
        .isEqualTo(webhooks);
    assertThat(named(container().path("ports"), "management").path("containerPort").asInt())
        .isEqualTo(management);
    assertThat(text(FOLDER.resolve("image/healthy")))
        .contains("${MANAGEMENT_SERVER_PORT:-" + management + "}");
    assertThat(text(FOLDER.resolve("Caddyfile")))
        .contains("node-1:" + webhooks, "node-2:" + webhooks, "health_port " + management);
    assertThat(texts(compose().at("/services/node-1/ports")))
        .containsExactly("127.0.0.1:8081:" + management);
    assertThat(texts(compose().at("/services/node-2/ports")))
        .containsExactly("127.0.0.1:8082:" + management);

    Set<String> names = new HashSet<>();
    container().path("ports").forEach(port -> names.add(port.path("name").asText()));
    for (JsonNode service : manifests()) {
      if (service.path("kind").asText().equals("Service")) {
        service
            .at("/spec/ports")
            .forEach(port -> assertThat(port.path("targetPort").asText()).isIn(names));
      }
    }
    manifest("NetworkPolicy")
        .at("/spec/ingress")
        .forEach(rule -> assertThat(rule.at("/ports/0/port").asText()).isIn(names));
  }

  @Test
  void the_proxy_gives_up_a_connection_before_the_service_ends_it() {
    Duration service =
        DurationStyle.detectAndParse(
            documents(SETTINGS).get(0).at("/server/tomcat/keep-alive-timeout").asText());
    String proxy = written("\\bkeepalive (\\S+)", FOLDER.resolve("Caddyfile"));

    assertThat(DurationStyle.detectAndParse(proxy)).isLessThanOrEqualTo(service.minusSeconds(10));
  }

  @Test
  void the_proxy_bears_slow_senders_for_the_largest_webhook() {
    DataSize webhook = DataSize.parse(documents(SETTINGS).get(0).at("/intake/max-body").asText());
    String proxy = written("\\brequest_buffers (\\S+)", FOLDER.resolve("Caddyfile"));

    assertThat(DataSize.parse(proxy)).isGreaterThan(webhook);
  }

  private static int defaultOf(String variable) {
    return Integer.parseInt(written("\\$\\{" + variable + ":([0-9]+)}", SETTINGS));
  }

  /** What the group of a regular expression is where it is first found in a file. */
  private static String written(String expression, Path file) {
    MatchResult found =
        Pattern.compile(expression).matcher(text(file)).results().findFirst().orElseThrow();
    return found.group(1);
  }

  @Test
  void webhooks_and_console_have_services_of_their_own_and_only_webhooks_are_published() {
    List<JsonNode> services =
        manifests().stream().filter(m -> m.path("kind").asText().equals("Service")).toList();

    assertThat(services)
        .hasSize(2)
        .allSatisfy(s -> assertThat(s.at("/spec/type").isMissingNode()).isTrue());
    assertThat(services.stream().map(s -> s.at("/spec/ports/0/targetPort").asText()))
        .containsExactlyInAnyOrder("webhooks", "management");
    assertThat(services)
        .allSatisfy(
            s ->
                assertThat(s.at("/spec/selector"))
                    .isEqualTo(manifest("Deployment").at("/spec/template/metadata/labels")));
    manifest("Ingress")
        .at("/spec/rules/0/http/paths")
        .forEach(
            path ->
                assertThat(path.at("/backend/service/port/name").asText()).isEqualTo("webhooks"));
  }

  // Nothing is refused or lost while pods come and go

  @Test
  void a_new_node_takes_webhooks_before_an_old_one_goes_and_a_stop_has_the_time_it_needs() {
    JsonNode deployment = manifest("Deployment").path("spec");
    int balancers = Integer.parseInt(container().at("/lifecycle/preStop/exec/command/1").asText());
    int deliveries = documents(SETTINGS).get(0).at("/camel/main/shutdown-timeout").asInt();
    // Spring's own: how long a stop waits for the requests under way
    int webhooks = 30;
    // OpenTelemetry's own: how long a stop waits for a collector
    int traces = 10;

    assertThat(deployment.path("replicas").asInt()).isEqualTo(2);
    assertThat(deployment.at("/strategy/rollingUpdate/maxUnavailable").asText()).isEqualTo("0");
    assertThat(deployment.at("/strategy/rollingUpdate/maxSurge").asInt()).isPositive();
    assertThat(pod().path("terminationGracePeriodSeconds").asInt())
        .isGreaterThanOrEqualTo(balancers + webhooks + deliveries + traces);
    for (String node : List.of("node-1", "node-2")) {
      String grace = compose().path("services").path(node).path("stop_grace_period").asText();
      assertThat(Integer.parseInt(grace.replace("s", "")))
          .isGreaterThanOrEqualTo(webhooks + deliveries + traces);
    }
    assertThat(manifest("PodDisruptionBudget").at("/spec/maxUnavailable").asInt()).isEqualTo(1);
    assertThat(manifest("PodDisruptionBudget").at("/spec/selector"))
        .isEqualTo(deployment.path("selector"));
  }

  @Test
  void there_are_connections_enough_at_the_ledger_for_one_node_more_than_run() {
    JsonNode settings = documents(SETTINGS).get(0);
    int each =
        settings.at("/spring/datasource/hikari/maximum-pool-size").asInt()
            + settings.at("/database/pool/maximum-pool-size").asInt();
    String command = compose().at("/services/ledger/command").asText();

    assertThat(Integer.parseInt(command.replaceAll(".*max_connections=(\\d+).*", "$1")))
        .isGreaterThan(3 * each);
    assertThat(text(FOLDER.resolve("README.md"))).contains(each + " connections");
  }

  @Test
  void no_log_of_a_container_fills_the_disk_of_the_ledger() {
    for (JsonNode service : compose().path("services")) {
      JsonNode log = service.path("logging");
      assertThat(log.path("driver").asText()).isEqualTo("local");
      assertThat(log.path("options").has("max-size")).isTrue();
      assertThat(log.path("options").has("max-file")).isTrue();
    }
  }

  // Rights

  @Test
  void every_container_runs_with_as_few_rights_as_it_needs() {
    JsonNode whole = pod().path("securityContext");
    assertThat(whole.path("runAsNonRoot").asBoolean()).isTrue();
    assertThat(whole.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(words("USER"))
        .containsExactly(whole.path("runAsUser") + ":" + whole.path("runAsGroup"));
    assertThat(whole.path("runAsUser").asInt()).isGreaterThan(9999);
    JsonNode own = container().path("securityContext");
    assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(texts(own.at("/capabilities/drop"))).containsExactly("ALL");
    assertThat(own.path("capabilities").has("add")).isFalse();
    assertThat(pod().path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(named(container().path("volumeMounts"), "tmp").path("mountPath").asText())
        .isEqualTo("/tmp");

    for (JsonNode service : compose().path("services")) {
      assertThat(service.path("read_only").asBoolean()).isTrue();
      assertThat(texts(service.path("cap_drop"))).containsExactly("ALL");
      assertThat(texts(service.path("security_opt"))).containsExactly("no-new-privileges:true");
    }
    assertThat(texts(compose().at("/services/node-1/tmpfs")))
        .anyMatch(tmpfs -> tmpfs.startsWith("/tmp:"));
    assertThat(compose().at("/services/node-1").has("user")).isFalse();
  }

  // The image

  @Test
  void what_the_image_is_made_of_is_there() {
    Set<String> stages = new HashSet<>();
    for (Instruction instruction : DeploymentFiles.dockerfile()) {
      if (instruction.name().equals("FROM") && instruction.words().contains(" AS ")) {
        stages.add(instruction.words().replaceAll(".* AS ", ""));
      }
      if (instruction.name().equals("COPY")) {
        List<String> words = List.of(instruction.words().split(" "));
        if (words.get(0).startsWith("--from=")) {
          assertThat(words.get(0).substring("--from=".length())).isIn(stages);
        } else {
          assertThat(words.subList(0, words.size() - 1))
              .filteredOn(word -> !word.startsWith("--chmod="))
              .allMatch(
                  source -> source.startsWith("target/") || Files.exists(Path.of(source)), "exists")
              .allMatch(DeploymentTest::isSentToTheBuilder, "is sent to the builder");
        }
      }
    }
    assertThat(stages).isNotEmpty();
    assertThat(words("COPY"))
        .contains("target/" + jar() + " ./", "routes/ routes/", "config/ config/");
    assertThat(words("ENTRYPOINT"))
        .singleElement()
        .asString()
        .contains("\"" + jar() + "\"", "application.aot");
    assertThat(words("HEALTHCHECK"))
        .singleElement()
        .asString()
        .endsWith("CMD [\"healthy\", \"liveness\"]");
    assertThat(words("ARG")).containsExactly("JAVA=eclipse-temurin:25-jre-noble");
    assertThat(compose().at("/services/node-1/build/dockerfile").asText())
        .isEqualTo(DOCKERFILE.toString());
    assertThat(
            COMPOSE
                .resolveSibling(compose().at("/services/node-1/build/context").asText())
                .normalize())
        .isEqualTo(Path.of(""));
  }

  private static boolean isSentToTheBuilder(String source) {
    List<String> sent =
        text(Path.of(".dockerignore"))
            .lines()
            .filter(l -> l.startsWith("!"))
            .map(l -> l.substring(1))
            .toList();
    return sent.stream().anyMatch(source::startsWith);
  }

  private static String jar() {
    String name =
        Pattern.compile("<finalName>(.+)</finalName>")
            .matcher(text(Path.of("pom.xml")))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1);
    return name + ".jar";
  }

  @Test
  void the_scripts_of_the_image_may_be_run() throws IOException {
    try (Stream<Path> scripts = Files.list(FOLDER.resolve("image"))) {
      assertThat(scripts)
          .hasSize(2)
          .allSatisfy(
              script ->
                  assertThat(Files.getPosixFilePermissions(script))
                      .contains(PosixFilePermission.OWNER_EXECUTE));
    }
  }

  @Test
  void the_user_of_the_image_may_read_what_a_checkout_shows_to_its_owner_alone() {
    List<Instruction> image = DeploymentFiles.dockerfile();
    int last = image.lastIndexOf(new Instruction("FROM", "${JAVA}"));

    assertThat(image.subList(last, image.size()))
        .filteredOn(step -> step.name().equals("COPY") && !step.words().startsWith("--from="))
        .hasSize(3)
        .allSatisfy(step -> assertThat(step.words()).startsWith("--chmod=755 "));
  }

  // Upgrades

  @Test
  void a_migration_takes_nothing_away_that_the_version_before_it_needs() throws IOException {
    Pattern takenAway =
        Pattern.compile(
            "(?i)drop (table|column)|rename|set not null|alter column \\w+ (set data )?type");
    try (Stream<Path> migrations = Files.list(Path.of("src/main/resources/db/migration"))) {
      assertThat(migrations)
          .hasSizeGreaterThan(5)
          .noneMatch(file -> takenAway.matcher(text(file)).find());
    }
  }

  private static List<String> words(String instruction) {
    return DeploymentFiles.dockerfile().stream()
        .filter(i -> i.name().equals(instruction))
        .map(Instruction::words)
        .toList();
  }

  private static JsonNode named(JsonNode list, String name) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(one -> one.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is named " + name + " in " + list));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.asText()));
    return texts;
  }
}
