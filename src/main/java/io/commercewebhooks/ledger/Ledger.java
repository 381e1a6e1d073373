package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;

/**
 * The few operations of the ledger. A claim holds row locks until its transaction ends: the lock is
 * the lease, so a crash simply frees the rows. Claims never wait for each other ({@code SKIP
 * LOCKED}), on one node or several.
 *
 * <p>All methods throw {@link DataAccessException} when the database does not answer.
 */
@Component
public class Ledger {

  /**
   * What says no time comes after what its entity has last, also when the clock was set back since.
   */
  private static final String KEEP =
      """
      insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                         attributes, mapping, body, people, protection, state, reason, files,
                         trace)
      values (?, ?, ?, ?, ?, ?,
              coalesce(?, greatest(now(), (select occurred_at from event
                                           where entity_key = ? and entity_kind = ?
                                           order by sequence desc limit 1))),
              ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do nothing
      """;

  private static final String DIGEST_IS_DUE =
      "bool_and(next_attempt_at <= case when attempts = 0 then ? else now() end)";

  /** Longer than any call takes during which a worker holds rows. */
  static final String UNTIL_CALLS_ARE_OVER = "set local lock_timeout = '45s'";

  /**
   * How long a server may say nothing while webhooks are being kept: their senders wait, and so do
   * all that come after them.
   */
  private static final int KEPT_WITHIN_MILLIS = 5_000;

  private final DataSource dataSource;
  private final JdbcTemplate jdbc;
  private final JdbcTemplate keeping;
  private final ObjectMapper json;
  private final BookingRules rules;
  private final DataProtection protection;
  private final PersonalData people;
  private final FileStamp files;
  private final AtOnce atOnce;
  private final EventRows rows;

  Ledger(
      DataSource dataSource,
      @Qualifier("strictJson") ObjectMapper json,
      BookingRules rules,
      DataProtection protection,
      PersonalData people,
      FileStamp files,
      AtOnce atOnce) {
    this.dataSource = dataSource;
    this.jdbc = new JdbcTemplate(dataSource);
    this.keeping = new JdbcTemplate(impatient(dataSource));
    this.json = json;
    this.rules = rules;
    this.protection = protection;
    this.people = people;
    this.files = files;
    this.atOnce = atOnce;
    this.rows = new EventRows(json, protection);
  }

