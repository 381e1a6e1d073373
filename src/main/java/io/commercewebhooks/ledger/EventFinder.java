package io.commercewebhooks.ledger;

import static java.text.Normalizer.normalize;

import java.text.Normalizer.Form;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
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

  private static final String PAGE_OF_HITS =
      COLUMNS + "from hit join event e using (sequence) order by e.sequence desc limit :limit";

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

    boolean isHeld() {
      return "held".equals(state);
    }

    /** As the ledger has it, to which what is held waits like the rest; null means any. */
    String stateOfDeliveries() {
      return isStateOfEvents() ? null : isHeld() ? "waiting" : state;
    }
  }

  /**
   * A page of what was found.
   *
   * @param events the newest that fit, each with its deliveries
   * @param older the sequence below which the next page begins, or null when there is none
   */
  public record Found(List<Map<String, Object>> events, Long older) {}

  /** The types that events have, and the statuses. */
  public record Kinds(List<String> types, List<String> statuses) {}

  /** The kinds of event that there are. */
  public Kinds kinds() {
    Set<String> types = new LinkedHashSet<>();
    Set<String> statuses = new TreeSet<>();
    jdbc.query(
        "with recursive %s select type, status from kind".formatted(KINDS),
        row -> {
          types.add(row.getString("type"));
          statuses.add(row.getString("status"));
        });
    return new Kinds(List.copyOf(types), List.copyOf(statuses));
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
    Conditions where = conditions(question);
    String sql = question.text() != null ? byText(question, where) : along(question, where);
    List<Map<String, Object>> events = where.list(sql, PAGE + 1);
    boolean more = events.size() > PAGE;
    List<Map<String, Object>> page = new ArrayList<>(more ? events.subList(0, PAGE) : events);
    deliveriesBeside(page);
    return new Found(page, more ? (Long) page.get(PAGE - 1).get("sequence") : null);
  }

  private String byText(Question question, Conditions where) {
    String text = question.text();
    String bare = AROUND.matcher(text).replaceAll("");
    List<String> keys =
        Stream.of(text, bare, normalize(bare, Form.NFC), normalize(bare, Form.NFD))
            .distinct()
            .toList();
    List<String> ways = new ArrayList<>();
    ways.add("e.id = :id");
    for (int i = 0; i < keys.size(); i++) {
      where.with("key" + i, keys.get(i));
      ways.add("e.entity_key = :key" + i);
    }
    ways.add("e.people && cast(:people as text[])");
    String[] hashes =
        Stream.of(PersonalData.Kind.values())
            .flatMap(kind -> people.hashesOf(new PersonalData.Person(kind, bare)).stream())
            .toArray(String[]::new);
    where.with("id", bare).with("people", hashes);
    addDeliveries(question, where);
    String also = where.behindAnother();
    return ways.stream()
            .map(
                way ->
                    """
                    (select e.sequence from event e where %s %s
                     order by e.sequence desc limit :limit)
                    """
                        .formatted(way, also))
            .collect(Collectors.joining(" union ", "with hit as (", ")"))
        + PAGE_OF_HITS;
  }

  private String along(Question question, Conditions where) {
    String state = question.stateOfDeliveries();
    if (state != null && !state.equals("delivered")) {
      return alongDeliveries(question, where);
    }
    addDeliveries(question, where);
    return question.type() == null && question.status() == null && !question.isStateOfEvents()
        ? COLUMNS + "from event e %s order by e.sequence desc limit :limit"
        : alongKinds(where);
  }

  /** Few are in any state but delivered, and there is an index of them by target. */
  private String alongDeliveries(Question question, Conditions where) {
    where.with("state", question.stateOfDeliveries()).with("targets", targets(question));
    return """
        with hit as (
          select distinct p.sequence from unnest(cast(:targets as text[])) as t (name)
          cross join lateral (
            select distinct d.event_sequence as sequence
            from delivery d join event e on e.sequence = d.event_sequence
            where d.state = :state and d.target = t.name and d.state <> 'delivered' %s
            order by d.event_sequence desc limit :limit) p)
        """
            .formatted(where.behindAnother().replace("e.sequence", "d.event_sequence"))
        + PAGE_OF_HITS;
  }

  private static String alongKinds(Conditions where) {
    return """
        with recursive %s,
        hit as (
          select p.sequence from kind k cross join lateral (
            select e.sequence from event e where e.type = k.type and e.status = k.status %s
            order by e.sequence desc limit :limit) p
          where (cast(:type as text) is null or k.type = :type)
            and (cast(:status as text) is null or k.status = :status))
        """
            .formatted(KINDS, where.behindAnother())
        + PAGE_OF_HITS;
  }

  private String[] targets(Question question) {
    List<String> names =
        question.isHeld()
            ? jdbc.queryForList(
                "select name from target where state = 'held'", Map.of(), String.class)
            : account.targetNames();
    return names.stream()
        .filter(name -> question.target() == null || name.equals(question.target()))
        .toArray(String[]::new);
  }

  private static void addDeliveries(Question question, Conditions where) {
    if (question.isAboutDeliveries()) {
      where
          .with("target", question.target())
          .with("deliveryState", question.stateOfDeliveries())
          .and(
              """
              exists (
                select from delivery d where d.event_sequence = e.sequence
                  and (cast(:target as text) is null or d.target = :target)
                  and (cast(:deliveryState as text) is null or d.state = :deliveryState)
                  %s)
              """
                  .formatted(
                      question.isHeld()
                          ? "and d.target in (select name from target where state = 'held')"
                          : ""));
    }
  }

  private Conditions conditions(Question question) {
    Conditions where =
        new Conditions(jdbc)
            // always there: a statement may name them in another place
            .with("type", question.type())
            .with("status", question.status())
            .and("e.type = :type", "type", question.type())
            .and("e.status = :status", "status", question.status())
            .and("e.sequence < :before", "before", question.before())
            .between("e.received_at", "e.sequence", sequences, question.from(), question.to());
    // as it is written, so that the index of such events fits
    return question.isStateOfEvents() ? where.and("e.state = '" + question.state() + "'") : where;
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
