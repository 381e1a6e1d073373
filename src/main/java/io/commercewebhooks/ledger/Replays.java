package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ledger.LedgerAccount.DeliveryFilter;
import io.commercewebhooks.ledger.LedgerAccount.EventFilter;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import org.apache.camel.CamelExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Replays: what an operator asked for is a row, taken up at a steady pace by one node, so that it
 * survives a restart, can be watched and can be cancelled. A replay takes up only what failed
 * before it was asked for; asking twice changes nothing.
 */
public class Replays {

  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  /** A node that holds the lock for longer is taken for dead. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private static final String PROGRESS =
      """
      select id, created_at, created_by, kind, filter, state, total, done, ended_at from replay
      """;

  private final JdbcTemplate ledger;
  private final LedgerAccount account;
  private final LiveMappings mappings;
  private final ObjectMapper json;
  private final LockingTaskExecutor locks;
  private final int perTick;

  Replays(
      JdbcTemplate ledger,
      LedgerAccount account,
      LiveMappings mappings,
      ObjectMapper json,
      LockProvider locks,
      LedgerSettings settings) {
    this.ledger = ledger;
    this.mappings = mappings;
    this.account = account;
    this.json = json;
    this.locks = new DefaultLockingTaskExecutor(locks);
    this.perTick =
        (int)
            Math.max(1, settings.replay().perSecond() * settings.replay().tick().toMillis() / 1000);
  }

  /**
   * Asks for dead letters to be delivered again.
   *
   * @return the number of the replay
   */
  public long ofDeliveries(DeliveryFilter filter, String by) {
    return ask("deliveries", filter, account.countToReplay(filter), by);
  }

  /**
   * Asks for events to be routed again, by today's routes.
   *
   * @return the number of the replay
   */
  public long ofEvents(EventFilter filter, String by) {
    return ask("events", filter, account.countToRoute(filter), by);
  }

  private long ask(String kind, Object filter, long total, String by) {
    Long id =
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
    return id == null ? 0 : id;
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
        "select id, kind, filter, created_at from replay where state = 'running' order by id");
  }

  private void takeUp(Map<String, Object> replay) {
    Instant asked = ((Timestamp) replay.get("created_at")).toInstant();
    String filter = (String) replay.get("filter");
    long taken;
    if (replay.get("kind").equals("deliveries")) {
      taken = account.replay(read(filter, DeliveryFilter.class), asked, perTick);
    } else {
      EventFilter events = read(filter, EventFilter.class);
      // read again, they may be of another type than the filter says
      List<String> read =
          account.unroutable(events, asked, perTick).stream().map(this::readAgain).toList();
      taken =
          read.isEmpty()
              ? account.routeAgain(events, asked, perTick)
              : account.routeAgain(EventFilter.of(read), asked, perTick);
    }
    ledger.update(
        """
        update replay
        set done = done + ?, state = case when ? = 0 then 'done' else state end,
            ended_at = case when ? = 0 then now() end
        where id = ? and state = 'running'
        """,
        taken,
        taken,
        taken,
        replay.get("id"));
  }

  /** An event was parked by yesterday's mapping: today's may know what it is. */
  private String readAgain(Map<String, Object> event) {
    String id = (String) event.get("id");
    String mapping = (String) event.get("mapping");
    if (mapping == null) {
      return id;
    }
    try {
      account.readAgain(
          (Long) event.get("sequence"),
          id,
          mappings.read((String) event.get("body"), (String) event.get("sender"), mapping));
    } catch (JsonProcessingException | CamelExecutionException e) {
      LOG.warn("event {} can't be read again by {}: {}", id, mapping, e.getClass().getSimpleName());
    }
    return id;
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
