package io.commercewebhooks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every shipped mapping on its cases, through camel-jslt.
 *
 * <p>A case is a pair of files in {@code src/test/resources/mappings/<mapping>/}: {@code
 * <case>.input.json} and {@code <case>.expected.json}. Numbers are compared by value. A mapping
 * that also reads {@code $headers} or {@code $variables} finds them in {@code <case>.context.json},
 * an object with these two names.
 */
class MappingsTest {

  private static final Path MAPPINGS = Path.of("config/mappings");
  private static final Path CASES = Path.of("src/test/resources/mappings");
  private static final String INPUT = ".input.json";
  private static final String EXPECTED = ".expected.json";
  private static final String CONTEXT = ".context.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final Comparator<JsonNode> NUMBERS_BY_VALUE =
      (one, other) ->
          one.isNumber() && other.isNumber()
              ? one.decimalValue().compareTo(other.decimalValue())
              : one.equals(other) ? 0 : 1;

  private static DefaultCamelContext camel;
  private static ProducerTemplate template;

  @BeforeAll
  static void start() {
    camel = new DefaultCamelContext();
    camel.getRegistry().bind("json", ObjectMapper.class, JSON);
    camel.start();
    template = camel.createProducerTemplate();
  }

  @AfterAll
  static void stop() {
    camel.stop();
  }

  @Test
  void every_mapping_has_cases_and_every_folder_of_cases_a_mapping() throws IOException {
    Set<String> folders = names(CASES, "");

    assertThat(folders).isEqualTo(names(MAPPINGS, ".jslt"));
  }

  @TestFactory
  Stream<DynamicNode> every_case_comes_out_as_expected() throws IOException {
    return names(CASES, "").stream()
        .map(mapping -> dynamicContainer(mapping, casesOf(mapping).map(this::isMapped)));
  }

  private Stream<Path> casesOf(String mapping) {
    try {
      Path folder = CASES.resolve(mapping);
      Set<String> inputs = names(folder, INPUT);
      assertThat(inputs).as("cases in %s", folder).isNotEmpty();
      assertThat(names(folder, EXPECTED)).as("pairs in %s", folder).isEqualTo(inputs);
      return inputs.stream().map(folder::resolve);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DynamicTest isMapped(Path testCase) {
    String name = testCase.getFileName().toString();
    String mapping = testCase.getParent().getFileName().toString();
    return dynamicTest(
        name,
        () -> {
          String input = Files.readString(testCase.resolveSibling(name + INPUT));
          JsonNode expected = JSON.readTree(testCase.resolveSibling(name + EXPECTED).toFile());

          Path context = testCase.resolveSibling(name + CONTEXT);
          JsonNode surroundings =
              Files.exists(context) ? JSON.readTree(context.toFile()) : JSON.createObjectNode();

          Exchange answer =
              template.request(
                  "jslt:file:" + MAPPINGS.resolve(mapping) + ".jslt?objectMapper=#json",
                  exchange -> {
                    exchange.getMessage().setBody(input);
                    exchange.getMessage().setHeaders(values(surroundings.path("headers")));
                    values(surroundings.path("variables")).forEach(exchange::setVariable);
                  });

          assertThat(answer.getException()).isNull();
          JsonNode actual = JSON.readTree(answer.getMessage().getBody(String.class));
          if (!expected.equals(NUMBERS_BY_VALUE, actual)) {
            assertThat(actual.toPrettyString()).isEqualTo(expected.toPrettyString());
          }
        });
  }

  private static Map<String, Object> values(JsonNode fields) {
    Map<String, Object> values = new LinkedHashMap<>();
    fields
        .fields()
        .forEachRemaining(
            field ->
                values.put(
                    field.getKey(),
                    field.getValue().isContainerNode()
                        ? JSON.convertValue(field.getValue(), Object.class)
                        : field.getValue().asText()));
    return values;
  }

  private static Set<String> names(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      return names.stream()
          .filter(name -> name.endsWith(suffix))
          .map(name -> name.substring(0, name.length() - suffix.length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
