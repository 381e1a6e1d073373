package io.commercewebhooks.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a query in PromQL asks for, and whether a scrape has it. */
record Queries(String where, String text) {

  /** Those of Prometheus itself. */
  private static final Set<String> LABELS_OF_ALL = Set.of("job", "instance");

  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "offset", "bool", "inf", "nan");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern SELECTOR =
      Pattern.compile("(?<![\\w:.$])([a-zA-Z_:][\\w:]*)\\s*(?:\\{([^}]*)}|(?!\\s*[\\w(]))");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** The values of each label of each metric. */
  record Scrape(Map<String, Map<String, Set<String>>> metrics) {

    static Scrape of(String exposition) {
      Map<String, Map<String, Set<String>>> metrics = new HashMap<>();
      for (String line : exposition.split("\n")) {
        Matcher parts = LINE.matcher(line);
        if (line.startsWith("#") || !parts.matches()) {
          continue;
        }
        Map<String, Set<String>> labels =
            metrics.computeIfAbsent(parts.group(1), name -> new HashMap<>());
        Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
        while (label.find()) {
          labels.computeIfAbsent(label.group(1), name -> new HashSet<>()).add(label.group(2));
        }
      }
      return new Scrape(metrics);
    }
  }

  /** The names of the metrics. */
  Set<String> metrics() {
    Set<String> names = new TreeSet<>();
    selectors().forEach(selector -> names.add(selector.group(1)));
    return names;
  }

  /** The labels that the result is told apart by. */
  Set<String> groupedBy() {
    Set<String> labels = new TreeSet<>();
    Matcher grouping = GROUPING.matcher(text);
    while (grouping.find()) {
      Arrays.stream(grouping.group(1).split(","))
          .map(String::strip)
          .filter(Predicate.not(String::isEmpty))
          .forEach(labels::add);
    }
    return labels;
  }

  private List<Matcher> selectors() {
    String bare = RANGE.matcher(GROUPING.matcher(text).replaceAll(" ")).replaceAll(" ");
    List<Matcher> selectors = new ArrayList<>();
    for (Matcher any = SELECTOR.matcher(bare); any.find(); ) {
      if (!WORDS.contains(any.group(1))) {
        Matcher found = SELECTOR.matcher(bare);
        found.find(any.start());
        selectors.add(found);
      }
    }
    return selectors;
  }

  /** What the query asks for and the scrape does not have, a sentence each. */
  List<String> missingIn(Scrape scrape) {
    List<String> missing = new ArrayList<>();
    Set<String> known = new HashSet<>(LABELS_OF_ALL);
    for (Matcher selector : selectors()) {
      String metric = selector.group(1);
      if (metric.equals("up")) {
        continue;
      }
      Map<String, Set<String>> labels = scrape.metrics().get(metric);
      if (labels == null) {
        missing.add(where + ": no metric " + metric);
        continue;
      }
      known.addAll(labels.keySet());
      Matcher matcher = MATCHER.matcher(selector.group(2) == null ? "" : selector.group(2));
      while (matcher.find()) {
        String label = matcher.group(1);
        Set<String> values = labels.getOrDefault(label, Set.of());
        if (!LABELS_OF_ALL.contains(label)
            && values.stream().noneMatch(fits(matcher.group(2), matcher.group(3)))) {
          missing.add(where + ": nothing of " + metric + " has " + matcher.group());
        }
      }
    }
    groupedBy().stream()
        .filter(label -> !known.contains(label))
        .forEach(label -> missing.add(where + ": no label " + label));
    return missing;
  }

  private static Predicate<String> fits(String operator, String value) {
    return switch (operator) {
      case "=" -> value::equals;
      case "=~" -> Pattern.compile(value).asMatchPredicate();
      // what is left out must be a word of the service, too
      case "!=" -> value::equals;
      default -> Pattern.compile(value).asMatchPredicate();
    };
  }
}
