package io.commercewebhooks.deadletters;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenYaml;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** What a person must do about a failure, in one sentence of {@code config/advice.yaml}. */
@Component
public class Advice {

  private static final String OTHER = "other";

  /** Of every target that has no sentence of its own. */
  private static final String ANY = "any";

  private final Map<String, Map<String, String>> sentences;
  private final Environment environment;

  Advice(Environment environment) {
    this.environment = environment;
    this.sentences =
        Binder.get(environment)
            .bind(
                "advice",
                Bindable.<Map<String, Map<String, String>>>of(
                    ResolvableType.forClassWithGenerics(
                        Map.class,
                        ResolvableType.forClass(String.class),
                        ResolvableType.forClassWithGenerics(
                            Map.class, String.class, String.class))))
            .orElse(Map.of());
  }

  /**
   * Looks whether a file has sentences by target and code.
   *
   * @throws CannotStartException with the place where it hasn't
   */
  public static void check(Path file) {
    WrittenYaml.read(file).entries(List.of("advice")).values().stream()
        .flatMap(targets -> targets.entries().values().stream())
        .flatMap(codes -> codes.entries().values().stream())
        .forEach(WrittenYaml::text);
  }

  /**
   * The advice on a cause.
   *
   * @param cause a code, or a code and the fields it is about; or why a target is on hold
   * @param types the types of event it was met with
   * @return a sentence, or null where there is none
   */
  public String on(String target, String cause, Collection<String> types) {
    Map<String, String> ofTarget = sentences.getOrDefault(target, Map.of());
    String[] parts = (cause == null ? "" : cause).split(" ", 2);
    String sentence = ofCode(ofTarget, parts[0]).orElse(ofTarget.get(OTHER));
    if (sentence == null) {
      return null;
    }
    String objects =
        types.stream()
            .map(type -> environment.getProperty(target + ".objects." + type + ".name", type))
            .distinct()
            .collect(Collectors.joining(" or "));
    String said = objects.isEmpty() ? "the object" : objects;
    String text =
        sentence
            .replace("{field}", parts.length == 1 ? "a field of " + said : fields(parts[1], said))
            .replace("{object}", said)
            .replace("{code}", parts[0]);
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static Optional<String> ofCode(Map<String, String> sentences, String code) {
    return sentences.keySet().stream()
        .filter(code::startsWith)
        .max(Comparator.comparingInt(String::length))
        .map(sentences::get);
  }

  private static String fields(String names, String object) {
    return Arrays.stream(names.split(","))
        .map(name -> name.contains(".") ? name : object + "." + name)
        .collect(Collectors.joining(", "));
  }

  /**
   * Puts the advice beside each cause.
   *
   * @param rows of the ledger: with {@code target}, {@code cause_code}, and {@code type} or {@code
   *     types}
   * @return the same rows
   */
  public List<Map<String, Object>> beside(List<Map<String, Object>> rows) {
    for (Map<String, Object> row : rows) {
      if (row.get("cause_code") != null) {
        row.put(
            "advice", on((String) row.get("target"), (String) row.get("cause_code"), types(row)));
      }
    }
    return rows;
  }

  /** Puts the advice beside the deliveries of an event, as the ledger gives it. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> besideDeliveries(Map<String, Object> event) {
    beside((List<Map<String, Object>>) event.get("deliveries"));
    return event;
  }

  /** Puts the advice beside each target that is on hold. */
  public List<Map<String, Object>> besideHolds(List<Map<String, Object>> targets) {
    for (Map<String, Object> target : targets) {
      String advice =
          onHold(
              (String) target.get("target"),
              (String) target.get("reason"),
              (String) target.get("detail"));
      if ("held".equals(target.get("state")) && advice != null) {
        target.put("advice", advice);
      }
    }
    return targets;
  }

  /**
   * The advice on a target that is on hold, or null where there is none.
   *
   * @param detail why, as the ledger has it: the target's code first, where it gave one
   */
  String onHold(String target, String reason, String detail) {
    if (target == null || reason == null) {
      return null;
    }
    Map<String, String> ofTarget = sentences.getOrDefault(target, Map.of());
    String ofReason =
        ofTarget.getOrDefault(reason, sentences.getOrDefault(ANY, Map.of()).get(reason));
    return ofCode(ofTarget, detail == null ? "" : detail).orElse(ofReason);
  }

  private static Collection<String> types(Map<String, Object> row) {
    return row.get("types") instanceof Collection<?> types
        ? types.stream().map(Objects::toString).toList()
        : List.of(String.valueOf(row.get("type")));
  }
}
