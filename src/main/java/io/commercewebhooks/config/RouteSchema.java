package io.commercewebhooks.config;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.AnnotationKeyword;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** The schema of Camel's YAML DSL, or a stricter one made of it. */
public final class RouteSchema {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A setting may stand where a number or a boolean belongs. */
  private static final Pattern SETTING = Pattern.compile("\\{\\{[^{}]+}}");

  private static final String AS_KNOWN = "write it as the YAML DSL knows it";

  /** A shorter key resembles too many others. */
  private static final int SHORTEST_MISSPELT = 4;

  private final JsonNode text;
  private final JsonSchema schema;

  RouteSchema(JsonNode schema) {
    this.text = schema;
    JsonMetaSchema draft4 =
        JsonMetaSchema.builder(JsonMetaSchema.getV4())
            .keyword(new AnnotationKeyword("deprecated"))
            .build();
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .locale(Locale.ENGLISH)
            // the whole of it, with every step in every other, takes more memory than the service
            // has
            .preloadJsonSchema(false)
            .build();
    this.schema =
        JsonSchemaFactory.getInstance(VersionFlag.V4, with -> with.metaSchema(draft4))
            .getSchema(schema, config);
  }

  /**
   * What the schema has against a file.
   *
   * @param place the keys and numbers of list items that lead to it from the root
   * @param what what is wrong there
   */
  record Complaint(List<String> place, String what) {}

  /** The schema as Camel ships it. */
  static JsonNode ofTheYamlDsl() {
    try (InputStream schema = CamelContext.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      return JSON.readTree(schema);
    } catch (IOException e) {
      throw new UncheckedIOException("camel-yaml-dsl has no schema", e);
    }
  }

  private static final class YamlDsl {
    private static final RouteSchema SCHEMA = new RouteSchema(ofTheYamlDsl());
  }

  /**
   * Refuses a route file that isn't written as the YAML DSL has it.
   *
   * @throws CannotStartException with the place of the first thing that is wrong
   */
  public static void check(Path file) {
    WrittenYaml written = WrittenYaml.read(file);
    Object content;
    try (InputStream text = Files.newInputStream(file)) {
      content = new Load(LoadSettings.builder().build()).loadFromInputStream(text);
    } catch (MarkedYamlEngineException e) {
      Mark key = e.getProblemMark().orElseThrow();
      throw new CannotStartException(
          "%s, line %d, column %d: %s; %s"
              .formatted(
                  file,
                  key.getLine() + 1,
                  key.getColumn() + 1,
                  e.getProblem(),
                  e instanceof DuplicateKeyException ? "keep one" : AS_KNOWN),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    YamlDsl.SCHEMA.complaints(JSON.valueToTree(content)).stream()
        .findFirst()
        .ifPresent(
            complaint -> {
              throw written.at(complaint.place()).wrong("%s", complaint.what());
            });
  }

  /** What is wrong in a file; nothing when it is valid. */
  List<Complaint> complaints(JsonNode file) {
    List<ValidationMessage> messages =
        schema.validate(file).stream().filter(message -> !isSetting(message)).toList();
    // A wrong option also fails every alternative around it: the innermost place is the cause.
    int deepest = messages.stream().mapToInt(RouteSchema::depth).max().orElse(0);
    List<ValidationMessage> innermost =
        messages.stream().filter(message -> depth(message) == deepest).toList();
    // What maps must have and have not, of which several may be one of many alternatives.
    Map<JsonNodePath, Set<String>> missing =
        innermost.stream()
            .filter(message -> message.getType().equals("required"))
            .collect(
                groupingBy(
                    ValidationMessage::getInstanceLocation,
                    mapping(ValidationMessage::getProperty, toSet())));
    // That a key is misspelt says more than that something is missing, and that more than that no
    // alternative fits.
    return Stream.concat(
            innermost.stream().flatMap(message -> misspelt(message, missing)),
            innermost.stream()
                .sorted(Comparator.comparing(message -> !isAboutAKey(message, missing)))
                .map(this::complaint))
        .toList();
  }

  private static boolean isSetting(ValidationMessage message) {
    return message.getType().equals("type")
        && SETTING.matcher(message.getInstanceNode().asText()).matches();
  }

  /** Keys that resemble one which is missing beside them, or which may be there. */
  private Stream<Complaint> misspelt(
      ValidationMessage message, Map<JsonNodePath, Set<String>> missing) {
    if (message.getType().equals("additionalProperties")) {
      return NearestWord.to(message.getProperty(), known(message)).stream()
          .map(word -> complaint(message));
    }
    if (!message.getType().equals("required")) {
      return Stream.empty();
    }
    List<String> written = new ArrayList<>();
    message.getInstanceNode().fieldNames().forEachRemaining(written::add);
    String meant = message.getProperty();
    return written.stream()
        .filter(key -> key.length() >= SHORTEST_MISSPELT)
        .filter(
            key ->
                NearestWord.to(key, missing.get(message.getInstanceLocation()))
                    .filter(meant::equals)
                    .isPresent())
        .map(
            key ->
                new Complaint(
                    below(message, key),
                    "'%s' doesn't belong here; write %s".formatted(key, meant)));
  }

  private static boolean isAboutAKey(
      ValidationMessage message, Map<JsonNodePath, Set<String>> missing) {
    return switch (message.getType()) {
      case "additionalProperties" -> true;
      case "required" -> missing.get(message.getInstanceLocation()).size() == 1;
      default -> false;
    };
  }

  private String words(ValidationMessage message) {
    return switch (message.getType()) {
      case "additionalProperties" ->
          "'%s' doesn't belong here%s"
              .formatted(message.getProperty(), instead(message, message.getProperty()));
      case "required" -> "'%s' is missing here; write it".formatted(message.getProperty());
      default -> message.getMessage().replaceFirst("^[^:]*: ", "") + "; " + AS_KNOWN;
    };
  }

  /** An unknown key is where it is written, not where its map begins. */
  private Complaint complaint(ValidationMessage message) {
    return new Complaint(
        message.getType().equals("additionalProperties")
            ? below(message, message.getProperty())
            : elements(message.getInstanceLocation()),
        words(message));
  }

  private static List<String> below(ValidationMessage message, String key) {
    List<String> place = new ArrayList<>(elements(message.getInstanceLocation()));
    place.add(key);
    return place;
  }

  private String instead(ValidationMessage message, String written) {
    return NearestWord.insteadOrNothing(written, known(message));
  }

  /** The keys that a map may have which has another one. */
  private List<String> known(ValidationMessage message) {
    String at = message.getSchemaLocation().getFragment().toString();
    JsonNode known = text.at(at.substring(0, at.lastIndexOf('/')) + "/properties");
    List<String> names = new ArrayList<>();
    known.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static int depth(ValidationMessage message) {
    return message.getInstanceLocation().getNameCount();
  }

  private static List<String> elements(JsonNodePath path) {
    return IntStream.range(0, path.getNameCount())
        .mapToObj(i -> String.valueOf(path.getElement(i)))
        .toList();
  }
}
