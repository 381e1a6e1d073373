package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.neverGivenUp;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mails that not all of their readers get at once, none of which anybody gets twice. */
@FlowTest
class MailsToSeveralReadersTest {

  @Test
  void a_reader_whom_the_mail_server_refuses_does_not_count_as_trouble_of_the_mail_server() {
    Outside.notifications(
        text -> text.replace("finance@example.com", "finance@example.com, gone@example.com"));
    mailbox().refuseRecipient("gone@example.com", "550 5.1.1 No such user");
    comes("order-status-changed", "O-1", "completed");
    untilQuiet();

    assertThat(mailbox().to("finance@example.com")).hasSize(1);
    assertThat(text("select string_agg(code || ' ' || outcome, ', ') from attempt"))
        .isEqualTo("SMTP_550 dead");
  }

  @Test
  void a_mail_that_reaches_its_readers_one_after_another_is_sent_to_each_of_them_once() {
    Outside.notifications(
        text ->
            text.replace(
                "finance@example.com", "finance@example.com, late@example.com, last@example.com"));
    mailbox().refuseRecipient("late@example.com", "550 5.1.1 No such user");
    mailbox().refuseRecipient("last@example.com", "550 5.1.1 No such user");
    comes("order-status-changed", "O-1", "completed");
    untilQuiet();
    for (String next : List.of("late@example.com", "last@example.com")) {
      mailbox().acceptAgain(next);
      Outside.replay("{\"deliveries\":{\"target\":\"email\"}}");
    }

    assertThat(mailbox().to("finance@example.com")).hasSize(1);
    assertThat(mailbox().to("late@example.com")).hasSize(1);
    assertThat(mailbox().to("last@example.com")).hasSize(1);
  }

  @Test
  void a_mail_is_not_sent_again_because_the_ledger_can_not_be_told_of_a_later_one()
      throws SQLException {
    // the first mail of all takes long to write, and a turn doesn't
    quote("Q-0", "failed");
    untilQuiet();
    api("/api/targets/email/pause", "");
    quote("Q-1", "approved");
    quote("Q-2", "failed");
    untilBooked("email", 3);
    database().update("update delivery set next_attempt_at = now() + interval '1 minute'");
    api("/api/targets/email/resume", "");
    mailbox().refuseRecipient("sales-operations@example.com", "535 5.7.8 Who are you?");
    try (Connection other = database().getDataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("select from target where name = 'email' for update");
      // both are in one claim now; the hold that the second one calls for can't be written
      database().update("update delivery set next_attempt_at = now() where state = 'waiting'");
      eventually()
          .until(
              () ->
                  deliveries("email", "Q-1").equals(List.of("delivered"))
                      || mailbox().to("sales@example.com").size() > 1);
      other.rollback();
    }
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(mailbox().to("sales@example.com")).hasSize(1);
    assertThat(mailbox().to("sales-operations@example.com")).hasSize(2);
  }

  /** Both mails about an order, of which one is refused for a while. */
  private static void anOrderComesWhoseMailsAreNeverGivenUp() {
    api("/api/targets/email/pause", "");
    comes("order-status-changed", "O-1", "completed");
    untilBooked("email", 2);
    neverGivenUp();
    api("/api/targets/email/resume", "");
  }

  @Test
  void a_mail_whose_last_reader_was_taken_off_is_delivered_to_nobody_more() {
    Outside.notifications(
        text -> text.replace("finance@example.com", "finance@example.com, late@example.com"));
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");
    anOrderComesWhoseMailsAreNeverGivenUp();
    eventually().until(() -> number("select count(*) from attempt where code = 'SMTP_450'") >= 1);
    Outside.notifications(text -> text);
    untilQuiet();

    assertThat(deliveries("email", "O-1")).containsOnly("delivered");
    assertThat(mailbox().to("finance@example.com")).hasSize(1);
    assertThat(mailbox().to("late@example.com")).isEmpty();
  }

  @Test
  void who_has_a_mail_does_not_get_it_again_however_often_it_is_tried_for_another() {
    Outside.notifications(
        text -> text.replace("finance@example.com", "finance@example.com, late@example.com"));
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");
    anOrderComesWhoseMailsAreNeverGivenUp();
    eventually().until(() -> number("select count(*) from attempt where code = 'SMTP_450'") >= 3);
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(mailbox().to("finance@example.com")).hasSize(1);
    assertThat(mailbox().to("late@example.com")).hasSize(1);
  }
}
