package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ledger.PersonalData.Kind;
import io.commercewebhooks.ledger.PersonalData.Person;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Erases a person from the ledger and from the database target. The events that name the person
 * lose their payload, what was still to be delivered of them ends, and what targets said of them
 * goes; the rows stay as the account of what happened. What to do in the database target says
 * {@code config/sql/erase-person.sql}.
 *
 * <p>It goes in batches, each in three steps: take the payloads and end the deliveries, erase in
 * the database, erase the rest in the ledger. When one fails nothing is forgotten that the next try
 * would need to find it.
 */
@Component
public class Erasures {

  private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);
  private static final Path STATEMENT = Path.of("config/sql/erase-person.sql");
  private static final int BATCH = 500;

  /** Why a delivery ended whose person was erased. */
  public static final String ERASED = "ERASED";

  private static final String NEVER_ROUTED = "the person was erased before it was routed";

  private final NamedParameterJdbcTemplate ledger;
  private final TransactionTemplate transaction;
  private final NamedParameterJdbcTemplate database;
  private final TransactionTemplate databaseTransaction;
  private final PersonalData people;
  private final Audit audit;
  private final ObjectMapper json;

  Erasures(
      NamedParameterJdbcTemplate ledger,
      TransactionTemplate transaction,
      @Qualifier("databaseDataSource") DataSource database,
      PersonalData people,
      Audit audit,
      ObjectMapper json) {
    this.ledger = ledger;
    this.transaction = transaction;
    this.database = new NamedParameterJdbcTemplate(database);
    this.databaseTransaction = new TransactionTemplate(new DataSourceTransactionManager(database));
    this.people = people;
    this.audit = audit;
    this.json = json;
  }

  /**
   * What was erased, or would be.
   *
   * @param id number of its line in the audit; null when dry
   * @param subject the person as a keyed hash, the same each time
   * @param events events that lost their payload
   * @param undelivered deliveries that were not made any more
   * @param told deliveries made before, by target: what is to be erased there
   * @param database rows of the database target, by table
   */
  public record Receipt(
      Long id,
      Instant at,
      String by,
      boolean dryRun,
      String subject,
      long events,
      long undelivered,
      Map<String, Long> told,
      Map<String, Long> database) {}

  private static final class Count {
    private long events;
    private long undelivered;
    private final Map<String, Long> told = new TreeMap<>();
    private final Map<String, Long> database = new LinkedHashMap<>();
  }

  private record Found(long sequence, String kind, String key) {}

  /** As the statement reads it. */
  private record Entity(String kind, String key) {}

  /** There are events of which nobody knows yet whom they name. */
  public static final class NotYetException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotYetException() {
      super("older events are still looked through for whom they name; ask again later");
    }
  }

  private void checkThatAllAreKnown() {
    Boolean unknown =
        ledger
            .getJdbcOperations()
            .queryForObject(
                """
                select exists (
                  select 1 from event where people is null and payload_removed_at is null)
                """,
                Boolean.class);
    if (Boolean.TRUE.equals(unknown)) {
      throw new NotYetException();
    }
  }

  /**
   * Counts what an erasure would find; changes nothing.
   *
   * @throws NotYetException soon after an upgrade
   */
  public Receipt count(Person person, Audit.Actor actor) {
    checkThatAllAreKnown();
    Count count = new Count();
    Set<Entity> entities = new LinkedHashSet<>();
    long after = 0;
    List<Found> found;
    do {
      found = find(person, after, "");
      count(count, found);
      after = found.isEmpty() ? after : found.get(found.size() - 1).sequence();
      entities.addAll(entitiesOf(found));
    } while (found.size() == BATCH);
    // at once: what is rolled back would be counted anew with each batch
    eraseInDatabase(count, person, entities, true);
    return receipt(null, person, actor, count);
  }

  /**
   * Erases.
   *
   * @param reason why, for the audit
   * @throws NotYetException soon after an upgrade
   * @throws org.springframework.dao.DataAccessException when the database target or the ledger does
   *     not answer, or a delivery under way takes too long; asking again goes on with the rest
   */
  public Receipt erase(Person person, String reason, Audit.Actor actor) {
    checkThatAllAreKnown();
    String subject = people.pseudonym(person);
    String words = people.plain(reason).replace(person.value(), subject);
    audit.write(new Audit.Deed(actor, "erasure-begun", subject, Map.of("reason", words)), null);
    Count count = new Count();
    List<Found> found;
    do {
      found = transaction.execute(status -> takePayloads(count, person));
      eraseInDatabase(count, person, entitiesOf(found), false);
      List<Found> batch = found;
      transaction.executeWithoutResult(status -> eraseInLedger(person, batch));
      // once more, though they were few: a copy may have been mended while they were waited for
    } while (!found.isEmpty());
    if (person.kind() != Kind.PROFILE) {
      eraseFromReplays(person);
    }
    Map<String, ?> detail =
        Map.of(
            "reason", words,
            "undelivered", count.undelivered,
            "told", count.told,
            "database", count.database);
    long id = audit.write(new Audit.Deed(actor, "erasure", subject, detail), count.events);
    LOG.info("erasure {}: {} events, asked for by {}", id, count.events, actor.name());
    return receipt(id, person, actor, count);
  }

  private Receipt receipt(Long id, Person person, Audit.Actor actor, Count count) {
    return new Receipt(
        id,
        Instant.now(),
        actor.name(),
        id == null,
        people.pseudonym(person),
        count.events,
        count.undelivered,
        count.told,
        count.database);
  }

  private List<Found> find(Person person, long after, String lock) {
    return ledger.query(
        """
        select sequence, entity_kind, entity_key from event
        where people && cast(:people as text[]) and sequence > :after
        order by sequence limit :limit
        """
            + lock,
        new MapSqlParameterSource("people", people.hashesOf(person).toArray(String[]::new))
            .addValue("after", after)
            .addValue("limit", BATCH),
        (row, n) ->
            new Found(
                row.getLong("sequence"),
                row.getString("entity_kind"),
                row.getString("entity_key")));
  }

  private void count(Count count, List<Found> found) {
    count.events += found.size();
    if (found.isEmpty()) {
      return;
    }
    ledger.query(
        """
        select target,
               count(*) filter (where state = 'delivered' or delivered_before is not null
                                   or progress is not null
                                     and cause_code is distinct from :mended) as told,
               count(*) filter (where state in ('waiting', 'dead')) as undelivered
        from delivery where event_sequence in (:sequences) group by target
        """,
        of(found).addValue("mended", Mending.MENDED),
        row -> {
          if (row.getLong("told") > 0) {
            count.told.merge(row.getString("target"), row.getLong("told"), Long::sum);
          }
          count.undelivered += row.getLong("undelivered");
        });
  }

  /**
   * Waits for what is under way; afterwards nothing more goes out of these events, also where
   * something newer had overtaken it: whoever waits to bring that back sees that it has a cause.
   */
  private List<Found> takePayloads(Count count, Person person) {
    ledger.getJdbcOperations().execute(Ledger.UNTIL_CALLS_ARE_OVER);
    List<Found> found = find(person, 0, "for update");
    if (found.isEmpty()) {
      return found;
    }
    ledger.query(
        "select id from delivery where event_sequence in (:sequences) order by id for update",
        of(found),
        row -> {});
    count(count, found);
    ledger.update(
        """
        update delivery
        set state = 'superseded', cause_code = :erased,
            settled_at = case when state = 'superseded' then settled_at else now() end,
            cause = 'the person was erased before this was delivered'
        where event_sequence in (:sequences)
          and (state in ('waiting', 'dead') or state = 'superseded' and cause_code is null)
        """,
        of(found).addValue("erased", ERASED));
    ledger.update(
        """
        update event
        set state = 'unroutable', reason = :neverRouted, closed_at = now()
        where sequence in (:sequences) and state in ('received', 'unroutable')
          and closed_at is null
        """,
        of(found).addValue("neverRouted", NEVER_ROUTED));
    // now, since nobody takes up again what has no payload, however long the database takes
    ledger.update(
        """
        update event
        set body = :removed, attributes = '{}', protection = null,
            payload_removed_at = coalesce(payload_removed_at, now())
        where sequence in (:sequences)
        """,
        of(found).addValue("removed", Retention.REMOVED.formatted("erasure")));
    return found;
  }

  private void eraseInLedger(Person person, List<Found> found) {
    if (found.isEmpty()) {
      return;
    }
    ledger.update(
        """
        update event
        set people = '{}', reason = case when reason = :neverRouted then reason end
        where sequence in (:sequences)
        """,
        of(found).addValue("neverRouted", NEVER_ROUTED));
    ledger.update(
        """
        update delivery set cause = ''
        where event_sequence in (:sequences) and cause is not null and cause_code <> :erased
        """,
        of(found).addValue("erased", ERASED));
    ledger.update(
        """
        update attempt set detail = ''
        where delivery_id in (select id from delivery where event_sequence in (:sequences))
        """,
        of(found));
    if (person.kind() != Kind.PROFILE) {
      eraseFromKeys(person, found);
    }
  }

  /** A number that names an account, and whatever else has an address for its number. */
  private void eraseFromKeys(Person person, List<Found> found) {
    String pseudonym = people.pseudonym(person);
    List<Found> named =
        found.stream()
            .filter(event -> event.key() != null)
            .filter(event -> person.kind() != Kind.ACCOUNT || event.kind().equals("account"))
            .filter(event -> people.pseudonym(person.of(event.key())).equals(pseudonym))
            .toList();
    if (named.isEmpty()) {
      return;
    }
    ledger.update(
        "update event set entity_key = :pseudonym where sequence in (:sequences)",
        of(named).addValue("pseudonym", pseudonym));
    ledger.update(
        """
        update delivery set entity = split_part(entity, '/', 1) || '/' || :pseudonym
        where event_sequence in (:sequences)
        """,
        of(named).addValue("pseudonym", pseudonym));
  }

  /** Whoever asked for a replay may have said whose. */
  private void eraseFromReplays(Person person) {
    String pseudonym = people.pseudonym(person);
    ledger
        .getJdbcOperations()
        .queryForList(
            """
            select distinct cast(filter as json) ->> 'entity' from replay
            where cast(filter as json) ->> 'entity' is not null
            """,
            String.class)
        .stream()
        .filter(entity -> people.pseudonym(person.of(entity)).equals(pseudonym))
        .forEach(
            entity ->
                ledger.update(
                    """
                    update replay
                    set filter = cast(jsonb_set(cast(filter as jsonb), '{entity}',
                                                to_jsonb(cast(:pseudonym as text))) as text)
                    where cast(filter as json) ->> 'entity' = :entity
                    """,
                    Map.of("pseudonym", pseudonym, "entity", entity)));
  }

  private static Set<Entity> entitiesOf(List<Found> found) {
    return found.stream()
        .filter(event -> event.key() != null)
        .map(event -> new Entity(event.kind(), event.key()))
        .collect(Collectors.toSet());
  }

  private void eraseInDatabase(Count count, Person person, Set<Entity> entities, boolean dry) {
    MapSqlParameterSource parameters =
        new MapSqlParameterSource("entities", json.valueToTree(entities).toString())
            .addValue("pseudonym", people.pseudonym(person));
    for (Kind each : Kind.values()) {
      parameters.addValue(each.word(), each == person.kind() ? person.value().strip() : null);
    }
    databaseTransaction.executeWithoutResult(
        status -> {
          if (dry) {
            status.setRollbackOnly();
          }
          database.query(
              statement(),
              parameters,
              row -> {
                if (row.getLong("count") > 0) {
                  count.database.merge(row.getString("name"), row.getLong("count"), Long::sum);
                }
              });
        });
  }

  private static MapSqlParameterSource of(List<Found> found) {
    return new MapSqlParameterSource("sequences", found.stream().map(Found::sequence).toList());
  }

  private static String statement() {
    try {
      return Files.readString(STATEMENT);
    } catch (IOException e) {
      throw new UncheckedIOException("there is no " + STATEMENT, e);
    }
  }
}
