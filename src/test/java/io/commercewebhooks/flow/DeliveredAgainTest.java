package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.replay;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce.Write;
import io.commercewebhooks.sandbox.Webhooks;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was delivered, and is to be delivered once more. */
@FlowTest
class DeliveredAgainTest {

  private static final String TO_SALESFORCE =
      "{\"deliveries\":{\"state\":\"delivered\",\"target\":\"salesforce\"}}";

  private static void order(String key, String status) {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", key, status));
    untilQuiet();
  }

  @Test
  void goes_to_its_target_alone_which_may_have_lost_it() {
    order("O-1", "completed");
    order("O-2", "draft");
    salesforce().clear();
    mailbox().clear();

    assertThat(api("/api/replays", TO_SALESFORCE.replace("}}", "},\"dryRun\":true}")).body())
        .contains("\"count\":2");
    replay(TO_SALESFORCE);

    assertThat(salesforce().record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "completed");
    assertThat(salesforce().record("Zoom_Order__c", "O-2")).containsEntry("Status__c", "draft");
    assertThat(mailbox().received()).isEmpty();
    assertThat(number("select count(*) from delivery where attempts = 2")).isEqualTo(2);
    assertThat(number("select count(*) from delivery where delivered_before < settled_at"))
        .as("when it was delivered first is not forgotten")
        .isEqualTo(2);
  }

  @Test
  void is_the_newest_of_an_object_alone_which_is_never_set_back() {
    ObjectNode first = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
    sender().returnUpdate(first.toString());
    untilQuiet();
    ObjectNode next = first.deepCopy();
    ((ObjectNode) next.path("return")).put("state", "COMPLETE");
    ObjectNode order = (ObjectNode) next.path("return").path("originatingOrder");
    order.put("lastModifiedTime", order.path("lastModifiedTime").asLong() + 1_000);
    sender().returnUpdate(next.toString());
    untilQuiet();
    int before = salesforce().writes().size();

    replay(TO_SALESFORCE);

    assertThat(salesforce().writes().stream().skip(before).map(Write::fields))
        .singleElement()
        .satisfies(
            fields -> assertThat(fields).containsEntry("Oracle_Return_State__c", "COMPLETE"));
    assertThat(deliveries("salesforce", "100003")).containsExactly("superseded", "delivered");
  }

  @Test
  void and_fails_this_time_leaves_the_target_with_what_it_has() {
    Instant now = Instant.now();
    for (String status : new String[] {"draft", "submitted"}) {
      Instant at = status.equals("draft") ? now.minusSeconds(60) : now;
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", status, at));
      untilQuiet();
    }
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    String newest = "select max(id) from delivery where target = 'salesforce'";

    replay("{\"deliveries\":{\"state\":\"delivered\",\"ids\":[%d]}}".formatted(number(newest)));

    assertThat(deliveries("salesforce", "O-1")).containsExactly("delivered", "dead");
    salesforce().recover();
    replay(TO_SALESFORCE);
    assertThat(deliveries("salesforce", "O-1")).containsExactly("superseded", "dead");
    assertThat(salesforce().record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "submitted");
    replay("{\"deliveries\":{\"target\":\"salesforce\"}}");
    assertThat(deliveries("salesforce", "O-1")).containsExactly("superseded", "delivered");
  }

  @Test
  void and_was_a_mail_is_read_again_by_all_who_had_it_as_another_one_in_its_thread() {
    order("O-1", "completed");
    String mail = "select id from delivery where target = 'email' and audience = 'finance'";

    replay("{\"deliveries\":{\"state\":\"delivered\",\"ids\":[%d]}}".formatted(number(mail)));

    assertThat(mailbox().to("sales@example.com")).hasSize(1);
    assertThat(mailbox().to("finance@example.com"))
        .hasSize(2)
        .extracting(sent -> sent.header("References"))
        .containsOnly(mailbox().to("finance@example.com").get(0).header("References"));
    assertThat(mailbox().to("finance@example.com"))
        .extracting(MailboxMail::messageId)
        .doesNotHaveDuplicates();
  }

  @Test
  void a_mail_is_another_each_time_also_within_a_minute() {
    order("O-1", "completed");
    for (int again = 0; again < 2; again++) {
      replay("{\"deliveries\":{\"state\":\"delivered\",\"target\":\"email\"}}");
    }

    assertThat(mailbox().to("sales@example.com"))
        .extracting(MailboxMail::messageId)
        .hasSize(3)
        .doesNotHaveDuplicates();
  }

  @Test
  void and_what_was_overtaken_give_a_database_that_lost_its_rows_the_whole_history_again() {
    api("/api/targets/database/pause", "");
    Instant now = Instant.now();
    for (String status : new String[] {"draft", "submitted"}) {
      Instant at = status.equals("draft") ? now.minusSeconds(60) : now;
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", status, at));
    }
    untilBooked("database", 2);
    api("/api/targets/database/resume", "");
    untilQuiet();
    assertThat(deliveries("database", "O-1")).containsExactly("superseded", "delivered");
    database().execute("truncate commerce_order, status_history");

    for (String state : new String[] {"delivered", "superseded"}) {
      replay("{\"deliveries\":{\"state\":\"%s\",\"target\":\"database\"}}".formatted(state));
    }

    assertThat(number("select count(*) from status_history")).isEqualTo(2);
    assertThat(Outside.row("commerce_order", "O-1")).containsEntry("status", "submitted");
    assertThat(deliveries("database", "O-1")).containsExactly("superseded", "delivered");
    assertThat(number("select count(*) from delivery where delivered_before is not null"))
        .as("what was overtaken had never been delivered")
        .isEqualTo(1);
  }

  @Test
  void is_never_a_mail_that_told_nothing_new() {
    order("O-1", "completed");
    order("O-1", "completed");
    int mails = mailbox().count();
    assertThat(number("select count(*) from delivery where cause_code = 'TOLD_BEFORE'"))
        .isEqualTo(2);

    assertThat(
            api("/api/replays", "{\"deliveries\":{\"state\":\"superseded\",\"target\":\"email\"}}")
                .body())
        .contains("\"count\":0");
    untilQuiet();

    assertThat(mailbox().count()).isEqualTo(mails);
  }

  @ParameterizedTest
  @ValueSource(strings = {"delivered", "superseded"})
  void must_be_that_of_a_target_which_is_said(String state) {
    order("O-1", "completed");

    assertThat(api("/api/replays", "{\"deliveries\":{\"state\":\"%s\"}}".formatted(state)))
        .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(400))
        .satisfies(answer -> assertThat(answer.body()).contains("target"));
    assertThat(number("select count(*) from replay")).isZero();
  }

  @Test
  void and_was_a_mail_that_its_readers_had_one_after_another_is_read_again_by_all_of_them() {
    Outside.notifications(
        text -> text.replace("finance@example.com", "finance@example.com, late@example.com"));
    mailbox().refuseRecipient("late@example.com", "550 5.1.1 No such user");
    order("O-1", "completed");
    mailbox().acceptAgain();
    replay("{\"deliveries\":{\"target\":\"email\"}}");

    replay(
        "{\"deliveries\":{\"state\":\"delivered\",\"target\":\"email\",\"audience\":\"finance\"}}");

    assertThat(mailbox().to("finance@example.com")).hasSize(2);
    assertThat(mailbox().to("late@example.com")).hasSize(2);
  }
}
