package io.commercewebhooks.ledger;

import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * Which rows a filter of replays, discards and lists selects, as conditions in SQL: of events
 * {@code e}, and of deliveries {@code d} with their events.
 */
final class FilteredRows {

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
  private final Sequences sequencesOfEvents;
  private final Sequences sequencesOfDeliveries;

  FilteredRows(NamedParameterJdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.sequencesOfEvents = Sequences.ofEvents(jdbc.getJdbcTemplate());
    this.sequencesOfDeliveries = Sequences.ofDeliveries(jdbc.getJdbcTemplate());
  }

  /** All events of a filter. */
  Conditions events(EventFilter filter) {
    Conditions where = new Conditions(jdbc);
    where.and("e.id in (:ids)", "ids", filter.ids());
    where.and("e.type = :type", "type", filter.type());
    if (filter.type() == null && filter.status() != null) {
      where.and("e.type in (:types)", "types", types());
    }
    where.and("e.status = :status", "status", filter.status());
    where.and("e.state = :state", "state", filter.state());
    where.and("e.entity_key = :entity", "entity", filter.entity());
    where.between("e.received_at", "e.sequence", sequencesOfEvents, filter.from(), filter.to());
    return where;
  }

  /** The types that events have; the index of kinds begins with them. */
  private List<String> types() {
    List<String> types = jdbc.queryForList(TYPES, Map.of(), String.class);
    return types.isEmpty() ? List.of("") : types;
  }

  /** Unroutable events that nobody has seen to. */
  Conditions toDiscard(EventFilter filter) {
    return events(filter).and(UNROUTABLE);
  }

  /** Events that a new routing would take up. */
  Conditions toRoute(EventFilter filter) {
    return events(filter)
        .and(
            """
            e.payload_removed_at is null and e.closed_at is null and
            e.state in ('unroutable', 'routed') and e.sequence in (
              select sequence from event where state = 'unroutable'
              union all
              select event_sequence from delivery where state = 'dead')
            """);
  }

  /** All deliveries of a filter. */
  Conditions deliveries(DeliveryFilter filter) {
    Conditions where = new Conditions(jdbc);
    where.and("d.id in (:ids)", "ids", filter.ids());
    if ("held".equals(filter.state())) {
      where.and(
          "d.state = 'waiting' and d.target in (select name from target where state = 'held')");
    } else {
      where.and("d.state = :state", "state", filter.state());
    }
    where.and("d.target = :target", "target", filter.target());
    where.and("d.audience = :audience", "audience", filter.audience());
    where.and("d.type = :type", "type", filter.type());
    where.and("e.status = :status", "status", filter.status());
    where.and("e.entity_key = :entity", "entity", filter.entity());
    where.and("d.cause_code = :cause", "cause", filter.cause());
    where.between("d.booked_at", "d.id", sequencesOfDeliveries, filter.from(), filter.to());
    return where;
  }

  /** Dead letters, with or without their payload; what waits where the filter says so. */
  Conditions toDiscard(DeliveryFilter filter) {
    return filter.asksForWaiting() ? deliveries(filter) : dead(filter);
  }

  private Conditions dead(DeliveryFilter filter) {
    return deliveries(filter).and("d.state = 'dead'");
  }

  /**
   * What can be delivered again: dead letters, or, where the filter says so, what was delivered or
   * overtaken. What somebody decided about is not: that has a cause.
   */
  Conditions toReplay(DeliveryFilter filter) {
    Conditions where = filter.asksForDone() ? deliveries(filter) : dead(filter);
    if (filter.asksForOvertaken()) {
      where.and("d.cause_code is null");
    }
    return where.and("e.payload_removed_at is null");
  }
}
