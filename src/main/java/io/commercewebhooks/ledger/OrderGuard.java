package io.commercewebhooks.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Sees to it that no entity ever goes backwards at a target: of the deliveries of a claim it lets
 * those through that may be made now, one of each entity, and ends those that something newer has
 * overtaken. With retries, replays and several nodes the locks of the claim are what it relies on.
 */
final class OrderGuard {

  /**
   * Deliveries, and those of their waiting siblings that no other worker has in hand.
   *
   * <p>What waits is asked for as the index {@code delivery_waiting} has it. PostgreSQL would else
   * take one by which it reads all that waits for the target, for each delivery anew, as long as it
   * knows only of a day on which nothing waited.
   */
  private static final String WITH_SIBLINGS =
      """
      with candidate as (
        select id, entity, occurred_at, event_sequence from delivery where id = any (?)),
      mine as materialized (
        select d.id from candidate c cross join lateral (
          select id from delivery
          where target = ? and entity = c.entity and state || '' = 'waiting'
          for update skip locked) d)
      """;

  /** What the target had already, though it is to have it again. */
  private static final String HAD_NEWER =
      """
      exists (select 1 from delivery n
              where n.target = ? and n.entity = c.entity and n.delivered_before is not null
                and (n.occurred_at, n.event_sequence) > (c.occurred_at, c.event_sequence))
      """;

  /**
   * Where the oldest of an entity is.
   *
   * @param followed whether another one waits
   */
  private record Place(long id, boolean overtaken, boolean blocked, boolean followed) {}

  private record Lane(boolean overtaken, boolean blocked, Long[] older) {}

  private final JdbcTemplate jdbc;

  /**
   * A guard within a claim.
   *
   * @param jdbc on the connection whose transaction holds the claim
   */
  OrderGuard(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Of each entity the newest: a delivery with a newer sibling (waiting or delivered) ends as
   * superseded, and one with an older sibling in another worker's hands stays for later.
   *
   * @param claimed deliveries to the target, locked
   */
  Ledger.Claim newestOfEach(String target, Ledger.Claimed<Delivery> claimed) {
    List<Delivery> due = claimed.rows();
    if (due.isEmpty()) {
      return new Ledger.Claim(due, 0, claimed.isFull());
    }
    Map<String, Delivery> newest = new HashMap<>();
    for (Delivery d : due) {
      newest.merge(d.event().entity(), d, (a, b) -> isNewer(a.event(), b.event()) ? a : b);
    }
    Map<Long, Lane> lanes = new HashMap<>();
    jdbc.query(
        WITH_SIBLINGS
            + """
            select c.id,
                   exists (select 1 from delivery n
                           where n.target = ? and n.entity = c.entity
                             and n.state in ('waiting', 'delivered')
                             and (n.occurred_at, n.event_sequence) > (c.occurred_at, c.event_sequence)
                          ) or %s as overtaken,
                   array(select o.id from delivery o
                         where o.target = ? and o.entity = c.entity and o.state || '' = 'waiting'
                           and (o.occurred_at, o.event_sequence) < (c.occurred_at, c.event_sequence)
                           and o.id in (select id from mine)) as older_mine,
                   exists (select 1 from delivery o
                           where o.target = ? and o.entity = c.entity and o.state || '' = 'waiting'
                             and (o.occurred_at, o.event_sequence) < (c.occurred_at, c.event_sequence)
                             and o.id not in (select id from mine)) as blocked
            from candidate c
            """
                .formatted(HAD_NEWER),
        row -> {
          lanes.put(
              row.getLong("id"),
              new Lane(
                  row.getBoolean("overtaken"),
                  row.getBoolean("blocked"),
                  (Long[]) row.getArray("older_mine").getArray()));
        },
        Ledger.numbers(newest.values().stream().map(Delivery::id).toList()),
        target,
        target,
        target,
        target,
        target);
    List<Delivery> now = new ArrayList<>();
    List<Long> superseded = new ArrayList<>();
    for (Delivery d : due) {
      Delivery head = newest.get(d.event().entity());
      Lane lane = lanes.get(head.id());
      if (d.id() != head.id() || lane.overtaken()) {
        superseded.add(d.id());
      } else if (!lane.blocked()) {
        superseded.addAll(List.of(lane.older()));
        now.add(d);
      }
    }
    supersede(superseded);
    return new Ledger.Claim(now, superseded.size(), claimed.isFull());
  }

  /**
   * Those that no sibling in another worker's hands keeps back: none is spared for one that waits.
   *
   * @param claimed the oldest that waits of each entity, locked
   * @param ordered whether one ends as superseded when a newer one is delivered already
   */
  Ledger.Claim oldestOfEach(String target, Ledger.Claimed<Delivery> claimed, boolean ordered) {
    if (claimed.rows().isEmpty()) {
      return new Ledger.Claim(List.of(), 0, claimed.isFull());
    }
    List<Place> places =
        jdbc.query(
            WITH_SIBLINGS
                + """
            select c.id,
                   ? and (exists (select 1 from delivery n
                                  where n.target = ? and n.entity = c.entity
                                    and n.state = 'delivered'
                                    and (n.occurred_at, n.event_sequence)
                                        > (c.occurred_at, c.event_sequence)) or %s) as overtaken,
                   exists (select 1 from delivery o
                           where o.target = ? and o.entity = c.entity and o.state || '' = 'waiting'
                             and o.id <> c.id
                             and ((o.occurred_at, o.event_sequence)
                                    < (c.occurred_at, c.event_sequence)
                                  or o.id not in (select id from mine))) as blocked,
                   exists (select 1 from delivery o
                           where o.target = ? and o.entity = c.entity and o.state || '' = 'waiting'
                             and o.id <> c.id) as followed
            from candidate c
            """
                    .formatted(HAD_NEWER),
            (row, n) ->
                new Place(
                    row.getLong("id"),
                    row.getBoolean("overtaken"),
                    row.getBoolean("blocked"),
                    row.getBoolean("followed")),
            Ledger.numbers(claimed.rows().stream().map(Delivery::id).toList()),
            target,
            ordered,
            target,
            target,
            target,
            target);
    List<Long> overtaken = places.stream().filter(Place::overtaken).map(Place::id).toList();
    supersede(overtaken);
    Set<Long> ready =
        places.stream()
            .filter(place -> !place.overtaken() && !place.blocked())
            .map(Place::id)
            .collect(Collectors.toSet());
    List<Delivery> now = claimed.rows().stream().filter(d -> ready.contains(d.id())).toList();
    boolean more = places.stream().anyMatch(place -> place.followed() && !place.blocked());
    return new Ledger.Claim(now, overtaken.size(), claimed.isFull() || more);
  }

  private void supersede(Collection<Long> deliveries) {
    if (deliveries.isEmpty()) {
      return;
    }
    jdbc.update(
        """
        update delivery
        set state = 'superseded', settled_at = clock_timestamp(), cause_code = null, cause = null
        where id = any (?) and state || '' = 'waiting'
        """,
        Ledger.numbers(deliveries));
  }

  private static boolean isNewer(Event a, Event b) {
    int byTime = a.occurredAt().compareTo(b.occurredAt());
    return byTime > 0 || byTime == 0 && a.sequence() > b.sequence();
  }
}
