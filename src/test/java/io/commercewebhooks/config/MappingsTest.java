package io.commercewebhooks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertThat(folders()).isEqualTo(names(MAPPINGS, ".jslt"));
  }

  @TestFactory
  Stream<DynamicNode> every_case_comes_out_as_expected() throws IOException {
    return folders().stream()
        .map(mapping -> dynamicContainer(mapping, casesOf(mapping).map(this::isMapped)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'shoppingCart': {'items': [%s, %s]}}",
        "{'order': {'shoppingCart': {'items': [%s, %s]}}}",
        "{'order': {'commerceItems': [%s, %s]}}",
        "{'order': {'items': [%s, %s]}}",
        "{'items': [%s, %s]}",
        "{'shippingGroups': [{'items': [%s]}, {'items': [%s]}]}",
        "{'order': {'shippingGroups': [{'items': [%s]}, {'items': [%s]}]}}"
      })
  void what_a_quote_is_asked_for_reaches_every_target_wherever_it_is_listed(String request)
      throws IOException {
    ObjectNode event = JSON.createObjectNode();
    event.set(
        "body",
        JSON.readTree(
            request
                .replace('\'', '"')
                .formatted(
                    "{\"productDisplayName\": \"a lamp\"}",
                    "{\"productDisplayName\": \"a chair\"}")));

    JsonNode row = mapped("quote-requested-to-database", batch(event)).get(0);
    JsonNode record = mapped("quote-requested-to-salesforce", batch(event)).get(0);
    JsonNode letter = mapped("quote-requested-to-email", event);

    assertThat(row.path("item").findValuesAsText("product_name"))
        .containsExactly("a lamp", "a chair");
    assertThat(record.path("Oracle_Items__c").asText()).isEqualTo("a lamp\na chair");
    assertThat(letter.path("items").findValuesAsText("name")).containsExactly("a lamp", "a chair");
  }

  @Test
  @Timeout(60)
  void returned_items_that_all_name_one_item_of_many_parts_multiply_nothing() {
    ObjectNode event = returnOf(3_000, Collections.nCopies(3_000, part(null)), "a lamp");

    JsonNode row = mapped("return-updated-to-database", batch(event)).get(0);
    JsonNode record = mapped("return-updated-to-salesforce", batch(event)).get(0);
    JsonNode letter = mapped("return-updated-to-email", event);

    assertThat(row.path("item")).hasSize(3_000);
    assertThat(row.path("item_list_cut").asBoolean()).isFalse();
    assertThat(record.path("Oracle_Return_Items__c").asText())
        .startsWith("a lamp\n    item\n")
        .hasLineCount(501);
    assertThat(letter.path("items")).hasSize(40);
    assertThat(letter.path("itemsLeftOut").asInt()).isEqualTo(2_960);
  }

  @Test
  @Timeout(60)
  void what_every_returned_item_takes_from_its_order_is_short() {
    ObjectNode event =
        returnOf(10_000, List.of(part("p"), part(null), part("q")), "n".repeat(99_999));

    JsonNode row = mapped("return-updated-to-database", batch(event)).get(0);

    assertThat(row.path("item")).hasSize(5_002);
    assertThat(row.at("/item/5001/path").asText()).isEqualTo("5000.3");
    assertThat(row.path("item_list_cut").asBoolean()).isTrue();
    assertThat(row.toString()).hasSizeLessThan(3_000_000);
    assertThat(mapped("return-updated-to-salesforce", batch(event)).toString())
        .hasSizeLessThan(50_000);
  }

  @Test
  @Timeout(60)
  void the_reasons_of_many_returned_items_are_told_once_each() {
    ObjectNode event = returnOf(0, List.of(), "a lamp");
    ArrayNode items = event.withArray("/body/return/returnItemList");
    for (int i = 0; i < 18_000; i++) {
      items.addObject().put("returnReason", i < 2 ? "defective" : "r" + i);
    }

    assertThat(
            mapped("return-updated-to-salesforce", batch(event))
                .at("/0/Oracle_Return_Reasons__c")
                .asText())
        .startsWith("defective, r2, r3, ")
        .hasSize(255);
  }

  /** Taken for new, a record would get back what people have changed since. */
  @ParameterizedTest
  @ValueSource(strings = {"", "no JSON", "{}", "[]", "{\"records\": null}", "{\"records\": {}}"})
  void no_record_is_taken_for_new_unless_salesforce_says_which_exist(String said) {
    Exchange answer =
        template.request(
            "jslt:file:" + MAPPINGS.resolve("salesforce-create-or-update.jslt"),
            exchange -> {
              exchange
                  .getMessage()
                  .setBody("[{\"Id__c\": \"o1\", \"onCreate\": {\"Name\": \"o1\"}}]");
              exchange.getMessage().setHeader("sObjectIdName", "Id__c");
              exchange.setVariable("existing", said);
            });

    assertThat(answer.getException())
        .hasStackTraceContaining("Salesforce did not say which records exist");
  }

  private static JsonNode batch(ObjectNode event) {
    return JSON.createArrayNode().add(event);
  }

  private static ObjectNode part(String product) {
    return JSON.createObjectNode().put("productId", product);
  }

  private static ObjectNode returnOf(int items, List<ObjectNode> parts, String name) {
    ObjectNode event = JSON.createObjectNode();
    ArrayNode returned = event.withArray("/body/return/returnItemList");
    for (int i = 0; i < items; i++) {
      returned.addObject().put("commerceItemId", "ci1");
    }
    event
        .withArray("/body/return/originatingOrder/commerceItems")
        .addObject()
        .put("id", "ci1")
        .put("productDisplayName", name)
        .putArray("commerceItems")
        .addAll(parts);
    return event;
  }

  private static JsonNode mapped(String mapping, JsonNode input) {
    try {
      return JSON.readTree(
          template.requestBody(
              "jslt:file:" + MAPPINGS.resolve(mapping) + ".jslt?objectMapper=#json",
              input.toString(),
              String.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
        .properties()
        .forEach(
            field ->
                values.put(
                    field.getKey(),
                    field.getValue().isContainerNode()
                        ? JSON.convertValue(field.getValue(), Object.class)
                        : field.getValue().asText()));
    return values;
  }

  private static Set<String> folders() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
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
