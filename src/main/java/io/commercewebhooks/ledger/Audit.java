package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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

  /**
   * What somebody does.
   *
   * @param detail what else is to be known, without personal data
   */
  public record Deed(Actor actor, String action, String object, Map<String, ?> detail) {

    public Deed(Actor actor, String action, String object) {
      this(actor, action, object, Map.of());
    }
  }

  /** Does something once, or as many times as it says, together with its line. */
  public <T> T of(Deed deed, ToLongFunction<T> count, Supplier<T> doing) {
    return ifDone(deed, count, () -> Optional.of(doing.get())).orElseThrow();
  }

  /** The same of what may not be there to be done: then there is no line. */
  public <T> Optional<T> ifDone(Deed deed, ToLongFunction<T> count, Supplier<Optional<T>> doing) {
    return transaction.execute(
        status -> {
          Optional<T> result = doing.get();
          result.ifPresent(done -> write(deed, count.applyAsLong(done)));
          return result;
        });
  }

  /** The same of what only says whether it was done. */
  public boolean ifDone(Deed deed, BooleanSupplier doing) {
    return ifDone(deed, any -> 1, () -> Optional.of(deed).filter(any -> doing.getAsBoolean()))
        .isPresent();
  }

  /** Does something together with its line. */
  public void of(Deed deed, Runnable doing) {
    ifDone(
        deed,
        () -> {
          doing.run();
          return true;
        });
  }

  /**
   * Writes a line.
   *
   * @param count how many things it was done to, or null
   * @return the number of the line
   */
  public long write(Deed deed, Long count) {
    return ledger.queryForObject(
        """
        insert into audit (actor, action, object, count, detail, remote_address)
        values (:actor, :action, :object, :count, :detail, :address) returning id
        """,
        new MapSqlParameterSource("actor", deed.actor().name())
            .addValue("action", deed.action())
            .addValue("object", deed.object())
            .addValue("count", count)
            .addValue("detail", text(deed.detail()))
            .addValue("address", deed.actor().address()),
        Long.class);
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
        line -> line.compute("detail", (name, text) -> new Payloads.RawJson((String) text)));
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
