package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.neverGivenUp;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.refused;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@FlowTest
class OracleCommerceFlowTest {

  private static final String SEED = "oracle-commerce/quote-request-seed.json";

  @Nested
  class A_quote_request {

    @Test
    void as_in_oracles_own_sample_reaches_salesforce_the_database_and_sales() {
      HttpResponse<String> answer = sender().quoteRequest(Webhooks.file(SEED));
      untilQuiet();

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(salesforce().record("Opportunity", "o90419"))
          .containsKeys("Name", "StageName", "CloseDate", "Oracle_Items__c")
          .containsEntry("Oracle_Note__c", "Sample Quote");
      assertThat(row("quote_request", "o90419"))
          .containsEntry("status", "requested")
          .containsEntry("shopper_email", "kim@example.com")
          .containsEntry("total_amount", new BigDecimal("43.1900"));
      assertThat(number("select count(*) from quote_request_item")).isEqualTo(1);
      assertThat(subjectsTo("sales@example.com")).singleElement().asString().contains("o90419");
      assertThat(mailbox().received()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"quote-request-wrapped", "quote-request-order-id", "quote-request-configured"})
    void in_the_other_shapes_that_oracle_sends_is_understood(String file) {
      HttpResponse<String> answer =
          sender().quoteRequest(Webhooks.file("oracle-commerce/" + file + ".json"));
      untilQuiet();

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(salesforce().records("Opportunity")).hasSize(1);
      assertThat(number("select count(*) from quote_request")).isEqualTo(1);
      assertThat(subjectsTo("sales@example.com")).hasSize(1);
    }

    @Test
    void sent_again_is_one_event_and_with_another_body_is_a_requote_of_the_same_opportunity() {
      ObjectNode requote = Webhooks.object(Webhooks.file(SEED));
      requote.put("note", "Please do better");

      sender().quoteRequest(Webhooks.file(SEED));
      sender().quoteRequest(Webhooks.file(SEED));
      untilQuiet();
      sender().quoteRequest(requote.toString());
      untilQuiet();

      assertThat(number("select count(*) from event")).isEqualTo(2);
      assertThat(salesforce().records("Opportunity")).hasSize(1);
      Map<String, Object> opportunity = salesforce().record("Opportunity", "o90419");
      assertThat(opportunity)
          .containsEntry("Oracle_Note__c", "Please do better")
          .as("what the formula of Oracle_Is_Requote__c compares")
          .doesNotContainEntry("Oracle_First_Event_Id__c", opportunity.get("Source_Event_Id__c"));
      assertThat(mailbox().received()).hasSize(2);
    }

    @Test
    void never_changes_what_people_own_in_salesforce() {
      sender().quoteRequest(Webhooks.file(SEED));
      untilQuiet();
      salesforce()
          .edit(
              "Opportunity",
              "o90419",
              Map.of("Name", "Kim's big one", "StageName", "Negotiation/Review"));
      ObjectNode requote = Webhooks.object(Webhooks.file(SEED));
      requote.put("note", "Please do better");
      sender().quoteRequest(requote.toString());
      untilQuiet();

      assertThat(salesforce().record("Opportunity", "o90419"))
          .containsEntry("Name", "Kim's big one")
          .containsEntry("StageName", "Negotiation/Review")
          .containsEntry("Oracle_Note__c", "Please do better");
    }

    @Test
    void replaces_the_one_before_so_that_nothing_of_it_stands_beside_the_new_total() {
      ObjectNode first =
          Webhooks.object(Webhooks.file("oracle-commerce/quote-request-wrapped.json"));
      ObjectNode requote = first.deepCopy();
      ObjectNode order = (ObjectNode) requote.path("order");
      order.put("lastModifiedTime", order.path("lastModifiedTime").asLong() + 1_000);
      order.remove("quoteInfo");
      order.remove("commerceItems");
      order.remove("shippingGroups");
      ((ObjectNode) order.path("priceInfo")).put("total", 12).remove("currencyCode");

      sender().quoteRequest(first.toString());
      untilQuiet();
      Map<String, Object> before = salesforce().record("Opportunity", "o90421");
      sender().quoteRequest(requote.toString());
      untilQuiet();

      assertThat(before)
          .containsEntry("Oracle_Currency__c", "EUR")
          .containsKeys(
              "Oracle_Note__c", "Oracle_Company__c", "Oracle_Shipping_Address__c", "Name");
      assertThat(salesforce().record("Opportunity", "o90421"))
          .containsEntry("Oracle_Order_Total__c", BigDecimal.valueOf(12))
          .doesNotContainKeys(
              "Oracle_Currency__c",
              "Oracle_Note__c",
              "Oracle_Company__c",
              "Oracle_Shipping_Address__c")
          .as("a webhook without a list of items says nothing of them")
          .containsEntry("Oracle_Items__c", before.get("Oracle_Items__c"))
          .containsEntry("Name", before.get("Name"));
      assertThat(row("quote_request", "o90421"))
          .containsEntry("total_amount", new BigDecimal("12.0000"))
          .containsEntry("currency", null)
          .containsEntry("note", null)
          .containsEntry("company_name", null);
      assertThat(number("select count(*) from quote_request_item")).isEqualTo(2);
    }

