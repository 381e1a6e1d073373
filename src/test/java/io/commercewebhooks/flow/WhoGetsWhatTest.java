package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.notifications;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import org.junit.jupiter.api.Test;

/** What a changed config/notifications.yaml changes while the service runs. */
@FlowTest
class WhoGetsWhatTest {

  private static final String RULES = "  rules:\n";

  private static String quote(String key, String status, String account) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", key, status));
    ((ObjectNode) webhook.path("payload")).put("account_id", account);
    return webhook.toString();
  }

  @Test
  void a_rule_takes_the_mails_of_one_account_to_other_people_without_a_restart() {
    notifications(
        text ->
            text.replace(
                RULES,
                RULES
                    + """
                        - name: the large partner has people of its own
                          when:
                            type: quote-status-changed
                            account: A-LARGE
                          replace: partner-sales
                    """));
    sender().zoomCommerce(quote("Q-1", "approved", "A-LARGE"));
    sender().zoomCommerce(quote("Q-2", "approved", "A-OTHER"));
    untilQuiet();

    assertThat(subjectsTo("partner-sales@example.com")).containsExactly("Quote Q-1 is approved");
    assertThat(subjectsTo("sales@example.com")).containsExactly("Quote Q-2 is approved");
    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
  }

  @Test
  void a_rule_can_send_a_mail_where_routing_sends_none_however_its_status_is_written() {
    notifications(
        text ->
            text.replace(
                RULES,
                RULES
                    + """
                        - name: finance wants to know of what was submitted
                          when: {type: order-status-changed, status: [Submitted, draft]}
                          add: finance
                          template: order-needs-action
                    """));
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "submitted"));
    untilQuiet();

    assertThat(subjectsTo("finance@example.com")).hasSize(1);
  }

  @Test
  void a_mistake_changes_nothing_and_health_says_where_it_is() {
    notifications(text -> text.replace("sales@example.com", "people@example.com"));
    notifications(text -> text.replace("time-zone: UTC", "time-zone: Mars/Olympus"));
    assertThat(Outside.health())
        .contains("DEGRADED", "notifications.yaml, line ", "Mars/Olympus", "Europe/Berlin");
    assertThat(Outside.api("/actuator/health").statusCode()).isEqualTo(200);

    sender().zoomCommerce(quote("Q-1", "approved", "A-1"));
    untilQuiet();
    assertThat(subjectsTo("people@example.com")).hasSize(1);

    notifications(text -> text.replace("time-zone: UTC", "time-zone: Europe/Berlin"));
    assertThat(Outside.health()).contains("\"UP\"").doesNotContain("Mars");
  }

  @Test
  void mails_about_one_object_are_one_thread_and_say_whose_list_they_come_from() {
    sender().zoomCommerce(quote("Q-1", "returned", "A-1"));
    untilQuiet();
    sender().zoomCommerce(quote("Q-1", "approved", "A-1"));
    sender().zoomCommerce(quote("Q-2", "approved", "A-1"));
    untilQuiet();

    assertThat(mailbox().received())
        .extracting(mail -> mail.header("List-Id").orElse(""))
        .containsOnly("sales <sales.commerce-webhooks.local>");
    assertThat(mailbox().received())
        .extracting(mail -> mail.header("Auto-Submitted").orElse(""))
        .containsOnly("auto-generated");
    assertThat(mailbox().received())
        .filteredOn(mail -> mail.subject().contains("Q-1"))
        .extracting(WhoGetsWhatTest::thread)
        .hasSize(2)
        .containsOnly(thread(mailbox().received().get(0)));
    assertThat(mailbox().received())
        .filteredOn(mail -> mail.subject().contains("Q-2"))
        .extracting(WhoGetsWhatTest::thread)
        .doesNotContain(thread(mailbox().received().get(0)));
  }

  private static String thread(MailboxMail mail) {
    return mail.header("References").orElseThrow();
  }
}
