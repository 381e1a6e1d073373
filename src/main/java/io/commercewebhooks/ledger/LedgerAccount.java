package io.commercewebhooks.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.util.unit.DataSize;

/**
 * What operators ask of the ledger, and what they may tell it. Answers are rows as maps, with the
 * column names of the ledger; lists are newest first and go on below the id of their last row.
 */
public class LedgerAccount {

  /**
   * The targets that anything was ever booked for. Jumps along indexes from target to target; there
   * is none of all deliveries that begins with the target.
   */
  private static final String TARGETS =
      """
      recursive known (name) as (
        (select target from delivery where state in ('waiting', 'delivered')
         order by target limit 1)
        union all
        select (select d.target from delivery d
                where d.state in ('waiting', 'delivered') and d.target > k.name
                order by d.target limit 1)
        from known k where k.name is not null),
      unmade (name) as (
        (select target from delivery where state = 'dead'
         order by target limit 1)
        union all
        select (select d.target from delivery d
                where d.state = 'dead' and d.target > u.name
                order by d.target limit 1)
        from unmade u where u.name is not null),
      names as (
        select name from known where name is not null
        union select name from unmade where name is not null
        union select name from target)
      """;

  /** The types that events have, by jumps along an index from type to type. */
  static final String TYPES =
      """
      with recursive kind (type) as (
        (select type from event order by type limit 1)
        union all
        select (select e.type from event e where e.type > k.type order by e.type limit 1)
        from kind k where k.type is not null)
      select type from kind where type is not null
      """;

  /** An event that waits for a person: not discarded, not mended, and not erased. */
  static final String UNROUTABLE =
      "state = 'unroutable' and closed_at is null and payload_removed_at is null";

  private final NamedParameterJdbcTemplate jdbc;
  private final Signals signals;
  private final DataProtection protection;
  private final PersonalData people;
  private final AtOnce atOnce;
  private final Sequences events;
  private final Sequences deliveries;
  private final Remembered<Map<Object, Map<String, Object>>> backlog =
      new Remembered<>(this::countBacklog);

  LedgerAccount(
      NamedParameterJdbcTemplate jdbc,
      Signals signals,
      DataProtection protection,
      PersonalData people,
      AtOnce atOnce) {
    this.jdbc = jdbc;
    this.signals = signals;
    this.protection = protection;
    this.people = people;
    this.atOnce = atOnce;
    this.events = Sequences.ofEvents(jdbc.getJdbcTemplate());
    this.deliveries = Sequences.ofDeliveries(jdbc.getJdbcTemplate());
  }

  /**
   * Which events are meant; null means any.
   *
   * @param ids ids of events
   * @param entity key of the business object
   * @param from received at or after
   * @param to received before
   * @param before a sequence: only older events
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record EventFilter(
      List<String> ids,
      String type,
      String status,
      String state,
      String entity,
      Instant from,
      Instant to,
      Long before,
      Integer limit) {

    static EventFilter of(List<String> ids) {
      return new EventFilter(ids, null, null, null, null, null, null, null, null);
    }
  }

  /**
   * Which deliveries are meant; null means any.
   *
   * @param ids numbers of deliveries
   * @param cause code of the last failure
   * @param from booked at or after
   * @param to booked before
   * @param before a number: only older deliveries
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DeliveryFilter(
      List<Long> ids,
      String state,
      String target,
      String type,
      String status,
      String entity,
      String cause,
      Instant from,
      Instant to,
      Long before,
      Integer limit) {}

  /** JSON that is kept as text and shown as what it is. */
  private record RawJson(@JsonRawValue @JsonValue String json) {}

  /** The newest events that fit. */
  public List<Map<String, Object>> events(EventFilter filter) {
    Conditions where = new Conditions();
    conditions(where, filter);
    where.and("e.sequence < :before", "before", filter.before());
    return where.list(
        """
        select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
               received_at, state, reason
        from event e %s order by sequence desc limit :limit
        """,
        filter.limit());
  }

