package io.commercewebhooks.intake;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.everyTable;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Marked card data goes in at every place; nobody outside or inside gets any of it. */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class CardDataTest {

  private static final String CARD = "4111111111111111";
  private static final String SPACED_CARD = "4111 1111 1111 1111";
  private static final String GIFT_CARD = "6006491260550000007";
  private static final String CVV = "7379737";

  /** As long as a labelled code may be: four digits stand in some time of day before long. */
  private static final String CODE = "073791";

  private static final String PIN = "44319987";
  private static final String TOKEN = "tok-marked-9903";
  private static final String HOLDER = "Marked Cardholder";

  private static final String NOTE =
      "Charge %s 07/29 cvv %s, or %s, or 5555-5555-5555-4444.".formatted(SPACED_CARD, CODE, CARD);

  private static final List<String> NEVER =
      List.of(
          CARD,
          SPACED_CARD,
          "5555-5555-5555-4444",
          "5555555555554444",
          GIFT_CARD,
          CVV,
          CODE,
          PIN,
          TOKEN,
          HOLDER);

  private final Queue<String> sentToSalesforce = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void listenToSalesforce() {
    salesforce()
        .failWhile(
            call -> {
              sentToSalesforce.add(call.path() + " " + call.body());
              return false;
            },
            SalesforceFault.maintenancePage());
  }

  @Test
  void nothing_of_the_card_data_of_a_quote_request_stays_or_goes_on(CapturedOutput output) {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-configured.json"));
    request.put("note", NOTE);
    request.set("payments", payments());
    markTexts(request.withObjectProperty("billingAddress"));
    ((ObjectNode) request.path("shoppingCart").path("items").path(0))
        .put("productId", "prod " + CARD)
        .set("externalData", payments());

    assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    everyoneWasTold("Opportunity");
    assertThat(text("select body from event")).contains("************1111", "************4444");
    nothingIsAnywhere(output);
  }

  @Test
  void nothing_of_the_card_data_of_a_wrapped_quote_request_stays_or_goes_on(CapturedOutput output) {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-wrapped.json"));
    ObjectNode order = (ObjectNode) request.path("order");
    order.set("paymentGroups", payments());
    order.withObjectProperty("quoteInfo").put("requesterNote", NOTE);
    markTexts(request.withObjectProperty("profile"));

    assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    everyoneWasTold("Opportunity");
    nothingIsAnywhere(output);
  }

  @Test
  void nothing_of_the_card_data_of_a_return_stays_or_goes_on(CapturedOutput output) {
    ObjectNode update =
        Webhooks.object(Webhooks.file("oracle-commerce/return-with-payment-details.json"));
    ObjectNode returned = (ObjectNode) update.path("return");
    returned.put("comments", NOTE);
    returned.put("generatedStoreCredit", GIFT_CARD);
    returned.set("refundMethodList", payments());
    ((ObjectNode) returned.path("returnItemList").path(0)).put("comments", NOTE);
    ((ObjectNode) returned.path("originatingOrder")).set("paymentGroups", payments());
    markTexts(returned.withObjectProperty("shippingAddress"));

    assertThat(sender().returnUpdate(update.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    everyoneWasTold("Case");
    nothingIsAnywhere(output);
  }

  @Test
  void a_business_number_that_was_masked_as_a_cards_is_told_with_what_to_write(
      CapturedOutput output) {
    ObjectNode order = Webhooks.object(Webhooks.file("zoom-commerce/order-status-changed.json"));
    order.withObjectProperty("payload").withObjectProperty("order").put("order_reference_id", CARD);

    assertThat(sender().zoomCommerce(order.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    assertThat(output)
        .contains("order/************1111: its number looks like a card's", "business-numbers");
    nothingIsAnywhere(output);
  }

  @Test
  void nothing_of_the_card_data_of_an_unroutable_webhook_stays(CapturedOutput output) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "teleported " + CARD));
    webhook.withObjectProperty("payload").set("payments", payments());
    webhook.withObjectProperty("payload").put("comment", NOTE);

    assertThat(sender().zoomCommerce(webhook.toString()).statusCode()).isEqualTo(200);
    untilQuiet();

    assertThat(text("select state from event")).isEqualTo("unroutable");
    nothingIsAnywhere(output);
  }

  @Test
  void nothing_of_the_card_data_of_a_refused_webhook_stays(CapturedOutput output) {
    String webhook = JsonNodeFactory.instance.objectNode().set("payments", payments()).toString();
    String malformed = webhook + CARD;

    List<HttpResponse<String>> answers =
        List.of(
            sender().send(WebhookSender.REQUEST_QUOTE, WebhookSender.json(), webhook),
            sender().quoteRequest(malformed),
            sender().returnUpdate("[" + webhook + "]"),
            sender().send(WebhookSender.RETURN, Map.of("Content-Type", "text/plain"), webhook));

    assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(401, 400, 400, 415);
    answers.forEach(answer -> assertNothingIn("the answer", answer.body()));
    assertThat(number("select count(*) from rejected_webhook")).isEqualTo(4);
    nothingIsAnywhere(output);
  }

  @Test
  void nothing_of_the_card_data_of_a_webhook_that_cannot_be_kept_is_logged(CapturedOutput output) {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-configured.json"));
    request.put("note", NOTE);
    request.set("payments", payments());
    database().execute("alter table event rename to gone");
    try {
      assertThat(sender().quoteRequest(request.toString()).statusCode()).isEqualTo(503);
    } finally {
      database().execute("alter table gone rename to event");
    }

    assertThat(output).contains("webhook not kept");
    nothingIsAnywhere(output);
  }

  @Test
  void no_card_data_password_or_session_is_logged_even_where_everything_else_is(
      CapturedOutput output) {
    ObjectNode request =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-configured.json"));
    request.put("note", NOTE);
    request.set("payments", payments());
    LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
    logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.TRACE);
    try {
      sender().quoteRequest(request.toString());
      untilQuiet();
      Outside.api("/api/events");
    } finally {
      logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
    }

    assertThat(output).contains(" TRACE ", " DEBUG ").doesNotContain("Bearer 00D");
    assertNothingIn("the log", output.getAll());
    assertThat(output).doesNotContain(LocalServers.OPERATORS_LOGIN.replace("Basic ", ""));
  }

  /** Card data under the names of both pages, spelt otherwise, nested, and as text and numbers. */
  private static ArrayNode payments() {
    ArrayNode payments = JsonNodeFactory.instance.arrayNode();
    payments
        .addObject()
        .put("type", "card")
        .put("cardNumber", CARD)
        .put("cardCVV", CVV)
        .put("nameOnCard", HOLDER)
        .put("endMonth", "07")
        .put("endYear", 2029)
        .put("amount", "43.19");
    payments
        .addObject()
        .put("card_number", Long.parseLong(CARD))
        .put("CARD-CVV", Long.parseLong(CVV))
        .put("Name_On_Card", HOLDER);
    payments.addObject().put("giftCardNumber", GIFT_CARD).put("giftCardPin", PIN);
    payments
        .addObject()
        .put("creditCardNumber", SPACED_CARD)
        .put("token", TOKEN)
        .put("IIN", "411111")
        .putArray("authorizationStatus")
        .addObject()
        .put("cvv", CVV)
        .put("pin", PIN);
    ObjectNode deep = payments.addObject();
    deep.putObject("card").putArray("details").addArray().addObject().put("securityCode", CVV);
    deep.put("remark", Long.parseLong(CARD));
    deep.put(CARD, "as a key");
    deep.put("raw", deep.deepCopy().put("pin", PIN).put("nameOnCard", HOLDER).toString());
    return payments;
  }

  /** Puts a card number into every text of an object. */
  private static void markTexts(ObjectNode object) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (field.getValue().isTextual() && !field.getKey().equals("id")) {
        field.setValue(
            JsonNodeFactory.instance.textNode(field.getValue().textValue() + " " + CARD));
      }
    }
    object.put("firstName", "Kim " + SPACED_CARD);
    object.put("lastName", "Customer " + CARD);
  }

  private static void everyoneWasTold(String object) {
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
    assertThat(salesforce().records(object)).hasSize(1);
    assertThat(mailbox().received()).isNotEmpty();
    assertThat(number("select count(*) from status_history")).isEqualTo(1);
  }

  private void nothingIsAnywhere(CapturedOutput output) {
    everyTable().forEach(CardDataTest::assertNothingIn);
    assertNothingIn("calls to Salesforce", String.join("\n", sentToSalesforce));
    assertNothingIn("writes at Salesforce", salesforce().writes().toString());
    assertNothingIn("mails", mailbox().received().toString());
    for (String path : List.of("/api/events", "/api/deliveries", "/api/rejected")) {
      assertNothingIn(path, Outside.api(path).body());
    }
    for (String id : database().queryForList("select id from event", String.class)) {
      HttpResponse<String> answer = Outside.api("/api/events/" + id);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertNothingIn("/api/events/" + id, answer.body());
    }
    assertNothingIn("the log", output.getAll());
  }

  private static void assertNothingIn(String place, String text) {
    for (String value : NEVER) {
      assertThat(text).as(place).doesNotContain(value);
    }
  }
}
