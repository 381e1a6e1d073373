package io.commercewebhooks;

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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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
    return messages.stream()
        .filter(message -> depth(message) == deepest)
        .map(this::complaint)
        .toList();
  }

  private static boolean isSetting(ValidationMessage message) {
    return message.getType().equals("type")
        && SETTING.matcher(message.getInstanceNode().asText()).matches();
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
    List<String> place = new ArrayList<>(elements(message.getInstanceLocation()));
    if (message.getType().equals("additionalProperties")) {
      place.add(message.getProperty());
    }
    return new Complaint(place, words(message));
  }

  private String instead(ValidationMessage message, String written) {
    String at = message.getSchemaLocation().getFragment().toString();
    JsonNode known = text.at(at.substring(0, at.lastIndexOf('/')) + "/properties");
    List<String> names = new ArrayList<>();
    known.fieldNames().forEachRemaining(names::add);
    return NearestWord.insteadOrNothing(written, names);
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
