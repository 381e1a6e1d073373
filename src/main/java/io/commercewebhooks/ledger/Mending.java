package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ReadableJson;
import io.commercewebhooks.intake.MalformedWebhookException;
import io.commercewebhooks.intake.Redactor;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Mends a payload that a target or a mapping can't cope with. The event stays as it came; the
 * mended payload is an event of its own that refers to it. Of an unroutable event it is routed from
 * the start; of one with dead letters, it takes over those and nothing else, so that nobody hears
 * twice.
 */
@Component
public class Mending {

  /** Why a dead letter ended whose event was mended. */
  public static final String MENDED = "MENDED";

  private static final Logger LOG = LoggerFactory.getLogger(Mending.class);
  private static final int LARGEST = 1 << 20;

  /** The same as it is shown, each of its values on a line. */
  private static final int LARGEST_SHOWN = 8 * LARGEST;

  private final NamedParameterJdbcTemplate ledger;
  private final DataProtection protection;
  private final PersonalData people;
  private final Redactor redactor;
  private final Signals signals;
  private final LiveMappings mappings;
  private final CamelContext camel;
  private final ObjectMapper strictJson;

  Mending(
      NamedParameterJdbcTemplate ledger,
      DataProtection protection,
      PersonalData people,
      Redactor redactor,
      Signals signals,
      LiveMappings mappings,
      CamelContext camel,
      @Qualifier("strictJson") ObjectMapper strictJson) {
    this.ledger = ledger;
    this.protection = protection;
    this.people = people;
    this.redactor = redactor;
    this.signals = signals;
    this.mappings = mappings;
    this.camel = camel;
    this.strictJson = strictJson;
  }

  /** The payload can't be mended as asked; the message says why. */
  public static final class NotMendedException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private final boolean conflict;

    NotMendedException(String message, boolean conflict) {
      super(message);
      this.conflict = conflict;
    }

