package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Compares payloads with the schema of their sender, for what the schema doesn't know. A validator
 * would not do: the schemas allow unknown fields, and those are what is looked for.
 */
final class SchemaDrift {

  enum Kind {
    UNKNOWN_FIELD("unknown-field"),
    UNKNOWN_VALUE("unknown-value"),
    OTHER_TYPE("other-type");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /**
   * Something that the schema doesn't know.
   *
   * @param path the fields down to it, {@code []} for any item of a list
   * @param seen the JSON type; of an unknown value that may be shown, the value
   */
  record Finding(String path, Kind kind, String seen) {}

  private static final int LONGEST = 60;
  private static final String SENSITIVE = "x-sensitive";
  private static final String HIDDEN = "(not shown)";

  private final JsonNode schema;
  private final UnaryOperator<String> plain;

  /**
   * @param plain takes out of a text what must not be kept; a text that it changes isn't shown
   */
  SchemaDrift(JsonNode schema, UnaryOperator<String> plain) {
    this.schema = schema;
    this.plain = plain;
  }

  /** What in a payload the schema doesn't know, each once. */
  Set<Finding> in(JsonNode payload) {
    return new LinkedHashSet<>(in(schema, payload, ""));
  }

  private List<Finding> in(JsonNode written, JsonNode value, String path) {
    JsonNode known = resolved(written);
    if (value.isNull()) {
      return List.of();
    }
    for (String either : List.of("oneOf", "anyOf")) {
      if (known.has(either)) {
        return nearest(known.path(either), value, path);
      }
    }
    if (!known.has(SENSITIVE) && !isOfType(known.path("type"), value)) {
      return List.of(new Finding(path, Kind.OTHER_TYPE, type(value)));
    }
    List<Finding> found = new ArrayList<>();
    if (value.isValueNode() && !isKnown(known, value)) {
      found.add(new Finding(path, Kind.UNKNOWN_VALUE, shown(known, value)));
    } else if (value.isArray() && known.has("items")) {
      value.forEach(item -> found.addAll(in(known.path("items"), item, path + "[]")));
    } else if (value.isObject() && (known.has("properties") || hasFieldsOfAnyName(known))) {
      value
          .properties()
          .forEach(field -> found.addAll(field(known, field, path.isEmpty() ? "" : path + ".")));
    }
    return found;
  }

  private List<Finding> field(JsonNode known, Map.Entry<String, JsonNode> field, String before) {
    JsonNode of = known.path("properties").path(field.getKey());
    if (!of.isMissingNode()) {
      return in(of, field.getValue(), before + field.getKey());
    }
    if (hasFieldsOfAnyName(known)) {
      return in(known.path("additionalProperties"), field.getValue(), before + "*");
    }
    String name = plain(field.getKey()) ? field.getKey() : HIDDEN;
    return List.of(new Finding(before + name, Kind.UNKNOWN_FIELD, type(field.getValue())));
  }

  private static boolean hasFieldsOfAnyName(JsonNode known) {
    return known.path("additionalProperties").isObject();
  }

  /** Of several ways to write something, the one that it is named as, or else explains most. */
  private List<Finding> nearest(JsonNode ways, JsonNode value, String path) {
    List<Finding> nearest = null;
    boolean named = false;
    for (JsonNode way : ways) {
      List<Finding> found = in(way, value, path);
      boolean isNamed = isNamed(resolved(way), value);
      if (nearest == null
          || isNamed && !named
          || isNamed == named && found.size() < nearest.size()) {
        nearest = found;
        named = isNamed;
      }
    }
    return nearest == null ? List.of() : nearest;
  }

  /**
   * Whether the fields that tell ways apart, such as the name of the event, say that it is this.
   */
  private static boolean isNamed(JsonNode way, JsonNode value) {
    return way.path("properties").properties().stream()
        .allMatch(
            field ->
                !value.has(field.getKey())
                    || isKnown(field.getValue(), value.path(field.getKey())));
  }

  private JsonNode resolved(JsonNode written) {
    String reference = written.path("$ref").asText();
    return reference.startsWith("#/") ? resolved(schema.at(reference.substring(1))) : written;
  }

  private static boolean isOfType(JsonNode types, JsonNode value) {
    if (types.isMissingNode()) {
      return true;
    }
    for (JsonNode type : types.isArray() ? types : List.of(types)) {
      if (type.asText().equals(type(value))
          || type.asText().equals("number") && value.isNumber()
          || type.asText().equals("integer") && value.isIntegralNumber()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isKnown(JsonNode known, JsonNode value) {
    if (known.has("const")) {
      return known.path("const").equals(value);
    }
    if (!known.has("enum")) {
      return true;
    }
    for (JsonNode one : known.path("enum")) {
      if (one.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private String shown(JsonNode known, JsonNode value) {
    return !known.has(SENSITIVE) && plain(value.asText()) ? value.asText() : HIDDEN;
  }

  private boolean plain(String text) {
    return text.length() <= LONGEST
        && text.chars().noneMatch(Character::isISOControl)
        && plain.apply(text).equals(text);
  }

  private static String type(JsonNode value) {
    return value.isNumber()
        ? value.isIntegralNumber() ? "integer" : "number"
        : value.getNodeType().name().toLowerCase(Locale.ROOT);
  }
}
