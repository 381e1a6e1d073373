package io.commercewebhooks.delivery;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.deadletters.OperatorsMail;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.LastDay;
import io.commercewebhooks.ledger.LedgerAccount;
import io.commercewebhooks.sandbox.Webhooks;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.jdbc.core.JdbcTemplate;

@FlowTest
class DailySummaryTest {

  private static final String OPERATORS = "operators@example.com";
  private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

  @Autowired private JdbcTemplate ledger;
  @Autowired private LedgerAccount account;
  @Autowired private Notifications notifications;
  @Autowired private OperatorsMail operators;
  @Autowired private AutowireCapableBeanFactory beans;
  private LastDay lastDay;

  /** One that remembers nothing of other tests, and was asked before anything came. */
  @BeforeEach
  void countWhatIsThere() {
    lastDay = beans.createBean(LastDay.class);
    assertThat(lastDay.figures().received()).isEmpty();
  }

  private void look(LocalDate day, String time) {
    Instant now = day.atTime(LocalTime.parse(time)).toInstant(ZoneOffset.UTC);
    new DailySummary(
            ledger, account, lastDay, notifications, operators, Clock.fixed(now, ZoneOffset.UTC))
        .look();
  }

  private static void order(String key) {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", key, "draft"));
  }

  @Test
  void operators_get_one_summary_a_day_of_what_came_and_what_waits_for_them() {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    order("O-1");
    order("O-2");
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-3", "teleported"));
    untilQuiet();

    look(TODAY, "06:59");
    assertThat(subjectsTo(OPERATORS)).isEmpty();
    look(TODAY, "07:00");
    look(TODAY, "07:10");

    assertThat(subjectsTo(OPERATORS))
        .containsExactly("The last day: 3 events, 2 dead letters, 1 unroutable");
    assertThat(mailbox().to(OPERATORS).get(0).text())
        .contains("FIELD_CUSTOM_VALIDATION_EXCEPTION", "teleported", "order-status-changed")
        .containsPattern("(?s)database.{0,80}Delivered.{0,20}2");

    look(TODAY.plusDays(1), "07:00");
    assertThat(subjectsTo(OPERATORS)).hasSize(2);
  }

  @Test
  void unroutable_events_that_were_discarded_or_erased_are_nobodys_business_any_more() {
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "beamed"));
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-2", "teleported"));
    untilQuiet();

    api("/api/discards", "{\"events\":{\"status\":\"beamed\"},\"reason\":\"a test\"}");
    api("/api/erasures", "{\"accountId\":\"hX2kQ9rTSfWq0m1bZc7LpA\",\"reason\":\"art. 17\"}");
    look(TODAY, "07:00");

    assertThat(subjectsTo(OPERATORS))
        .containsExactly("The last day: 2 events, 0 dead letters, 0 unroutable");
  }

  @Test
  void operators_are_told_that_a_paused_target_waits_for_one_of_them() {
    order("O-1");
    untilQuiet();
    database().update("delete from target");
    database()
        .update(
            """
            insert into target (name, state, reason, detail, since)
            values ('database', 'held', 'paused', 'paused by otto', now())
            """);

    look(TODAY, "08:00");

    assertThat(mailbox().to(OPERATORS).get(0).text())
        .contains("An operator paused a target: resume it");
    database().update("delete from target");
  }

  @Test
  void a_summary_that_could_not_be_sent_is_sent_at_the_next_look() {
    order("O-1");
    untilQuiet();
    mailbox().refuseNextContents(1, "451 4.3.0 Local trouble");

    look(TODAY, "08:00");
    assertThat(subjectsTo(OPERATORS)).isEmpty();
    look(TODAY, "08:01");

    assertThat(subjectsTo(OPERATORS)).hasSize(1);
    assertThat(database().queryForObject("select count(*) from daily_summary", Long.class))
        .isEqualTo(1);
  }

  @Test
  void an_operator_who_has_the_summary_does_not_get_it_again_for_one_who_has_not() {
    Outside.notifications(
        text -> text.replace(OPERATORS, OPERATORS + ", late@example.com, gone@example.com"));
    mailbox().refuseRecipient("late@example.com", "450 4.2.1 Mailbox busy");
    mailbox().refuseRecipient("gone@example.com", "550 5.1.1 No such user");
    order("O-1");
    untilQuiet();

    look(TODAY, "08:00");
    look(TODAY, "08:01");
    mailbox().acceptAgain("late@example.com");
    look(TODAY, "08:02");
    look(TODAY, "08:03");

    assertThat(subjectsTo(OPERATORS)).hasSize(1);
    assertThat(subjectsTo("late@example.com")).hasSize(1);
  }

  @Test
  void where_nothing_ever_came_there_is_nothing_to_tell() {
    look(TODAY, "12:00");

    assertThat(subjectsTo(OPERATORS)).isEmpty();
  }
}
