package io.commercewebhooks.hostile;

import static io.commercewebhooks.flow.Outside.apiRequest;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.sandbox.WebhookSender.REQUEST_QUOTE;
import static io.commercewebhooks.sandbox.WebhookSender.REQUEST_QUOTE_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.RETURN;
import static io.commercewebhooks.sandbox.WebhookSender.RETURN_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.oracleCommerceHeaders;
import static io.commercewebhooks.sandbox.WebhookSender.zoomCommerceHeaders;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Camel 4.17.0 lets headers steer its Salesforce producer (CVE-2026-49099) and its mail producer
 * (CVE-2026-46584). They must have no effect here, whichever way they come in. The names of all
 * other components are in {@code hostile/steering}.
 */
@FlowTest
class CamelAdvisoriesTest {

  private static final Map<String, String> SALESFORCE =
      Map.of(
          "sObjectName", "User",
          "sObjectIdName", "Marked__c",
          "sObjectIdValue", "marked",
          "sObjectQuery", "SELECT Id FROM User WHERE Name = 'marked'",
          "sObjectSearch", "FIND {marked}",
          "apexUrl", "/marked",
          "apexMethod", "DELETE",
          "apexQueryParam.marked", "marked",
          "rawPath", "/services/data/marked",
          "rawMethod", "DELETE");

  private static final Map<String, String> MAIL =
      Map.of(
          "mail.smtp.from", "marked@example.net",
          "mail.smtp.host", "marked.example.net",
          "mail.smtp.port", "1",
          "mail.smtp.socks.host", "127.0.0.9",
          "mail.smtp.ssl.trust", "*",
          "mail.smtp.localhost", "marked.example.net",
          "To", "marked@example.net",
          "Bcc", "marked@example.net",
          "From", "marked@example.net",
          "Subject", "marked");

  @Autowired private Notices notices;
  @Autowired private Balance balance;

  @Test
  void they_have_no_effect_as_headers_and_in_the_address_of_any_webhook() {
    String zoom = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    String documented = Webhooks.zoomCommerce("quote-status-changed", "Q-2", "approved");
    String request = Webhooks.file("oracle-commerce/quote-request-seed.json");
    String update = Webhooks.file("oracle-commerce/return-partial.json");

    List<Integer> statuses =
        List.of(
            steered(
                ZOOM_COMMERCE,
                zoomCommerceHeaders(zoom, Instant.now(), ZOOM_COMMERCE_SECRET),
                zoom),
            steered(
                "/commerce.quote_status_changed",
                zoomCommerceHeaders(documented, Instant.now(), ZOOM_COMMERCE_SECRET),
                documented),
            steered(REQUEST_QUOTE, oracleCommerceHeaders(request, REQUEST_QUOTE_SECRET), request),
            steered(RETURN, oracleCommerceHeaders(update, RETURN_SECRET), update));
    untilQuiet();

    assertThat(statuses).containsOnly(200);
    assertThat(salesforce().writes())
        .extracting(StandInSalesforce.Write::object)
        .containsExactlyInAnyOrder("Zoom_Quote__c", "Zoom_Quote__c", "Opportunity", "Case");
    assertThat(number("select count(*) from delivery where state = 'delivered'"))
        .isEqualTo(number("select count(*) from delivery"));
    nothingIsMarked();
  }

  @Test
  void they_have_no_effect_as_fields_of_a_form() {
    String form =
        query(steering()) + "&" + Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    Map<String, String> headers = zoomCommerceHeaders(form, Instant.now(), ZOOM_COMMERCE_SECRET);
    headers.put("Content-Type", "application/x-www-form-urlencoded");

    for (String path :
        List.of(ZOOM_COMMERCE, "/commerce.quote_status_changed", REQUEST_QUOTE, RETURN)) {
      assertThat(sender().send(path, headers, form).statusCode()).isEqualTo(415);
    }
    untilQuiet();

    assertThat(number("select count(*) from event")).isZero();
    assertThat(salesforce().writes()).isEmpty();
    nothingIsMarked();
  }

  @Test
  void they_have_no_effect_on_what_an_operator_replays_and_resumes() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved"));
    untilQuiet();
    salesforce().recover();
    salesforce().clear();
    mailbox().clear();

    String inTheAddress = "?" + query(steering());
    for (String path : List.of("/api/targets/salesforce/pause", "/api/replays")) {
      assertThat(asOperator(path + inTheAddress, "{}").statusCode()).isEqualTo(400);
    }
    assertThat(asOperator("/api/targets/salesforce/pause", "").statusCode()).isLessThan(300);
    assertThat(asOperator("/api/targets/salesforce/resume", "").statusCode()).isLessThan(300);
    assertThat(asOperator("/api/replays", "{\"deliveries\":{}}").statusCode()).isEqualTo(202);
    eventually().until(() -> number("select count(*) from replay where state = 'running'") == 0);
    untilQuiet();

    assertThat(salesforce().writes())
        .extracting(StandInSalesforce.Write::object)
        .containsExactly("Zoom_Quote__c");
    nothingIsMarked();
  }

  @Test
  void they_have_no_effect_on_what_operators_are_told() {
    for (int i = 0; i < 60; i++) {
      steered(ZOOM_COMMERCE, WebhookSender.json(), "{}");
    }
    // whatever other tests left in it
    balance.look();
    notices.look();

    assertThat(mailbox().received())
        .singleElement()
        .satisfies(mail -> assertThat(mail.recipients()).containsExactly("operators@example.com"));
    nothingIsMarked();
  }

  @Test
  void there_is_no_jms_that_headers_or_objects_could_reach() {
    for (String type :
        List.of("jakarta.jms.Message", "org.apache.camel.component.jms.JmsComponent")) {
      assertThatThrownBy(() -> Class.forName(type)).isInstanceOf(ClassNotFoundException.class);
    }
  }

  private static int steered(String path, Map<String, String> proof, String body) {
    Map<String, String> headers = new LinkedHashMap<>(proof);
    headers.putAll(steering());
    return sender().send(path + "?" + query(steering()), headers, body).statusCode();
  }

  private static HttpResponse<String> asOperator(String path, String json) {
    HttpRequest.Builder request =
        apiRequest(path, "operator")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json));
    steering().forEach(request::header);
    return sender().send(request.build());
  }

  private static Map<String, String> steering() {
    Map<String, String> steering = new LinkedHashMap<>(SALESFORCE);
    steering.putAll(MAIL);
    return steering;
  }

  private static String query(Map<String, String> parameters) {
    StringBuilder query = new StringBuilder();
    parameters.forEach(
        (name, value) ->
            query
                .append(query.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, UTF_8)));
    return query.toString();
  }

  private static void nothingIsMarked() {
    assertThat(salesforce().writes().toString()).doesNotContain("marked", "User");
    for (MailboxMail mail : mailbox().received()) {
      assertThat(mail.recipients()).allMatch(address -> address.endsWith("@example.com"));
      assertThat(mail.from()).isEqualTo("Commerce Webhooks <commerce-webhooks@example.com>");
      assertThat(mail.toString()).doesNotContain("marked");
    }
    for (String table : List.of("event", "delivery", "quote", "quote_request", "status_history")) {
      assertThat(database().queryForList("select t::text from " + table + " t", String.class))
          .as(table)
          .noneMatch(row -> row.contains("marked"));
    }
  }
}
