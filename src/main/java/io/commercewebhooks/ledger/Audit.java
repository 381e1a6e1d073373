package io.commercewebhooks.ledger;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What operators did: who, what, when, to what, how many, from where. An action and its line are
 * one transaction, so there is neither without the other; the table itself refuses changes.
 */
public class Audit {

  private static final int MOST = 500;

  private final NamedParameterJdbcTemplate ledger;
  private final TransactionTemplate transaction;
  private final ObjectMapper json;

  Audit(NamedParameterJdbcTemplate ledger, TransactionTemplate transaction, ObjectMapper json) {
    this.ledger = ledger;
    this.transaction = transaction;
    this.json = json;
  }

  /**
   * Who acts.
   *
   * @param name the user
   * @param address where the user acts from
   */
  public record Actor(String name, String address) {}

  /** Which lines are meant; null means any. */
  public record Filter(
      String actor,
      String action,
      String object,
      Instant from,
      Instant to,
      Long before,
      Integer limit) {}

  private record RawJson(@JsonRawValue @JsonValue String json) {}

  /** Does something once, or as many times as it says, together with its line. */
  public <T> T of(
      Actor actor,
      String action,
      String object,
      Map<String, ?> detail,
      ToLongFunction<T> count,
      Supplier<T> doing) {
    return transaction.execute(
        status -> {
          T result = doing.get();
          write(actor, action, object, count.applyAsLong(result), detail);
          return result;
        });
  }

  /** Does something together with its line. */
  public void of(Actor actor, String action, String object, Runnable doing) {
    of(
        actor,
        action,
        object,
        Map.of(),
        done -> 1,
        () -> {
          doing.run();
          return true;
        });
  }

  /**
   * Writes a line.
   *
   * @param count how many things it was done to, or null
   * @param detail what else is to be known, without personal data
   * @return the number of the line
   */
  public long write(Actor actor, String action, String object, Long count, Map<String, ?> detail) {
    Long id =
        ledger.queryForObject(
            """
            insert into audit (actor, action, object, count, detail, remote_address)
            values (:actor, :action, :object, :count, :detail, :address) returning id
            """,
            new MapSqlParameterSource("actor", actor.name())
                .addValue("action", action)
                .addValue("object", object)
                .addValue("count", count)
                .addValue("detail", text(detail))
                .addValue("address", actor.address()),
            Long.class);
    return id == null ? 0 : id;
  }

  /** The newest lines that fit. */
  public List<Map<String, Object>> lines(Filter filter) {
    MapSqlParameterSource parameters =
        new MapSqlParameterSource("actor", filter.actor())
            .addValue("action", filter.action())
            .addValue("object", filter.object())
            .addValue("from", utc(filter.from()))
            .addValue("to", utc(filter.to()))
            .addValue("before", filter.before())
            .addValue(
                "limit",
                filter.limit() == null ? 100 : Math.max(1, Math.min(filter.limit(), MOST)));
    List<Map<String, Object>> lines =
        ledger.queryForList(
            """
            select id, at, actor, action, object, count, detail, remote_address from audit
            where (cast(:actor as text) is null or actor = :actor)
              and (cast(:action as text) is null or action = :action)
              and (cast(:object as text) is null or object = :object)
              and (cast(:from as timestamptz) is null or at >= :from)
              and (cast(:to as timestamptz) is null or at < :to)
              and (cast(:before as bigint) is null or id < :before)
            order by id desc limit :limit
            """,
            parameters);
    lines.forEach(line -> line.compute("detail", (name, text) -> new RawJson((String) text)));
    return lines;
  }

  private static Object utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private String text(Map<String, ?> detail) {
    try {
      return json.writeValueAsString(detail);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this can't be kept", e);
    }
  }
}