    @Test
    void with_an_empty_list_of_items_takes_away_those_of_the_one_before() {
      ObjectNode requote = Webhooks.object(Webhooks.file(SEED));
      ((ObjectNode) requote.path("shoppingCart")).putArray("items");
      requote.remove("shippingGroups");
      sender().quoteRequest(Webhooks.file(SEED));
      untilQuiet();
      sender().quoteRequest(requote.toString());
      untilQuiet();

      assertThat(salesforce().record("Opportunity", "o90419")).doesNotContainKey("Oracle_Items__c");
      assertThat(number("select count(*) from quote_request_item")).isZero();
    }

    @Test
    void shipped_to_many_addresses_fits_into_salesforce_which_counts_a_line_break_twice() {
      ObjectNode request = Webhooks.object(Webhooks.file(SEED));
      JsonNode group = request.path("shippingGroups").get(0);
      ArrayNode groups = request.putArray("shippingGroups");
      for (int i = 0; i < 40; i++) {
        ObjectNode another = group.deepCopy();
        ((ObjectNode) another.path("shippingAddress")).put("address2", "Floor " + i);
        groups.add(another);
      }
      request.put("note", "again\n".repeat(10_000));
      sender().quoteRequest(request.toString());
      untilQuiet();

      assertThat(deliveries("salesforce", "o90419")).containsExactly("delivered");
      Map<String, Object> opportunity = salesforce().record("Opportunity", "o90419");
      assertThat((String) opportunity.get("Oracle_Shipping_Address__c"))
          .contains("Floor 5")
          .endsWith("\u2026");
      assertThat((String) opportunity.get("Oracle_Note__c"))
          .startsWith("again\nagain\n")
          .endsWith("\u2026");
    }

    @Test
    void repeated_while_salesforce_was_away_is_a_requote_all_the_same() {
      ObjectNode requote = Webhooks.object(Webhooks.file(SEED));
      requote.put("note", "Please do better");
      api("/api/targets/salesforce/pause", "");
      sender().quoteRequest(Webhooks.file(SEED));
      sender().quoteRequest(requote.toString());
      untilBooked("salesforce", 2);

      api("/api/targets/salesforce/resume", "");
      untilQuiet();

      Map<String, Object> opportunity = salesforce().record("Opportunity", "o90419");
      assertThat(opportunity)
          .containsEntry("Oracle_Note__c", "Please do better")
          .as("what the formula of Oracle_Is_Requote__c compares")
          .doesNotContainEntry("Oracle_First_Event_Id__c", opportunity.get("Source_Event_Id__c"));
    }

    @ParameterizedTest
    @CsvSource({"9999.99, 1", "10000, 1", "10000.01, 2", "9, 1", "1.05E7, 2"})
    void over_the_limit_is_told_to_sales_management_too(String total, int mails) {
      ObjectNode request = Webhooks.object(Webhooks.file(SEED));
      ((ObjectNode) request.path("shoppingCart")).put("orderTotal", total);
      sender().quoteRequest(request.toString());
      untilQuiet();

      assertThat(mailbox().received()).hasSize(mails);
      assertThat(subjectsTo("sales-management@example.com")).hasSize(mails - 1);
    }

    @Test
    void without_any_order_id_is_kept_and_parked() {
      ObjectNode request = Webhooks.object(Webhooks.file(SEED));
      request.remove("id");
      HttpResponse<String> answer = sender().quoteRequest(request.toString());
      untilQuiet();

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(number("select count(*) from event where state = 'unroutable'")).isEqualTo(1);
      assertThat(number("select count(*) from delivery")).isZero();
    }
  }