    /** Whether the event is the reason, not what was asked. */
    public boolean isConflict() {
      return conflict;
    }
  }

  /**
   * One field that was changed.
   *
   * @param field where it is, as a JSON pointer
   * @param was its masked value as JSON, or null when it is new
   * @param is its new masked value as JSON, or null when it is gone
   */
  public record Change(String field, String was, String is) {}

  /**
   * A mended payload.
   *
   * @param id the event that has it; null when it was only looked at
   * @param type what the mapping makes of it
   * @param entity kind and key of its business object, as the mapping reads them
   */
  public record Mended(
      String id, String type, String status, String entity, List<Change> changes) {}

  private record Parked(
      long sequence,
      String id,
      String sender,
      String type,
      String status,
      String entityKey,
      String mapping,
      String state,
      Timestamp occurredAt,
      Timestamp receivedAt,
      String body,
      long dead) {}

  private record Edited(String body, Event event, List<Change> changes) {}

  /**
   * The payload to be edited, with numbers where persons are masked.
   *
   * @throws NotMendedException when nothing of the event is parked
   */
  public String copy(String id) {
    return ReadableJson.of(copyOf(parked(id)).masked());
  }

  /**
   * What an edited copy would be; changes nothing.
   *
   * @throws NotMendedException when it can't be mended so
   */
  public Mended look(String id, String edited) {
    return mended(null, read(parked(id), edited));
  }

  /**
   * Mends; run in a transaction.
   *
   * @throws NotMendedException when it can't be mended so
   */
  public Mended mend(String id, String edited, String actor) {
    ledger.queryForList(
        "select from event where id = :id for update", new MapSqlParameterSource("id", id));
    Parked parked = parked(id);
    Edited mended = read(parked, edited);
    String newId = nextId(id);
    boolean routed = parked.dead() > 0;
    long sequence = keep(newId, parked, mended, routed);
    if (routed) {
      takeOver(parked, sequence, mended.event(), "mended by %s as %s".formatted(actor, newId));
    } else {
      ledger.update(
          "update event set closed_at = now(), reason = :why where sequence = :sequence",
          new MapSqlParameterSource("why", "mended by %s as %s".formatted(actor, newId))
              .addValue("sequence", parked.sequence()));
      signals.wakeRoutingOf(mended.event().type());
    }
    LOG.info("{} was mended by {} as {}", id, actor, newId);
    return mended(newId, mended);
  }

  private static Mended mended(String id, Edited edited) {
    Event event = edited.event();
    return new Mended(id, event.type(), event.status(), event.entity(), edited.changes());
  }

  private Parked parked(String id) {
    Parked parked =
        ledger
            .query(
                """
                select e.*, (select count(*) from delivery d
                             where d.event_sequence = e.sequence and d.state = 'dead') as dead
                from event e where id = :id and payload_removed_at is null
                """,
                new MapSqlParameterSource("id", id),
                (row, n) ->
                    new Parked(
                        row.getLong("sequence"),
                        id,
                        row.getString("sender"),
                        row.getString("type"),
                        row.getString("status"),
                        row.getString("entity_key"),
                        row.getString("mapping"),
                        row.getTimestamp("closed_at") == null ? row.getString("state") : "closed",
                        row.getTimestamp("occurred_at"),
                        row.getTimestamp("received_at"),
                        protection.open(id, SealedEvent.BODY, row.getString("body")),
                        row.getLong("dead")))
            .stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new NotMendedException(
                        "the ledger has no event with this id, or no payload of it any more",
                        true));
    if (parked.dead() == 0 && !parked.state().equals("unroutable")) {
      throw new NotMendedException(
          "nothing of this event is parked: it is not unroutable and has no dead letter", true);
    }
    return parked;
  }

  private MaskedCopy copyOf(Parked parked) {
    return new MaskedCopy(tree(parked.body()), people);
  }

  private JsonNode tree(String text) {
    try {
      return strictJson.readTree(text);
    } catch (JsonProcessingException e) {
      throw new NotMendedException(
          "this is no JSON: line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          false);
    }
  }

  private Edited read(Parked parked, String edited) {
    if (edited == null) {
      throw new NotMendedException("the payload is missing", false);
    }
    atMost(LARGEST_SHOWN, edited);
    MaskedCopy copy = copyOf(parked);
    JsonNode shown = tree(edited);
    List<Change> changes = changes(copy.masked(), shown);
    if (changes.isEmpty()) {
      throw new NotMendedException("nothing was changed", false);
    }
    try {
      String body = redactor.redact(copy.unmasked(shown));
      atMost(LARGEST, body);
      Event event = map(parked, body);
      if (parked.dead() > 0 && !event.type().equals(parked.type())) {
        throw new NotMendedException(
            "it would be of another type, %s: its dead letters are of the type %s"
                .formatted(event.type(), parked.type()),
            false);
      }
      if (event.entityKey() == null) {
        throw new NotMendedException(
            "it doesn't say which " + event.entityKind() + " it is about", false);
      }
      refuseToShow(event.type(), parked.type());
      refuseToShow(event.status(), parked.status());
      refuseToShow(event.entityKey(), parked.entityKey());
      return new Edited(body, event, changes);
    } catch (MalformedWebhookException | IllegalArgumentException e) {
      throw new NotMendedException(e.getMessage(), false);
    }
  }

  /** Types, statuses and numbers stand in every list, so nothing masked may get there. */
  private void refuseToShow(String text, String was) {
    if (!text.equals(was) && people.namesSomebody(text)) {
      throw new NotMendedException(MaskedCopy.SHOWN, false);
    }
  }

  private static void atMost(int size, String payload) {
    if (payload.length() > size) {
      throw new NotMendedException("the payload is larger than a webhook may be", false);
    }
  }

  private Event map(Parked parked, String body) {
    if (parked.mapping() == null) {
      throw new NotMendedException("nobody knows by which mapping this event was read", true);
    }
    try {
      return mappings.read(
          body, parked.sender(), parked.mapping(), parked.receivedAt().toInstant());
    } catch (JsonProcessingException | CamelExecutionException e) {
      throw new NotMendedException(
          "the mapping %s can't read it".formatted(parked.mapping()), false);
    }
  }

  private String nextId(String id) {
    long copies =
        ledger.queryForObject(
            "select count(*) from event where mended_from = :id", Map.of("id", id), Long.class);
    return "%s.mended-%d".formatted(id, copies + 1);
  }

  private long keep(String id, Parked parked, Edited mended, boolean routed) {
    Event event = mended.event();
    // whoever is erased by a value that was mended away goes with the copy too
    Set<String> named = new LinkedHashSet<>(people.peopleIn(parked.body()));
    named.addAll(people.peopleIn(mended.body()));
    return ledger.queryForObject(
        """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, mapping, body, people, protection, state, routed_at,
                               mended_from)
            values (:id, :sender, :type, :status, :kind, :key, :occurredAt, :attributes, :mapping,
                    :body, cast(:people as text[]), :protection, :state,
                    case when :state = 'routed' then now() end, :from)
            returning sequence
            """,
        new MapSqlParameterSource("id", id)
            .addValue("sender", parked.sender())
            .addValue("type", event.type())
            .addValue("status", event.status())
            .addValue("kind", event.entityKind())
            .addValue("key", event.entityKey())
            .addValue(
                "occurredAt",
                event.occurredAt() == null
                    ? parked.occurredAt()
                    : Timestamp.from(event.occurredAt()))
            .addValue(
                "attributes",
                protection.seal(id, SealedEvent.ATTRIBUTES, event.attributes().toString()))
            .addValue("mapping", parked.mapping())
            .addValue("body", protection.seal(id, SealedEvent.BODY, mended.body()))
            .addValue("people", named.toArray(String[]::new))
            .addValue("protection", protection.fingerprint())
            .addValue("state", routed ? "routed" : "received")
            .addValue("from", parked.id()),
        Long.class);
  }

  /**
   * The new event's deliveries begin where the dead ones ended: who has a mail has it. They came
   * when the original did, so what came after that at the same instant has overtaken them.
   */
  private void takeOver(Parked parked, long sequence, Event event, String why) {
    List<String> targets =
        ledger.queryForList(
            """
            with recursive origin (sequence, mended_from) as (
              select sequence, mended_from from event where sequence = :from
              union all
              select e.sequence, e.mended_from from origin o join event e on e.id = o.mended_from),
            ended as (
              update delivery set state = 'superseded', settled_at = now(), cause_code = :code,
                                  cause = :why
              where event_sequence = :from and state = 'dead'
              returning target, audience, parameters, progress)
            insert into delivery (event_sequence, target, audience, type, entity, occurred_at,
                                  parameters, progress, state, settled_at)
            select e.sequence, d.target, d.audience, e.type, :entity, e.occurred_at, d.parameters,
                   d.progress, case when n.overtaken then 'superseded' else 'waiting' end,
                   case when n.overtaken then now() end
            from ended d join event e on e.sequence = :sequence
            cross join lateral (
              select d.target = any (cast(:ordered as text[])) and exists (
                select 1 from delivery n
                where n.target = d.target and n.entity = :entity
                  and n.state in ('waiting', 'delivered')
                  and (n.occurred_at, n.event_sequence)
                      > (e.occurred_at, (select min(sequence) from origin))) as overtaken) n
            returning target
            """,
            new MapSqlParameterSource("code", MENDED)
                .addValue("why", why)
                .addValue("from", parked.sequence())
                .addValue("entity", event.entity())
                .addValue("sequence", sequence)
                .addValue("ordered", ordered()),
            String.class);
    if (targets.isEmpty()) {
      throw new NotMendedException(
          "its dead letters were taken up meanwhile: look at it again", true);
    }
    targets.forEach(target -> signals.ofDeliveries(target).wake());
  }

  /** The targets at which no object ever goes backwards. */
  private String[] ordered() {
    return camel.getRoutes().stream()
        .map(Route::getEndpoint)
        .filter(DeliveriesEndpoint.class::isInstance)
        .map(DeliveriesEndpoint.class::cast)
        .filter(DeliveriesEndpoint::isOrdered)
        .map(DeliveriesEndpoint::getTarget)
        .toArray(String[]::new);
  }

  /** What is different, field by field. */
  private static List<Change> changes(JsonNode was, JsonNode is) {
    Map<String, String> before = new LinkedHashMap<>();
    Map<String, String> after = new LinkedHashMap<>();
    flatten("", was, before);
    flatten("", is, after);
    Map<String, Change> changes = new TreeMap<>();
    before.forEach(
        (field, value) -> {
          if (!value.equals(after.get(field))) {
            changes.put(field, new Change(field, value, after.get(field)));
          }
        });
    after.forEach(
        (field, value) -> {
          if (!before.containsKey(field)) {
            changes.put(field, new Change(field, null, value));
          }
        });
    return List.copyOf(changes.values());
  }

  private static void flatten(String at, JsonNode node, Map<String, String> fields) {
    if (node.isContainerNode() && !node.isEmpty()) {
      if (node.isObject()) {
        node.properties().forEach(f -> flatten(at + "/" + f.getKey(), f.getValue(), fields));
      } else {
        for (int i = 0; i < node.size(); i++) {
          flatten(at + "/" + i, node.get(i), fields);
        }
      }
    } else {
      fields.put(at, node.toString());
    }
  }
}
