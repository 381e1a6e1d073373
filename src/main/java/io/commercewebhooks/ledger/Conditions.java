package io.commercewebhooks.ledger;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** A where clause of fixed texts; what people say goes into parameters only. */
final class Conditions {

  private static final int MOST = 500;

  private final NamedParameterJdbcTemplate jdbc;
  private final List<String> texts = new ArrayList<>();
  private final MapSqlParameterSource parameters = new MapSqlParameterSource();

  Conditions(NamedParameterJdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  Conditions and(String condition) {
    texts.add(condition);
    return this;
  }

  /** A condition, unless its value is null. */
  Conditions and(String condition, String name, Object value) {
    if (value instanceof List<?> none && none.isEmpty()) {
      texts.add("false"); // no statement has a list of nothing
    } else if (value != null) {
      texts.add(condition);
      parameters.addValue(name, sql(value));
    }
    return this;
  }

  /** What a statement needs besides. */
  Conditions with(String name, Object value) {
    parameters.addValue(name, sql(value));
    return this;
  }

  private static Object sql(Object value) {
    return value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value;
  }

  Conditions between(String time, String sequence, Sequences sequences, Instant from, Instant to) {
    if (from != null) {
      and(time + " >= :from", "from", from);
      and(sequence + " > :lowest", "lowest", sequences.below(from));
    }
    if (to != null) {
      and(time + " < :to", "to", to);
      and(sequence + " < :highest", "highest", sequences.above(to));
    }
    return this;
  }

  /** All of them, to stand behind another. */
  String behindAnother() {
    return texts.stream().map(" and "::concat).collect(Collectors.joining());
  }

  private String in(String sql) {
    return sql.formatted(texts.isEmpty() ? "" : "where " + String.join(" and ", texts));
  }

  List<Map<String, Object>> list(String sql, Integer limit) {
    with("limit", limit == null ? 100 : Math.max(1, Math.min(limit, MOST)));
    return jdbc.queryForList(in(sql), parameters);
  }

  List<String> texts(String sql, int atMost) {
    with("atMost", atMost);
    return jdbc.queryForList(in(sql), parameters, String.class);
  }

  long change(String sql) {
    return jdbc.update(in(sql), parameters);
  }

  long countEvents() {
    return count("select count(*) from event e %s");
  }

  long countDeliveries() {
    return count(
        "select count(*) from delivery d join event e on e.sequence = d.event_sequence %s");
  }

  private long count(String sql) {
    return jdbc.queryForObject(in(sql), parameters, Long.class);
  }
}
