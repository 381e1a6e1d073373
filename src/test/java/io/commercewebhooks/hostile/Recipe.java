package io.commercewebhooks.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/**
 * One hostile request and what must come of it, as written in {@code
 * src/test/resources/hostile/<family>/<file>.yaml}; the README there has every key.
 *
 * @param family the folder and the file
 * @param name what the attacker tries
 * @param keys the defaults of the file, and over them what the case says itself
 */
record Recipe(String family, String name, Map<String, Object> keys) {

  private static final Path FOLDER = Path.of("src/test/resources/hostile");
  private static final String EACH = "{each}";

  static List<Recipe> all() {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .flatMap(Recipe::in)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Recipe> in(Path file) {
    String family = FOLDER.relativize(file).toString().replace('\\', '/').replace(".yaml", "");
    Map<String, Object> content;
    try (Reader text = Files.newBufferedReader(file, UTF_8)) {
      content = new Yaml().load(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Object> defaults = map(content.getOrDefault("defaults", Map.of()));
    List<Recipe> recipes = new ArrayList<>();
    for (Object written : list(content.get("cases"))) {
      Map<String, Object> own = map(written);
      for (Object each : list(own.getOrDefault("each", List.of("")))) {
        Map<String, Object> keys = over(defaults, map(filled(own, String.valueOf(each))));
        recipes.add(new Recipe(family, (String) keys.get("it"), keys));
      }
    }
    return recipes.stream();
  }

  /** Maps are merged key by key; anything else takes the place of the default. */
  private static Map<String, Object> over(Map<String, Object> defaults, Map<String, Object> own) {
    Map<String, Object> merged = new LinkedHashMap<>(defaults);
    own.forEach(
        (key, value) ->
            merged.put(
                key,
                value instanceof Map && defaults.get(key) instanceof Map
                    ? over(map(defaults.get(key)), map(value))
                    : value));
    return merged;
  }

  private static Object filled(Object value, String each) {
    if (value instanceof Map<?, ?> fields) {
      Map<String, Object> filled = new LinkedHashMap<>();
      fields.forEach(
          (key, field) -> filled.put(String.valueOf(filled(key, each)), filled(field, each)));
      return filled;
    }
    if (value instanceof List<?> items) {
      List<Object> filled = new ArrayList<>();
      items.forEach(item -> filled.add(filled(item, each)));
      return filled;
    }
    return value instanceof String text ? text.replace(EACH, each) : value;
  }

  String text(String key, String otherwise) {
    return keys.get(key) == null ? otherwise : String.valueOf(keys.get(key));
  }

  int number(String key, int otherwise) {
    return keys.get(key) == null ? otherwise : (Integer) keys.get(key);
  }

  Map<String, Object> fields(String key) {
    return keys.get(key) instanceof Map<?, ?> ? map(keys.get(key)) : Map.of();
  }

  List<Object> items(String key) {
    return keys.get(key) == null ? List.of() : list(keys.get(key));
  }

  boolean has(String key) {
    return keys.containsKey(key);
  }

  Expected expected() {
    Map<String, Object> expect = fields("expect");
    return new Expected(
        list(expect.get("status")).stream().map(Integer.class::cast).toList(),
        (String) expect.getOrDefault("reason", "none"),
        (Integer) expect.getOrDefault("kept", 0),
        (Integer) expect.getOrDefault("answers", 1));
  }

  /**
   * What must come of a recipe.
   *
   * @param status any of these; 0 is a connection that is closed without an answer
   * @param reason of the record in the ledger, or {@code none}
   * @param kept how many events are in the ledger afterwards
   * @param answers how many there are on the connection
   */
  record Expected(List<Integer> status, String reason, int kept, int answers) {}

  @Override
  public String toString() {
    return family + ": " + name;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return value instanceof List<?> ? (List<Object>) value : List.of(value);
  }
}
