package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * What operators ask of the ledger. Answers are rows as maps, with the column names of the ledger;
 * lists are newest first and go on below the id of their last row.
 */
@Component
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

  private final NamedParameterJdbcTemplate jdbc;
  private final PersonalData people;
  private final Payloads payloads;
  private final FilteredRows filtered;
  private final Remembered<Map<Object, Map<String, Object>>> backlog;

  LedgerAccount(
      NamedParameterJdbcTemplate jdbc,
      PersonalData people,
      Payloads payloads,
      Remembered.Slow slow) {
    this.jdbc = jdbc;
    this.people = people;
    this.payloads = payloads;
    this.filtered = new FilteredRows(jdbc);
    this.backlog = new Remembered<>(slow, this::countBacklog);
  }

  /** The newest events that fit. */
  public List<Map<String, Object>> events(EventFilter filter) {
    Conditions where = filtered.events(filter);
    where.and("e.sequence < :before", "before", filter.before());
    return where.list(
        """
        select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
               received_at, state, reason
        from event e %s order by sequence desc limit :limit
        """,
        filter.limit());
  }

  /**
   * The newest events whose payload names a person.
   *
   * @param before a sequence: only older events; null means any
   */
  public List<Map<String, Object>> eventsOf(
      PersonalData.Person person, Long before, Integer limit) {
    Conditions where = new Conditions(jdbc);
    where.and(
        "e.people && cast(:people as text[])",
        "people",
        people.hashesOf(person).toArray(String[]::new));
    where.and("e.sequence < :before", "before", before);
    return where.list(
        """
        select sequence, id, sender, type, status, entity_kind, entity_key, occurred_at,
               received_at, state, reason, payload_removed_at
        from event e %s order by sequence desc limit :limit
        """,
        limit);
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
                   mended_from, closed_at, files, split_part(trace, '-', 2) as trace_id, attributes,
                   body
            from event where id = :id
            """,
            parameters)
        .stream()
        .findFirst()
        .map(
            event -> {
              event.compute("attributes", (name, text) -> payloads.masked(id, name, text));
              event.compute("body", (name, text) -> payloads.masked(id, name, text));
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
                   booked_at, settled_at, delivered_before, reference, cause_code, cause, files,
                   digest
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
      delivery.compute("parameters", (name, text) -> new Payloads.RawJson((String) text));
      delivery.put(
          "failed_attempts",
          attempts.stream().filter(a -> a.get("delivery_id").equals(id)).toList());
    }
    return deliveries;
  }

  /** The newest deliveries that fit, each with its event's id and status. */
  public List<Map<String, Object>> deliveries(DeliveryFilter filter) {
    Conditions where = filtered.deliveries(filter);
    where.and("d.id < :before", "before", filter.before());
    return where.list(
        """
        select d.id, e.id as event, d.target, d.audience, d.type, e.status, d.entity,
               d.occurred_at, d.state, d.attempts, d.next_attempt_at, d.booked_at, d.settled_at,
               d.delivered_before, d.reference, d.cause_code, d.cause
        from delivery d join event e on e.sequence = d.event_sequence
        %s order by d.id desc limit :limit
        """,
        filter.limit());
  }

  /** How many deliveries a replay of this filter would take up. */
  public long countToReplay(DeliveryFilter filter) {
    return filtered.toReplay(filter).countDeliveries();
  }

  /** How many events that a filter means have lost their payload. */
  public long countWithoutPayload(EventFilter filter) {
    Conditions where = filtered.events(filter);
    where.and("e.payload_removed_at is not null");
    return where.countEvents();
  }

  /**
   * How many ended deliveries that a filter means have lost their payload; those that were made
   * only where the filter says so.
   */
  public long countWithoutPayload(DeliveryFilter filter) {
    Conditions where = filtered.deliveries(filter);
    if (!filter.asksForDone()) {
      where.and("d.state <> 'delivered'");
    }
    where.and("e.payload_removed_at is not null");
    return where.countDeliveries();
  }

  /** How many events a new routing would take up. */
  public long countToRoute(EventFilter filter) {
    return filtered.toRoute(filter).countEvents();
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
    return withTypes(causes);
  }

  private static List<Map<String, Object>> withTypes(List<Map<String, Object>> causes) {
    causes.forEach(
        cause -> cause.compute("types", (name, text) -> List.of(((String) text).split(","))));
    return causes;
  }

  /**
   * What failed and is tried again, by cause: since when it fails, and when the next is tried. What
   * waits for a target on hold doesn't count, nor what only waits for its turn after that.
   *
   * @param forLonger than this they fail
   */
  public List<Map<String, Object>> failing(Duration forLonger) {
    return withTypes(
        jdbc.queryForList(
            """
            select d.target, d.cause_code, count(*) as count,
                   string_agg(distinct d.type, ',' order by d.type) as types,
                   min(first.at) as first_at, min(d.next_attempt_at) as next_at,
                   max(d.cause) as example
            from delivery d
            left join attempt a on a.delivery_id = d.id and a.number = d.attempts - d.failures + 1
            cross join lateral (select coalesce(a.started_at, d.booked_at) as at) as first
            where d.state = 'waiting' and d.failures > 0
              and d.next_attempt_at > now() - interval '5 minutes'
              and first.at <= now() - :forLonger * interval '1 millisecond'
              and d.target not in (select name from target where state = 'held')
            group by d.target, d.cause_code
            order by count desc, d.target, d.cause_code
            """,
            Map.of("forLonger", forLonger.toMillis())));
  }

  /**
   * Every target: on hold or not, its backlog, how much of that is collected for digests, and since
   * when the oldest of the others waits.
   */
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
      target.put("collected", counts.getOrDefault("collected", 0L));
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
                   count(*) filter (where state = 'waiting' and digest is not null) as collected,
                   count(*) filter (where state = 'dead') as dead,
                   min(booked_at) filter (where state = 'waiting' and digest is null)
                     as oldest_waiting_since
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
    Conditions where = new Conditions(jdbc);
    where.and("id < :before", "before", before);
    return where.list(
        """
        select id, received_at, sender, path, status, reason, detail, remote_address
        from rejected_webhook %s order by id desc limit :limit
        """,
        limit);
  }

  /**
   * The webhooks, by the mapping that reads them, of which nothing has come for longer than their
   * last twenty took together, with when the last came. Those that hardly began are not among them.
   * The newest of a kind are read along the index of kinds, however rare it is: asked for by type
   * and status alone, PostgreSQL would look for them among all events.
   *
   * @param forAtLeast nor those that came later than this ago
   */
  public List<Map<String, Object>> silentWebhooks(Duration forAtLeast) {
    return jdbc.queryForList(
        """
        with recursive %s,
        newest as (
          select n.* from kind k cross join lateral (
            select type, status, sequence, mapping, received_at from event
            where (type, status, sequence) <= (k.type, k.status, 9223372036854775807)
              and mended_from is null
            order by type desc, status desc, sequence desc limit 20) n
          where n.type = k.type and n.status = k.status),
        placed as (
          select mapping, received_at,
                 row_number() over (partition by mapping order by sequence desc) as place
          from newest)
        select regexp_replace(mapping, '-to-event$', '') as webhook, max(received_at) as last_at
        from placed where place <= 20 and mapping is not null
        group by mapping
        having count(*) = 20 and now() - max(received_at) > greatest(
          :forAtLeast * interval '1 millisecond', max(received_at) - min(received_at))
        order by mapping
        """
            .formatted(EventFinder.KINDS),
        Map.of("forAtLeast", forAtLeast.toMillis()));
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
            .formatted(FilteredRows.UNROUTABLE),
        Map.of());
  }
}
