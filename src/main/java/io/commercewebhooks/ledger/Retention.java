package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Forgets what is older than {@code retention} in {@code config/application.yaml} says: first the
 * payload of an event, later the event. An event that still waits, has a dead letter or is
 * unroutable keeps both: nothing else could mend it. Newer events of its object are kept with it.
 *
 * <p>It goes in small batches that skip what others hold, and rests between them.
 */
@Component
public class Retention {

  /** What stands where a payload was; the account and the balance need the row. */
  static final String REMOVED = "{\"removed\":\"%s\"}";

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** Of the event {@code e} or {@code o}: nobody has to see to it any more. */
  private static final String SETTLED =
      """
      ((%1$s.state = 'routed' or %1$s.closed_at is not null)
       and not exists (select 1 from delivery d
                       where d.event_sequence = %1$s.sequence and d.state in ('waiting', 'dead')))
      """;

  private static final String IS_SETTLED = SETTLED.formatted("e");

  /** What is older and may still go out would set the object back, were this one forgotten. */
  private static final String NOTHING_OLDER_IS_LEFT =
      """
      not exists (select 1 from event o
                  where o.entity_key = e.entity_key and o.entity_kind = e.entity_kind
                    and (o.occurred_at, o.sequence) < (e.occurred_at, e.sequence) and not %s)
      """
          .formatted(SETTLED.formatted("o"));

  private final JdbcTemplate ledger;
  private final JdbcTemplate database;
  private final RetentionSettings settings;
  private final Sequences sequences;
  private final PacedBatches paced;

  Retention(
      JdbcTemplate ledger,
      @Qualifier("databaseDataSource") DataSource database,
      RetentionSettings settings) {
    this.ledger = ledger;
    this.database = new JdbcTemplate(database);
    this.settings = settings;
    this.sequences = Sequences.ofEvents(ledger);
    this.paced = new PacedBatches(settings.batch(), settings.pause());
  }

  /** Forgets what is too old now. */
  @Scheduled(
      initialDelayString = "${retention.look-each}",
      fixedDelayString = "${retention.look-each}")
  @SchedulerLock(name = "retention", lockAtMostFor = "PT5M")
  public void look() {
    Map<String, Long> gone = new LinkedHashMap<>();
    gone.put(
        "payloads", events(RetentionSettings.Type::payload, settings.payload(), this::payloads));
    gone.put("events", events(RetentionSettings.Type::account, settings.account(), this::accounts));
    gone.put("replays", rows("replay", "ended_at", settings.account()));
    gone.put("refused webhooks", rows("rejected_webhook", "received_at", settings.rejected()));
    gone.put("lines of the audit", rows("audit", "at", settings.audit()));
    gone.put("lines of the database's history", history());
    gone.values().removeIf(count -> count == 0);
    if (!gone.isEmpty()) {
      LOG.info("retention: too old, and gone: {}", gone);
    }
  }

  private interface Batch {
    int of(String type, Duration age);
  }

  private long events(Function<RetentionSettings.Type, Duration> own, Duration usual, Batch batch) {
    long total = 0;
    for (String type : ledger.queryForList(FilteredRows.TYPES, String.class)) {
      RetentionSettings.Type periods = settings.types().get(type);
      Duration special = periods == null ? null : own.apply(periods);
      Duration age = special == null ? usual : special;
      if (!age.isZero()) {
        total += paced.repeat(() -> batch.of(type, age));
      }
    }
    return total;
  }

  private int payloads(String type, Duration age) {
    return ledger.update(
        """
        update event
        set body = ?, attributes = '{}', payload_removed_at = now()
        where sequence in (
          select e.sequence from event e
          where e.payload_removed_at is null and e.type = ?
            and e.received_at < now() - ? * interval '1 second' and %s
          order by e.received_at limit ?
          for update skip locked)
        """
            .formatted(IS_SETTLED),
        REMOVED.formatted("retention"),
        type,
        age.toSeconds(),
        paced.batch());
  }

  /** Status by status, along the index of kinds: what is too young is not even looked at. */
  private int accounts(String type, Duration age) {
    return ledger.update(
        """
        delete from event where sequence in (
          with recursive %s
          select old.sequence from kind k cross join lateral (
            select e.sequence from event e
            where e.type = k.type and e.status = k.status and e.sequence < ?
              and e.received_at < now() - ? * interval '1 second' and %s and %s
            order by e.sequence limit ?
            for update skip locked) old
          where k.type = ? limit ?)
        """
            .formatted(EventFinder.KINDS, IS_SETTLED, NOTHING_OLDER_IS_LEFT),
        sequences.above(age),
        age.toSeconds(),
        paced.batch(),
        type,
        paced.batch());
  }

  private long rows(String table, String time, Duration age) {
    if (age.isZero()) {
      return 0;
    }
    return paced.repeat(
        () ->
            ledger.update(
                """
                delete from %s where id in (
                  select id from %s where %s < now() - ? * interval '1 second'
                  order by id limit ?
                  for update skip locked)
                """
                    .formatted(table, table, time),
                age.toSeconds(),
                paced.batch()));
  }

  private long history() {
    if (settings.databaseHistory().isZero()) {
      return 0;
    }
    try {
      return paced.repeat(
          () ->
              database.update(
                  """
                  delete from status_history where event_id in (
                    select event_id from status_history
                    where occurred_at < now() - ? * interval '1 second'
                    order by occurred_at limit ?
                    for update skip locked)
                  """,
                  settings.databaseHistory().toSeconds(),
                  paced.batch()));
    } catch (DataAccessException e) {
      LOG.warn("retention: the database target is left as it is: {}", e.getMessage());
      return 0;
    }
  }
}
