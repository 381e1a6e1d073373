package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.neverGivenUp;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheDatabase;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A target that is down, refuses us or asks for a pause waits, and gets everything afterwards. */
@FlowTest
class TargetOnHoldTest {

  @Autowired private CamelContext camel;

  private static void untilHeld(String target, String reason) {
    eventually()
        .until(
            () ->
                number(
                        "select count(*) from target where name = ? and state = 'held' and reason = ?",
                        target,
                        reason)
                    == 1);
  }

  /** A try that went well ends a hold once its deliveries are settled. */
  private static void untilGoesOn(String target) {
    eventually()
        .until(() -> "active".equals(text("select state from target where name = ?", target)));
  }

  private static long counted(String target) {
    return number("select coalesce(max(failures), 0) from delivery where target = ?", target);
  }

  @AfterEach
  void resume() {
    salesforce().switchOn();
    wayToTheDatabase().mend();
    database().update("update target set state = 'active', reason = '', until = null");
  }

  @Test
  void salesforce_that_does_not_answer_is_held_and_no_attempt_counts_until_it_is_back() {
    salesforce().switchOff();
    quote("Q-1", "approved");
    untilHeld("salesforce", "circuit");
    // the attempt that led to the hold is settled after it
    eventually().until(() -> number("select count(*) from attempt where outcome = 'hold'") >= 1);
    long before = counted("salesforce");
    for (int i = 2; i < 30; i++) {
      quote("Q-" + i, "approved");
    }
    eventually().until(() -> number("select count(*) from attempt where outcome = 'hold'") >= 3);
    assertThat(counted("salesforce")).isEqualTo(before);
    assertThat(api("/api/targets").body()).contains("\"state\":\"held\"", "circuit");

    salesforce().switchOn();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(29);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
    untilGoesOn("salesforce");
  }