  /** The newest events whose payload names a person. */
  public List<Map<String, Object>> eventsOf(PersonalData.Kind kind, String value, Integer limit) {
    Conditions where = new Conditions();
    where.and(
        "e.people && cast(:people as text[])",
        "people",
        people.hashesOf(kind, value).toArray(String[]::new));
    return where.list(
        """
        select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
               received_at, state, reason, payload_removed_at
        from event e %s order by sequence desc limit :limit
        """,
        limit);
  }

  /** The payload of an event as it came, after redaction, and what routing decides by. */
  public Optional<Map<String, Object>> payload(String id) {
    return jdbc
        .queryForList(
            "select id, payload_removed_at, attributes, body from event where id = :id",
            new MapSqlParameterSource("id", id))
        .stream()
        .findFirst()
        .map(
            event -> {
              event.compute("attributes", (name, text) -> new RawJson(open(id, name, text)));
              event.compute("body", (name, text) -> new RawJson(open(id, name, text)));
              return event;
            });
  }

  /** The payload of an event, in {@code body}, persons masked; empty if there is none. */
  public Optional<Map<String, Object>> maskedPayload(String id) {
    EventFilter one = EventFilter.of(List.of(id));
    return masked(payloads(one, atOnce)).stream().findFirst();
  }

  /**
   * The newest events that fit and have a payload, which is in {@code body}, persons masked.
   *
   * @param most how much their payloads may hold together
   * @throws IllegalArgumentException when it is more
   */
  public List<Map<String, Object>> maskedPayloads(EventFilter filter, DataSize most) {
    AtOnce together = new AtOnce(most);
    List<Map<String, Object>> events = payloads(filter, together);
    if (events.size() > 1 && together.isReachedBy(events.get(events.size() - 1))) {
      throw new IllegalArgumentException(
          "these events hold more than %d KB together; ask for fewer"
              .formatted(most.toKilobytes()));
    }
    return masked(events);
  }

  private List<Map<String, Object>> payloads(EventFilter filter, AtOnce together) {
    Conditions where = new Conditions();
    conditions(where, filter);
    where.and("e.payload_removed_at is null and e.mapping is not null");
    return where.list(
        together.of(
            """
                select sequence, id, type, status, received_at, mapping, body
                from event e %s order by sequence desc limit :limit
                """,
            "sequence desc"),
        filter.limit());
  }

  private List<Map<String, Object>> masked(List<Map<String, Object>> events) {
    events.forEach(
        event ->
            event.compute(
                "body",
                (name, text) ->
                    people.masked(open((String) event.get("id"), name, text)).toString()));
    return events;
  }

  /**
   * The newest events after a sequence that have a payload, oldest first, with all of it: so many,
   * or as many as can be read at once.
   */
  public List<Map<String, Object>> newest(long after, int atMost) {
    List<Map<String, Object>> events =
        jdbc.queryForList(
            atOnce.of(
                """
                select sequence, id, type, mapping, body from event
                where sequence > :after and payload_removed_at is null and mapping is not null
                order by sequence desc limit :atMost
                """,
                "sequence desc"),
            new MapSqlParameterSource("after", after).addValue("atMost", atMost));
    events.forEach(
        event -> event.compute("body", (name, text) -> open((String) event.get("id"), name, text)));
    Collections.reverse(events);
    return events;
  }

  private String open(String id, String column, Object text) {
    return protection.open(id, column, (String) text);
  }

  private RawJson masked(String id, String column, Object text) {
    return new RawJson(people.masked(open(id, column, text)).toString());
  }

