package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.Webhooks;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks at random, a little trouble among them, and what must be true of it in the end. */
@FlowTest
class BothStoresTest {

  private static final int WEBHOOKS = 90;

  private static final Map<String, List<String>> STATUSES =
      Map.of(
          "account-status-changed", List.of("submitted", "in review", "success", "failure"),
          "quote-status-changed", List.of("draft", "approved", "returned", "completed"),
          "deal-registration-status-changed", List.of("draft", "approved", "denied", "closed-won"),
          "order-status-changed", List.of("draft", "submitted", "completed", "canceled"),
          "return-updated", List.of("INCOMPLETE", "PENDING_REFUND", "PARTIAL_RETURN", "COMPLETE"));

  /**
   * A kind of business object: its table and its object in Salesforce, and the same facts in both.
   */
  private record Kind(String table, String object, Map<String, String> facts) {}

  private static final Map<String, Kind> KINDS =
      Map.of(
          "account-status-changed",
              zoom("account", "Zoom_Account__c", "create_reference_id", "Create_Reference_Id__c"),
          "quote-status-changed",
              zoom("quote", "Zoom_Quote__c", "account_id", "Triggering_Account_Id__c"),
          "deal-registration-status-changed",
              zoom(
                  "deal_registration",
                  "Zoom_Deal_Registration__c",
                  "deal_reg_number",
                  "Deal_Registration_Number__c"),
          "order-status-changed",
              zoom("commerce_order", "Zoom_Order__c", "account_id", "Triggering_Account_Id__c"),
          "quote-requested",
              new Kind(
                  "quote_request",
                  "Opportunity",
                  Map.of(
                      "key", "Oracle_Quote_Request_Id__c",
                      "source_event_id", "Source_Event_Id__c",
                      "total_amount", "Oracle_Order_Total__c",
                      "currency", "Oracle_Currency__c",
                      "note", "Oracle_Note__c",
                      "shopper_email", "Oracle_Shopper_Email__c",
                      "company_name", "Oracle_Company__c")),
          "return-updated",
              new Kind(
                  "return_request",
                  "Case",
                  Map.of(
                      "key", "Oracle_Return_Id__c",
                      "source_event_id", "Source_Event_Id__c",
                      "status", "Oracle_Return_State__c",
                      "total_refund_amount", "Oracle_Refund_Amount__c",
                      "currency", "Oracle_Currency__c",
                      "comments", "Oracle_Comments__c",
                      "exchange", "Oracle_Exchange__c")));

  private final Map<String, Instant> newest = new TreeMap<>();
  private final Map<String, String> statuses = new TreeMap<>();
  private final List<Runnable> sent = new ArrayList<>();
  private final Instant start = Instant.now().minusSeconds(3_600).truncatedTo(ChronoUnit.MILLIS);

  private Random random;

