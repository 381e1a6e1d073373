package io.commercewebhooks.failures;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.commercewebhooks.failures.Load.Sent;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce.Write;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What became of acknowledged webhooks, seen from outside: in the ledger, in Salesforce, in the
 * database and in the mailbox.
 *
 * @param acknowledged webhooks answered with 200
 * @param missing what should be somewhere and is not, or is older than the newest acknowledged
 * @param doubledWrites Salesforce writes beyond the first with the same event
 * @param doubledMails mails beyond the first with the same Message-ID
 * @param dead deliveries that were given up
 * @param unroutable events that were parked
 */
record Audit(
    int acknowledged,
    List<String> missing,
    long doubledWrites,
    long doubledMails,
    long dead,
    long unroutable) {

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

  private static final String SOURCE = "Source_Event_Id__c";

  private record EventKey(String type, String key, Instant occurredAt) {}

  /** Looks everywhere for these webhooks; call it when nothing is left to deliver. */
  static Audit of(Installation installation, Collection<Sent> acknowledged) {
    Map<EventKey, String> ids = new HashMap<>();
    installation
        .database()
        .query(
            "select type, entity_key, occurred_at, id from event",
            row -> {
              Instant occurredAt = row.getTimestamp("occurred_at").toInstant();
              EventKey key =
                  new EventKey(row.getString("type"), row.getString("entity_key"), occurredAt);
              ids.put(key, row.getString("id"));
            });
    List<String> missing = new ArrayList<>();
    Map<String, Sent> byId = new HashMap<>();
    for (Sent webhook : acknowledged) {
      String id = ids.get(new EventKey(webhook.type(), webhook.key(), webhook.occurredAt()));
      if (id == null) {
        missing.add("no event of " + words(webhook));
      } else {
        byId.put(id, webhook);
      }
    }
    missing.addAll(missingHistory(installation, byId));
    missing.addAll(staleStates(installation, acknowledged, ids));
    List<MailboxMail> mails = installation.servers().mailbox().received();
    missing.addAll(missingMails(mails, byId));
    return new Audit(
        acknowledged.size(),
        missing,
        repeated(installation.servers().salesforce().writes(), Audit::writeOf),
        repeated(mails, MailboxMail::messageId),
        count(installation, "select count(*) from delivery where state = 'dead'"),
        count(installation, "select count(*) from event where state = 'unroutable'"));
  }

  /** Prints the figures under a title. */
  void print(String title) {
    System.out.printf(
        "%s: acknowledged %d, missing %d, doubled Salesforce writes %d, doubled mails %d, dead %d,"
            + " unroutable %d%n",
        title, acknowledged, missing.size(), doubledWrites, doubledMails, dead, unroutable);
  }

  private static List<String> missingHistory(Installation installation, Map<String, Sent> byId) {
    Set<String> history =
        new HashSet<>(
            installation
                .database()
                .queryForList("select event_id from status_history", String.class));
    return byId.entrySet().stream()
        .filter(event -> !history.contains(event.getKey()))
        .map(event -> "no history of " + words(event.getValue()))
        .toList();
  }

  /** The newest acknowledged state of each entity must be the state everywhere. */
  private static List<String> staleStates(
      Installation installation, Collection<Sent> acknowledged, Map<EventKey, String> ids) {
    Map<String, Sent> newest =
        acknowledged.stream()
            .collect(
                Collectors.toMap(
                    webhook -> webhook.type() + " " + webhook.key(),
                    Function.identity(),
                    BinaryOperator.maxBy(Comparator.comparing(Sent::occurredAt))));
    List<String> stale = new ArrayList<>();
    for (Sent webhook : newest.values()) {
      Place place = PLACES.get(webhook.type());
      String id = ids.get(new EventKey(webhook.type(), webhook.key(), webhook.occurredAt()));
      Object inSalesforce =
          installation.servers().salesforce().record(place.object(), webhook.key()).get(SOURCE);
      if (id == null || !id.equals(inSalesforce)) {
        stale.add("Salesforce has " + inSalesforce + " of " + words(webhook));
      }
      List<Timestamp> inDatabase =
          installation
              .database()
              .queryForList(
                  "select occurred_at from " + place.table() + " where key = ?",
                  Timestamp.class,
                  webhook.key());
      if (inDatabase.isEmpty() || !inDatabase.get(0).toInstant().equals(webhook.occurredAt())) {
        stale.add("the database has " + inDatabase + " of " + words(webhook));
      }
    }
    return stale;
  }

  private static List<String> missingMails(List<MailboxMail> mails, Map<String, Sent> byId) {
    Set<String> received = mails.stream().map(MailboxMail::messageId).collect(Collectors.toSet());
    return byId.entrySet().stream()
        .flatMap(
            event ->
                event.getValue().audiences().stream()
                    .filter(audience -> !received.contains(messageId(event.getKey(), audience)))
                    .map(audience -> "no mail to " + audience + " of " + words(event.getValue())))
        .toList();
  }

  private static String messageId(String eventId, String audience) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest((eventId + " " + audience).getBytes(UTF_8));
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

  private static long count(Installation installation, String sql) {
    Long count = installation.database().queryForObject(sql, Long.class);
    return count == null ? 0 : count;
  }

  private static String words(Sent webhook) {
    return Stream.of(webhook.type(), webhook.key(), webhook.status(), webhook.occurredAt())
        .map(Object::toString)
        .collect(Collectors.joining(" "));
  }
}
