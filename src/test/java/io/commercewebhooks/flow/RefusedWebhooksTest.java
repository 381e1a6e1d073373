package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.zoomCommerceHeaders;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.Webhooks;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What operators hear of webhooks that were refused at the door. */
@FlowTest
class RefusedWebhooksTest {

  private static final String OPERATORS = "operators@example.com";

  @Autowired private Notices notices;
  @Autowired private Balance balance;
  @Autowired private MeterRegistry metrics;

  @BeforeEach
  void forget_what_other_tests_left_in_the_balance() {
    balance.look();
  }

  @Test
  void one_proved_webhook_with_the_wrong_time_is_told_apart_from_forgeries() {
    double stale = counted("stale-timestamp");
    double future = counted("future-timestamp");
    double forged = counted("wrong-signature");
    send(Duration.ofMinutes(-6), ZOOM_COMMERCE_SECRET);
    send(Duration.ofMinutes(6), ZOOM_COMMERCE_SECRET);
    send(Duration.ZERO, "of-a-forger");

    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .containsExactlyInAnyOrder(
            "1 webhook with the wrong time: zoom-commerce stale-timestamp",
            "1 webhook with the wrong time: zoom-commerce future-timestamp");
    assertThat(mailbox().to(OPERATORS).get(0).text()).contains("clock");
    assertThat(counted("stale-timestamp") - stale).isEqualTo(1);
    assertThat(counted("future-timestamp") - future).isEqualTo(1);
    assertThat(counted("wrong-signature") - forged).isEqualTo(1);
  }

  @Test
  void many_forgeries_are_told_once_and_when_they_are_gone() {
    for (int i = 0; i < 50; i++) {
      send(Duration.ZERO, "of-a-forger");
    }
    notices.look();
    notices.look();
    database().update("update rejected_webhook set received_at = now() - interval '61 minutes'");
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .containsExactly(
            "50 webhooks that are not proved: zoom-commerce wrong-signature",
            "Gone: webhooks that are not proved: zoom-commerce wrong-signature");
  }

  private static void send(Duration ahead, String secret) {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft");
    assertThat(
            sender()
                .send(
                    ZOOM_COMMERCE,
                    zoomCommerceHeaders(webhook, Instant.now().plus(ahead), secret),
                    webhook)
                .statusCode())
        .isEqualTo(401);
  }

  private double counted(String reason) {
    Counter counter =
        metrics
            .find("commerce.webhooks.refused")
            .tags("sender", "zoom-commerce", "reason", reason, "status", "401")
            .counter();
    return counter == null ? 0 : counter.count();
  }
}
