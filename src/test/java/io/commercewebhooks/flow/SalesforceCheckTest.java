package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.Webhooks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What an administrator is told, before and after something went wrong. */
@FlowTest
class SalesforceCheckTest {

  private static final String CHECK = "/api/targets/salesforce/check";

  @Autowired private Notices notices;
  @Autowired private MeterRegistry metrics;

  private static void describedAs(String object, String description) {
    salesforce()
        .failWhile(
            call -> call.path().contains("/" + object + "/describe"),
            SalesforceFault.answer(200, description));
  }

  private static String description(String fields) {
    return "{\"createable\":true,\"updateable\":false,\"queryable\":true,\"fields\":["
        + fields
        + "]}";
  }

  private static String field(String name, String more) {
    return "{\"name\":\"%s\",\"createable\":true,\"updateable\":true,\"nillable\":true%s}"
        .formatted(name, more);
  }

  private static List<String> mailsToOperators() {
    return mailbox().to("operators@example.com").stream()
        .map(mail -> mail.text().replaceAll("\\s+", " "))
        .toList();
  }

  @Test
  void an_org_with_the_shipped_metadata_lacks_nothing() {
    api(CHECK);
    long before = salesforce().calls();

    assertThat(api(CHECK).body())
        .contains("\"ok\":true", "\"problems\":[]", "\"apiVersion\":\"62.0\"", "of the org's")
        .contains("\"quote-requested\":\"Opportunity\"");
    assertThat(salesforce().calls()).as("calls").isEqualTo(before + 6);
    assertThat(salesforce().writes()).isEmpty();
  }

  @Test
  void the_usage_of_the_orgs_calls_is_a_metric_and_shown_with_the_target() {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilQuiet();
    salesforce().apiUsage(1_200, 15_000);
    api(CHECK);

    assertThat(metrics.get("commerce.webhooks.salesforce.calls.used").gauge().value())
        .isEqualTo(1_206);
    assertThat(metrics.get("commerce.webhooks.salesforce.calls.limit").gauge().value())
        .isEqualTo(15_000);
    assertThat(api("/api/targets").body())
        .contains("\"budget\":\"1,206 of the org's 15,000 calls in 24 hours are used\"");
    salesforce().apiUsage(0, 100_000);
    api(CHECK);
  }

  @Test
  void what_the_org_lacks_is_said_in_plain_words() {
    salesforce()
        .failWhile(
            call -> call.path().contains("/Zoom_Quote__c/describe"),
            SalesforceFault.error(404, "NOT_FOUND", "The requested resource does not exist"));
    describedAs(
        "Zoom_Order__c",
        description(
            String.join(
                ",",
                field("Zoom_Order_Id__c", ",\"externalId\":true,\"unique\":false"),
                field("Status__c", ",\"updateable\":false"),
                field("Status_Changed_At__c", ""),
                field("Source_Event_Id__c", ",\"createable\":false"),
                field("Region__c", ",\"nillable\":false"))));

    assertThat(api(CHECK).body())
        .contains(
            "\"ok\":false",
            "the object Zoom_Quote__c doesn't exist or isn't visible to the integration user",
            "Zoom_Order__c is not updateable for the integration user",
            "the field Zoom_Order__c.Triggering_Account_Id__c doesn't exist or isn't visible",
            "may not write the field Zoom_Order__c.Status__c",
            "may not write the field Zoom_Order__c.Source_Event_Id__c",
            "the field Zoom_Order__c.Zoom_Order_Id__c must be an external id, unique and case sensitive",
            "the org insists on Zoom_Order__c.Region__c")
        .doesNotContain("Status_Changed_At__c");
  }

  @Test
  void a_value_for_new_records_that_the_org_took_off_its_picklist_is_told() {
    describedAs(
        "Opportunity",
        description(
            String.join(
                ",",
                field(
                    "StageName",
                    ",\"type\":\"picklist\",\"picklistValues\":[{\"value\":\"Proposal\",\"active\":true},"
                        + "{\"value\":\"Proposal/Price Quote\",\"active\":false}]"),
                field(
                    "LeadSource",
                    ",\"type\":\"picklist\",\"picklistValues\":[{\"value\":\"Web\",\"active\":true}]"))));

    assertThat(api(CHECK).body())
        .contains(
            "the picklist Opportunity.StageName has no value \\\"Proposal/Price Quote\\\", which"
                + " config/mappings/quote-requested-to-salesforce.jslt writes")
        .doesNotContain("LeadSource");
  }

  @Test
  void an_external_id_that_takes_two_keys_for_one_is_told() {
    describedAs(
        "Zoom_Order__c",
        description(
            field(
                "Zoom_Order_Id__c",
                ",\"externalId\":true,\"unique\":true,\"caseSensitive\":false")));

    assertThat(api(CHECK).body())
        .contains(
            "Zoom_Order__c.Zoom_Order_Id__c must be an external id, unique and case sensitive");
  }

  @Test
  void a_refused_sign_in_is_said_once_and_a_mended_one_is_found_at_once() {
    salesforce().expireSessions();
    salesforce()
        .failWhile(
            call -> call.kind() == Kind.LOGIN,
            SalesforceFault.answer(
                400, "{\"error\":\"invalid_client\",\"error_description\":\"no such client\"}"));

    assertThat(api(CHECK).body())
        .contains("\"ok\":false", "the sign-in is refused (LOGIN_REFUSED)", "no such client")
        .containsOnlyOnce("the sign-in is refused");

    salesforce().recover();
    assertThat(api(CHECK).body()).contains("\"ok\":true");
  }

  @Test
  void a_dead_letter_says_in_one_sentence_what_an_administrator_must_do() {
    salesforce()
        .failRecords(
            sent -> true,
            "INVALID_FIELD",
            "No such column 'Status__c' on sobject of type Zoom_Order__c");
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilQuiet();
    notices.look();

    String advice =
        "Zoom_Order__c.Status__c doesn't exist or isn't visible to the integration user: deploy"
            + " config/salesforce, or assign the permission set Commerce_Webhooks_Integration.";
    assertThat(api("/api/deliveries?state=dead").body()).contains(advice);
    assertThat(api("/api/causes").body()).contains(advice, "\"types\":[\"order-status-changed\"]");
    assertThat(api("/api/events/" + text("select id from event")).body()).contains(advice);
    assertThat(mailsToOperators()).anyMatch(mail -> mail.contains("--------------- " + advice));
  }

  @Test
  void a_cause_without_a_field_still_names_the_object() {
    salesforce()
        .failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Orders need an owner");
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilQuiet();

    assertThat(api("/api/deliveries?state=dead").body())
        .contains("A validation rule of Zoom_Order__c refuses the record");
  }

  @Test
  void a_target_on_hold_for_its_sign_in_says_what_to_check() {
    salesforce().expireSessions();
    salesforce()
        .failWhile(
            call -> call.kind() == Kind.LOGIN,
            SalesforceFault.answer(400, "{\"error\":\"invalid_grant\"}"));
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    Outside.eventually().until(() -> api("/api/targets").body().contains("\"held\""));
    notices.look();

    assertThat(api("/api/targets").body()).contains("Salesforce refuses our sign-in");
    assertThat(mailsToOperators())
        .anyMatch(mail -> mail.contains("--------------- Salesforce refuses our sign-in"));
    salesforce().recover();
  }
}
