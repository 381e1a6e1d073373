package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What operators did: who, what, when, to what, how many, from where. An action and its line are
 * one transaction, so there is neither without the other; the table itself refuses changes.
 */
@Component
public class Audit {

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

  /** Does something once, or as many times as it says, together with its line. */
  public <T> T of(
      Actor actor,
      String action,
      String object,
      Map<String, ?> detail,
      ToLongFunction<T> count,
      Supplier<T> doing) {
    return ifDone(actor, action, object, detail, count, () -> Optional.of(doing.get()))
        .orElseThrow();
  }

  /** The same of what may not be there to be done: then there is no line. */
  public <T> Optional<T> ifDone(
      Actor actor,
      String action,
      String object,
      Map<String, ?> detail,
      ToLongFunction<T> count,
      Supplier<Optional<T>> doing) {
    return transaction.execute(
        status -> {
          Optional<T> result = doing.get();
          result.ifPresent(done -> write(actor, action, object, count.applyAsLong(done), detail));
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
    List<Map<String, Object>> lines =
        new Conditions(ledger)
            .and("actor = :actor", "actor", filter.actor())
            .and("action = :action", "action", filter.action())
            .and("object = :object", "object", filter.object())
            .and("at >= :from", "from", filter.from())
            .and("at < :to", "to", filter.to())
            .and("id < :before", "before", filter.before())
            .list(
                """
                select id, at, actor, action, object, count, detail, remote_address
                from audit %s order by id desc limit :limit
                """,
                filter.limit());
    lines.forEach(
        line -> line.compute("detail", (name, text) -> new LedgerAccount.RawJson((String) text)));
    return lines;
  }

  private String text(Map<String, ?> detail) {
    try {
      return json.writeValueAsString(detail);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this can't be kept", e);
    }
  }
}