  private static Kind zoom(String table, String object, String fact, String field) {
    String key = object.replace("__c", "_Id__c");
    return new Kind(
        table,
        object,
        Map.of(
            "key",
            key,
            "source_event_id",
            "Source_Event_Id__c",
            "status",
            "Status__c",
            fact,
            field));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatever_comes_both_stores_tell_the_newest_of_each_object_and_nothing_is_left(long seed) {
    random = new Random(seed);
    for (int i = 0; i < WEBHOOKS; i++) {
      trouble();
      if (!sent.isEmpty() && chance(10)) {
        one(sent).run();
      } else {
        send(one(List.copyOf(new TreeMap<>(KINDS).keySet())), i);
      }
    }
    untilTroubleIsOver();

    Map<String, String> inDatabase = new TreeMap<>();
    Map<String, String> inSalesforce = new TreeMap<>();
    KINDS.forEach(
        (type, kind) -> {
          database()
              .queryForList("select * from " + kind.table())
              .forEach(
                  row ->
                      inDatabase.merge(
                          type + " " + row.get("key"), facts(kind, row, false), String::concat));
          salesforce()
              .records(kind.object())
              .forEach(
                  record ->
                      inSalesforce.merge(
                          type + " " + record.get(kind.facts().get("key")),
                          facts(kind, record, true),
                          String::concat));
        });
    assertThat(inSalesforce).isEqualTo(inDatabase);
    assertThat(inDatabase.keySet()).isEqualTo(newest.keySet());
    statuses.forEach(
        (object, status) -> assertThat(inDatabase.get(object)).contains("status=" + status));
    assertThat(number("select count(*) from event")).isEqualTo(sent.size());
    assertThat(number("select count(*) from status_history")).isEqualTo(sent.size());
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
    assertThat(mailbox().received())
        .extracting(MailboxMail::messageId)
        .doesNotHaveDuplicates()
        .hasSize(
            (int)
                number(
                    "select count(*) from delivery where target = 'email' and state = 'delivered'"));
  }

  private void trouble() {
    switch (random.nextInt(40)) {
      case 0 -> api("/api/targets/salesforce/pause", "");
      case 1 -> api("/api/targets/database/pause", "");
      case 2, 3 -> api("/api/targets/salesforce/resume", "");
      case 4, 5 -> api("/api/targets/database/resume", "");
      case 6 -> salesforce().failNext(1, SalesforceFault.dropAfterWriting());
      case 7 -> salesforce().failNextRecords(2, any -> true, "UNABLE_TO_LOCK_ROW", "busy");
      case 8 -> salesforce().expireSessions();
      case 9 -> untilTroubleIsOver();
      default -> {}
    }
  }

  private static void untilTroubleIsOver() {
    salesforce().recover();
    api("/api/targets/salesforce/resume", "");
    api("/api/targets/database/resume", "");
    untilQuiet();
  }

  private void send(String type, int i) {
    String key = "N-" + random.nextInt(3);
    String blanks = chance(20) ? " " : "";
    // Zoom's come in any order; what Oracle leaves out depends on what came before
    boolean anyOrder = type.endsWith("-status-changed");
    Instant at = start.plusSeconds(anyOrder ? random.nextInt(10) : i);
    String status = anyOrder || type.equals("return-updated") ? one(STATUSES.get(type)) : null;
    Runnable again =
        switch (type) {
          case "quote-requested" -> {
            String body = quoteRequest(blanks + key, at);
            yield () -> sender().quoteRequest(body);
          }
          case "return-updated" -> {
            String body = returned(key + blanks, status, at);
            yield () -> sender().returnUpdate(body);
          }
          default -> {
            String body = Webhooks.zoomCommerce(type, blanks + key, status, at);
            yield () -> sender().zoomCommerce(body);
          }
        };
    again.run();
    sent.add(again);
    String object = type + " " + key;
    if (!at.isBefore(newest.getOrDefault(object, at))) {
      newest.put(object, at);
      if (status != null) {
        statuses.put(object, status);
      }
    }
  }

  private String quoteRequest(String key, Instant at) {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-wrapped.json"));
    ObjectNode order = (ObjectNode) request.path("order");
    order.put("id", key).put("lastModifiedTime", at.toEpochMilli());
    ((ObjectNode) order.path("quoteInfo")).remove("requestDate");
    sometimesWithout((ObjectNode) order.path("quoteInfo"), "requesterNote");
    sometimesWithout((ObjectNode) order.path("priceInfo"), "currencyCode");
    ((ObjectNode) order.path("priceInfo"))
        .put("total", BigDecimal.valueOf(random.nextInt(99_999), 2));
    sometimesWithout(order, "shippingGroups");
    sometimesWithout(request, "profile");
    return request.toString();
  }

  private String returned(String key, String status, Instant at) {
    ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
    ObjectNode request = (ObjectNode) webhook.path("return");
    request.put("authorizationNumber", key).put("state", status).put("replacingItems", chance(50));
    request.put("comments", "comment " + random.nextInt());
    request.put("totalRefundAmount", String.valueOf(random.nextInt(99_999)));
    ((ObjectNode) request.path("originatingOrder")).put("lastModifiedTime", at.toEpochMilli());
    sometimesWithout(request, "comments");
    sometimesWithout(request, "totalRefundAmount");
    return webhook.toString();
  }

  private void sometimesWithout(ObjectNode object, String field) {
    switch (random.nextInt(5)) {
      case 0 -> object.remove(field);
      case 1 -> object.putNull(field);
      case 2 -> object.put(field, " ");
      default -> {}
    }
  }

  private static String facts(Kind kind, Map<String, Object> stored, boolean isSalesforce) {
    Map<String, String> facts = new TreeMap<>();
    kind.facts()
        .forEach(
            (column, field) -> {
              Object value = stored.get(isSalesforce ? field : column);
              if (value != null) {
                facts.put(
                    column,
                    value instanceof BigDecimal amount
                        ? amount.stripTrailingZeros().toPlainString()
                        : value.toString());
              }
            });
    return facts.toString();
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T one(List<T> several) {
    return several.get(random.nextInt(several.size()));
  }
}
