package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import org.apache.camel.CamelExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Replays: what an operator asked for is a row, taken up at a steady pace by one node, so that it
 * survives a restart, can be watched and can be cancelled. A replay takes up only what failed
 * before it was asked for; asking twice changes nothing.
 */
@Component
public class Replays {

  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  /** A node that holds the lock for longer is taken for dead. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private static final String PROGRESS =
      """
      select id, created_at, created_by, kind, filter, state, total, done, ended_at from replay
      """;

  private final NamedParameterJdbcTemplate named;
  private final JdbcTemplate ledger;
  private final TransactionTemplate transaction;
  private final FilteredRows filtered;
  private final Signals signals;
  private final DataProtection protection;
  private final AtOnce atOnce;
  private final LiveMappings mappings;
  private final ObjectMapper json;
  private final LockingTaskExecutor locks;
  private final int perTick;

  Replays(
      NamedParameterJdbcTemplate ledger,
      Signals signals,
      DataProtection protection,
      AtOnce atOnce,
      LiveMappings mappings,
      ObjectMapper json,
      LockProvider locks,
      LedgerSettings settings,
      TransactionTemplate transaction) {
    this.named = ledger;
    this.ledger = ledger.getJdbcTemplate();
    this.filtered = new FilteredRows(ledger);
    this.signals = signals;
    this.protection = protection;
    this.atOnce = atOnce;
    this.mappings = mappings;
    this.json = json;
    this.locks = new DefaultLockingTaskExecutor(locks);
    this.transaction = transaction;
    this.perTick =
        (int)
            Math.max(1, settings.replay().perSecond() * settings.replay().tick().toMillis() / 1000);
  }

  /**
   * Asks for dead letters to be delivered again, or for what was delivered where the filter says
   * so.
   *
   * @return the number of the replay
   */
  public long ofDeliveries(DeliveryFilter filter, String by) {
    return ask("deliveries", filter, filtered.toReplay(filter).countDeliveries(), by);
  }

  /**
   * Asks for events to be routed again, by today's routes.
   *
   * @return the number of the replay
   */
  public long ofEvents(EventFilter filter, String by) {
    return ask("events", filter, filtered.toRoute(filter).countEvents(), by);
  }

  private long ask(String kind, Object filter, long total, String by) {
    long id =
        ledger.queryForObject(
            """
            insert into replay (created_by, kind, filter, total) values (?, ?, ?, ?) returning id
            """,
            Long.class,
            by,
            kind,
            write(filter),
            total);
    LOG.info("replay {} of {} {} was asked for by {}", id, total, kind, by);
    return id;
  }

  /** The newest replays with their progress. */
  public List<Map<String, Object>> all() {
    return ledger.queryForList(PROGRESS + "order by id desc limit 100");
  }

  /** One replay with its progress. */
  public Optional<Map<String, Object>> one(long id) {
    return ledger.queryForList(PROGRESS + "where id = ?", id).stream().findFirst();
  }

  /** Stops a replay; what it took up already goes its way. */
  public boolean cancel(long id) {
    return ledger.update(
            """
            update replay set state = 'cancelled', ended_at = now() where id = ? and state = 'running'
            """,
            id)
        == 1;
  }

  /** Takes up the next few of every running replay; nobody needs the lock while there is none. */
  @Scheduled(fixedDelayString = "${ledger.replay.tick}")
  public void takeUp() {
    if (!running().isEmpty()) {
      locks.executeWithLock(
          (Runnable) () -> running().forEach(this::takeUp),
          new LockConfiguration(Instant.now(), "replays", LONGEST, Duration.ZERO));
    }
  }

  private List<Map<String, Object>> running() {
    return ledger.queryForList(
        """
        select id, kind, filter, created_at, reached from replay where state = 'running' order by id
        """);
  }

