package io.commercewebhooks.ledger;

import static java.text.Normalizer.normalize;

import java.text.Normalizer.Form;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Finds events as people ask for them. Each way of asking reads along an index, newest first, and
 * stops when the page is full: however many events there are, an answer takes milliseconds.
 */
@Component
public class EventFinder {

  /** Events on a page; one more is read, to know whether there are older ones. */
  private static final int PAGE = 50;

  /** What comes along, unseen, when a number is copied from a page, a mail or a table. */
  private static final Pattern AROUND =
      Pattern.compile("^[\\s\\p{Z}\\p{Cf}]+|[\\s\\p{Z}\\p{Cf}]+$");

  /** A question that no index answers well must not keep the ledger from its work. */
  private static final int LONGEST_SECONDS = 3;

  private static final String COLUMNS =
      """
      select e.sequence, e.id, e.sender, e.type, e.status, e.entity_kind, e.entity_key,
             e.received_at, e.state, e.closed_at
      """;

  private final NamedParameterJdbcTemplate jdbc;
  private final LedgerAccount account;
  private final PersonalData people;
  private final Sequences sequences;

  EventFinder(DataSource ledger, LedgerAccount account, PersonalData people) {
    JdbcTemplate inTime = new JdbcTemplate(ledger);
    inTime.setQueryTimeout(LONGEST_SECONDS);
    this.jdbc = new NamedParameterJdbcTemplate(inTime);
    this.account = account;
    this.people = people;
    this.sequences = Sequences.ofEvents(inTime);
  }

  /**
   * What is looked for; null means any.
   *
   * @param text the number of a business object, an account or profile, an e-mail address, or the
   *     id of an event
   * @param state of the event ({@code received}, {@code unroutable}) or of one of its deliveries
   * @param target that the state, if it is one of deliveries, is about
   * @param from received at or after
   * @param to received before
   * @param before a sequence: only older events
   */
  public record Question(
      String text,
      String type,
      String status,
      String state,
      String target,
      Instant from,
      Instant to,
      Long before) {

    boolean isAboutDeliveries() {
      return target != null || state != null && !isStateOfEvents();
    }

    boolean isStateOfEvents() {
      return "received".equals(state) || "unroutable".equals(state);
    }
  }

  /**
   * A page of what was found.
   *
   * @param events the newest that fit, each with its deliveries
   * @param older the sequence below which the next page begins, or null when there is none
   */
  public record Found(List<Map<String, Object>> events, Long older) {}

  /** A type and a status that events have. */
  public record Kind(String type, String status) {}

  /** The kinds of event that there are. */
  public List<Kind> kinds() {
    return jdbc.query(
        "with recursive %s select type, status from kind".formatted(KINDS),
        Map.of(),
        (row, n) -> new Kind(row.getString("type"), row.getString("status")));
  }

  /** Jumps along the index from kind to kind. */
  static final String KINDS =
      """
      kind (type, status) as (
        (select type, status from event order by type, status limit 1)
        union all
        select n.type, n.status from kind k cross join lateral (
          select type, status from event where (type, status) > (k.type, k.status)
          order by type, status limit 1) n)
      """;

  /**
   * The newest events that fit.
   *
   * @throws org.springframework.dao.QueryTimeoutException when it takes too long
   */
  public Found find(Question question) {
    MapSqlParameterSource parameters = new MapSqlParameterSource("limit", PAGE + 1);
    String sql =
        question.text() != null ? byText(question, parameters) : along(question, parameters);
    List<Map<String, Object>> events = jdbc.queryForList(sql, parameters);
    boolean more = events.size() > PAGE;
    List<Map<String, Object>> page = new ArrayList<>(more ? events.subList(0, PAGE) : events);
    deliveriesBeside(page);
    return new Found(page, more ? (Long) page.get(PAGE - 1).get("sequence") : null);
  }