  /**
   * One event with its payload, in which persons are masked, its deliveries and their failed
   * attempts; empty if unknown.
   */
  public Optional<Map<String, Object>> event(String id) {
    MapSqlParameterSource parameters = new MapSqlParameterSource("id", id);
    return jdbc
        .queryForList(
            """
            select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
                   received_at, state, reason, attempts, routed_at, mapping, payload_removed_at,
                   mended_from, closed_at, files, attributes, body
            from event where id = :id
            """,
            parameters)
        .stream()
        .findFirst()
        .map(
            event -> {
              event.compute("attributes", (name, text) -> masked(id, name, text));
              event.compute("body", (name, text) -> masked(id, name, text));
              event.put("deliveries", deliveriesOf((Long) event.get("sequence")));
              event.put("mended_as", copiesOf(id));
              return event;
            });
  }

  private List<String> copiesOf(String id) {
    return jdbc.queryForList(
        "select id from event where mended_from = :id order by sequence",
        Map.of("id", id),
        String.class);
  }

  private List<Map<String, Object>> deliveriesOf(long sequence) {
    MapSqlParameterSource parameters = new MapSqlParameterSource("sequence", sequence);
    List<Map<String, Object>> deliveries =
        jdbc.queryForList(
            """
            select id, target, audience, type, parameters, state, attempts, next_attempt_at,
                   booked_at, settled_at, reference, cause_code, cause, files
            from delivery where event_sequence = :sequence order by id
            """,
            parameters);
    List<Map<String, Object>> attempts =
        jdbc.queryForList(
            """
            select delivery_id, number, started_at, ended_at, outcome, code, detail, files
            from attempt
            where delivery_id in (select id from delivery where event_sequence = :sequence)
            order by delivery_id, number
            """,
            parameters);
    for (Map<String, Object> delivery : deliveries) {
      Object id = delivery.get("id");
      delivery.compute("parameters", (name, text) -> new RawJson((String) text));
      delivery.put(
          "failed_attempts",
          attempts.stream().filter(a -> a.get("delivery_id").equals(id)).toList());
    }
    return deliveries;
  }

  /** The newest deliveries that fit, each with its event's id and status. */
  public List<Map<String, Object>> deliveries(DeliveryFilter filter) {
    Conditions where = conditions(filter);
    where.and("d.id < :before", "before", filter.before());
    return where.list(
        """
        select d.id, e.id as event, d.target, d.audience, d.type, e.status, d.entity,
               d.occurred_at, d.state, d.attempts, d.next_attempt_at, d.booked_at, d.settled_at,
               d.reference, d.cause_code, d.cause
        from delivery d join event e on e.sequence = d.event_sequence
        %s order by d.id desc limit :limit
        """,
        filter.limit());
  }

  /** How many dead letters a replay of this filter would take up. */
  public long countToReplay(DeliveryFilter filter) {
    return replayable(filter)
        .count("select count(*) from delivery d join event e on e.sequence = d.event_sequence %s");
  }

  /**
   * Gives dead letters all their attempts anew; what is delivered is never touched. They go behind
   * live traffic.
   *
   * @param deadBefore only those that were given up before this
   * @param atMost how many
   * @return how many were taken up
   */
  long replay(DeliveryFilter filter, Instant deadBefore, int atMost) {
    Conditions where = replayable(filter);
    where.and("d.settled_at < :deadBefore", "deadBefore", utc(deadBefore));
    List<String> targets =
        where.texts(
            """
            with chosen as (
              select d.id from delivery d join event e on e.sequence = d.event_sequence %s
              order by d.id limit :atMost
              for update of d skip locked)
            update delivery d
            set state = 'waiting', failures = 0, next_attempt_at = now() - interval '1 hour',
                settled_at = null
            from chosen c where d.id = c.id
            returning d.target
            """,
            atMost);
    targets.stream().distinct().forEach(target -> signals.ofDeliveries(target).wake());
    return targets.size();
  }

  /** How many dead letters a filter means, with or without their payload. */
  long countDead(DeliveryFilter filter) {
    return dead(filter)
        .count("select count(*) from delivery d join event e on e.sequence = d.event_sequence %s");
  }