  @Nested
  class A_return {

    @ParameterizedTest(name = "{0} is for {2}")
    @CsvSource({
      "return-incomplete, 100002, customer-service",
      "return-partial, 100003, customer-service",
      "return-full, 100004, customer-service",
      "return-exchange, 100005, customer-service",
      "return-store-credit, 100006, finance",
      "return-two-currencies, 100007, finance finance-management",
      "return-eleven-levels, 100008, customer-service finance-management",
      "return-with-payment-details, 100009, finance",
      "return-later-version, 100010, customer-service",
      "return-large, 100011, customer-service",
      "return-lists-cut, 100003, customer-service"
    })
    void of_every_kind_reaches_salesforce_the_database_and_those_who_must_hear(
        String file, String key, String audiences) {
      String webhook = Webhooks.file("oracle-commerce/" + file + ".json");
      String state = Webhooks.object(webhook).at("/return/state").asText();

      HttpResponse<String> answer = sender().returnUpdate(webhook);
      untilQuiet();

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(deliveries("salesforce", key)).containsExactly("delivered");
      assertThat(deliveries("database", key)).containsExactly("delivered");
      assertThat(salesforce().record("Case", key)).containsEntry("Oracle_Return_State__c", state);
      assertThat(row("return_request", key)).containsEntry("status", state);
      assertThat(mailbox().received().stream().flatMap(mail -> mail.recipients().stream()))
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(audiences.split(" ")).map(a -> a + "@example.com").toList());
      assertThat(mailbox().received())
          .extracting(MailboxMail::subject)
          .allMatch(subject -> subject.contains(key));
    }

    @Test
    void that_leaves_out_what_did_not_change_takes_nothing_from_an_older_one_that_waits() {
      ObjectNode all = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      ObjectNode changes = changed(all, "COMPLETE", 2_000);
      ((ObjectNode) changes.path("return")).remove("returnItemList");
      api("/api/targets/salesforce/pause", "");
      sender().returnUpdate(all.toString());
      sender().returnUpdate(changes.toString());
      untilBooked("salesforce", 2);

      api("/api/targets/salesforce/resume", "");
      untilQuiet();
      sender().returnUpdate(changed(all, "PENDING_REFUND", 1_000).toString());
      untilQuiet();

      assertThat(deliveries("salesforce", "100003"))
          .containsExactly("delivered", "delivered", "superseded");
      assertThat(salesforce().record("Case", "100003"))
          .containsEntry("Oracle_Return_State__c", "COMPLETE")
          .hasEntrySatisfying(
              "Oracle_Return_Items__c", items -> assertThat((String) items).isNotBlank());
    }

    @Test
    void that_leaves_out_what_did_not_change_waits_for_an_older_one_that_the_database_refused() {
      ObjectNode all = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      ObjectNode changes = changed(all, "COMPLETE", 1_000);
      ((ObjectNode) all.path("return")).put("state", "INCOMPLETE").put("comments", "torn box");
      ((ObjectNode) changes.path("return")).remove("comments");
      refused(
          "insert on return_request for each row when (new.comments = 'torn box')",
          "try again",
          "40001",
          () -> {
            api("/api/targets/database/pause", "");
            sender().returnUpdate(all.toString());
            untilBooked("database", 1);
            neverGivenUp();
            api("/api/targets/database/resume", "");
            eventually().until(() -> number("select count(*) from attempt") > 0);
            sender().returnUpdate(changes.toString());
            eventually()
                .until(
                    () ->
                        number("select count(*) from delivery where target = 'database'") == 2
                            && number("select max(number) from attempt") > 2);
          });
      untilQuiet();

      assertThat(deliveries("database", "100003")).containsExactly("delivered", "delivered");
      assertThat(row("return_request", "100003"))
          .containsEntry("status", "COMPLETE")
          .containsEntry("comments", "torn box");
    }

    @Test
    void that_comes_late_is_in_the_history_though_a_newer_one_is_there() {
      ObjectNode all = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      sender().returnUpdate(changed(all, "COMPLETE", 1_000).toString());
      untilQuiet();
      sender().returnUpdate(changed(all, "INCOMPLETE", 0).toString());
      untilQuiet();

      assertThat(row("return_request", "100003")).containsEntry("status", "COMPLETE");
      assertThat(number("select count(*) from status_history where entity_key = '100003'"))
          .isEqualTo(2);
    }

