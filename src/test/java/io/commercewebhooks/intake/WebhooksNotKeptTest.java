package io.commercewebhooks.intake;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Our own trouble: the sender is asked to come back, and what it brings then is kept. */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class WebhooksNotKeptTest {

  private static final String AGAIN = "try again: as a moment ago, ";

  @Test
  void a_zoom_webhook_that_cannot_be_kept_is_asked_for_again_and_kept_then(CapturedOutput output) {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    Map<String, String> headers =
        WebhookSender.zoomCommerceHeaders(
            webhook, Instant.now(), WebhookSender.ZOOM_COMMERCE_SECRET);

    asksToComeBack(
        withoutLedger(() -> sender().send(WebhookSender.ZOOM_COMMERCE, headers, webhook)));
    assertThat(number("select count(*) from rejected_webhook")).isZero();
    HttpResponse<String> again =
        untilTaken(() -> sender().send(WebhookSender.ZOOM_COMMERCE, headers, webhook));
    untilQuiet();

    assertThat(again.body()).isEqualTo(webhook);
    assertThat(number("select count(*) from event")).isEqualTo(1);
    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
    assertThat(output)
        .contains("zoom-commerce webhook not kept, the sender is asked to try again")
        .doesNotContain("Q-1", "\tat ");
  }

  @Test
  void why_webhooks_are_not_kept_is_said_in_the_words_of_the_database(CapturedOutput output) {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");

    without(
        "event",
        () ->
            eventually().until(() -> answerOf(webhook), any -> output.toString().contains(AGAIN)));

    assertThat(output)
        .contains("try again: ERROR: relation \"event\" does not exist")
        .contains(AGAIN + "ERROR: relation \"event\" does not exist")
        .doesNotContain("insert into", "CircuitBreaker");
    untilTaken(() -> answerOf(webhook));
  }

  private static HttpResponse<String> answerOf(String webhook) {
    return sender().zoomCommerce(webhook);
  }

  @Test
  void an_oracle_webhook_that_cannot_be_kept_is_asked_for_again_and_kept_then() {
    String request = Webhooks.file("oracle-commerce/quote-request-seed.json");
    String update = Webhooks.file("oracle-commerce/return-full.json");

    asksToComeBack(withoutLedger(() -> sender().quoteRequest(request)));
    asksToComeBack(withoutLedger(() -> sender().returnUpdate(update)));
    untilTaken(() -> sender().quoteRequest(request));
    untilTaken(() -> sender().returnUpdate(update));
    untilQuiet();

    assertThat(number("select count(*) from event where state = 'routed'")).isEqualTo(2);
    assertThat(salesforce().writes()).hasSize(2);
  }

  @Test
  void a_forged_webhook_is_refused_as_such_even_when_the_refusal_cannot_be_recorded() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");

    HttpResponse<String> answer =
        without(
            "rejected_webhook",
            () -> sender().send(WebhookSender.ZOOM_COMMERCE, WebhookSender.json(), webhook));

    assertThat(answer.statusCode()).isEqualTo(401);
  }

  private static void asksToComeBack(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("30");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body())
        .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}");
  }

  /** After a few failures in a row the ledger is left alone for a second. */
  private static HttpResponse<String> untilTaken(Sending sending) {
    return eventually().until(sending::send, answer -> answer.statusCode() == 200);
  }

  private interface Sending {
    HttpResponse<String> send();
  }

  private static HttpResponse<String> withoutLedger(Sending sending) {
    return without("event", sending);
  }

  private static HttpResponse<String> without(String table, Sending sending) {
    database().execute("alter table " + table + " rename to gone");
    try {
      return sending.send();
    } finally {
      database().execute("alter table gone rename to " + table);
    }
  }
}
