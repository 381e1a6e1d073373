package io.commercewebhooks.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.benchmark.Contestant.Who;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured: medians over the rounds, side by side, as a table and as JSON. */
final class Results {

  /** What is measured, and of which the ratio is told. */
  enum Better {
    MORE,
    LESS
  }

  private record Measure(String unit, Better better, Map<Who, List<Double>> values) {}

  private final Map<String, Measure> measures = new LinkedHashMap<>();
  private final Map<String, String> machine = new LinkedHashMap<>();

  /** Adds what one round measured. */
  void add(String what, String unit, Better better, Who who, double value) {
    measures
        .computeIfAbsent(what, any -> new Measure(unit, better, new EnumMap<>(Who.class)))
        .values()
        .computeIfAbsent(who, any -> new ArrayList<>())
        .add(value);
  }

  /** Adds what is so whoever is measured. */
  void machine(String what, String value) {
    machine.put(what, value);
  }

  /** The median; of nothing not a number. */
  double median(String what, Who who) {
    Measure measure = measures.get(what);
    List<Double> sorted =
        measure == null
            ? List.of()
            : measure.values().getOrDefault(who, List.of()).stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }

  /** The table. */
  String table() {
    StringBuilder table = new StringBuilder("\n");
    machine.forEach((what, value) -> table.append("%-60s %s%n".formatted(what, value)));
    table.append("%n%-60s %12s %12s %8s%n".formatted("median", "this service", "by hand", "ratio"));
    measures.forEach(
        (what, measure) -> {
          double ours = median(what, Who.COMMERCE_WEBHOOKS);
          double theirs = median(what, Who.HAND_WRITTEN);
          table.append(
              "%-60s %12s %12s %8s  %s%n"
                  .formatted(
                      what + (measure.unit().isEmpty() ? "" : ", " + measure.unit()),
                      number(ours),
                      number(theirs),
                      number(ours / theirs),
                      measure.better() == Better.MORE ? "more is better" : ""));
        });
    return table.toString();
  }

  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "-";
    }
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }

  /** Writes table and JSON. */
  void write(Path folder) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("at", Instant.now().toString());
    ObjectNode on = json.putObject("machine");
    machine.forEach(on::put);
    ObjectNode all = json.putObject("measures");
    measures.forEach(
        (what, measure) -> {
          ObjectNode one = all.putObject(what);
          one.put("unit", measure.unit());
          one.put("better", measure.better().name().toLowerCase(Locale.ROOT));
          measure
              .values()
              .forEach(
                  (who, values) ->
                      values.forEach(
                          one.withArray("/" + who.name().toLowerCase(Locale.ROOT))::add));
        });
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("benchmark.json"), json.toPrettyString());
      Files.writeString(folder.resolve("benchmark.txt"), table());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
