package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeSet;

/**
 * What a change changes: a line for each place where two results differ, as {@code {"where":
 * "mails[sales].subject", "live": …, "preview": …}}; what is only in one is null in the other. Long
 * texts are told line by line.
 */
final class Differences {

  private final ArrayNode found = JsonNodeFactory.instance.arrayNode();

  private Differences() {}

  static ArrayNode between(JsonNode live, JsonNode preview) {
    Differences differences = new Differences();
    differences.compare("", live, preview);
    return differences.found;
  }

  private void compare(String where, JsonNode live, JsonNode preview) {
    if (live.equals(preview)) {
      return;
    }
    if (live.isObject() && preview.isObject()) {
      TreeSet<String> names = new TreeSet<>();
      live.fieldNames().forEachRemaining(names::add);
      preview.fieldNames().forEachRemaining(names::add);
      String before = where.isEmpty() ? "" : where + ".";
      names.forEach(name -> compare(before + name, live.path(name), preview.path(name)));
    } else if (live.isArray() && preview.isArray() || live.isMissingNode() && preview.isArray()) {
      compareItems(where, live, preview);
    } else if (live.isArray() && preview.isMissingNode()) {
      compareItems(where, live, preview);
    } else if (live.isTextual() && preview.isTextual()) {
      compareTexts(where, live.textValue(), preview.textValue());
    } else {
      note(where, live, preview);
    }
  }

  /** Items that have a name are compared by it, others by their place. */
  private void compareItems(String where, JsonNode live, JsonNode preview) {
    ObjectNode before = byName(live);
    ObjectNode after = byName(preview);
    TreeSet<String> names = new TreeSet<>();
    before.fieldNames().forEachRemaining(names::add);
    after.fieldNames().forEachRemaining(names::add);
    names.forEach(
        name -> compare("%s[%s]".formatted(where, name), before.path(name), after.path(name)));
  }

  private static ObjectNode byName(JsonNode items) {
    ObjectNode named = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < items.size(); i++) {
      JsonNode item = items.get(i);
      String name = item.path("audience").asText(item.path("route").asText(""));
      named.set(name.isEmpty() || named.has(name) ? String.valueOf(i) : name, item);
    }
    return named;
  }

  private void compareTexts(String where, String live, String preview) {
    List<String> before = live.lines().toList();
    List<String> after = preview.lines().toList();
    if (before.size() != after.size() || before.size() == 1) {
      note(
          where,
          JsonNodeFactory.instance.textNode(live),
          JsonNodeFactory.instance.textNode(preview));
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        note(
            "%s line %d".formatted(where, i + 1),
            JsonNodeFactory.instance.textNode(before.get(i).strip()),
            JsonNodeFactory.instance.textNode(after.get(i).strip()));
      }
    }
  }

  private void note(String where, JsonNode live, JsonNode preview) {
    ObjectNode line = found.addObject().put("where", where);
    line.set("live", live.isMissingNode() ? null : live);
    line.set("preview", preview.isMissingNode() ? null : preview);
  }
}
