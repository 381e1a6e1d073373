package io.commercewebhooks.config;

import static java.util.stream.Collectors.joining;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;

/**
 * Holds what is written as settings against {@code config/application.yaml} as it was shipped,
 * which has all names and shows how a value looks: what nobody reads changes nothing, and a time
 * without its unit is a thousandth of what was meant.
 */
public final class WrittenSettings {

  private static final String CLOCK = "ledger.retry.";

  private static final Pattern REFERENCED = Pattern.compile("\\$\\{([\\w.-]+)");

  private WrittenSettings() {}

  /**
   * Looks at the files of settings.
   *
   * @param folder that holds config
   * @param routes the folder of routes, which may read settings of their own
   * @throws CannotStartException with the place of what nobody knows or what can't be, or with what
   *     is missing
   */
  public static void checkAll(Path folder, Path routes) {
    filesIn(folder.resolve("config")).forEach(file -> check(file, routes));
  }

  private static void check(Path file, Path routes) {
    Map<String, WrittenYaml> written = WrittenYaml.read(file).settings();
    List<String> unknown =
        written.keySet().stream().filter(name -> !KnownSettings.isKnown(name)).toList();
    if (!unknown.isEmpty()) {
      // routes are read only now: that takes a while, and a start is waited for
      Set<String> read = new HashSet<>(WrittenRoutes.in(routes).settings());
      written.values().forEach(value -> addReferences(value, read));
      for (String name : unknown) {
        if (!read.contains(name)) {
          throw written
              .get(name)
              .wrong(
                  "nobody knows the setting %s%s",
                  name, NearestWord.insteadOrNothing(name, KnownSettings.namesFor(name)));
        }
      }
    }
    written.forEach((name, value) -> checkClock(name, value, written.keySet()));
    Map<String, String> said = new HashMap<>();
    written.forEach((name, value) -> said.put(name, value.said()));
    said.values().removeIf(text -> text.contains("${"));
    SettingValues.firstWrong(said)
        .ifPresent(
            wrong -> {
              throw written.get(wrong.name()).wrong("%s %s", wrong.name(), wrong.what());
            });
    if (file.endsWith("application.yaml")) {
      checkAllThere(file, written.keySet());
    }
  }

  /** A clock of its own is said whole. */
  private static void checkClock(String name, WrittenYaml value, Set<String> written) {
    if (name.startsWith(CLOCK) || !KnownSettings.like(name).startsWith(CLOCK)) {
      return;
    }
    KnownSettings.names().stream()
        .filter(part -> part.startsWith(CLOCK))
        .map(part -> KnownSettings.beside(name, part))
        .filter(part -> !written.contains(part))
        .findFirst()
        .ifPresent(
            missing -> {
              throw value.wrong("%s is missing beside it; write it", missing);
            });
  }

  private static void checkAllThere(Path file, Set<String> written) {
    String missing =
        KnownSettings.names().stream()
            .filter(name -> !KnownSettings.isOfOthers(name) && !KnownSettings.isOfChoice(name))
            .filter(name -> !written.contains(name))
            .map(name -> name + ": " + KnownSettings.said(name))
            .collect(joining(", "));
    if (!missing.isEmpty()) {
      throw new CannotStartException(
          "%s, line 1, column 1: what is missing has no default; write it, as shipped %s"
              .formatted(file, missing));
    }
  }

  /**
   * Looks at what is in force, which variables may have said.
   *
   * @throws CannotStartException with the name of what can't be, and never its value
   */
  public static void check(Environment environment) {
    Map<String, String> said = new HashMap<>();
    KnownSettings.names().stream()
        .filter(SettingValues::areBound)
        .forEach(
            name -> {
              String value = environment.getProperty(name);
              if (value != null) {
                said.put(name, value);
              }
            });
    SettingValues.firstWrong(said)
        .ifPresent(
            wrong -> {
              throw new CannotStartException(
                  "%s (%s) %s"
                      .formatted(KnownSettings.variable(wrong.name()), wrong.name(), wrong.what()));
            });
  }

  /** What the files of settings in a folder refer to: variables, secrets and other settings. */
  static Set<String> references(Path config) {
    Set<String> references = new HashSet<>();
    KnownSettings.written().forEach(value -> addReferences(value, references));
    filesIn(config)
        .forEach(
            file ->
                WrittenYaml.read(file)
                    .settings()
                    .values()
                    .forEach(value -> addReferences(value, references)));
    return references;
  }

  private static void addReferences(WrittenYaml value, Set<String> references) {
    value.items().stream()
        .flatMap(item -> REFERENCED.matcher(item.said()).results())
        .forEach(found -> references.add(found.group(1)));
  }

  private static List<Path> filesIn(Path config) {
    try (Stream<Path> files = Files.list(config)) {
      return files
          .filter(file -> file.getFileName().toString().matches("application(-.*)?\\.ya?ml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
