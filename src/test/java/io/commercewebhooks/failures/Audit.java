package io.commercewebhooks.failures;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.failures.Load.Sent;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce.Write;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What became of acknowledged webhooks, seen from outside: in the ledger, in Salesforce, in the
 * database and in the mailbox.
 *
 * @param acknowledged webhooks answered with 200
 * @param missing what should be somewhere and is nowhere
 * @param stale business objects whose state somewhere is not the newest
 * @param doubled what is there more than once
 * @param dead deliveries that were given up
 * @param wronglyDead those that were given up though nobody refused them for good, and those that
 *     were refused for good and not given up
 * @param unroutable events that were parked
 * @param repeatedWrites Salesforce writes beyond the first with the same event, which change
 *     nothing
 * @param repeatedMails mails beyond the first with the same Message-ID
 */
record Audit(
    int acknowledged,
    List<String> missing,
    List<String> stale,
    List<String> doubled,
    int dead,
    List<String> wronglyDead,
    long unroutable,
    long repeatedWrites,
    long repeatedMails) {

  /** What targets refuse for good. */
  @FunctionalInterface
  interface Refusals {

    /** Nothing. */
    Refusals NONE = (webhook, target, audience) -> false;

    /**
     * Whether a target refuses a webhook for good.
     *
     * @param audience of the mail; empty for other targets
     */
    boolean include(Sent webhook, String target, String audience);
  }

  /** Where a type leaves its state: object of Salesforce, table of the database. */
  private record Place(String object, String table) {}

  private static final Map<String, Place> PLACES =
      Map.of(
          "account-status-changed", new Place("Zoom_Account__c", "account"),
          "quote-status-changed", new Place("Zoom_Quote__c", "quote"),
          "deal-registration-status-changed",
              new Place("Zoom_Deal_Registration__c", "deal_registration"),
          "order-status-changed", new Place("Zoom_Order__c", "commerce_order"),
          "quote-requested", new Place("Opportunity", "quote_request"),
          "return-updated", new Place("Case", "return_request"));

  private static final String SALESFORCE = "salesforce";
  private static final String DATABASE = "database";
  private static final String EMAIL = "email";
  private static final String SOURCE = "Source_Event_Id__c";

  private record EventKey(String type, String key, String status, Instant occurredAt) {}

  /** An event of the ledger, and the webhook that it was made from. */
  private record Known(String id, Sent webhook) {}

  /** The tables in which the state of business objects is. */
  static List<String> tables() {
    return PLACES.values().stream().map(Place::table).sorted().toList();
  }

  /** Looks everywhere for these webhooks; call it when nothing is left to deliver. */
  static Audit of(Installation installation, Collection<Sent> acknowledged) {
    return of(installation, acknowledged, Refusals.NONE);
  }

  /** Looks everywhere for these webhooks, some of which targets refuse for good. */
  static Audit of(Installation installation, Collection<Sent> acknowledged, Refusals refusals) {
    Map<EventKey, String> ids = eventsInOrder(installation);
    List<String> missing = new ArrayList<>();
    List<Known> known = new ArrayList<>();
    for (Sent webhook : acknowledged) {
      String id = ids.get(keyOf(webhook));
      if (id == null) {
        missing.add("no event of " + words(webhook));
      } else {
        known.add(new Known(id, webhook));
      }
    }
    List<MailboxMail> mails = installation.servers().mailbox().received();
    List<Write> writes = installation.servers().salesforce().writes();
    missing.addAll(missingHistory(installation, known, refusals));
    Map<String, String> digests = digests(installation);
    missing.addAll(missingMails(mails, digests, known, refusals));
    Set<String> dead = deadLetters(installation);
    return new Audit(
        acknowledged.size(),
        missing,
        staleStates(installation, ids, known, refusals),
        Stream.of(doubled(installation), doubledMails(mails, digests))
            .flatMap(List::stream)
            .toList(),
        dead.size(),
        wronglyDead(dead, known, refusals),
        installation.count("select count(*) from event where state = 'unroutable'"),
        repeated(writes, Audit::writeOf),
        repeated(mails, MailboxMail::messageId));
  }

  /** Writes the figures down and refuses anything lost, doubled, stale or wrongly given up. */
  void holds(Figures figures) {
    figures.add(
        "acknowledged events %d, missing %d, doubled state %d, stale final states %d,"
            + " dead letters %d of which wrong %d, unroutable %d",
        acknowledged,
        missing.size(),
        doubled.size(),
        stale.size(),
        dead,
        wronglyDead.size(),
        unroutable);
    figures.add(
        "repeated without effect: Salesforce writes %d, mails with the same Message-ID %d",
        repeatedWrites, repeatedMails);
    assertThat(missing).as("acknowledged and missing").isEmpty();
    assertThat(doubled).as("doubled state").isEmpty();
    assertThat(stale).as("stale final states").isEmpty();
    assertThat(wronglyDead).as("dead letters that differ from what was refused").isEmpty();
    assertThat(unroutable).as("parked").isZero();
  }

  /** The ids of all events, those of one business object in the order that decides. */
  private static Map<EventKey, String> eventsInOrder(Installation installation) {
    Map<EventKey, String> ids = new LinkedHashMap<>();
    installation
        .database()
        .query(
            """
            select type, entity_key, status, occurred_at, id from event
            order by occurred_at, sequence
            """,
            row -> {
              ids.put(
                  new EventKey(
                      row.getString("type"),
                      row.getString("entity_key"),
                      row.getString("status"),
                      row.getTimestamp("occurred_at").toInstant()),
                  row.getString("id"));
            });
    return ids;
  }

  private static EventKey keyOf(Sent webhook) {
    return new EventKey(webhook.type(), webhook.key(), webhook.status(), webhook.occurredAt());
  }

  private static List<String> missingHistory(
      Installation installation, List<Known> known, Refusals refusals) {
    Set<String> history =
        new HashSet<>(
            installation
                .database()
                .queryForList("select event_id from status_history", String.class));
    return known.stream()
        .filter(event -> !refusals.include(event.webhook(), DATABASE, ""))
        .filter(event -> !history.contains(event.id()))
        .map(event -> "no history of " + words(event.webhook()))
        .toList();
  }

  /**
   * The Message-ID of the digest that told an audience of an event, by both: {@code id audience}.
   */
  private static Map<String, String> digests(Installation installation) {
    Map<String, String> digests = new HashMap<>();
    installation
        .database()
        .query(
            """
            select e.id, d.audience, d.reference
            from delivery d join event e on e.sequence = d.event_sequence
            where d.target = 'email' and d.digest is not null and d.state = 'delivered'
            """,
            row -> {
              String told = row.getString("id") + " " + row.getString("audience");
              // the only one of its time came as the mail that it is
              if (!messageId(told).equals(row.getString("reference"))) {
                digests.put(told, row.getString("reference"));
              }
            });
    return digests;
  }

  private static List<String> missingMails(
      List<MailboxMail> mails, Map<String, String> digests, List<Known> known, Refusals refusals) {
    Map<String, String> texts = new HashMap<>();
    mails.forEach(mail -> texts.put(mail.messageId(), mail.text()));
    return known.stream()
        .flatMap(
            event ->
                event.webhook().audiences().stream()
                    .filter(audience -> !refusals.include(event.webhook(), EMAIL, audience))
                    .filter(audience -> !isTold(event, audience, texts, digests))
                    .map(audience -> "no mail to " + audience + " of " + words(event.webhook())))
        .toList();
  }

  private static boolean isTold(
      Known event, String audience, Map<String, String> texts, Map<String, String> digests) {
    String told = event.id() + " " + audience;
    if (digests.containsKey(told)) {
      return Pattern.compile(Pattern.quote(event.webhook().key()) + "(?!\\d)")
          .matcher(texts.getOrDefault(digests.get(told), ""))
          .find();
    }
    return texts.containsKey(messageId(told));
  }

  /** Digests that tell of more or of others than they should, and what was told singly as well. */
  private static List<String> doubledMails(List<MailboxMail> mails, Map<String, String> digests) {
    Map<String, Set<String>> texts =
        mails.stream()
            .collect(
                Collectors.groupingBy(
                    MailboxMail::messageId,
                    Collectors.mapping(MailboxMail::text, Collectors.toSet())));
    List<String> doubled = new ArrayList<>();
    digests.forEach(
        (told, digest) -> {
          if (texts.containsKey(messageId(told))) {
            doubled.add("a mail of its own and a digest tell of " + told);
          }
        });
    digests.values().stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
        .forEach(
            (digest, events) -> {
              Set<String> sent = texts.getOrDefault(digest, Set.of());
              if (sent.size() != 1
                  || !sent.iterator().next().startsWith(events + " messages in one\r\n")) {
                doubled.add("digest of " + events + " events: " + sent);
              }
            });
    return doubled;
  }

  /** The newest event of each business object must be its state everywhere. */
  private static List<String> staleStates(
      Installation installation, Map<EventKey, String> ids, List<Known> known, Refusals refusals) {
    Map<String, String> newest = new HashMap<>();
    ids.forEach((key, id) -> newest.put(key.type() + " " + key.key(), id));
    Map<String, Map<String, String>> tables = new HashMap<>();
    PLACES.forEach((type, place) -> tables.put(type, sources(installation, place.table())));
    Map<String, Sent> objects = new HashMap<>();
    known.forEach(event -> objects.put(objectOf(event.webhook()), event.webhook()));
    List<String> stale = new ArrayList<>();
    objects.forEach(
        (object, webhook) -> {
          String id = newest.get(object);
          Place place = PLACES.get(webhook.type());
          Object inSalesforce =
              installation.servers().salesforce().record(place.object(), webhook.key()).get(SOURCE);
          if (!refusals.include(webhook, SALESFORCE, "") && !id.equals(inSalesforce)) {
            stale.add("Salesforce has " + inSalesforce + ", not " + id + ", of " + object);
          }
          String inDatabase = tables.get(webhook.type()).get(webhook.key());
          if (!refusals.include(webhook, DATABASE, "") && !id.equals(inDatabase)) {
            stale.add("the database has " + inDatabase + ", not " + id + ", of " + object);
          }
        });
    return stale;
  }

  private static Map<String, String> sources(Installation installation, String table) {
    Map<String, String> sources = new HashMap<>();
    installation
        .database()
        .query(
            "select key, source_event_id from " + table,
            row -> {
              sources.put(row.getString("key"), row.getString("source_event_id"));
            });
    return sources;
  }

  /**
   * One record and one row for each business object, one event and one history for each webhook.
   */
  private static List<String> doubled(Installation installation) {
    List<String> doubled = new ArrayList<>();
    PLACES.forEach(
        (type, place) -> {
          long objects =
              installation.count(
                  "select count(distinct entity_key) from event where type = ?", type);
          int records = installation.servers().salesforce().records(place.object()).size();
          if (records > objects) {
            doubled.add(records + " records " + place.object() + " of " + objects);
          }
          long rows = installation.count("select count(*) from " + place.table());
          if (rows > objects) {
            doubled.add(rows + " rows of " + place.table() + " of " + objects);
          }
        });
    for (String events : List.of("event", "status_history")) {
      long more =
          installation.count(
              """
              select coalesce(sum(n - 1), 0) from (
                select count(*) as n from %s group by %s, entity_key, status, occurred_at) as same
              """
                  .formatted(events, events.equals("event") ? "type" : "event_type"));
      if (more > 0) {
        doubled.add(more + " more rows of " + events + " than webhooks");
      }
    }
    return doubled;
  }

  private static Set<String> deadLetters(Installation installation) {
    return new HashSet<>(
        installation
            .database()
            .queryForList(
                """
                select d.target || ' ' || d.audience || ' ' || e.id
                from delivery d join event e on e.sequence = d.event_sequence
                where d.state = 'dead'
                """,
                String.class));
  }

  private static List<String> wronglyDead(Set<String> dead, List<Known> known, Refusals refusals) {
    Set<String> refused =
        known.stream()
            .flatMap(
                event ->
                    Stream.concat(
                        Stream.of(SALESFORCE, DATABASE)
                            .filter(target -> refusals.include(event.webhook(), target, ""))
                            .map(target -> target + "  " + event.id()),
                        event.webhook().audiences().stream()
                            .filter(a -> refusals.include(event.webhook(), EMAIL, a))
                            .map(a -> EMAIL + " " + a + " " + event.id())))
            .collect(Collectors.toSet());
    return Stream.concat(
            dead.stream().filter(letter -> !refused.contains(letter)),
            refused.stream()
                .filter(letter -> !dead.contains(letter))
                .map(letter -> "not dead: " + letter))
        .toList();
  }

  /** The Message-ID of the mail of its own about an event to an audience: {@code id audience}. */
  private static String messageId(String told) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(told.getBytes(UTF_8));
      return "<" + HexFormat.of().formatHex(hash) + "@commerce-webhooks.local>";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String writeOf(Write write) {
    return write.object() + " " + write.key() + " " + write.fields().get(SOURCE);
  }

  private static <T> long repeated(List<T> all, Function<T, String> identity) {
    return all.size() - all.stream().map(identity).distinct().count();
  }

  private static String objectOf(Sent webhook) {
    return webhook.type() + " " + webhook.key();
  }

  private static String words(Sent webhook) {
    return Stream.of(webhook.type(), webhook.key(), webhook.status(), webhook.occurredAt())
        .map(Object::toString)
        .collect(Collectors.joining(" "));
  }
}
