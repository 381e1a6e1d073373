package io.commercewebhooks.sandbox;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of SOQL as integrations use to look records up: {@code SELECT a, b FROM Object WHERE c IN
 * ('x', 'y') AND d = true LIMIT 10}. Comparisons are {@code =}, {@code !=} and {@code IN}, joined
 * by {@code AND}; texts compare as their field does.
 */
final class SalesforceQuery {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*('(?:[^'\\\\]|\\\\.)*'|[A-Za-z_][\\w.]*|-?\\d+(?:\\.\\d+)?|!=|<>|[=(),])");

  private record Condition(SalesforceField field, boolean equal, List<Object> values) {}

  private final List<String> tokens = new ArrayList<>();
  private int next;

  private final SalesforceObject object;
  private final List<SalesforceField> selected = new ArrayList<>();
  private final List<Condition> conditions = new ArrayList<>();
  private boolean counting;
  private int limit = Integer.MAX_VALUE;

  /**
   * Reads a query.
   *
   * @throws SalesforceError MALFORMED_QUERY, INVALID_TYPE or INVALID_FIELD
   */
  SalesforceQuery(String soql, SalesforceSchema schema) {
    Matcher matcher = TOKEN.matcher(soql);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      tokens.add(matcher.group(1));
      end = matcher.end();
    }
    if (!soql.substring(end).isBlank()) {
      throw malformed("unexpected token: '" + soql.substring(end).strip() + "'");
    }
    expect("SELECT");
    List<String> names = new ArrayList<>();
    do {
      names.add(take());
      if (names.get(0).equalsIgnoreCase("COUNT") && accept("(")) {
        expect(")");
        counting = true;
      }
    } while (accept(","));
    expect("FROM");
    String from = take();
    object = schema.object(from);
    if (object == null) {
      throw new SalesforceError(
          400, "INVALID_TYPE", "sObject type '" + from + "' is not supported.");
    }
    if (!counting) {
      names.forEach(name -> selected.add(field(name)));
    }
    if (accept("WHERE")) {
      do {
        conditions.add(condition());
      } while (accept("AND"));
    }
    if (accept("LIMIT")) {
      limit = Integer.parseInt(take());
    }
    if (next < tokens.size()) {
      throw malformed("unexpected token: '" + tokens.get(next) + "'");
    }
  }

  SalesforceObject object() {
    return object;
  }

  boolean counting() {
    return counting;
  }

  /** The selected fields of every record that fits; a field without a value is null. */
  List<Map<String, Object>> run(SalesforceRecords records) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Map<String, Object> record : candidates(records)) {
      if (rows.size() == limit) {
        break;
      }
      if (conditions.stream().allMatch(condition -> fits(condition, record))) {
        Map<String, Object> row = new LinkedHashMap<>();
        selected.forEach(field -> row.put(field.name(), record.get(field.name())));
        rows.add(row);
      }
    }
    return rows;
  }

  private Collection<Map<String, Object>> candidates(SalesforceRecords records) {
    for (Condition condition : conditions) {
      if (condition.equal() && condition.field().indexed()) {
        Set<String> ids = new LinkedHashSet<>();
        condition
            .values()
            .forEach(value -> ids.addAll(records.find(object, condition.field(), value)));
        return ids.stream().map(id -> records.get(object, id)).toList();
      }
    }
    return records.all(object);
  }

  private static boolean fits(Condition condition, Map<String, Object> record) {
    Object actual = record.get(condition.field().name());
    boolean found =
        condition.values().stream().anyMatch(value -> same(condition.field(), value, actual));
    return found == condition.equal();
  }

  private static boolean same(SalesforceField field, Object wanted, Object actual) {
    if (wanted == null || actual == null) {
      return wanted == actual;
    }
    if (wanted instanceof BigDecimal number) {
      return actual instanceof BigDecimal other && number.compareTo(other) == 0;
    }
    return field.comparable(wanted).equals(field.comparable(actual));
  }

  private Condition condition() {
    SalesforceField field = field(take());
    if (field.type().equals("textarea")) {
      throw new SalesforceError(
          400, "INVALID_FIELD", "field '" + field.name() + "' can not be filtered in a query call");
    }
    List<Object> values = new ArrayList<>();
    if (accept("IN")) {
      expect("(");
      do {
        values.add(literal());
      } while (accept(","));
      expect(")");
      return new Condition(field, true, values);
    }
    boolean equal = accept("=");
    if (!equal && !accept("!=") && !accept("<>")) {
      throw malformed("unexpected token: '" + take() + "'");
    }
    values.add(literal());
    return new Condition(field, equal, values);
  }

  private Object literal() {
    String token = take();
    if (token.startsWith("'")) {
      return unescaped(token.substring(1, token.length() - 1));
    }
    return switch (token.toLowerCase(Locale.ROOT)) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> {
        try {
          yield new BigDecimal(token);
        } catch (NumberFormatException e) {
          throw malformed("unexpected token: '" + token + "'");
        }
      }
    };
  }

  private static String unescaped(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        c = text.charAt(++i);
        plain.append(
            switch (c) {
              case 'n', 'N' -> '\n';
              case 'r', 'R' -> '\r';
              case 't', 'T' -> '\t';
              case '\\', '\'', '"', '_', '%' -> c;
              default -> throw malformed("Illegal string literal: invalid escape \\" + c);
            });
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private SalesforceField field(String name) {
    SalesforceField field = object.field(name);
    if (field == null) {
      throw new SalesforceError(
          400, "INVALID_FIELD", "No such column '" + name + "' on entity '" + object.name() + "'.");
    }
    return field;
  }

  private boolean accept(String token) {
    if (next < tokens.size() && tokens.get(next).equalsIgnoreCase(token)) {
      next++;
      return true;
    }
    return false;
  }

  private void expect(String token) {
    if (!accept(token)) {
      throw malformed("expecting '" + token + "'");
    }
  }

  private String take() {
    if (next == tokens.size()) {
      throw malformed("unexpected end of query");
    }
    return tokens.get(next++);
  }

  private static SalesforceError malformed(String message) {
    return new SalesforceError(400, "MALFORMED_QUERY", message);
  }
}