  @Test
  void a_hold_ends_soon_although_most_of_what_waits_was_overtaken_meanwhile() {
    salesforce().switchOff();
    quote("Q-1", "approved");
    untilHeld("salesforce", "circuit");
    for (int i = 0; i < 60; i++) {
      quote("Q-1", "returned");
    }
    untilBooked("salesforce", 61);

    salesforce().switchOn();
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "returned");
    assertThat(
            number(
                "select count(*) from delivery where target = 'salesforce' and state = 'superseded'"))
        .isPositive();
  }

  @Test
  void a_hold_ends_although_the_mapping_fails_for_some_of_what_waits() throws Exception {
    for (int i = 1; i <= 5; i++) {
      quote("Q-" + i, "draft");
    }
    sender().zoomCommerce(Webhooks.zoomCommerce("account-status-changed", "A-1", "approved"));
    untilQuiet();
    database()
        .update(
            """
            insert into delivery (event_sequence, target, type, entity, occurred_at)
            select sequence, 'fax', type, entity_kind || '/' || entity_key, occurred_at from event
            """);
    database().update("insert into target values ('fax', 'held', 'circuit', '', now(), now())");
    Fax.delivers(
        camel,
        "batchSize=10&settle=together",
        List.of("jslt:classpath:mappings/fails-for-q-3-and-accounts.jslt"),
        () -> {
          untilQuiet();

          assertThat(
                  database()
                      .queryForList(
                          "select entity from delivery where target = 'fax' and state = 'dead'",
                          String.class))
              .containsExactlyInAnyOrder("quote/Q-3", "account/A-1");
          untilGoesOn("fax");
        });
  }

  @Test
  void a_target_that_does_nothing_for_whole_batches_is_held_too() {
    quote("Q-0", "draft");
    untilQuiet();
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    for (int i = 1; i < 120; i++) {
      quote("Q-" + i, "approved");
    }
    untilBooked("salesforce", 120);
    salesforce()
        .failRecords(sent -> true, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access");
    api("/api/targets/salesforce/resume", "");
    untilHeld("salesforce", "circuit");

    salesforce().recover();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(120);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  @Test
  void an_org_that_only_reads_during_its_maintenance_is_held_and_gets_everything_afterwards() {
    salesforce()
        .failRecords(
            sent -> true,
            "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
            "Updates can't be made during maintenance. Try again when maintenance is complete.");
    for (int i = 1; i <= 20; i++) {
      quote("Q-" + i, "approved");
    }
    untilHeld("salesforce", "circuit");
    assertThat(api("/api/targets").body()).contains("read-only during its maintenance");

    salesforce().recover();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(20);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  /** While Salesforce gives this answer it is on hold, and operators are told by these words. */
  private static void holdsAndDeliversAfterwards(SalesforceFault fault, String advice) {
    salesforce().failWhile(call -> call.path().startsWith("/services/data/"), fault);
    quote("Q-1", "approved");
    untilHeld("salesforce", "circuit");
    assertThat(api("/api/targets").body()).contains(advice);

    salesforce().recover();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
  }

  @Test
  void an_org_that_is_closed_to_everybody_makes_no_dead_letters() {
    holdsAndDeliversAfterwards(
        SalesforceFault.error(403, "ORG_IN_MAINTENANCE", "the org is in maintenance"),
        "closed during its maintenance");
  }

  @Test
  void an_org_that_refuses_the_sessions_it_gives_is_held_and_says_what_to_look_at() {
    holdsAndDeliversAfterwards(
        SalesforceFault.error(
            403, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
        "has the scope api");
  }

  @Test
  void a_version_of_the_api_that_salesforce_has_retired_makes_no_dead_letters() {
    holdsAndDeliversAfterwards(
        SalesforceFault.error(410, "GONE", "the requested resource is no longer available"),
        "raise camel.component.salesforce.api-version");
  }

  @Test
  void a_page_of_a_proxy_that_lets_nothing_pass_makes_no_dead_letters() {
    holdsAndDeliversAfterwards(
        new SalesforceFault.Answer(
            403, "text/html", "<html><body>Access Denied</body></html>", Map.of()),
        "Something between here and Salesforce");
  }

  @Test
  void records_that_are_too_many_for_a_trigger_go_in_parts_and_nothing_is_held() {
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    for (int i = 1; i <= 150; i++) {
      quote("Q-" + i, "approved");
    }
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilBooked("salesforce", 151);
    salesforce().failTogether("Zoom_Quote__c", keys -> keys.size() > 10);
    api("/api/targets/salesforce/resume", "");
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(150);
    assertThat(salesforce().records("Zoom_Order__c")).hasSize(1);
    assertThat(number("select count(*) from attempt where outcome <> 'delivered'")).isZero();
  }

  @Test
  void a_trigger_to_which_even_one_record_is_too_much_is_asked_a_few_times_not_for_each_record() {
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    for (int i = 1; i <= 150; i++) {
      quote("Q-" + i, "approved");
    }
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
    untilBooked("salesforce", 151);
    neverGivenUp();
    salesforce().failTogether("Zoom_Quote__c", keys -> true);
    api("/api/targets/salesforce/resume", "");
    eventually().until(() -> salesforce().records("Zoom_Order__c").size() == 1);
    eventually().until(() -> number("select count(distinct delivery_id) from attempt") == 150);
    assertThat(text("select state from target where name = 'salesforce'")).isEqualTo("active");
    salesforce().failTogether("Zoom_Quote__c", keys -> false);
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(150);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  @Test
  void one_record_that_is_too_much_for_a_trigger_keeps_none_of_its_neighbours() {
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    for (int i = 1; i <= 40; i++) {
      quote("Q-" + i, "approved");
    }
    untilBooked("salesforce", 40);
    neverGivenUp();
    salesforce().failTogether("Zoom_Quote__c", keys -> keys.contains("Q-1"));
    api("/api/targets/salesforce/resume", "");
    eventually().until(() -> salesforce().records("Zoom_Quote__c").size() == 39);
    salesforce().recover();
    untilQuiet();

    assertThat(
            number("select count(distinct delivery_id) from attempt where code = 'TRIGGER_LIMIT'"))
        .isEqualTo(1);
    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
  }

  @Test
  void a_hold_ends_although_most_of_what_waits_is_still_locked() {
    salesforce().switchOff();
    quote("Q-0", "draft");
    untilHeld("salesforce", "circuit");
    for (int i = 1; i < 120; i++) {
      quote("Q-" + i, "approved");
    }
    untilBooked("salesforce", 120);
    salesforce()
        .failNextRecords(
            110,
            sent -> Integer.parseInt(sent.key().substring(2)) < 110,
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access");

    salesforce().switchOn();
    untilQuiet();
    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(120);
    untilGoesOn("salesforce");
  }

  @Test
  void the_database_that_does_not_answer_is_held_while_others_go_on() {
    wayToTheDatabase().cut();
    quote("Q-1", "approved");
    untilHeld("database", "circuit");
    quote("Q-2", "approved");
    eventually().until(() -> salesforce().records("Zoom_Quote__c").size() == 2);

    wayToTheDatabase().mend();
    untilQuiet();

    assertThat(row("quote", "Q-1")).containsEntry("status", "approved");
    assertThat(row("quote", "Q-2")).containsEntry("status", "approved");
  }

  @Test
  void a_refused_login_holds_salesforce_at_once() {
    salesforce().expireSessions();
    salesforce()
        .failWhile(
            call -> call.path().contains("/oauth2/token"),
            SalesforceFault.answer(
                400, "{\"error\":\"invalid_client\",\"error_description\":\"invalid client\"}"));
    quote("Q-1", "approved");
    untilHeld("salesforce", "login");
    assertThat(counted("salesforce")).isZero();

    salesforce().recover();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
  }

  @Test
  void a_used_up_budget_of_calls_holds_salesforce_and_counts_nothing() {
    salesforce().failWhile(call -> true, SalesforceFault.requestLimitExceeded());
    quote("Q-1", "approved");
    untilHeld("salesforce", "quota");
    assertThat(counted("salesforce")).isZero();
    assertThat(api("/api/targets").body())
        .contains("REQUEST_LIMIT_EXCEEDED: ", "Calls come back by themselves");

    salesforce().recover();
    untilQuiet();

    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
  }

  @Test
  void a_retry_after_is_honoured_in_full() {
    salesforce().failNext(1, SalesforceFault.tooManyRequests(Duration.ofHours(2)));
    quote("Q-1", "approved");
    untilHeld("salesforce", "asked");

    assertThat(
            number(
                """
                select count(*) from target
                where name = 'salesforce'
                  and until between now() + interval '115 minutes' and now() + interval '2 hours'
                """))
        .isEqualTo(1);
    api("/api/targets/salesforce/resume", "");
    untilQuiet();
    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
  }

  @Test
  void a_pause_by_an_operator_lasts_until_somebody_resumes() {
    quote("Q-0", "draft");
    untilQuiet();
    assertThat(api("/api/targets/salesforce/pause", "").statusCode()).isEqualTo(204);
    quote("Q-1", "approved");
    eventually().until(() -> !row("quote", "Q-1").isEmpty());
    eventually().until(() -> mailbox().received().size() == 1);
    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).isEmpty();
    assertThat(api("/api/deliveries?state=held").body()).contains("Q-1");

    assertThat(api("/api/targets/salesforce/resume", "").statusCode()).isEqualTo(204);
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "approved");
    assertThat(api("/api/targets/nobody/pause", "").statusCode()).isEqualTo(404);
  }

  @Test
  void what_failed_before_the_hold_does_not_sit_out_its_retry_clock_after_it() {
    salesforce().switchOff();
    quote("Q-1", "approved");
    untilHeld("salesforce", "circuit");
    quote("Q-2", "approved");
    database()
        .update(
            """
            update delivery set next_attempt_at = now() + interval '1 hour', failures = 1
            where target = 'salesforce' and entity = 'quote/Q-1'
            """);
    salesforce().switchOn();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(2);
  }

  @Test
  void what_comes_in_now_goes_before_the_backlog() throws InterruptedException {
    CountDownLatch over = keepOneOfTwoWorkersBusy();
    api("/api/targets/salesforce/pause", "");
    for (int i = 0; i < 20; i++) {
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-" + i, "draft"));
    }
    untilBookedForSalesforce(22);
    makeWhatWaitsBacklog();
    quote("Q-1", "approved");
    untilBookedForSalesforce(23);
    api("/api/targets/salesforce/resume", "");
    eventually().until(() -> salesforce().writes().size() >= 22);

    assertThat(salesforce().writes()).hasSize(22);
    assertThat(salesforce().writes().get(1).key()).isEqualTo("Q-1");
    over.countDown();
    untilQuiet();
  }

  @Test
  void what_comes_in_while_a_backlog_is_worked_off_waits_for_the_call_under_way_and_no_other()
      throws InterruptedException {
    CountDownLatch over = keepOneOfTwoWorkersBusy();
    api("/api/targets/salesforce/pause", "");
    for (String type : List.of("account-status-changed", "deal-registration-status-changed")) {
      for (int i = 0; i < 3; i++) {
        sender().zoomCommerce(Webhooks.zoomCommerce(type, "late-" + i, "submitted"));
      }
    }
    untilBookedForSalesforce(8);
    makeWhatWaitsBacklog();
    CountDownLatch atTheBacklog = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    salesforce().holdUp(call -> call.body().contains("late-"), atTheBacklog, goOn);
    api("/api/targets/salesforce/resume", "");
    assertThat(atTheBacklog.await(30, TimeUnit.SECONDS)).isTrue();
    quote("Q-1", "approved");
    untilBookedForSalesforce(9);
    goOn.countDown();
    eventually().until(() -> salesforce().writes().size() >= 8);

    assertThat(salesforce().writes()).hasSize(8);
    assertThat(salesforce().writes().get(4).key()).isEqualTo("Q-1");
    over.countDown();
    untilQuiet();
  }

  /**
   * Of the two workers one has a call under way then, so that the other alone chooses what is next.
   *
   * @return ends the call, the second one to Salesforce
   */
  private static CountDownLatch keepOneOfTwoWorkersBusy() throws InterruptedException {
    quote("Q-0", "draft");
    untilQuiet();
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    salesforce().holdUp(call -> call.body().contains("Q-busy"), busy, over);
    quote("Q-busy", "draft");
    assertThat(busy.await(30, TimeUnit.SECONDS)).isTrue();
    return over;
  }

  private static void untilBookedForSalesforce(int deliveries) {
    eventually()
        .until(
            () ->
                number("select count(*) from delivery where target = 'salesforce'") == deliveries);
  }

  private static void makeWhatWaitsBacklog() {
    database()
        .update(
            """
            update delivery set next_attempt_at = now() - interval '1 hour'
            where state = 'waiting' and entity <> 'quote/Q-busy'
            """);
  }

  @Test
  void a_mail_server_that_refuses_the_login_is_held() {
    mailbox().refuseNextContents(1, "535 5.7.8 Authentication credentials invalid");
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(text("select outcome from attempt where code = 'SMTP_535'")).isEqualTo("hold");
    assertThat(mailbox().received()).hasSize(1);
  }

  @Test
  void a_mail_server_that_lets_us_send_no_more_for_now_is_held_and_is_not_said_to_refuse_us() {
    mailbox().refuseNextContents(1, "454 Throttling failure: Daily message quota exceeded.");
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(text("select outcome || ' ' || code from attempt")).isEqualTo("hold SMTP_LIMIT");
    assertThat(mailbox().received()).hasSize(1);
  }

  @Test
  void a_mail_server_that_refuses_our_sender_is_held_and_gets_every_mail_afterwards() {
    mailbox().takeByConnection(0, "550 5.7.60 You can not send as this sender");
    for (int i = 1; i <= 8; i++) {
      quote("Q-" + i, "approved");
    }
    untilHeld("email", "circuit");
    untilAttemptsSay("SMTP_SENDER");
    assertThat(api("/api/targets").body()).contains("MAIL_FROM");
    mailbox().acceptAgain();
    untilQuiet();

    assertThat(mailbox().to("sales@example.com")).hasSize(8);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  @Test
  void a_mail_server_that_sends_us_away_is_held_and_says_so_and_gets_every_mail_afterwards()
      throws IOException {
    mailbox().stop();
    try (ServerSocket server = new ServerSocket(mailbox().port())) {
      Thread doorman = new Thread(() -> sendAway(server, "554 5.7.1 You are on a list"));
      doorman.setDaemon(true);
      doorman.start();
      for (int i = 1; i <= 8; i++) {
        quote("Q-" + i, "approved");
      }
      untilHeld("email", "circuit");
      untilAttemptsSay("SMTP_GREETING");
      assertThat(api("/api/targets").body())
          .contains("554 5.7.1 You are on a list", "sends us away");
    } finally {
      mailbox().start();
    }
    untilQuiet();

    assertThat(mailbox().to("sales@example.com")).hasSize(8);
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
  }

  /** The attempt that led to a hold is settled after it. */
  private static void untilAttemptsSay(String code) {
    eventually()
        .until(() -> code.equals(text("select string_agg(distinct code, ',') from attempt")));
  }

  private static void sendAway(ServerSocket server, String words) {
    while (!server.isClosed()) {
      try (Socket caller = server.accept()) {
        caller.getOutputStream().write((words + "\r\n").getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // the caller has gone, or the server has
      }
    }
  }

  @Test
  void a_missing_parent_is_waited_for_by_a_clock_of_its_own() {
    salesforce()
        .failNextRecords(
            2, sent -> true, "INVALID_FIELD", "Foreign key external ID: 42 not found for field X");
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(deliveries("salesforce", "Q-1")).containsExactly("delivered");
    assertThat(number("select count(*) from attempt where code = 'FOREIGN_KEY_NOT_FOUND'"))
        .isEqualTo(2);
  }

  @Test
  void a_wrong_field_is_dead_at_once_and_its_cause_names_the_field() {
    salesforce()
        .failNextRecords(
            1,
            sent -> true,
            "INVALID_FIELD",
            "No such column 'Status__c' on sobject of type Zoom_Quote__c");
    quote("Q-1", "approved");
    untilQuiet();

    assertThat(deliveries("salesforce", "Q-1")).containsExactly("dead");
    assertThat(api("/api/causes").body()).contains("INVALID_FIELD Zoom_Quote__c.Status__c");
  }
}
