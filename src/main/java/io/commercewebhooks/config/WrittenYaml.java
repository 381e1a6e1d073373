package io.commercewebhooks.config;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A place in a YAML file as it is written: every text is as in the file, and every complaint names
 * file and line.
 */
public final class WrittenYaml {

  private static final String REMEDY =
      "indent by spaces, write ': ' after a name, and put texts with ':' or '#' in quotes";

  private final Path file;
  private final Node node;

  private WrittenYaml(Path file, Node node) {
    this.file = file;
    this.node = node;
  }

  /**
   * Reads a file.
   *
   * @throws CannotStartException with file and line when it isn't YAML, or empty
   */
  public static WrittenYaml read(Path file) {
    Node root = parse(file);
    if (root == null) {
      throw new CannotStartException(
          file + ", line 1, column 1: it is empty; put back what was in it");
    }
    return new WrittenYaml(file, root);
  }

  /** Reads a text of which it is known that it is one section or more. */
  static WrittenYaml of(Path file, String text) {
    return new WrittenYaml(file, compose(text));
  }

  private static Node compose(String text) {
    return new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
  }

  /**
   * Reads a file as YAML, without a meaning.
   *
   * @return its root, null when it is empty
   * @throws CannotStartException with file and line when it isn't YAML
   */
  static Node parse(Path file) {
    try {
      String text = WrittenText.of(file, file.toString());
      refuseUnseen(file, text);
      return compose(text);
    } catch (MarkedYAMLException e) {
      throw new CannotStartException(
          "%s: %s; %s"
              .formatted(
                  place(file, e.getProblemMark()), e.getProblem().replace('\n', ' '), REMEDY),
          e);
    } catch (CannotStartException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CannotStartException(file + ", line 1, column 1: it is missing; put it back", e);
    } catch (IOException | RuntimeException e) {
      throw new CannotStartException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  /** The parser refuses such a character too, but says neither line nor column. */
  private static void refuseUnseen(Path file, String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      if (!StreamReader.isPrintable(text.codePointAt(i))) {
        String before = text.substring(0, i);
        throw new CannotStartException(
            "%s, line %d, column %d: a character that nobody sees, U+%04X, stands here; delete it"
                .formatted(
                    file,
                    before.split("\n", -1).length,
                    i - before.lastIndexOf('\n'),
                    text.codePointAt(i)));
      }
    }
  }

  /**
   * Refuses a file that isn't one section of lists: nobody would miss a list of another name, and
   * what it is there to protect would lie open.
   *
   * @param settings has the lists that there are, as its components
   */
  public static void checkLists(Path file, String section, Class<? extends Record> settings) {
    List<String> names =
        Stream.of(settings.getRecordComponents())
            .map(list -> DataObjectPropertyName.toDashedForm(list.getName()))
            .toList();
    for (WrittenYaml lists : read(file).entries(List.of(section)).values()) {
      Map<String, WrittenYaml> written = lists.entries(names);
      written.values().forEach(WrittenYaml::texts);
      for (String name : names) {
        if (!written.containsKey(name)) {
          throw lists.wrong("'%s' is missing here; write it, as [] where there is none", name);
        }
      }
    }
  }

  /** A complaint about this place: what is wrong, and what to write instead. */
  public CannotStartException wrong(String what, Object... arguments) {
    return new CannotStartException(
        "%s: %s".formatted(place(file, node.getStartMark()), what.formatted(arguments)));
  }

  /** How a place is told; lines and columns are counted from 1. */
  static String place(Path file, Mark mark) {
    return mark == null
        ? file.toString()
        : "%s, line %d, column %d".formatted(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** The place that these keys and numbers of list items lead to, or the last on the way. */
  WrittenYaml at(List<String> way) {
    if (way.isEmpty()) {
      return this;
    }
    List<String> rest = way.subList(1, way.size());
    if (node instanceof SequenceNode list) {
      return new WrittenYaml(file, list.getValue().get(Integer.parseInt(way.get(0)))).at(rest);
    }
    if (node instanceof MappingNode map) {
      for (NodeTuple entry : map.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(way.get(0))) {
          return new WrittenYaml(file, rest.isEmpty() ? key : entry.getValueNode()).at(rest);
        }
      }
    }
    return this;
  }

  /** The entries of a map with any keys, in their order. */
  public Map<String, WrittenYaml> entries() {
    return entries(null);
  }

  /** The entries of a map that may have these keys only. */
  public Map<String, WrittenYaml> entries(Collection<String> known) {
    if (!(node instanceof MappingNode map)) {
      throw wrong("there is no list of 'name: value' here; write one, indented under its name");
    }
    Map<String, WrittenYaml> entries = new LinkedHashMap<>();
    for (NodeTuple entry : map.getValue()) {
      WrittenYaml key = new WrittenYaml(file, entry.getKeyNode());
      if (known != null && !known.contains(key.text())) {
        throw key.wrong(
            "nobody knows '%s' here; write one of %s", key.text(), String.join(", ", known));
      }
      if (entries.put(key.text(), new WrittenYaml(file, entry.getValueNode())) != null) {
        throw key.wrong("'%s' is written twice; keep one", key.text());
      }
    }
    return entries;
  }

  /** What is said by names of settings: those of sections, joined by dots. A list is one value. */
  public Map<String, WrittenYaml> settings() {
    Map<String, WrittenYaml> settings = new LinkedHashMap<>();
    entries()
        .forEach(
            (name, value) -> {
              if (value.node instanceof MappingNode map && !map.getValue().isEmpty()) {
                value.settings().forEach((rest, one) -> settings.put(name + "." + rest, one));
              } else {
                settings.put(name, value);
              }
            });
    return settings;
  }

  /** A single text, as it is written; empty where there is none. */
  String said() {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  /** A list; a single value, or several with commas between, are one as well. */
  public List<WrittenYaml> items() {
    if (node instanceof SequenceNode list) {
      return list.getValue().stream().map(item -> new WrittenYaml(file, item)).toList();
    }
    return List.of(this);
  }

  /** The texts of a list; a single text may hold several, with commas between. */
  public List<String> texts() {
    return items().stream()
        .flatMap(item -> Stream.of(item.text().split(",")))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** Whether it is a single text, and this one. */
  public boolean says(String text) {
    return node instanceof ScalarNode scalar && scalar.getValue().strip().equals(text);
  }

  /** A single text, as it is written. */
  public String text() {
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue().strip();
    }
    throw wrong("there is nothing, or more than one value, where one should be; write one");
  }
}