  private String byText(Question question, MapSqlParameterSource parameters) {
    String text = question.text();
    String bare = AROUND.matcher(text).replaceAll("");
    List<String> keys =
        Stream.of(text, bare, normalize(bare, Form.NFC), normalize(bare, Form.NFD))
            .distinct()
            .toList();
    parameters
        .addValue("id", bare)
        .addValue(
            "people",
            Stream.of(PersonalData.Kind.values())
                .flatMap(kind -> people.hashesOf(new PersonalData.Person(kind, bare)).stream())
                .toArray(String[]::new));
    String where = conditions(question, parameters) + stateOfDeliveries(question, parameters);
    String newest = " %s order by e.sequence desc limit :limit)".formatted(where);
    StringBuilder ofKeys = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      parameters.addValue("key" + i, keys.get(i));
      ofKeys
          .append(" union (select e.sequence from event e where e.entity_key = :key")
          .append(i)
          .append(newest);
    }
    return "with hit as ((select e.sequence from event e where e.id = :id"
        + newest
        + ofKeys
        + " union (select e.sequence from event e where e.people && cast(:people as text[])"
        + newest
        + ")"
        + COLUMNS
        + "from hit join event e using (sequence) order by e.sequence desc limit :limit";
  }

  private String along(Question question, MapSqlParameterSource parameters) {
    String where = conditions(question, parameters);
    if (question.isAboutDeliveries()
        && !"delivered".equals(question.state())
        && question.state() != null) {
      parameters.addValue("state", "held".equals(question.state()) ? "waiting" : question.state());
      parameters.addValue("targets", targets(question));
      return """
          with hit as (
            select distinct p.sequence from unnest(cast(:targets as text[])) as t (name)
            cross join lateral (
              select distinct d.event_sequence as sequence
              from delivery d join event e on e.sequence = d.event_sequence
              where d.state = :state and d.target = t.name and d.state <> 'delivered' %s
              order by d.event_sequence desc limit :limit) p)
          """
              .formatted(where.replace("e.sequence", "d.event_sequence"))
          + COLUMNS
          + "from hit join event e using (sequence) order by e.sequence desc limit :limit";
    }
    where += stateOfDeliveries(question, parameters);
    if (question.type() == null && question.status() == null && !question.isStateOfEvents()) {
      return COLUMNS
          + "from event e where true %s order by e.sequence desc limit :limit".formatted(where);
    }
    return "with recursive "
        + KINDS
        + """
          , hit as (
            select p.sequence from kind k cross join lateral (
              select e.sequence from event e where e.type = k.type and e.status = k.status %s
              order by e.sequence desc limit :limit) p
            where (cast(:type as text) is null or k.type = :type)
              and (cast(:status as text) is null or k.status = :status))
          """
            .formatted(where)
        + COLUMNS
        + "from hit join event e using (sequence) order by e.sequence desc limit :limit";
  }

  private String[] targets(Question question) {
    List<String> names =
        "held".equals(question.state())
            ? jdbc.queryForList(
                "select name from target where state = 'held'", Map.of(), String.class)
            : account.targetNames();
    return names.stream()
        .filter(name -> question.target() == null || name.equals(question.target()))
        .toArray(String[]::new);
  }

  private String stateOfDeliveries(Question question, MapSqlParameterSource parameters) {
    if (!question.isAboutDeliveries()) {
      return "";
    }
    parameters.addValue("target", question.target());
    parameters.addValue(
        "deliveryState",
        "held".equals(question.state())
            ? "waiting"
            : question.isStateOfEvents() ? null : question.state());
    return """
         and exists (
          select from delivery d where d.event_sequence = e.sequence
            and (cast(:target as text) is null or d.target = :target)
            and (cast(:deliveryState as text) is null or d.state = :deliveryState)
            %s)
        """
        .formatted(
            "held".equals(question.state())
                ? "and d.target in (select name from target where state = 'held')"
                : "");
  }

  private String conditions(Question question, MapSqlParameterSource parameters) {
    StringBuilder where = new StringBuilder();
    add(where, " and e.type = :type", parameters, "type", question.type());
    add(where, " and e.status = :status", parameters, "status", question.status());
    if (question.isStateOfEvents()) {
      where.append(" and e.state = '%s'".formatted(question.state()));
    }
    add(where, " and e.sequence < :before", parameters, "before", question.before());
    if (question.from() != null) {
      add(
          where,
          " and e.sequence >= :lowest",
          parameters,
          "lowest",
          sequences.below(question.from()));
      where.append(" and e.received_at >= :from");
      parameters.addValue("from", question.from().atOffset(ZoneOffset.UTC));
    }
    if (question.to() != null) {
      add(
          where,
          " and e.sequence <= :highest",
          parameters,
          "highest",
          sequences.above(question.to()));
      where.append(" and e.received_at < :to");
      parameters.addValue("to", question.to().atOffset(ZoneOffset.UTC));
    }
    return where.toString();
  }

  private static void add(
      StringBuilder where,
      String condition,
      MapSqlParameterSource parameters,
      String name,
      Object value) {
    // always there: a statement may name it in another place
    parameters.addValue(name, value);
    if (value != null) {
      where.append(condition);
    }
  }

  private void deliveriesBeside(List<Map<String, Object>> events) {
    if (events.isEmpty()) {
      return;
    }
    List<Map<String, Object>> deliveries =
        jdbc.queryForList(
            """
            select d.event_sequence, d.target, d.audience, d.state,
                   d.state = 'waiting' and coalesce(t.state, '') = 'held' as held
            from delivery d left join target t on t.name = d.target
            where d.event_sequence in (:sequences) order by d.event_sequence, d.id
            """,
            Map.of("sequences", events.stream().map(event -> event.get("sequence")).toList()));
    for (Map<String, Object> event : events) {
      event.put(
          "deliveries",
          deliveries.stream()
              .filter(d -> d.get("event_sequence").equals(event.get("sequence")))
              .toList());
    }
  }
}