  /** Ends dead letters without delivering them; what had failed stays in their attempts. */
  long discard(DeliveryFilter filter, String why) {
    Conditions where = dead(filter);
    where.parameters.addValue("code", DeadLetters.DISCARDED).addValue("why", why);
    return where.change(
        """
        update delivery set state = 'superseded', settled_at = now(), cause_code = :code,
                            cause = :why
        where id in (
          select d.id from delivery d join event e on e.sequence = d.event_sequence %s
          for update of d skip locked)
        """);
  }

  /** How many unroutable events of a filter nobody has seen to. */
  long countToClose(EventFilter filter) {
    return unseen(filter).count("select count(*) from event e %s");
  }

  /** Closes unroutable events, so that nobody has to see to them any more. */
  long close(EventFilter filter, String why) {
    Conditions where = unseen(filter);
    where.parameters.addValue("why", why);
    return where.change(
        """
        update event set closed_at = now(), reason = :why
        where sequence in (select e.sequence from event e %s for update skip locked)
        """);
  }

  private Conditions unseen(EventFilter filter) {
    Conditions where = new Conditions();
    conditions(where, filter);
    where.and(UNROUTABLE);
    return where;
  }

  private Conditions dead(DeliveryFilter filter) {
    Conditions where = conditions(filter);
    where.and("d.state = 'dead'");
    return where;
  }

  /** How many events that a filter means have lost their payload. */
  public long countWithoutPayload(EventFilter filter) {
    Conditions where = new Conditions();
    conditions(where, filter);
    where.and("e.payload_removed_at is not null");
    return where.count("select count(*) from event e %s");
  }

  /** How many dead letters, or ended deliveries, that a filter means have lost their payload. */
  public long countWithoutPayload(DeliveryFilter filter) {
    Conditions where = conditions(filter);
    where.and("d.state <> 'delivered'");
    where.and("e.payload_removed_at is not null");
    return where.count(
        "select count(*) from delivery d join event e on e.sequence = d.event_sequence %s");
  }

  /** How many events a new routing would take up. */
  public long countToRoute(EventFilter filter) {
    return routable(filter).count("select count(*) from event e %s");
  }

  /** The next unroutable events of a replay, to be read again; as many as can be at once. */
  List<Map<String, Object>> unroutable(EventFilter filter, Instant stuckBefore, int atMost) {
    Conditions where = routable(filter);
    where.and("e.state = 'unroutable'");
    where.and("(e.routed_at is null or e.routed_at < :before)", "before", utc(stuckBefore));
    List<Map<String, Object>> events =
        where.list(
            atOnce.of(
                """
                select e.sequence, e.id, e.sender, e.mapping, e.body
                from event e %s order by e.sequence limit :limit
                """,
                "sequence"),
            atMost);
    events.forEach(
        event -> event.compute("body", (name, text) -> open((String) event.get("id"), name, text)));
    return events;
  }

  /**
   * Keeps what a new reading of an unroutable event's payload gave, unless that was removed since.
   *
   * @param id the id that the event was kept under
   */
  void readAgain(long sequence, String id, Event event) {
    jdbc.update(
        """
        update event
        set type = :type, status = :status, entity_kind = :kind, entity_key = :key,
            occurred_at = coalesce(:occurredAt, occurred_at), attributes = :attributes
        where sequence = :sequence and state = 'unroutable' and payload_removed_at is null
        """,
        new MapSqlParameterSource("sequence", sequence)
            .addValue("type", event.type())
            .addValue("status", event.status())
            .addValue("kind", event.entityKind())
            .addValue("key", event.entityKey())
            .addValue("occurredAt", utc(event.occurredAt()))
            .addValue(
                "attributes",
                protection.seal(id, SealedEvent.ATTRIBUTES, event.attributes().toString())));
  }