  /**
   * Whatever others hold meanwhile is taken up later: a replay that finds nothing may not be done.
   */
  private void takeUp(Map<String, Object> replay) {
    Instant asked = ((Timestamp) replay.get("created_at")).toInstant();
    String filter = (String) replay.get("filter");
    if (replay.get("kind").equals("deliveries")) {
      DeliveryFilter deliveries = read(filter, DeliveryFilter.class);
      noted(replay, () -> takeUp(replay, deliveries, asked))
          .forEach(target -> signals.ofDeliveries(target).wake());
    } else {
      EventFilter events = read(filter, EventFilter.class);
      List<String> read = unroutable(events, asked).stream().map(this::readAgain).toList();
      // read again, they may be of another type than the filter says
      EventFilter next = read.isEmpty() ? events : EventFilter.of(read);
      noted(replay, () -> takeUp(events, next, asked)).forEach(signals::wakeRoutingOf);
    }
  }

  /**
   * Takes up the next few and counts them, both or neither.
   *
   * @return who has work now
   */
  private Stream<String> noted(Map<String, Object> replay, Supplier<Taken> taking) {
    Taken all =
        transaction.execute(
            status -> {
              Taken taken = taking.get();
              ledger.update(
                  """
                  update replay
                  set done = done + ?,
                      state = case when ? and state = 'running' then 'done' else state end,
                      ended_at = case when ? and state = 'running' then now() else ended_at end
                  where id = ?
                  """,
                  taken.whose().size(),
                  taken.isDone(),
                  taken.isDone(),
                  replay.get("id"));
              return taken;
            });
    return all.whose().stream().distinct();
  }

  /**
   * What was taken up.
   *
   * @param whose of each its target, or the type of the event
   */
  private record Taken(List<String> whose, boolean isDone) {}

  private Taken takeUp(Map<String, Object> replay, DeliveryFilter filter, Instant asked) {
    if (filter.asksForDone()) {
      List<String> taken = deliverAgain(replay, filter, asked);
      return new Taken(taken, taken.isEmpty());
    }
    List<String> taken = replay(filter, asked);
    return new Taken(taken, taken.isEmpty() && settled(filter, asked).countDeliveries() == 0);
  }

  private Taken takeUp(EventFilter filter, EventFilter next, Instant asked) {
    List<String> taken = routeAgain(next, asked);
    return new Taken(taken, taken.isEmpty() && stuck(filter, asked).countEvents() == 0);
  }

  /**
   * Gives dead letters all their attempts anew. They go behind live traffic.
   *
   * @param deadBefore only those that were given up before this
   * @return the target of each that was taken up
   */
  private List<String> replay(DeliveryFilter filter, Instant deadBefore) {
    return settled(filter, deadBefore)
        .texts(
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
            perTick);
  }

  /**
   * Lets targets have again what was delivered to them or overtaken, each once for a replay, the
   * oldest first; people, too, who had the mail. The order guard ends what the target has something
   * newer for. Whoever takes the payload of one at the same time is waited for.
   *
   * @param doneBefore only what was so before this
   * @return the target of each that was taken up
   */
  private List<String> deliverAgain(
      Map<String, Object> replay, DeliveryFilter filter, Instant doneBefore) {
    return settled(filter, doneBefore)
        .and("d.id > :reached", "reached", replay.get("reached"))
        .with("replay", replay.get("id"))
        .texts(
            """
            with chosen as (
              select d.id from delivery d join event e on e.sequence = d.event_sequence %s
              order by d.id limit :atMost
              for share of e for update of d),
            again as (
              update delivery d
              set state = 'waiting', failures = 0, next_attempt_at = now() - interval '1 hour',
                  delivered_before = case when d.state = 'delivered' then d.settled_at
                                          else d.delivered_before end,
                  settled_at = null, progress = null
              from chosen c where d.id = c.id
              returning d.id, d.target),
            going_on as (
              update replay set reached = coalesce((select max(id) from again), reached)
              where id = :replay)
            select target from again
            """,
            perTick);
  }

