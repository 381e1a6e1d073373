package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Set;
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
      String before = where.isEmpty() ? "" : where + ".";
      names(live, preview)
          .forEach(name -> compare(before + name, live.path(name), preview.path(name)));
    } else if (isListOrNone(live) && isListOrNone(preview)) {
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
    names(before, after)
        .forEach(
            name -> compare("%s[%s]".formatted(where, name), before.path(name), after.path(name)));
  }

  private static boolean isListOrNone(JsonNode node) {
    return node.isArray() || node.isMissingNode();
  }

  private static Set<String> names(JsonNode live, JsonNode preview) {
    Set<String> names = new TreeSet<>();
    live.fieldNames().forEachRemaining(names::add);
    preview.fieldNames().forEachRemaining(names::add);
    return names;
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
      note(where, TextNode.valueOf(live), TextNode.valueOf(preview));
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        note(
            "%s line %d".formatted(where, i + 1),
            TextNode.valueOf(before.get(i).strip()),
            TextNode.valueOf(after.get(i).strip()));
      }
    }
  }

  private void note(String where, JsonNode live, JsonNode preview) {
    ObjectNode line = found.addObject().put("where", where);
    line.set("live", live.isMissingNode() ? null : live);
    line.set("preview", preview.isMissingNode() ? null : preview);
  }
}