  /**
   * Routes events again, by today's routes: unroutable ones, and those with dead letters, which get
   * all their attempts anew. A delivery that is there already is not booked twice. An event that
   * names no business object stays unroutable.
   *
   * @param stuckBefore only events that were last looked at before this
   * @param atMost how many
   * @return how many were looked at
   */
  long routeAgain(EventFilter filter, Instant stuckBefore, int atMost) {
    Conditions where = routable(filter);
    where.and("(e.routed_at is null or e.routed_at < :before)", "before", utc(stuckBefore));
    List<String> types =
        where.texts(
            """
            with chosen as (
              select e.sequence from event e %s order by e.sequence limit :atMost
              for update of e skip locked),
            revived as (
              update delivery d
              set state = 'waiting', failures = 0, next_attempt_at = now() - interval '1 hour',
                  settled_at = null
              from chosen c where d.event_sequence = c.sequence and d.state = 'dead')
            update event e
            set state = case when e.entity_key is null then e.state else 'received' end,
                reason = case when e.entity_key is null then e.reason end,
                routed_at = case when e.entity_key is null then clock_timestamp() end,
                attempts = 0, next_attempt_at = now()
            from chosen c where e.sequence = c.sequence
            returning e.type
            """,
            atMost);
    types.stream().distinct().forEach(signals::wakeRoutingOf);
    return types.size();
  }

  /**
   * Dead letters by cause, the most frequent first, each with the types of event it was met with.
   */
  public List<Map<String, Object>> causes() {
    List<Map<String, Object>> causes =
        jdbc.queryForList(
            """
            select target, cause_code, count(*) as count,
                   string_agg(distinct type, ',' order by type) as types,
                   min(settled_at) as first_at, max(settled_at) as last_at, max(cause) as example
            from delivery where state = 'dead'
            group by target, cause_code
            order by count desc, target, cause_code
            """,
            Map.of());
    causes.forEach(
        cause -> cause.compute("types", (name, text) -> List.of(((String) text).split(","))));
    return causes;
  }

  /** Every target: on hold or not, its backlog, and since when the oldest delivery waits. */
  public List<Map<String, Object>> targets() {
    List<Map<String, Object>> targets =
        jdbc.queryForList(
            """
        with %s
        select n.name as target, coalesce(t.state, 'active') as state, t.reason, t.detail, t.since,
               t.until as next_try_at
        from names n left join target t on t.name = n.name
        order by n.name
        """
                .formatted(TARGETS),
            Map.of());
    Map<Object, Map<String, Object>> counted = backlog.get();
    for (Map<String, Object> target : targets) {
      Map<String, Object> counts = counted.getOrDefault(target.get("target"), Map.of());
      target.put("waiting", counts.getOrDefault("waiting", 0L));
      target.put("dead", counts.getOrDefault("dead", 0L));
      target.put("oldest_waiting_since", counts.get("oldest_waiting_since"));
    }
    return targets;
  }

  private Map<Object, Map<String, Object>> countBacklog() {
    return jdbc
        .queryForList(
            """
            select target, count(*) filter (where state = 'waiting') as waiting,
                   count(*) filter (where state = 'dead') as dead,
                   min(booked_at) filter (where state = 'waiting') as oldest_waiting_since
            from delivery where state in ('waiting', 'dead') group by target
            """,
            Map.of())
        .stream()
        .collect(Collectors.toMap(row -> row.get("target"), Function.identity()));
  }

  /** The names of all targets. */
  public List<String> targetNames() {
    return jdbc.queryForList(
        "with %s select name from names order by name".formatted(TARGETS), Map.of(), String.class);
  }

  /**
   * The newest webhooks that were refused at the door.
   *
   * @param before a number: only older ones
   */
  public List<Map<String, Object>> rejectedWebhooks(Long before, Integer limit) {
    Conditions where = new Conditions();
    where.and("id < :before", "before", before);
    return where.list(
        """
        select id, received_at, sender, path, status, reason, detail, remote_address
        from rejected_webhook %s order by id desc limit :limit
        """,
        limit);
  }

