package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.SqlArrayValue;

/**
 * The operations of the ledger that need the row locks of a claim: to claim, and to settle what was
 * claimed.
 */
final class LedgerTransaction {

  private static final int LONGEST_DETAIL = 2_000;

  /** Why deliveries end that nobody brings back: somebody decided so. */
  private static final List<String> DECIDED =
      List.of(DeadLetters.DISCARDED, Mending.MENDED, Erasures.ERASED);

  /**
   * Of all that waits of its entity; written for the index {@code delivery_waiting}. Without the
   * offset PostgreSQL may read all that waits for the target, instead of looking for each.
   */
  private static final String OLDEST =
      """
       and not exists (
        select from delivery o
        where o.target = delivery.target and o.entity = delivery.entity
          and o.state || '' = 'waiting'
          and (o.occurred_at, o.event_sequence) < (delivery.occurred_at, delivery.event_sequence)
        offset 0)
      """;

  final JdbcTemplate jdbc;

  private final OrderGuard orderGuard;
  private final EventRows rows;
  private final ObjectMapper json;
  private final BookingRules rules;
  private final FileStamp files;
  private final AtOnce atOnce;

  LedgerTransaction(
      Connection connection,
      EventRows rows,
      ObjectMapper json,
      BookingRules rules,
      FileStamp files,
      AtOnce atOnce) {
    this.jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    this.orderGuard = new OrderGuard(jdbc);
    this.rows = rows;
    this.json = json;
    this.rules = rules;
    this.files = files;
    this.atOnce = atOnce;
  }

  /**
   * Claims events to route, oldest first.
   *
   * @param type the type to claim, or null for every type that is not in {@code others}
   * @param others the types that have routes of their own
   */
  Ledger.Claimed<Event> claimEvents(String type, Collection<String> others, int atMost) {
    return claimed(
        """
        select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
               received_at, attributes, mapping, body, trace, next_attempt_at
        from event
        where state = 'received' and %s and next_attempt_at <= now()
        order by next_attempt_at, sequence
        limit ?
        for update skip locked
        """
            .formatted(type == null ? "type <> all (?)" : "type = ?"),
        "next_attempt_at, sequence",
        (row, n) -> rows.event(row),
        type == null ? Ledger.texts(others) : type,
        atMost);
  }

  private <T> Ledger.Claimed<T> claimed(
      String sql, String order, RowMapper<T> row, Object... arguments) {
    return jdbc.query(
        atOnce.of(sql, order),
        all -> {
          List<T> read = new ArrayList<>();
          long held = 0;
          while (all.next()) {
            read.add(row.mapRow(all, read.size()));
            held = all.getLong(AtOnce.HELD);
          }
          return new Ledger.Claimed<>(read, atOnce.isReachedBy(held));
        },
        arguments);
  }

  /** Books the deliveries of routed events and marks the events routed or unroutable. */
  void settle(List<Ledger.Routed> routed) {
    List<Long> sequences = routed.stream().map(r -> r.event().sequence()).toList();
    book(routed);
    jdbc.update(
        """
        update event e
        set state = case when r.reason is null then 'routed' else 'unroutable' end,
            reason = r.reason, attempts = attempts + 1, routed_at = clock_timestamp()
        from unnest(?, ?) as r (sequence, reason)
        where e.sequence = r.sequence
        """,
        Ledger.numbers(sequences),
        column("text", routed, Ledger.Routed::unroutableBecause));
    rules.booked(jdbc, sequences);
  }

  /** All of them in one statement: each of its own would cost as much as the row itself. */
  private void book(List<Ledger.Routed> routed) {
    record Booked(Event event, Booking booking) {}
    List<Booked> all =
        routed.stream()
            .flatMap(
                r ->
                    rules.apply(r.event(), r.bookings()).stream()
                        .map(b -> new Booked(r.event(), b)))
            .toList();
    jdbc.update(
        """
        insert into delivery (event_sequence, target, audience, type, entity, occurred_at,
                              parameters, digest, next_attempt_at)
        select e.sequence, b.target, b.audience, e.type, e.entity_kind || '/' || e.entity_key,
               e.occurred_at, b.parameters, b.digest, coalesce(b.due, now())
        from unnest(?, ?, ?, ?, ?, ?) with ordinality
          as b (sequence, target, audience, parameters, digest, due, place)
        join event e using (sequence)
        order by b.place
        on conflict (event_sequence, target, audience) do nothing
        """,
        column("bigint", all, each -> each.event().sequence()),
        column("text", all, each -> each.booking().target()),
        column("text", all, each -> each.booking().audience()),
        column("text", all, each -> each.booking().parameters()),
        column("text", all, each -> each.booking().digest()),
        column("timestamptz", all, each -> timestamp(each.booking().due())));
  }

