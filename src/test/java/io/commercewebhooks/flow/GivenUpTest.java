package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.notifications;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.Webhooks;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits for a target and is not to be delivered after all. */
@FlowTest
class GivenUpTest {

  private static final String RULES = "  rules:\n";
  private static final String TO_MANAGEMENT =
      """
      {"deliveries":{"state":"%s","target":"email","audience":"sales-management"},
       "reason":"a rule was a mistake","dryRun":%s}
      """;

  private static void orders(int count) {
    for (int i = 1; i <= count; i++) {
      sender()
          .zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-" + i, "failedToSubmit"));
    }
    eventually()
        .until(
            () ->
                number("select count(*) from event where state = 'received'") == 0
                    && number("select count(*) from delivery where target = 'database'") == count);
  }

  @ParameterizedTest
  @ValueSource(strings = {"waiting", "held"})
  void mails_that_a_rule_books_by_mistake_are_stopped_and_all_others_go_out(String state) {
    notifications(
        text ->
            text.replace(
                RULES,
                RULES
                    + """
                        - name: a mistake
                          when: {type: order-status-changed}
                          add: sales-management
                    """));
    assertThat(api("/api/targets/email/pause", "").statusCode()).isEqualTo(204);
    orders(3);

    assertThat(api("/api/discards", TO_MANAGEMENT.formatted(state, true)).body())
        .contains("\"count\":3");
    assertThat(api("/api/discards", TO_MANAGEMENT.formatted(state, false)).body())
        .contains("\"count\":3");
    api("/api/targets/email/resume", "");
    untilQuiet();

    assertThat(mailbox().to("sales-operations@example.com")).hasSize(3);
    assertThat(mailbox().to("sales-management@example.com")).isEmpty();
    assertThat(number("select count(*) from delivery where cause_code = 'DISCARDED'")).isEqualTo(3);
    assertThat(api("/api/audit?action=discard&limit=1").body())
        .contains("\"count\":3", "sales-management", state, "a rule was a mistake");
  }

  @Test
  void an_older_state_that_waits_is_delivered_where_the_newer_one_is_given_up() {
    Instant now = Instant.now();
    api("/api/targets/salesforce/pause", "");
    for (String status : new String[] {"draft", "submitted"}) {
      Instant at = status.equals("draft") ? now.minusSeconds(60) : now;
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", status, at));
    }
    untilBooked("salesforce", 2);

    api(
        "/api/discards",
        """
        {"deliveries":{"state":"waiting","target":"salesforce","status":"submitted"},"reason":"x"}
        """);
    api("/api/targets/salesforce/resume", "");
    untilQuiet();

    assertThat(deliveries("salesforce", "O-1")).containsExactly("delivered", "superseded");
    assertThat(salesforce().record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "draft");
  }

  @ParameterizedTest
  @ValueSource(strings = {"waiting", "held"})
  void what_waits_must_be_that_of_a_target_which_is_said(String state) {
    for (boolean dryRun : new boolean[] {true, false}) {
      assertThat(
              api(
                  "/api/discards",
                  "{\"deliveries\":{\"state\":\"%s\"},\"reason\":\"x\",\"dryRun\":%s}"
                      .formatted(state, dryRun)))
          .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(400))
          .satisfies(answer -> assertThat(answer.body()).contains("target"));
    }
  }
}