  /** Unroutable events that nobody has seen to, by kind, the most frequent first. */
  public List<Map<String, Object>> unroutableKinds() {
    return jdbc.queryForList(
        """
        select type, status, count(*) as count, min(received_at) as first_at,
               max(received_at) as last_at, max(reason) as reason
        from event where %s
        group by type, status order by count desc, type, status
        """
            .formatted(UNROUTABLE),
        Map.of());
  }

  private Conditions replayable(DeliveryFilter filter) {
    Conditions where = dead(filter);
    where.and("e.payload_removed_at is null");
    return where;
  }

  private Conditions conditions(DeliveryFilter filter) {
    Conditions where = new Conditions();
    where.and("d.id in (:ids)", "ids", filter.ids());
    if ("held".equals(filter.state())) {
      where.and(
          "d.state = 'waiting' and d.target in (select name from target where state = 'held')");
    } else {
      where.and("d.state = :state", "state", filter.state());
    }
    where.and("d.target = :target", "target", filter.target());
    where.and("d.type = :type", "type", filter.type());
    where.and("e.status = :status", "status", filter.status());
    where.and("e.entity_key = :entity", "entity", filter.entity());
    where.and("d.cause_code = :cause", "cause", filter.cause());
    where.between("d.booked_at", "d.id", deliveries, filter.from(), filter.to());
    return where;
  }

  private Conditions routable(EventFilter filter) {
    Conditions where = new Conditions();
    where.and(
        """
        e.payload_removed_at is null and e.closed_at is null and
        e.state in ('unroutable', 'routed') and e.sequence in (
          select sequence from event where state = 'unroutable'
          union all
          select event_sequence from delivery where state = 'dead')
        """);
    conditions(where, filter);
    return where;
  }

  private void conditions(Conditions where, EventFilter filter) {
    where.and("e.id in (:ids)", "ids", filter.ids());
    where.and("e.type = :type", "type", filter.type());
    if (filter.type() == null && filter.status() != null) {
      where.and("e.type in (:types)", "types", types());
    }
    where.and("e.status = :status", "status", filter.status());
    where.and("e.state = :state", "state", filter.state());
    where.and("e.entity_key = :entity", "entity", filter.entity());
    where.between("e.received_at", "e.sequence", events, filter.from(), filter.to());
  }

  /** The types that events have; the index of kinds begins with them. */
  private List<String> types() {
    List<String> types = jdbc.queryForList(TYPES, Map.of(), String.class);
    return types.isEmpty() ? List.of("") : types;
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /** A where clause of fixed texts; what people say goes into parameters only. */
  private final class Conditions {

    private static final int MOST = 500;

    private final List<String> texts = new ArrayList<>();
    private final MapSqlParameterSource parameters = new MapSqlParameterSource();

    void and(String condition) {
      texts.add(condition);
    }

    void and(String condition, String name, Object value) {
      if (value != null) {
        texts.add(condition);
        parameters.addValue(name, value);
      }
    }

    void between(String time, String sequence, Sequences sequences, Instant from, Instant to) {
      if (from != null) {
        and(time + " >= :from", "from", utc(from));
        and(sequence + " > :lowest", "lowest", sequences.below(from));
      }
      if (to != null) {
        and(time + " < :to", "to", utc(to));
        and(sequence + " < :highest", "highest", sequences.above(to));
      }
    }

    private String in(String sql) {
      return sql.formatted(texts.isEmpty() ? "" : "where " + String.join(" and ", texts));
    }

    List<Map<String, Object>> list(String sql, Integer limit) {
      parameters.addValue("limit", limit == null ? 100 : Math.max(1, Math.min(limit, MOST)));
      return jdbc.queryForList(in(sql), parameters);
    }

    List<String> texts(String sql, int atMost) {
      parameters.addValue("atMost", atMost);
      return jdbc.queryForList(in(sql), parameters, String.class);
    }

    long change(String sql) {
      return jdbc.update(in(sql), parameters);
    }

    long count(String sql) {
      Long count = jdbc.queryForObject(in(sql), parameters, Long.class);
      return count == null ? 0 : count;
    }
  }
}