  private static Timestamp timestamp(Instant instant) {
    return instant == null ? null : Timestamp.from(instant);
  }

  /** One value of each row, for {@code unnest}. */
  private static <T> SqlArrayValue column(String type, List<T> rows, Function<T, ?> value) {
    return new SqlArrayValue(type, rows.stream().map(value).toArray());
  }

  /** Puts an event back that could not be routed, with the reason. */
  void putBack(Event event, Duration wait, String reason) {
    jdbc.update(
        """
        update event
        set attempts = attempts + 1, reason = ?,
            next_attempt_at = clock_timestamp() + ? * interval '1 millisecond'
        where sequence = ?
        """,
        storable(reason),
        wait.toMillis(),
        event.sequence());
  }

  /** Whether an event came not longer ago than this, to a node with other files. */
  boolean isOfOtherFiles(Event event, Duration since) {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(
            """
            select files <> ? and received_at > clock_timestamp() - ? * interval '1 millisecond'
            from event where sequence = ?
            """,
            Boolean.class,
            files.hash(),
            since.toMillis(),
            event.sequence()));
  }

  /** How often an event could not be routed so far. */
  int routingAttempts(Event event) {
    return jdbc.queryForObject(
        "select attempts from event where sequence = ?", Integer.class, event.sequence());
  }

  /**
   * Claims deliveries of one type, in any order of their entities.
   *
   * @param part which of the waiting ones
   */
  Ledger.Claim claim(String target, String type, Ledger.Part part, int atMost) {
    return allOf(lock(target, type, part, "", atMost));
  }

  private static Ledger.Claim allOf(Ledger.Claimed<Delivery> due) {
    return new Ledger.Claim(due.rows(), 0, due.isFull());
  }

  /**
   * Claims deliveries of one type so that no entity ever goes backwards: a delivery with a newer
   * sibling (waiting or delivered) ends as superseded. So an entity occurs once at most in a claim.
   */
  Ledger.Claim claimInOrder(String target, String type, Ledger.Part part, int atMost) {
    return orderGuard.newestOfEach(target, lock(target, type, part, "", atMost));
  }

  /**
   * Claims deliveries of a type whose events may leave out what did not change, so that none is
   * spared: of each entity the oldest. Those behind it take no place in the claim: enough of them
   * would keep out whatever came due later, and the oldest itself.
   *
   * @param ordered whether one ends as superseded when a newer one is delivered already
   */
  Ledger.Claim claimOneAfterAnother(
      String target, String type, Ledger.Part part, boolean ordered, int atMost) {
    return orderGuard.oldestOfEach(target, lock(target, type, part, OLDEST, atMost), ordered);
  }

  /**
   * Claims all deliveries of a digest that is due, unless another worker is at it.
   *
   * @param atMost how many; the rest is another mail
   */
  Ledger.Claim claimDigest(String target, String digest, Instant now, int atMost) {
    Boolean mine =
        jdbc.queryForObject(
            "select pg_try_advisory_xact_lock(hashtextextended(?, 0))", Boolean.class, digest);
    if (!Boolean.TRUE.equals(mine)) {
      return new Ledger.Claim(List.of(), 0, false);
    }
    // by number: what could not be sent is the same mail at the next try, and not another one
    return allOf(
        lock(
            "delivery_id",
            """
            target = ? and digest = ? and state = 'waiting'
            and not exists (
              select from delivery d
              where d.target = ? and d.digest = ? and d.state = 'waiting'
                and d.next_attempt_at > case when d.attempts = 0 then ? else now() end)
            """,
            target,
            digest,
            target,
            digest,
            Timestamp.from(now),
            atMost));
  }

  private Ledger.Claimed<Delivery> lock(
      String target, String type, Ledger.Part part, String besides, int atMost) {
    return lock(
        "next_attempt_at, delivery_id",
        "target = ? and type = ? and state = 'waiting' and digest is null and "
            + part.condition()
            + besides,
        part.arguments(target, type, atMost));
  }

  private Ledger.Claimed<Delivery> lock(String order, String condition, Object... arguments) {
    return claimed(
        """
        with due as materialized (
          select id as delivery_id, event_sequence, target, audience, parameters, attempts,
                 failures, progress, digest, delivered_before, next_attempt_at
          from delivery
          where %s
          order by %s
          limit ?
          for update skip locked)
        select d.delivery_id, d.target, d.audience, d.parameters, d.attempts, d.failures,
               d.progress, d.digest, d.delivered_before, d.next_attempt_at,
               e.sequence, e.id, e.sender, e.type, e.status, e.entity_kind, e.entity_key,
               e.occurred_at, e.received_at, e.attributes, e.mapping, e.body,
               e.trace
        from due d join event e on e.sequence = d.event_sequence
        """
            .formatted(condition, order),
        order,
        (row, n) ->
            new Delivery(
                row.getLong("delivery_id"),
                rows.event(row),
                row.getString("target"),
                row.getString("audience"),
                rows.json(row.getString("parameters")),
                row.getInt("attempts"),
                row.getInt("failures"),
                row.getString("progress") == null ? null : rows.json(row.getString("progress")),
                row.getString("digest"),
                row.getObject("delivered_before", OffsetDateTime.class)),
        arguments);
  }

  /**
   * Settles deliveries by their outcomes and keeps the account of the failed attempts, by the clock
   * of the ledger: a node tells how long they lasted.
   *
   * @return the deliveries that have become dead letters
   */
  List<Long> settle(List<Ledger.Settled> settled, BiFunction<String, String, RetryClock> clocks) {
    Instant now = Instant.now();
    List<Settling> all = settled.stream().map(s -> settling(s, clocks, now)).toList();
    jdbc.update(
        """
        with settled as (
          select * from unnest(?, ?, ?, ?, ?, ?, ?, ?)
            as s (id, outcome, wait, reference, code, detail, progress, lasted)),
        updated as (
          update delivery d
          set state = case when s.outcome in ('retry', 'hold') then 'waiting' else s.outcome end,
              attempts = d.attempts + 1, files = ?,
              failures = d.failures + case when s.outcome in ('retry', 'dead') then 1 else 0 end,
              reference = s.reference, cause_code = s.code, cause = s.detail,
              progress = coalesce(s.progress, d.progress),
              next_attempt_at = clock_timestamp() + s.wait * interval '1 millisecond',
              settled_at = case when s.outcome in ('retry', 'hold') then null
                                else clock_timestamp() end
          from settled s
          where d.id = s.id
          returning d.id, d.attempts, d.files)
        insert into attempt (delivery_id, number, started_at, ended_at, outcome, code, detail, files)
        select u.id, u.attempts, clock_timestamp() - s.lasted * interval '1 millisecond',
               clock_timestamp(), s.outcome, s.code, s.detail, u.files
        from updated u join settled s using (id)
        where s.code is not null
        """,
        column("bigint", all, Settling::delivery),
        column("text", all, Settling::becomes),
        column("bigint", all, each -> each.untilNext().toMillis()),
        column("text", all, each -> storable(each.outcome().reference())),
        column("text", all, each -> storable(each.outcome().code())),
        column("text", all, each -> storable(each.outcome().detail())),
        column("text", all, Settling::progress),
        column("bigint", all, each -> each.lasted().toMillis()),
        files.hash());
    return all.stream().filter(Settling::isDead).map(Settling::delivery).toList();
  }

  /**
   * What becomes of a delivery after an attempt.
   *
   * @param becomes the kind of the outcome, or {@code dead} when its clock has no more attempts
   * @param untilNext how long the next attempt is to wait
   * @param progress JSON array of what is done of it by now, or null when the attempt says nothing
   * @param lasted how long the attempt took
   */
  private record Settling(
      Long delivery,
      String becomes,
      Duration untilNext,
      Outcome outcome,
      String progress,
      Duration lasted) {

    boolean isDead() {
      return becomes.equals("dead");
    }
  }

  private Settling settling(
      Ledger.Settled settled, BiFunction<String, String, RetryClock> clocks, Instant now) {
    Delivery delivery = settled.delivery();
    Outcome outcome = settled.outcome();
    String becomes = outcome.kind().name().toLowerCase(Locale.ROOT);
    Duration untilNext = Duration.ZERO;
    if (outcome.kind() == Outcome.Kind.RETRY) {
      int failures = delivery.failures() + 1;
      RetryClock clock = clocks.apply(delivery.target(), outcome.clock());
      untilNext = clock.next(failures, outcome.atLeast());
      becomes = clock.isLast(failures) ? "dead" : "retry";
    }
    Duration sinceStart = Duration.between(settled.startedAt(), now);
    Duration lasted = sinceStart.isNegative() ? Duration.ZERO : sinceStart;
    return new Settling(delivery.id(), becomes, untilNext, outcome, progress(settled), lasted);
  }

  /** What this attempt did and those before it: none of it is to be done again. */
  private String progress(Ledger.Settled settled) {
    if (settled.outcome().accepted() == null) {
      return null;
    }
    Set<String> done = new LinkedHashSet<>(EventExchange.accepted(settled.delivery()));
    done.addAll(settled.outcome().accepted());
    return json.valueToTree(done).toString();
  }

  /**
   * Likewise of a target at which no entity ever goes backwards. What ended as superseded by one
   * that is a dead letter now is made after all: without it the target would have had that. Should
   * it fail too, older ones stay as they are; so do those whose newer one the target had before it
   * was to have it again.
   *
   * @return the deliveries that have become dead letters
   */
  List<Long> settleInOrder(
      List<Ledger.Settled> settled, BiFunction<String, String, RetryClock> clocks) {
    List<Long> dead = settle(settled, clocks);
    if (!dead.isEmpty()) {
      bringBackOvertaken(dead, "skip locked");
    }
    return dead;
  }

  /** Waits for what others have in hand, and may end as superseded by the time they are done. */
  int bringBackFromOthers(Collection<Long> dead) {
    jdbc.queryForList(
        """
        select from delivery d
        join delivery o on o.target = d.target and o.entity = d.entity and o.state || '' = 'waiting'
                       and (o.occurred_at, o.event_sequence) < (d.occurred_at, d.event_sequence)
        where d.id = any (?)
        order by o.id
        for update of o
        """,
        Ledger.numbers(dead));
    return bringBackOvertaken(dead, "");
  }

  private int bringBackOvertaken(Collection<Long> dead, String whereLocked) {
    return jdbc.update(
        """
        update delivery
        set state = 'waiting', settled_at = null, next_attempt_at = clock_timestamp()
        where id in (
          select o.id from delivery o
          where o.state = 'superseded' and coalesce(o.cause_code, '') <> all (?)
            and o.id in (
              select before.id
              from delivery d
              join event e on e.sequence = d.event_sequence
              cross join lateral (
                select s.id
                from event older join delivery s on s.event_sequence = older.sequence
                where older.entity_key = e.entity_key and older.entity_kind = e.entity_kind
                  and older.payload_removed_at is null
                  and s.target = d.target and s.audience = d.audience and s.state <> 'dead'
                  and coalesce(s.cause_code, '') <> all (?)
                  and (s.occurred_at, s.event_sequence) < (d.occurred_at, d.event_sequence)
                order by s.occurred_at desc, s.event_sequence desc
                limit 1) before
              where d.id = any (?) and d.state = 'dead' and d.delivered_before is null
                and not exists (
                  select from event later join delivery n on n.event_sequence = later.sequence
                  where later.entity_key = e.entity_key and later.entity_kind = e.entity_kind
                    and n.target = d.target and n.audience = d.audience and n.state = 'dead'
                    and (n.occurred_at, n.event_sequence) > (d.occurred_at, d.event_sequence)))
          order by o.id
          for update %s)
        """
            .formatted(whereLocked),
        Ledger.texts(DECIDED),
        Ledger.texts(DECIDED),
        Ledger.numbers(dead));
  }

  /**
   * A failure's words must never undo its settling: PostgreSQL takes no NUL, and people no novel.
   */
  private static String storable(String text) {
    if (text == null) {
      return null;
    }
    String clean = text.replace('\u0000', '\uFFFD');
    return clean.length() <= LONGEST_DETAIL ? clean : clean.substring(0, LONGEST_DETAIL) + "…";
  }
}
