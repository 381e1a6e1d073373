package io.commercewebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What {@code config/deployment} says. */
public final class DeploymentFiles {

  public static final Path FOLDER = Path.of("config/deployment");
  static final Path KUBERNETES = FOLDER.resolve("kubernetes");
  static final Path COMPOSE = FOLDER.resolve("compose.yaml");
  static final Path DOCKERFILE = FOLDER.resolve("Dockerfile");

  /** The one that is read by kustomize, and not sent to Kubernetes. */
  static final String KUSTOMIZATION = "kustomization.yaml";

  private static final ObjectMapper JSON = new ObjectMapper();

  private DeploymentFiles() {}

  /**
   * One instruction of a Dockerfile.
   *
   * @param name in capitals
   * @param words what follows it, lines that are continued as one
   */
  record Instruction(String name, String words) {}

  /** Every object that Kubernetes is sent. */
  public static List<JsonNode> manifests() {
    try (Stream<Path> files = Files.list(KUBERNETES)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.endsWith(KUSTOMIZATION))
          .sorted()
          .flatMap(file -> documents(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The only object of a kind. */
  public static JsonNode manifest(String kind) {
    return manifests().stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .reduce(
            (one, other) -> {
              throw new IllegalStateException("more than one " + kind);
            })
        .orElseThrow();
  }

  static JsonNode pod() {
    return manifest("Deployment").at("/spec/template/spec");
  }

  public static JsonNode container() {
    return pod().path("containers").path(0);
  }

  static JsonNode compose() {
    return documents(COMPOSE).get(0);
  }

  static List<JsonNode> documents(Path file) {
    Iterable<Object> documents =
        new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text(file));
    return StreamSupport.stream(documents.spliterator(), false)
        .map(document -> (JsonNode) JSON.valueToTree(document))
        .toList();
  }

  /** The variables of an env file. */
  static Map<String, String> variables(Path file) {
    Map<String, String> variables = new TreeMap<>();
    text(file)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .forEach(variable -> variables.put(variable[0], variable[1]));
    return variables;
  }

  static List<Instruction> dockerfile() {
    List<Instruction> instructions = new ArrayList<>();
    text(DOCKERFILE)
        .replaceAll("(?m)^#.*\\R", "")
        .replaceAll("\\\\\\R\\s*", "")
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> line.split(" ", 2))
        .forEach(words -> instructions.add(new Instruction(words[0], words[1])));
    return instructions;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