  private Conditions settled(DeliveryFilter filter, Instant before) {
    return filtered.toReplay(filter).and("d.settled_at < :before", "before", before);
  }

  /** The next unroutable events of a replay, to be read again; as many as can be at once. */
  private List<Map<String, Object>> unroutable(EventFilter filter, Instant stuckBefore) {
    Conditions where = stuck(filter, stuckBefore).and("e.state = 'unroutable'");
    List<Map<String, Object>> events =
        where.list(
            atOnce.of(
                """
                select e.sequence, e.id, e.sender, e.received_at, e.mapping, e.body
                from event e %s order by e.sequence limit :limit
                """,
                "sequence"),
            perTick);
    events.forEach(
        event ->
            event.compute(
                "body",
                (name, text) -> protection.open((String) event.get("id"), name, (String) text)));
    return events;
  }

  /** An event was parked by yesterday's mapping: today's may know what it is. */
  private String readAgain(Map<String, Object> event) {
    String id = (String) event.get("id");
    String mapping = (String) event.get("mapping");
    if (mapping == null) {
      return id;
    }
    try {
      keep(
          (Long) event.get("sequence"),
          id,
          mappings.read(
              (String) event.get("body"),
              (String) event.get("sender"),
              mapping,
              ((Timestamp) event.get("received_at")).toInstant()));
    } catch (JsonProcessingException | CamelExecutionException e) {
      LOG.warn("event {} can't be read again by {}: {}", id, mapping, e.getClass().getSimpleName());
    }
    return id;
  }

  /**
   * Keeps what a new reading of an unroutable event's payload gave, unless that was removed since.
   *
   * @param id the id that the event was kept under
   */
  private void keep(long sequence, String id, Event event) {
    named.update(
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
            .addValue(
                "occurredAt",
                event.occurredAt() == null ? null : Timestamp.from(event.occurredAt()))
            .addValue(
                "attributes",
                protection.seal(id, SealedEvent.ATTRIBUTES, event.attributes().toString())));
  }

  /**
   * Routes events again, by today's routes: unroutable ones, and those with dead letters, which get
   * all their attempts anew. A delivery that is there already is not booked twice. An event that
   * names no business object stays unroutable, and a mended copy that was never routed has its dead
   * letters again and nothing else: all others were told by its original.
   *
   * @param stuckBefore only events that were last looked at before this
   * @return the type of each that was looked at
   */
  private List<String> routeAgain(EventFilter filter, Instant stuckBefore) {
    return stuck(filter, stuckBefore)
        .texts(
            """
            with chosen as (
              select e.sequence,
                     e.entity_key is null
                       or e.mended_from is not null and e.state = 'routed' and e.attempts = 0 as stays
              from event e %s order by e.sequence limit :atMost
              for update of e skip locked),
            revived as (
              update delivery d
              set state = 'waiting', failures = 0, next_attempt_at = now() - interval '1 hour',
                  settled_at = null
              from chosen c where d.event_sequence = c.sequence and d.state = 'dead')
            update event e
            set state = case when c.stays then e.state else 'received' end,
                reason = case when c.stays then e.reason end,
                routed_at = case when c.stays then clock_timestamp() end,
                attempts = 0, next_attempt_at = now()
            from chosen c where e.sequence = c.sequence
            returning e.type
            """,
            perTick);
  }

  private Conditions stuck(EventFilter filter, Instant before) {
    return filtered
        .toRoute(filter)
        .and(
            """
            coalesce(e.routed_at, e.received_at) < :before and
            (e.state = 'unroutable' or e.sequence in (
              select event_sequence from delivery where state = 'dead' and settled_at < :before))
            """,
            "before",
            before);
  }

  private String write(Object filter) {
    try {
      return json.writeValueAsString(filter);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this filter can't be kept", e);
    }
  }

  private <T> T read(String filter, Class<T> type) {
    try {
      return json.readValue(filter, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the ledger holds an unreadable filter", e);
    }
  }
}
