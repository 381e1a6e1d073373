package io.commercewebhooks.ledger;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** What senders wrote, unsealed: as it came, or with persons masked. */
@Component
public class Payloads {

  private final NamedParameterJdbcTemplate ledger;
  private final DataProtection protection;
  private final PersonalData people;
  private final AtOnce atOnce;
  private final FilteredRows filtered;

  Payloads(
      NamedParameterJdbcTemplate ledger,
      DataProtection protection,
      PersonalData people,
      AtOnce atOnce) {
    this.ledger = ledger;
    this.protection = protection;
    this.people = people;
    this.atOnce = atOnce;
    this.filtered = new FilteredRows(ledger);
  }

  /** JSON that is kept as text and shown as what it is. */
  public record RawJson(@JsonRawValue @JsonValue String json) {}

  /** The payload of an event as it came, after redaction, and what routing decides by. */
  public Optional<Map<String, Object>> asItCame(String id) {
    return ledger
        .queryForList(
            "select id, payload_removed_at, attributes, body from event where id = :id",
            new MapSqlParameterSource("id", id))
        .stream()
        .findFirst()
        .map(
            event -> {
              event.compute("attributes", (name, text) -> new RawJson(open(id, name, text)));
              event.compute("body", (name, text) -> new RawJson(open(id, name, text)));
              return event;
            });
  }

  /** The payload of an event, in {@code body}, persons masked; empty if there is none. */
  public Optional<Map<String, Object>> masked(String id) {
    EventFilter one = EventFilter.of(List.of(id));
    return masked(payloads(one, atOnce)).stream().findFirst();
  }

  /**
   * The newest events that fit and have a payload, which is in {@code body}, persons masked.
   *
   * @param most how much their payloads may hold together
   * @throws IllegalArgumentException when it is more
   */
  public List<Map<String, Object>> masked(EventFilter filter, DataSize most) {
    AtOnce together = new AtOnce(most);
    List<Map<String, Object>> events = payloads(filter, together);
    if (events.size() > 1 && together.isReachedBy(events.get(events.size() - 1))) {
      throw new IllegalArgumentException(
          "these events hold more than %d KB together; ask for fewer"
              .formatted(most.toKilobytes()));
    }
    return masked(events);
  }

  private List<Map<String, Object>> payloads(EventFilter filter, AtOnce together) {
    Conditions where = filtered.events(filter);
    where.and("e.payload_removed_at is null and e.mapping is not null");
    return where.list(
        together.of(
            """
            select sequence, id, type, status, received_at, mapping, body
            from event e %s order by sequence desc limit :limit
            """,
            "sequence desc"),
        filter.limit());
  }

  private List<Map<String, Object>> masked(List<Map<String, Object>> events) {
    events.forEach(
        event ->
            event.compute(
                "body",
                (name, text) ->
                    people.masked(open((String) event.get("id"), name, text)).toString()));
    return events;
  }

  /**
   * The newest events after a sequence that have a payload, oldest first, with all of it: so many,
   * or as many as can be read at once.
   */
  public List<Map<String, Object>> newest(long after, int atMost) {
    List<Map<String, Object>> events =
        ledger.queryForList(
            atOnce.of(
                """
                select sequence, id, type, mapping, body from event
                where sequence > :after and payload_removed_at is null and mapping is not null
                order by sequence desc limit :atMost
                """,
                "sequence desc"),
            new MapSqlParameterSource("after", after).addValue("atMost", atMost));
    events.forEach(
        event -> event.compute("body", (name, text) -> open((String) event.get("id"), name, text)));
    Collections.reverse(events);
    return events;
  }

  private String open(String id, String column, Object text) {
    return protection.open(id, column, (String) text);
  }

  RawJson masked(String id, String column, Object text) {
    return new RawJson(people.masked(open(id, column, text)).toString());
  }
}