    @Test
    void with_an_empty_list_of_items_takes_away_those_that_were_there() {
      ObjectNode all = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      ObjectNode none = changed(all, "COMPLETE", 1_000);
      ((ObjectNode) none.path("return")).putArray("returnItemList");
      sender().returnUpdate(all.toString());
      untilQuiet();
      sender().returnUpdate(none.toString());
      untilQuiet();

      assertThat(salesforce().record("Case", "100003"))
          .containsEntry("Oracle_Return_State__c", "COMPLETE")
          .doesNotContainKeys("Oracle_Return_Items__c", "Oracle_Return_Reasons__c");
      assertThat(number("select count(*) from return_request_item")).isZero();
    }

    @Test
    void that_moves_on_leaves_its_case_with_whoever_works_on_it() {
      ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      salesforce().assignCasesTo("00G000000000queue");
      sender().returnUpdate(webhook.toString());
      untilQuiet();
      salesforce().edit("Case", "100003", Map.of("OwnerId", "005000000000agent"));
      sender().returnUpdate(changed(webhook, "COMPLETE", 1_000).toString());
      untilQuiet();

      assertThat(salesforce().record("Case", "100003"))
          .containsEntry("Oracle_Return_State__c", "COMPLETE")
          .containsEntry("OwnerId", "005000000000agent");
    }

    private static ObjectNode changed(ObjectNode webhook, String state, long millisLater) {
      ObjectNode changed = webhook.deepCopy();
      ObjectNode request = (ObjectNode) changed.path("return");
      ObjectNode order = (ObjectNode) request.path("originatingOrder");
      order.put("lastModifiedTime", order.path("lastModifiedTime").asLong() + millisLater);
      request.put("state", state);
      return changed;
    }

    @ParameterizedTest
    @CsvSource({
      "INCOMPLETE, customer-service",
      "PENDING_CUSTOMER_ACTION, customer-service",
      "PENDING_REFUND, finance",
      "PARTIAL_RETURN, customer-service",
      "FULL_RETURN, customer-service",
      "COMPLETE, customer-service"
    })
    void in_every_documented_state_has_its_readers(String state, String audience) {
      ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      ((ObjectNode) webhook.path("return")).put("state", state);
      sender().returnUpdate(webhook.toString());
      untilQuiet();

      assertThat(salesforce().record("Case", "100003"))
          .containsEntry("Oracle_Return_State__c", state);
      assertThat(row("return_request", "100003")).containsEntry("status", state);
      assertThat(mailbox().received())
          .singleElement()
          .extracting(MailboxMail::recipients, list(String.class))
          .containsExactly(audience + "@example.com");
    }

    @Test
    void of_an_unknown_state_is_kept_and_parked() {
      ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
      ((ObjectNode) webhook.path("return")).put("state", "LOST_AT_SEA");
      HttpResponse<String> answer = sender().returnUpdate(webhook.toString());
      untilQuiet();

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(number("select count(*) from event where state = 'unroutable'")).isEqualTo(1);
      assertThat(number("select count(*) from delivery")).isZero();
    }

    @Test
    void in_two_currencies_keeps_both_and_the_rate() {
      sender().returnUpdate(Webhooks.file("oracle-commerce/return-two-currencies.json"));
      untilQuiet();

      assertThat(row("return_request", "100007"))
          .containsEntry("currency", "BRL")
          .containsEntry("secondary_currency", "USD")
          .containsEntry("total_refund_amount", new BigDecimal("1249.5000"))
          .containsKey("exchange_rate");
      assertThat(mailbox().to("finance@example.com").get(0).text()).contains("1,249.50");
    }

    @Test
    void with_items_eleven_levels_deep_keeps_every_level() {
      sender().returnUpdate(Webhooks.file("oracle-commerce/return-eleven-levels.json"));
      untilQuiet();

      assertThat(number("select max(depth) from return_request_item")).isGreaterThanOrEqualTo(11);
    }

    @Test
    void says_to_the_reader_when_it_is_an_exchange() {
      sender().returnUpdate(Webhooks.file("oracle-commerce/return-exchange.json"));
      untilQuiet();

      assertThat(row("return_request", "100005")).containsEntry("exchange", true);
      assertThat(mailbox().received().get(0).text().toLowerCase()).contains("exchange");
      assertThat(database().queryForList("select target from delivery")).hasSize(3);
    }
  }
}