  /** The pool has a connection as patient as before once it is given back. */
  private static DataSource impatient(DataSource ledger) {
    return new DelegatingDataSource(ledger) {
      @Override
      public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        connection.setNetworkTimeout(Runnable::run, KEPT_WITHIN_MILLIS);
        return connection;
      }
    };
  }

  /** An event as the ledger writes it: sealed, and with the hashes of those whom it is about. */
  SealedEvent seal(Event event) {
    return new SealedEvent(
        event.id(),
        event.sender(),
        event.type(),
        event.status(),
        event.entityKind(),
        event.entityKey(),
        event.occurredAt() == null ? null : event.occurredAt().toString(),
        protection.seal(event.id(), SealedEvent.ATTRIBUTES, event.attributes().toString()),
        event.mapping(),
        protection.seal(event.id(), SealedEvent.BODY, event.body()),
        List.copyOf(people.peopleIn(event.body())),
        protection.fingerprint(),
        files.hash(),
        event.trace());
  }

  /**
   * Keeps an event once. When this returns, the event is committed.
   *
   * @param event the event; its sequence and time of receipt are given by the ledger
   * @return false when the ledger already had this event
   */
  boolean keep(SealedEvent event) {
    return keeping.update(KEEP, written(event)) == 1;
  }

  /**
   * Keeps events, each once. When this returns, all of them are committed; when it fails, none is.
   *
   * @return for each, in the order given, false when the ledger already had it
   */
  boolean[] keep(List<SealedEvent> events) {
    int[] rows =
        inTransaction(
            keeping.getDataSource(),
            ledger -> ledger.jdbc.batchUpdate(KEEP, events.stream().map(Ledger::written).toList()));
    boolean[] areNew = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      areNew[i] = rows[i] == 1;
    }
    return areNew;
  }

  private static Object[] written(SealedEvent event) {
    return new Object[] {
      event.id(),
      event.sender(),
      event.type(),
      event.status(),
      event.entityKind(),
      event.entityKey(),
      event.occurredAt() == null ? null : Timestamp.from(Instant.parse(event.occurredAt())),
      event.entityKey(),
      event.entityKind(),
      event.attributes(),
      event.mapping(),
      event.body(),
      texts(event.people()),
      event.protection(),
      event.entityKey() == null ? "unroutable" : "received",
      event.entityKey() == null ? "names no " + event.entityKind() : null,
      event.files(),
      event.trace()
    };
  }

  /** Runs work in one transaction on one connection of its own, bound to no thread. */
  <T> T inTransaction(Function<LedgerTransaction, T> work) {
    return inTransaction(dataSource, work);
  }

  private <T> T inTransaction(DataSource ledger, Function<LedgerTransaction, T> work) {
    try (Connection connection = ledger.getConnection()) {
      connection.setAutoCommit(false);
      T result;
      try {
        result = work.apply(new LedgerTransaction(connection, rows, json, rules, files, atOnce));
        connection.commit();
      } catch (SQLException | RuntimeException | Error e) {
        rollBack(connection, e);
        throw e;
      }
      connection.setAutoCommit(true);
      return result;
    } catch (SQLException e) {
      DataAccessException translated =
          new SQLStateSQLExceptionTranslator().translate("ledger transaction", null, e);
      throw translated != null
          ? translated
          : new CannotGetJdbcConnectionException("the ledger does not answer", e);
    }
  }

  /** A connection that broke can't be rolled back either, which must not hide why it broke. */
  private static void rollBack(Connection connection, Throwable failure) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /** Something that is due: events of a type, or the deliveries or digests of a target. */
  record Due(Work work, String name) {

    enum Work {
      EVENTS,
      DELIVERIES,
      DIGESTS
    }
  }

  /**
   * Everything that is due, by whose work it is.
   *
   * @param now the time by which digests are due
   */
  List<Due> due(Instant now) {
    return jdbc.query(
        """
        with recursive event_type (type, oldest) as (
          (select type, next_attempt_at from event
           where state = 'received'
           order by type, next_attempt_at limit 1)
          union all
          select next.type, next.next_attempt_at
          from event_type e
          cross join lateral (
            select type, next_attempt_at from event
            where state = 'received' and type > e.type
            order by type, next_attempt_at limit 1) next),
        lane (target, type, oldest) as (
          (select target, type, next_attempt_at from delivery
           where state = 'waiting' and digest is null
           order by target, type, next_attempt_at limit 1)
          union all
          select next.target, next.type, next.next_attempt_at
          from lane l
          cross join lateral (
            select target, type, next_attempt_at from delivery
            where state = 'waiting' and digest is null and (target, type) > (l.target, l.type)
            order by target, type, next_attempt_at limit 1) next)
        select 'EVENTS' as work, type as name from event_type where oldest <= now()
        union all
        select distinct 'DELIVERIES', target from lane where oldest <= now()
        union all
        select distinct 'DIGESTS', target from (
          select target from delivery
          where state = 'waiting' and digest is not null
          group by target, digest
          having %s) digest
        """
            .formatted(DIGEST_IS_DUE),
        (row, n) -> new Due(Due.Work.valueOf(row.getString("work")), row.getString("name")),
        Timestamp.from(now));
  }

  /**
   * A type of event that waits for deliveries of their own.
   *
   * @param isLive whether any of them is due, and is not yet backlog
   * @param isLate whether any of them is backlog
   */
  record Waiting(String type, boolean isLive, boolean isLate) {}

  /**
   * What waits for a target, due or not, by type of event. Whoever asks at each turn must not read
   * all that waits: of each type the oldest and the newest one say it.
   *
   * @param backlogAfter how long something may be due before it is backlog
   */
  List<Waiting> waitingFor(String target, Duration backlogAfter) {
    return jdbc.query(
        """
        with recursive waiting (type, oldest) as (
          (select type, next_attempt_at from delivery
           where target = ? and state = 'waiting' and digest is null
           order by type, next_attempt_at limit 1)
          union all
          select next.type, next.next_attempt_at
          from waiting w
          cross join lateral (
            select d.type, d.next_attempt_at from delivery d
            where d.target = ? and d.state = 'waiting' and d.digest is null and d.type > w.type
            order by d.type, d.next_attempt_at limit 1) next)
        select w.type, w.oldest <= late.since as is_late,
               coalesce(newest.due_at > late.since, false) as is_live
        from waiting w
        cross join (select now() - ? * interval '1 millisecond' as since) late
        left join lateral (
          select d.next_attempt_at as due_at from delivery d
          where d.target = ? and d.type = w.type and d.state = 'waiting' and d.digest is null
            and d.next_attempt_at <= now()
          order by d.next_attempt_at desc limit 1) newest on true
        """,
        (row, n) ->
            new Waiting(
                row.getString("type"), row.getBoolean("is_live"), row.getBoolean("is_late")),
        target,
        target,
        backlogAfter.toMillis(),
        target);
  }

  /**
   * The digests that are due at a time: those of which no delivery has to wait any longer. One that
   * failed waits by the ledger's clock, as every retry does.
   */
  List<String> digestsDue(String target, Instant now) {
    return jdbc.queryForList(
        """
        select digest from delivery
        where target = ? and state = 'waiting' and digest is not null
        group by digest
        having %s
        order by max(next_attempt_at)
        """
            .formatted(DIGEST_IS_DUE),
        String.class,
        target,
        Timestamp.from(now));
  }

  /**
   * What a claim brought.
   *
   * @param rows what to work on, in order
   * @param isFull whether more may wait that would have been too much {@link AtOnce}
   */
  record Claimed<T>(List<T> rows, boolean isFull) {}

  /**
   * What a claim of deliveries brought.
   *
   * @param deliveries those to deliver now
   * @param superseded how many ended without a call
   * @param isFull whether more may wait that would have been too much {@link AtOnce}, or that come
   *     after these
   */
  record Claim(List<Delivery> deliveries, int superseded, boolean isFull) {}

  /** The result of routing one event. */
  record Routed(Event event, List<Booking> bookings, String unroutableBecause) {}

  /** The result of one attempt at one delivery. */
  record Settled(Delivery delivery, Outcome outcome, Instant startedAt) {}

  /**
   * Makes deliveries after all that others have found overtaken meanwhile, by ones that have become
   * dead letters; see {@link LedgerTransaction#settleInOrder}. Waits for those who have one in
   * hand.
   *
   * @param dead the dead letters
   */
  void bringBackOvertaken(Collection<Long> dead) {
    inTransaction(
        ledger -> {
          ledger.jdbc.execute(UNTIL_CALLS_ARE_OVER);
          return ledger.bringBackFromOthers(dead);
        });
  }

  /** Which of the waiting deliveries a claim is for. */
  record Part(String condition, Long millis) {

    /** All that are due. */
    static final Part DUE = new Part("next_attempt_at <= now()", null);

    /** All, due or not: to try a target that is on hold. */
    static final Part ANY = new Part("true", null);

    /** Those that came due not longer ago than this. */
    static Part live(Duration age) {
      return new Part(
          "next_attempt_at <= now() and next_attempt_at > now() - ? * interval '1 millisecond'",
          age.toMillis());
    }

    /** Those that came due longer ago than this. */
    static Part backlog(Duration age) {
      return new Part("next_attempt_at <= now() - ? * interval '1 millisecond'", age.toMillis());
    }

    Object[] arguments(String target, String type, int atMost) {
      return millis == null
          ? new Object[] {target, type, atMost}
          : new Object[] {target, type, millis, atMost};
    }
  }

  static SqlArrayValue numbers(Collection<Long> values) {
    return new SqlArrayValue("bigint", values.toArray());
  }

  static SqlArrayValue texts(Collection<String> values) {
    return new SqlArrayValue("text", values.toArray());
  }
}
