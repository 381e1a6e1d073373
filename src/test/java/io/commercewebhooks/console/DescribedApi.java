package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.Yaml;

/** The operators' interface as its OpenAPI description has it, and as what was answered is. */
public final class DescribedApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);
  private static final SchemaValidatorsConfig STRICT =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
  private static final Map<JsonNode, JsonSchema> KNOWN = new ConcurrentHashMap<>();
  private static final JsonNode API = read();

  private DescribedApi() {}

  private static JsonNode read() {
    try (InputStream text = DescribedApi.class.getResourceAsStream("/api/openapi.yaml")) {
      return JSON.valueToTree(new Yaml().load(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The operations, such as {@code GET /api/events}. */
  static Set<String> operations() {
    Set<String> operations = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : API.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> member : path.getValue().properties()) {
        if (!member.getKey().equals("parameters")) {
          operations.add(member.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return operations;
  }

  /** An operation by its name. */
  static JsonNode operation(String name) {
    String[] parts = name.split(" ");
    return API.path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT));
  }

  /** The names of the parameters of an operation that are in its query. */
  static Set<String> queryParameters(String operation) {
    Set<String> names = new TreeSet<>();
    for (JsonNode parameter : operation(operation).path("parameters")) {
      if (resolved(parameter).path("in").asText().equals("query")) {
        names.add(resolved(parameter).path("name").asText());
      }
    }
    return names;
  }

  /** The schema of what an operation takes; missing when it takes no body. */
  static JsonNode body(String operation) {
    return operation(operation).at("/requestBody/content/application~1json/schema");
  }

  /** What a reference leads to. */
  static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? API.at(node.path("$ref").asText().substring(1)) : node;
  }

  /**
   * Asserts that an answer is as described, and so is what was asked if it was understood.
   *
   * @param json what was asked; null when nothing was sent
   * @return the answer
   */
  public static HttpResponse<String> asDescribed(HttpResponse<String> answer, String json) {
    String path = answer.uri().getPath();
    if (path.startsWith("/api/")) {
      String operation = operationAt(answer.request().method(), path);
      assertAnswered(operation, answer);
      if (answer.statusCode() < 300 && json != null && !body(operation).isMissingNode()) {
        assertThat(complaints(body(operation), json)).as("%s takes %s", operation, json).isEmpty();
      }
    }
    return answer;
  }

  private static void assertAnswered(String operation, HttpResponse<String> answer) {
    JsonNode responses = operation(operation).path("responses");
    String status = String.valueOf(answer.statusCode());
    JsonNode response = resolved(responses.path(responses.has(status) ? status : "default"));
    String said = operation + " is answered " + status + ": " + answer.body();
    if (response.path("content").isMissingNode()) {
      assertThat(answer.body()).as(said).isEmpty();
      return;
    }
    Map.Entry<String, JsonNode> content = response.path("content").fields().next();
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .as(said)
        .startsWith(content.getKey());
    if (content.getValue().has("schema")) {
      assertThat(complaints(content.getValue().path("schema"), answer.body())).as(said).isEmpty();
    }
  }

  private static String operationAt(String method, String path) {
    return operations().stream()
        .filter(name -> (method + " " + path).matches(name.replaceAll("\\{\\w+}", "[^/]+")))
        .min(Comparator.comparing(name -> name.contains("{")))
        .orElseThrow(() -> new AssertionError("not described: " + method + " " + path));
  }

  private static Set<?> complaints(JsonNode schema, String json) {
    try {
      return KNOWN.computeIfAbsent(schema, DescribedApi::schema).validate(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + json, e);
    }
  }

  /** References are to the components, so it takes these along. */
  private static JsonSchema schema(JsonNode described) {
    ObjectNode schema = described.deepCopy();
    schema.set("components", API.path("components"));
    return SCHEMAS.getSchema(schema, STRICT);
  }
}
