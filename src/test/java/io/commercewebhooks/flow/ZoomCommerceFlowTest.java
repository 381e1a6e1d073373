package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

@FlowTest
class ZoomCommerceFlowTest {

  private static final Map<String, String> OBJECTS =
      Map.of(
          "account-status-changed", "Zoom_Account__c",
          "quote-status-changed", "Zoom_Quote__c",
          "deal-registration-status-changed", "Zoom_Deal_Registration__c",
          "order-status-changed", "Zoom_Order__c");

  private static final Map<String, String> TABLES =
      Map.of(
          "account-status-changed", "account",
          "quote-status-changed", "quote",
          "deal-registration-status-changed", "deal_registration",
          "order-status-changed", "commerce_order");

  @ParameterizedTest(name = "{0} {1} tells {2}")
  @CsvFileSource(resources = "/webhooks/zoom-commerce/who-hears.csv", numLinesToSkip = 1)
  void every_documented_status_reaches_salesforce_the_database_and_those_who_must_hear(
      String type, String status, String audiences) {
    String key = "K-1";
    String webhook = Webhooks.zoomCommerce(type, key, status);

    HttpResponse<String> answer = sender().zoomCommerce(webhook);
    untilQuiet();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("Content-Length"))
        .as("of an answer in one piece")
        .hasValue(Integer.toString(webhook.getBytes(UTF_8).length));
    assertThat(answer.body()).isEqualTo(webhook);
    assertThat(text("select state from event where type = ? and status = ?", type, status))
        .isEqualTo("routed");
    assertThat(deliveries("salesforce", key)).containsExactly("delivered");
    assertThat(deliveries("database", key)).containsExactly("delivered");
    assertThat(salesforce().record(OBJECTS.get(type), key)).containsEntry("Status__c", status);
    assertThat(row(TABLES.get(type), key)).containsEntry("status", status);
    assertThat(number("select count(*) from status_history where status = ?", status)).isEqualTo(1);
    List<String> expected =
        audiences == null
            ? List.of()
            : Arrays.stream(audiences.split(" ")).map(a -> a + "@example.com").toList();
    assertThat(mailbox().received().stream().flatMap(mail -> mail.recipients().stream()))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(mailbox().received())
        .extracting(MailboxMail::subject)
        .allMatch(s -> s.contains(key));
  }

  @Test
  void the_samples_of_zooms_own_pages_are_accepted_at_the_documented_addresses() {
    for (String type : OBJECTS.keySet()) {
      String event = "commerce." + type.replace('-', '_');
      String sample = Webhooks.file("zoom-commerce/" + type + "-seed.json");
      HttpResponse<String> answer =
          sender()
              .send(
                  "/" + event,
                  WebhookSender.zoomCommerceHeaders(
                      sample, Instant.now(), WebhookSender.ZOOM_COMMERCE_SECRET),
                  sample);
      assertThat(answer.statusCode()).as(type).isEqualTo(200);
    }
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-3248714941"))
        .containsEntry("Status__c", "approved");
    assertThat(salesforce().record("Zoom_Order__c", "O-3248714941"))
        .containsEntry("Status__c", "completed");
    assertThat(salesforce().record("Zoom_Deal_Registration__c", "DR-135621"))
        .containsEntry("Status__c", "approved");
    assertThat(text("select state from event where type = 'account-status-changed'"))
        .as("the sample names no account")
        .isEqualTo("unroutable");
  }

  @Test
  void the_other_event_name_of_accounts_is_an_account_event() {
    sender()
        .zoomCommerce(Webhooks.file("zoom-commerce/account-status-changed-other-event-name.json"));
    untilQuiet();

    assertThat(text("select type from event")).isEqualTo("account-status-changed");
    assertThat(salesforce().records("Zoom_Account__c")).hasSize(1);
  }

  @Test
  void an_unknown_status_is_kept_answered_and_parked() {
    HttpResponse<String> answer =
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    untilQuiet();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(text("select state from event")).isEqualTo("unroutable");
    assertThat(text("select reason from event")).contains("teleported", "quote-status-changed");
    assertThat(number("select count(*) from delivery")).isZero();
    assertThat(Outside.api("/api/events?state=unroutable").body()).contains("teleported");
  }

  @Test
  void an_unknown_event_is_kept_answered_and_parked() {
    HttpResponse<String> answer =
        sender()
            .zoomCommerce(Webhooks.file("zoom-commerce/subscription-renewed-unknown-event.json"));
    untilQuiet();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(text("select state from event")).isEqualTo("unroutable");
    assertThat(number("select count(*) from delivery")).isZero();
  }

  @Test
  void the_same_webhook_again_is_answered_the_same_and_has_no_second_effect() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");

    HttpResponse<String> first = sender().zoomCommerce(webhook);
    untilQuiet();
    HttpResponse<String> second = sender().zoomCommerce(webhook);
    untilQuiet();

    assertThat(second.statusCode()).isEqualTo(first.statusCode());
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(number("select count(*) from event")).isEqualTo(1);
    assertThat(salesforce().writes()).hasSize(1);
    assertThat(mailbox().received()).hasSize(1);
  }

  @Test
  void an_older_status_that_comes_later_changes_nothing() {
    completedAndThenOlder("Q-1");

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "completed");
    assertThat(row("quote", "Q-1")).containsEntry("status", "completed");
    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered", "superseded");
    assertThat(deliveries("database", "Q-1")).containsExactly("delivered", "superseded");
    assertThat(number("select count(*) from status_history"))
        .as("the history has both")
        .isEqualTo(2);
  }

  @Test
  void a_status_that_says_it_comes_from_hours_ahead_keeps_no_later_one_out() {
    Instant now = Instant.now();
    sender()
        .zoomCommerce(
            Webhooks.zoomCommerce(
                "order-status-changed", "O-1", "submitted", now.plus(Duration.ofHours(2))));
    untilQuiet();

    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "completed"));
    untilQuiet();

    assertThat(salesforce().record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "completed");
    assertThat(row("commerce_order", "O-1")).containsEntry("status", "completed");
  }

  @Test
  void blanks_around_a_number_make_no_other_object_of_it() {
    completedAndThenOlder(" Q-1\t");

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "completed");
    assertThat(database().queryForList("select key from quote", String.class))
        .containsExactly("Q-1");
    assertThat(row("quote", "Q-1")).containsEntry("status", "completed");
  }

  private static void completedAndThenOlder(String number) {
    Instant now = Instant.now();
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "completed", now));
    untilQuiet();
    sender()
        .zoomCommerce(
            Webhooks.zoomCommerce(
                "quote-status-changed", number, "submitted", now.minusSeconds(60)));
    untilQuiet();
  }
}
