package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ledger.Payloads;
import io.commercewebhooks.ledger.PersonalData;
import io.commercewebhooks.workbench.SchemaDrift.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What senders send that {@code config/schemas} doesn't know. Events are looked at after they were
 * kept, on one node, so that no webhook waits for it; of very many only the newest.
 */
@Component
public class Drift {

  private static final Logger LOG = LoggerFactory.getLogger(Drift.class);
  private static final Path SCHEMAS = Path.of("config/schemas");

  /** Whoever sends ever new names fills no table. */
  private static final int MOST_OF_A_TYPE = 200;

  private final JdbcTemplate ledger;
  private final Payloads payloads;
  private final PersonalData people;
  private final ObjectMapper json;
  private final int sample;
  private final Map<String, SchemaDrift> schemas = new HashMap<>();

  Drift(
      JdbcTemplate ledger,
      Payloads payloads,
      PersonalData people,
      @Qualifier("strictJson") ObjectMapper json,
      WorkbenchSettings settings) {
    this.ledger = ledger;
    this.payloads = payloads;
    this.people = people;
    this.json = json;
    this.sample = settings.drift().sample();
  }

  private record Place(String type, Finding finding) {}

  private static final class Seen {
    private int count;
    private String example;
  }

  /** Looks at the events that came since the last look. */
  @Scheduled(fixedDelayString = "${workbench.drift.look-each}")
  @SchedulerLock(name = "drift", lockAtMostFor = "PT5M")
  public void look() throws IOException {
    Long before = ledger.queryForObject("select max(sequence) from drift_look", Long.class);
    List<Map<String, Object>> events = payloads.newest(before == null ? 0 : before, sample);
    if (events.isEmpty()) {
      return;
    }
    // a schema that was saved meanwhile counts from now on
    schemas.clear();
    Map<Place, Seen> found = new LinkedHashMap<>();
    for (Map<String, Object> event : events) {
      for (Finding finding : findings((String) event.get("mapping"), (String) event.get("body"))) {
        Seen seen =
            found.computeIfAbsent(
                new Place((String) event.get("type"), finding), place -> new Seen());
        seen.count++;
        seen.example = (String) event.get("id");
      }
    }
    found.forEach(this::keep);
    ledger.update(
        "update drift_look set sequence = ?", events.get(events.size() - 1).get("sequence"));
  }

  private Iterable<Finding> findings(String mapping, String body) throws IOException {
    SchemaDrift schema = schemas.get(mapping);
    if (schema == null) {
      Path file = SCHEMAS.resolve(mapping.replaceFirst("-to-event$", "") + ".schema.json");
      if (!Files.isRegularFile(file)) {
        return List.of();
      }
      JsonNode written = json.readTree(Files.readString(file));
      schema = new SchemaDrift(written, people::plain);
      schemas.put(mapping, schema);
    }
    return schema.in(json.readTree(body));
  }

  private void keep(Place place, Seen seen) {
    int kept =
        ledger.update(
            """
            with found (type, path, kind, seen) as (values (?, ?, ?, ?))
            insert into drift (type, path, kind, seen, count, first_seen_at, last_seen_at, example)
            select f.*, ?, now(), now(), ? from found f
            where (select count(*) from drift where type = f.type) < ?
               or exists (select from drift natural join found)
            on conflict (type, path, kind, seen) do update
            set count = drift.count + excluded.count, last_seen_at = now(),
                example = excluded.example
            """,
            place.type(),
            place.finding().path(),
            place.finding().kind().word(),
            place.finding().seen(),
            seen.count,
            seen.example,
            MOST_OF_A_TYPE);
    if (kept == 0) {
      LOG.debug("drift of {}: more than {} findings", place.type(), MOST_OF_A_TYPE);
    }
  }

  /** What was found and not dismissed, by type and place. */
  public List<Map<String, Object>> report() {
    return ledger.queryForList(
        """
        select id, type, path, kind, seen, count, first_seen_at, last_seen_at, example
        from drift where dismissed_at is null order by type, path, kind, seen
        """);
  }

  /**
   * The newest findings that are not dismissed.
   *
   * @param type of event; null means any
   * @param before an id: only older findings; null means any
   */
  public List<Map<String, Object>> report(String type, Long before, int atMost) {
    return ledger.queryForList(
        """
        select id, type, path, kind, seen, count, first_seen_at, last_seen_at, example
        from drift
        where dismissed_at is null and type = coalesce(?, type)
          and id < coalesce(?::bigint, 9223372036854775807)
        order by id desc limit ?
        """,
        type,
        before,
        atMost);
  }

  /** How many findings are on the report, by type of event. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    ledger.query(
        "select type, count(*) from drift where dismissed_at is null group by type order by type",
        row -> {
          counts.put(row.getString(1), row.getLong(2));
        });
    return counts;
  }

  /** Takes a finding off the report for good; false when it isn't there. */
  public boolean dismiss(long id) {
    return ledger.update(
            "update drift set dismissed_at = now() where id = ? and dismissed_at is null", id)
        == 1;
  }
}
