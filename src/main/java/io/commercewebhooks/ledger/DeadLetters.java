package io.commercewebhooks.ledger;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * What people decide about what failed, besides replaying it: that somebody sees to a cause, and
 * that something need not be delivered any more. Nothing is deleted.
 */
@Component
public class DeadLetters {

  /** Why a dead letter ended that was discarded. */
  public static final String DISCARDED = "DISCARDED";

  private static final int SHOWN = 20;

  private final NamedParameterJdbcTemplate ledger;
  private final LedgerAccount account;
  private final FilteredRows filtered;
  private final PersonalData people;

  DeadLetters(NamedParameterJdbcTemplate ledger, LedgerAccount account, PersonalData people) {
    this.ledger = ledger;
    this.account = account;
    this.filtered = new FilteredRows(ledger);
    this.people = people;
  }

  /**
   * Dead letters by cause, each with who acknowledged it since the last of them failed, as {@code
   * acknowledgement}.
   */
  public List<Map<String, Object>> causes() {
    List<Map<String, Object>> acknowledged =
        ledger.queryForList(
            "select target, cause_code, at, actor, comment, count from acknowledgement", Map.of());
    List<Map<String, Object>> causes = account.causes();
    for (Map<String, Object> cause : causes) {
      acknowledged.stream()
          .filter(a -> a.get("target").equals(cause.get("target")))
          .filter(a -> a.get("cause_code").equals(cause.get("cause_code")))
          .filter(a -> !earlier(a.get("at"), cause.get("last_at")))
          .findFirst()
          .ifPresent(a -> cause.put("acknowledgement", a));
    }
    return causes;
  }

  private static boolean earlier(Object at, Object than) {
    return ((java.util.Date) at).before((java.util.Date) than);
  }

  /** A cause by its target and code; empty when there are no dead letters of it. */
  public Optional<Map<String, Object>> cause(String target, String code) {
    return causes().stream()
        .filter(cause -> cause.get("target").equals(target))
        .filter(cause -> cause.get("cause_code").equals(code))
        .findFirst();
  }

  /** Some of the business objects that a cause is about, the latest first. */
  public List<String> objectsOf(String target, String code) {
    return ledger.queryForList(
        """
        select entity from (
          select entity, max(id) as latest from (
            select entity, id from delivery
            where state = 'dead' and target = :target and cause_code = :code
            order by id desc limit 1000) d
          group by entity) e
        order by latest desc limit :shown
        """,
        new MapSqlParameterSource("target", target).addValue("code", code).addValue("shown", SHOWN),
        String.class);
  }

  /**
   * Says that somebody sees to a cause: operators get no more mails about it until it is gone or
   * something failed anew.
   *
   * @return how many dead letters it has now; 0 when there is nothing to acknowledge
   */
  public long acknowledge(String target, String code, String comment, String actor) {
    long count =
        cause(target, code).map(cause -> ((Number) cause.get("count")).longValue()).orElse(0L);
    if (count > 0) {
      ledger.update(
          """
          insert into acknowledgement (target, cause_code, actor, comment, count)
          values (:target, :code, :actor, :comment, :count)
          on conflict (target, cause_code) do update
          set at = now(), actor = excluded.actor, comment = excluded.comment, count = excluded.count
          """,
          new MapSqlParameterSource("target", target)
              .addValue("code", code)
              .addValue("actor", actor)
              .addValue("comment", people.plain(comment))
              .addValue("count", count));
    }
    return count;
  }

  /** How many deliveries a discarding of this filter would end. */
  public long countToDiscard(DeliveryFilter filter) {
    return filtered.toDiscard(filter).countDeliveries();
  }

  /** The audiences of what a discarding of this filter would end, each with how many of it. */
  public List<Map<String, Object>> audiencesToDiscard(DeliveryFilter filter) {
    return filtered
        .toDiscard(filter)
        .list(
            """
            select d.audience, count(*) as count
            from delivery d join event e on e.sequence = d.event_sequence %s
            group by d.audience order by d.audience limit :limit
            """,
            null);
  }

  /** How many unroutable events a discarding of this filter would close. */
  public long countToDiscard(EventFilter filter) {
    return filtered.toDiscard(filter).countEvents();
  }

  /**
   * Ends dead letters that need not be delivered any more, or what waits where the filter says so;
   * what had failed stays in their attempts. What is just being sent is not stopped.
   *
   * @param reason why, in an operator's words
   * @return how many
   */
  public long discard(DeliveryFilter filter, String reason, String actor) {
    return filtered
        .toDiscard(filter)
        .with("code", DISCARDED)
        .with("why", words(reason, actor))
        .change(
            """
            update delivery set state = 'superseded', settled_at = now(), cause_code = :code,
                                cause = :why
            where id in (
              select d.id from delivery d join event e on e.sequence = d.event_sequence %s
              for update of d skip locked)
            """);
  }

  /**
   * Closes unroutable events that nobody needs to see to any more.
   *
   * @param reason why, in an operator's words
   * @return how many
   */
  public long discard(EventFilter filter, String reason, String actor) {
    return filtered
        .toDiscard(filter)
        .with("why", words(reason, actor))
        .change(
            """
            update event set closed_at = now(), reason = :why
            where sequence in (select e.sequence from event e %s for update skip locked)
            """);
  }

  private String words(String reason, String actor) {
    return "discarded by %s: %s".formatted(actor, people.plain(reason));
  }
}
