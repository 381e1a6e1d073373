package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
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

  private static final int LONGEST_DETAIL = 2_000;

  private static final String KEEP =
      """
      insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                         attributes, mapping, body, people, protection, state, reason, files,
                         trace)
      values (?, ?, ?, ?, ?, ?, coalesce(?, now()), ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do nothing
      """;

  private static final String DIGEST_IS_DUE =
      "bool_and(next_attempt_at <= case when attempts = 0 then ? else now() end)";

  /** Longer than any call takes during which a worker holds rows. */
  private static final String UNTIL_CALLS_ARE_OVER = "set local lock_timeout = '45s'";

  /** Deliveries, and those of their waiting siblings that no other worker has in hand. */
  private static final String WITH_SIBLINGS =
      """
      with candidate as (
        select id, entity, occurred_at, event_sequence from delivery where id = any (?)),
      mine as materialized (
        select d.id from candidate c cross join lateral (
          select id from delivery
          where target = ? and entity = c.entity and state = 'waiting'
          for update skip locked) d)
      """;

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
  <T> T inTransaction(Function<Transaction, T> work) {
    return inTransaction(dataSource, work);
  }

  private <T> T inTransaction(DataSource ledger, Function<Transaction, T> work) {
    try (Connection connection = ledger.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.apply(new Transaction(connection));
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      DataAccessException translated =
          new SQLStateSQLExceptionTranslator().translate("ledger transaction", null, e);
      throw translated != null
          ? translated
          : new CannotGetJdbcConnectionException("the ledger does not answer", e);
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
   * Deliveries that ended as superseded by ones that have become dead letters are made after all:
   * without the others the target would have had them. Should one of them fail too, older ones stay
   * as they are.
   *
   * @param dead the dead letters
   */
  void bringBackOvertaken(Collection<Long> dead) {
    inTransaction(
        ledger -> {
          // a claim may hold rows that it found settled meanwhile
          ledger.jdbc.execute(UNTIL_CALLS_ARE_OVER);
          return ledger.jdbc.update(
              """
              update delivery o
              set state = 'waiting', settled_at = null, next_attempt_at = clock_timestamp()
              from delivery d
              join event e on e.sequence = d.event_sequence
              cross join lateral (
                select s.id from event older join delivery s on s.event_sequence = older.sequence
                where older.entity_key = e.entity_key and older.entity_kind = e.entity_kind
                  and older.payload_removed_at is null
                  and s.target = d.target and s.audience = d.audience and s.state = 'superseded'
                  and coalesce(s.cause_code, '') <> all (?)
                  and (s.occurred_at, s.event_sequence) < (d.occurred_at, d.event_sequence)
                order by s.occurred_at desc, s.event_sequence desc
                limit 1) overtaken
              where o.id = overtaken.id and o.state = 'superseded'
                and d.id = any (?) and d.state = 'dead'
                and not exists (
                  select from event later join delivery n on n.event_sequence = later.sequence
                  where later.entity_key = e.entity_key and later.entity_kind = e.entity_kind
                    and n.target = d.target and n.audience = d.audience and n.state = 'dead'
                    and (n.occurred_at, n.event_sequence) > (d.occurred_at, d.event_sequence))
              """,
              texts(List.of(DeadLetters.DISCARDED, Mending.MENDED)),
              numbers(dead));
        });
  }

  /** The operations that need the row locks of a claim. */
  class Transaction {

    private final JdbcTemplate jdbc;

    Transaction(Connection connection) {
      this.jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
    }

    /**
     * Claims events to route, oldest first.
     *
     * @param type the type to claim, or null for every type that is not in {@code others}
     * @param others the types that have routes of their own
     */
    Claimed<Event> claimEvents(String type, Collection<String> others, int atMost) {
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
          (row, n) -> event(row),
          type == null ? texts(others) : type,
          atMost);
    }

    private <T> Claimed<T> claimed(
        String rows, String order, RowMapper<T> row, Object... arguments) {
      return jdbc.query(
          atOnce.of(rows, order),
          all -> {
            List<T> read = new ArrayList<>();
            long held = 0;
            while (all.next()) {
              read.add(row.mapRow(all, read.size()));
              held = all.getLong(AtOnce.HELD);
            }
            return new Claimed<>(read, atOnce.isReachedBy(held));
          },
          arguments);
    }

    /** Books the deliveries of routed events and marks the events routed or unroutable. */
    void settle(List<Routed> routed) {
      List<Long> sequences = new ArrayList<>();
      List<String> reasons = new ArrayList<>();
      for (Routed r : routed) {
        sequences.add(r.event().sequence());
        reasons.add(r.unroutableBecause());
      }
      book(routed);
      jdbc.update(
          """
          update event e
          set state = case when r.reason is null then 'routed' else 'unroutable' end,
              reason = r.reason, attempts = attempts + 1, routed_at = clock_timestamp()
          from unnest(?, ?) as r (sequence, reason)
          where e.sequence = r.sequence
          """,
          numbers(sequences),
          texts(reasons));
      rules.booked(jdbc, sequences);
    }

    /** All of them in one statement: each of its own would cost as much as the row itself. */
    private void book(List<Routed> routed) {
      List<Long> sequences = new ArrayList<>();
      List<String> targets = new ArrayList<>();
      List<String> audiences = new ArrayList<>();
      List<String> parameters = new ArrayList<>();
      List<String> digests = new ArrayList<>();
      List<Timestamp> dues = new ArrayList<>();
      for (Routed r : routed) {
        for (Booking b : rules.apply(r.event(), r.bookings())) {
          sequences.add(r.event().sequence());
          targets.add(b.target());
          audiences.add(b.audience());
          parameters.add(b.parameters());
          digests.add(b.digest());
          dues.add(b.due() == null ? null : Timestamp.from(b.due()));
        }
      }
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
          numbers(sequences),
          texts(targets),
          texts(audiences),
          texts(parameters),
          texts(digests),
          new SqlArrayValue("timestamptz", dues.toArray()));
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
      Integer attempts =
          jdbc.queryForObject(
              "select attempts from event where sequence = ?", Integer.class, event.sequence());
      return attempts == null ? 0 : attempts;
    }

    /**
     * Claims deliveries of one type, in any order of their entities.
     *
     * @param part which of the waiting ones
     */
    Claim claim(String target, String type, Part part, int atMost) {
      return allOf(lock(target, type, part, atMost));
    }

    private static Claim allOf(Claimed<Delivery> due) {
      return new Claim(due.rows(), 0, due.isFull());
    }

    /**
     * Claims deliveries of one type so that no entity ever goes backwards: a delivery with a newer
     * sibling (waiting or delivered) ends as superseded, and one with an older sibling in another
     * worker's hands stays for later. So an entity occurs once at most in a claim.
     */
    Claim claimInOrder(String target, String type, Part part, int atMost) {
      Claimed<Delivery> claimed = lock(target, type, part, atMost);
      List<Delivery> due = claimed.rows();
      if (due.isEmpty()) {
        return allOf(claimed);
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
                        ) as overtaken,
                 array(select o.id from delivery o
                       where o.target = ? and o.entity = c.entity and o.state = 'waiting'
                         and (o.occurred_at, o.event_sequence) < (c.occurred_at, c.event_sequence)
                         and o.id in (select id from mine)) as older_mine,
                 exists (select 1 from delivery o
                         where o.target = ? and o.entity = c.entity and o.state = 'waiting'
                           and (o.occurred_at, o.event_sequence) < (c.occurred_at, c.event_sequence)
                           and o.id not in (select id from mine)) as blocked
          from candidate c
          """,
          row -> {
            lanes.put(
                row.getLong("id"),
                new Lane(
                    row.getBoolean("overtaken"),
                    row.getBoolean("blocked"),
                    (Long[]) row.getArray("older_mine").getArray()));
          },
          numbers(newest.values().stream().map(Delivery::id).toList()),
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
      return new Claim(now, superseded.size(), claimed.isFull());
    }

    /**
     * Claims deliveries of a type whose events may leave out what did not change, so that none is
     * spared: of each entity the oldest, unless a sibling is in another worker's hands. It ends as
     * superseded only when a newer one is delivered already.
     */
    Claim claimOneAfterAnother(String target, String type, Part part, int atMost) {
      Claimed<Delivery> claimed = lock(target, type, part, atMost);
      if (claimed.rows().isEmpty()) {
        return allOf(claimed);
      }
      Map<String, Delivery> oldest = new HashMap<>();
      for (Delivery d : claimed.rows()) {
        oldest.merge(d.event().entity(), d, (a, b) -> isNewer(a.event(), b.event()) ? b : a);
      }
      Set<Long> overtaken = new HashSet<>();
      Set<Long> blocked = new HashSet<>();
      jdbc.query(
          WITH_SIBLINGS
              + """
              select c.id,
                     exists (select 1 from delivery n
                             where n.target = ? and n.entity = c.entity and n.state = 'delivered'
                               and (n.occurred_at, n.event_sequence)
                                   > (c.occurred_at, c.event_sequence)) as overtaken,
                     exists (select 1 from delivery o
                             where o.target = ? and o.entity = c.entity and o.state = 'waiting'
                               and o.id <> c.id
                               and ((o.occurred_at, o.event_sequence)
                                      < (c.occurred_at, c.event_sequence)
                                    or o.id not in (select id from mine))) as blocked
              from candidate c
              """,
          row -> {
            if (row.getBoolean("overtaken")) {
              overtaken.add(row.getLong("id"));
            } else if (row.getBoolean("blocked")) {
              blocked.add(row.getLong("id"));
            }
          },
          numbers(oldest.values().stream().map(Delivery::id).toList()),
          target,
          target,
          target);
      supersede(overtaken);
      List<Delivery> now =
          claimed.rows().stream()
              .filter(d -> d == oldest.get(d.event().entity()))
              .filter(d -> !overtaken.contains(d.id()) && !blocked.contains(d.id()))
              .toList();
      boolean someWait = oldest.size() < claimed.rows().size();
      return new Claim(now, overtaken.size(), claimed.isFull() || someWait);
    }

    private void supersede(Collection<Long> deliveries) {
      if (deliveries.isEmpty()) {
        return;
      }
      jdbc.update(
          """
          update delivery
          set state = 'superseded', settled_at = clock_timestamp(), cause_code = null, cause = null
          where id = any (?) and state = 'waiting'
          """,
          numbers(deliveries));
    }

    /**
     * Claims all deliveries of a digest that is due, unless another worker is at it.
     *
     * @param atMost how many; the rest is another mail
     */
    Claim claimDigest(String target, String digest, Instant now, int atMost) {
      Boolean mine =
          jdbc.queryForObject(
              "select pg_try_advisory_xact_lock(hashtextextended(?, 0))", Boolean.class, digest);
      if (!Boolean.TRUE.equals(mine)) {
        return new Claim(List.of(), 0, false);
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

    private Claimed<Delivery> lock(String target, String type, Part part, int atMost) {
      return lock(
          "next_attempt_at, delivery_id",
          "target = ? and type = ? and state = 'waiting' and digest is null and " + part.condition,
          part.arguments(target, type, atMost));
    }

    private Claimed<Delivery> lock(String order, String condition, Object... arguments) {
      return claimed(
          """
          with due as materialized (
            select id as delivery_id, event_sequence, target, audience, parameters, attempts,
                   failures, progress, digest, next_attempt_at
            from delivery
            where %s
            order by %s
            limit ?
            for update skip locked)
          select d.delivery_id, d.target, d.audience, d.parameters, d.attempts, d.failures,
                 d.progress, d.digest, d.next_attempt_at,
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
                  event(row),
                  row.getString("target"),
                  row.getString("audience"),
                  read(row.getString("parameters")),
                  row.getInt("attempts"),
                  row.getInt("failures"),
                  row.getString("progress") == null ? null : read(row.getString("progress")),
                  row.getString("digest")),
          arguments);
    }

    /**
     * Settles deliveries by their outcomes and keeps the account of the failed attempts.
     *
     * @return the deliveries that have become dead letters
     */
    List<Long> settle(List<Settled> settled, BiFunction<String, String, RetryClock> clocks) {
      int size = settled.size();
      List<Long> dead = new ArrayList<>();
      Long[] ids = new Long[size];
      String[] outcomes = new String[size];
      Long[] waits = new Long[size];
      String[] references = new String[size];
      String[] codes = new String[size];
      String[] details = new String[size];
      String[] progress = new String[size];
      Timestamp[] starts = new Timestamp[size];
      for (int i = 0; i < size; i++) {
        Settled s = settled.get(i);
        Outcome outcome = s.outcome();
        int failures = s.delivery().failures() + 1;
        ids[i] = s.delivery().id();
        starts[i] = Timestamp.from(s.startedAt());
        outcomes[i] = outcome.kind().name().toLowerCase(Locale.ROOT);
        waits[i] = 0L;
        if (outcome.kind() == Outcome.Kind.RETRY) {
          RetryClock clock = clocks.apply(s.delivery().target(), outcome.clock());
          waits[i] = clock.next(failures, outcome.atLeast()).toMillis();
          outcomes[i] = clock.isLast(failures) ? "dead" : "retry";
        }
        if (outcomes[i].equals("dead")) {
          dead.add(ids[i]);
        }
        references[i] = storable(outcome.reference());
        codes[i] = storable(outcome.code());
        details[i] = storable(outcome.detail());
        progress[i] =
            outcome.accepted() == null ? null : json.valueToTree(outcome.accepted()).toString();
      }
      jdbc.update(
          """
          with settled as (
            select * from unnest(?, ?, ?, ?, ?, ?, ?, ?)
              as s (id, outcome, wait, reference, code, detail, progress, started_at)),
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
          select u.id, u.attempts, s.started_at, clock_timestamp(), s.outcome, s.code, s.detail,
                 u.files
          from updated u join settled s using (id)
          where s.code is not null
          """,
          numbers(List.of(ids)),
          new SqlArrayValue("text", (Object[]) outcomes),
          new SqlArrayValue("bigint", (Object[]) waits),
          new SqlArrayValue("text", (Object[]) references),
          new SqlArrayValue("text", (Object[]) codes),
          new SqlArrayValue("text", (Object[]) details),
          new SqlArrayValue("text", (Object[]) progress),
          new SqlArrayValue("timestamptz", (Object[]) starts),
          files.hash());
      return dead;
    }
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

    private Object[] arguments(String target, String type, int atMost) {
      return millis == null
          ? new Object[] {target, type, atMost}
          : new Object[] {target, type, millis, atMost};
    }
  }

  private record Lane(boolean overtaken, boolean blocked, Long[] older) {}

  private static boolean isNewer(Event a, Event b) {
    int byTime = a.occurredAt().compareTo(b.occurredAt());
    return byTime > 0 || byTime == 0 && a.sequence() > b.sequence();
  }

  private Event event(ResultSet row) throws SQLException {
    return new Event(
        row.getLong("sequence"),
        row.getString("id"),
        row.getString("sender"),
        row.getString("type"),
        row.getString("status"),
        row.getString("entity_kind"),
        row.getString("entity_key"),
        row.getTimestamp("occurred_at").toInstant(),
        row.getTimestamp("received_at").toInstant(),
        read(
            protection.open(
                row.getString("id"), SealedEvent.ATTRIBUTES, row.getString("attributes"))),
        row.getString("mapping"),
        protection.open(row.getString("id"), SealedEvent.BODY, row.getString("body")),
        row.getString("trace"));
  }

  private JsonNode read(String text) {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the ledger holds unreadable JSON", e);
    }
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

  private static SqlArrayValue numbers(Collection<Long> values) {
    return new SqlArrayValue("bigint", values.toArray());
  }

  private static SqlArrayValue texts(Collection<String> values) {
    return new SqlArrayValue("text", values.toArray());
  }
}
