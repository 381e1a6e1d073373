package io.commercewebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class ReadableJsonTest {

  private static JsonNode nested(int levels, int values) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < values; i++) {
      json.put("k" + i, i);
    }
    for (int i = 0; i < levels; i++) {
      json = JsonNodeFactory.instance.objectNode().set("in", json);
    }
    return json;
  }

  @Test
  void each_value_has_a_line() {
    assertThat(ReadableJson.of(nested(1, 2)).lines())
        .containsExactly("{", "  \"in\" : {", "    \"k0\" : 0,", "    \"k1\" : 1", "  }", "}");
    assertThat(ReadableJson.of(nested(8, 100_000)).lines()).hasSizeGreaterThan(100_000);
  }

  @Test
  void what_would_be_little_but_blanks_stays_on_a_line() {
    JsonNode deep = nested(190, 50_000);

    assertThat(ReadableJson.of(deep)).isEqualTo(deep.toString()).hasSizeLessThan(1_000_000);
  }
}
