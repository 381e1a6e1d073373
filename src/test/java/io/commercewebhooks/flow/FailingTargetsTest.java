package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.neverGivenUp;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilBooked;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheDatabase;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@FlowTest
class FailingTargetsTest {

  private static final String KEY = "Q-1";

  private static void quote(String status) {
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", KEY, status));
  }

  private static void untilRetried(String target) {
    eventually()
        .until(
            () ->
                number(
                        """
                        select count(*) from attempt a join delivery d on d.id = a.delivery_id
                        where d.target = ?
                        """,
                        target)
                    >= 2);
  }

  @Nested
  class Salesforce {

    @AfterEach
    void on() {
      salesforce().switchOn();
    }

    @Test
    void that_is_off_gets_everything_when_it_is_back_and_nobody_else_waits() {
      salesforce().switchOff();
      quote("approved");
      eventually().until(() -> !row("quote", KEY).isEmpty());
      eventually().until(() -> !subjectsTo("sales@example.com").isEmpty());
      untilRetried("salesforce");
      salesforce().switchOn();
      untilQuiet();

      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
      assertThat(mailbox().received()).hasSize(1);
    }

    @Test
    void is_asked_in_parts_for_records_whose_ids_make_an_address_that_is_too_long() {
      Outside.api("/api/targets/salesforce/pause", "");
      for (int i = 0; i < 60; i++) {
        ObjectNode request =
            Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
        request.put("id", "見積".repeat(100) + i);
        sender().quoteRequest(request.toString());
      }
      untilBooked("salesforce", 60);
      Outside.api("/api/targets/salesforce/resume", "");
      untilQuiet();

      assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
      assertThat(number("select count(*) from attempt")).isZero();
    }

    @Test
    void takes_a_record_that_an_approval_locks_when_the_approval_ends() {
      salesforce()
          .failNextRecords(3, sent -> true, "ENTITY_IS_LOCKED", "entity is locked for editing");
      quote("approved");
      untilQuiet();

      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
    }

    @Test
    void takes_a_record_of_which_a_duplicate_rule_would_only_alert_a_person() {
      salesforce().alertOfDuplicates();
      quote("approved");
      untilQuiet();

      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
    }

    static Stream<SalesforceFault> passing() {
      return Stream.of(
          SalesforceFault.unavailable(),
          SalesforceFault.maintenancePage(),
          SalesforceFault.error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"),
          SalesforceFault.error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
          SalesforceFault.requestLimitExceeded(),
          SalesforceFault.dropBeforeWriting(),
          SalesforceFault.dropAfterWriting(),
          SalesforceFault.unreadableAnswer(),
          SalesforceFault.emptyAnswer(),
          SalesforceFault.answer(200, "[]"),
          SalesforceFault.answer(
              200, "[{\"id\":\"1\",\"success\":true},{\"id\":\"2\",\"success\":true}]"),
          SalesforceFault.answer(200, "{\"success\":true}"),
          SalesforceFault.answer(200, "[{}]"),
          SalesforceFault.answer(302, ""),
          SalesforceFault.answer(404, "<html>Not here</html>"),
          SalesforceFault.error(410, "UNSUPPORTED_API_VERSION", "This version is retired"));
    }

    @ParameterizedTest
    @MethodSource("passing")
    void that_fails_for_a_while_gets_it_in_the_end(SalesforceFault fault) {
      salesforce().failNext(2, fault);
      quote("approved");
      untilQuiet();

      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
      assertThat(number("select count(*) from attempt where outcome in ('retry', 'hold')"))
          .isGreaterThanOrEqualTo(1);
    }

    @Test
    void that_answers_a_question_with_a_page_is_unwell_and_no_record_is_asked_for_alone() {
      Outside.api("/api/targets/salesforce/pause", "");
      for (int i = 0; i < 8; i++) {
        ObjectNode request =
            Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
        sender().quoteRequest(request.put("id", "o-" + i).toString());
      }
      untilBooked("salesforce", 8);
      salesforce()
          .failNext(1, call -> call.kind() == Kind.QUERY, SalesforceFault.unreadableAnswer());
      Outside.api("/api/targets/salesforce/resume", "");
      untilQuiet();

      assertThat(salesforce().records("Opportunity")).hasSize(8);
      assertThat(number("select count(*) from attempt where code = 'UNREADABLE_ANSWER'"))
          .isEqualTo(8);
    }

    @Test
    void that_breaks_by_one_of_the_records_that_wait_for_it_gets_the_others() {
      salesforce().switchOff();
      for (int i = 10; i < 26; i++) {
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "draft"));
      }
      eventually().until(() -> number("select count(*) from target where state = 'held'") == 1);
      untilBooked("salesforce", 16);
      salesforce()
          .failWhile(
              call -> call.body().contains("Q-21"),
              SalesforceFault.error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"));
      salesforce().switchOn();
      untilQuiet();

      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(15);
      assertThat(deliveries("salesforce", "Q-21")).containsExactly("dead");
      assertThat(number("select count(*) from delivery where state = 'dead'")).isEqualTo(1);
    }

    @Test
    void that_ended_the_session_is_signed_in_to_again() {
      quote("submitted");
      untilQuiet();
      salesforce().expireSessions();
      quote("approved");
      untilQuiet();

      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
      assertThat(number("select count(*) from attempt")).isZero();
    }

    @Test
    void that_refuses_one_record_gets_its_neighbours() {
      salesforce()
          .failRecords(
              sent -> sent.key().equals("Q-13"),
              "FIELD_CUSTOM_VALIDATION_EXCEPTION",
              "Quotes need an owner");
      salesforce().switchOff();
      for (int i = 10; i < 20; i++) {
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "draft"));
      }
      untilBooked("salesforce", 10);
      salesforce().switchOn();
      untilQuiet();

      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(9);
      assertThat(deliveries("salesforce", "Q-13")).containsExactly("dead");
      assertThat(text("select cause_code from delivery where state = 'dead'"))
          .isEqualTo("FIELD_CUSTOM_VALIDATION_EXCEPTION");
      assertThat(text("select cause from delivery where state = 'dead'")).contains("need an owner");
    }

    @Test
    void that_has_a_trigger_to_which_many_records_at_once_are_too_much_gets_all_of_them() {
      salesforce()
          .failNextRecords(
              10,
              sent -> true,
              "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
              "OnQuote: execution of AfterInsert caused by: System.LimitException: Too many SOQL"
                  + " queries: 101");
      for (int i = 10; i < 20; i++) {
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "draft"));
      }
      untilQuiet();

      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(10);
      assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
    }

    @Test
    void that_misses_an_older_status_gets_only_the_newest() {
      Instant now = Instant.now();
      salesforce().switchOff();
      Stream.of("draft", "submitted", "approved")
          .forEach(
              status ->
                  sender()
                      .zoomCommerce(
                          Webhooks.zoomCommerce(
                              "quote-status-changed",
                              KEY,
                              status,
                              now.plusMillis(status.length()))));
      untilBooked("salesforce", 3);
      untilRetried("salesforce");
      salesforce().switchOn();
      untilQuiet();

      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "submitted");
      assertThat(salesforce().writes()).hasSize(1);
      assertThat(deliveries("salesforce", KEY))
          .containsExactlyInAnyOrder("delivered", "superseded", "superseded");
    }

    @Test
    void that_refuses_the_newest_status_for_good_gets_the_one_before_it() {
      Instant now = Instant.now();
      salesforce()
          .failRecords(
              sent -> sent.fields().path("Status__c").asText().equals("approved"),
              "FIELD_CUSTOM_VALIDATION_EXCEPTION",
              "not without an owner");
      salesforce().switchOff();
      List<String> statuses = List.of("draft", "submitted", "approved");
      statuses.forEach(
          status ->
              sender()
                  .zoomCommerce(
                      Webhooks.zoomCommerce(
                          "quote-status-changed",
                          KEY,
                          status,
                          now.plusSeconds(statuses.indexOf(status)))));
      untilBooked("salesforce", 3);
      untilRetried("salesforce");
      salesforce().switchOn();
      eventually()
          .untilAsserted(
              () ->
                  assertThat(deliveries("salesforce", KEY))
                      .containsExactly("superseded", "delivered", "dead"));

      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "submitted");
    }

    @Test
    void that_refuses_every_status_of_a_quote_is_not_asked_for_each_of_them() {
      Instant now = Instant.now();
      salesforce().failRecords(sent -> true, "INSUFFICIENT_ACCESS", "no");
      salesforce().switchOff();
      for (int i = 0; i < 5; i++) {
        sender()
            .zoomCommerce(
                Webhooks.zoomCommerce("quote-status-changed", KEY, "draft", now.plusSeconds(i)));
      }
      untilBooked("salesforce", 5);
      untilRetried("salesforce");
      salesforce().switchOn();
      eventually()
          .untilAsserted(
              () ->
                  assertThat(deliveries("salesforce", KEY))
                      .containsExactly("superseded", "superseded", "superseded", "dead", "dead"));
    }
  }

  @Nested
  class The_mail_server {

    @AfterEach
    void on() {
      mailbox().start();
    }

    @Test
    void that_is_off_gets_the_mail_when_it_is_back() {
      mailbox().stop();
      quote("approved");
      untilRetried("email");
      mailbox().start();
      untilQuiet();

      assertThat(subjectsTo("sales@example.com")).hasSize(1);
      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
    }

    @Test
    void that_says_later_is_asked_later() {
      mailbox().refuseNextContents(2, "451 4.7.1 Greylisted, try again");
      quote("approved");
      untilQuiet();

      assertThat(subjectsTo("sales@example.com")).hasSize(1);
      assertThat(text("select code from attempt")).isEqualTo("SMTP_451");
    }

    @Test
    void that_refuses_the_address_leaves_a_dead_letter() {
      mailbox().refuseRecipient("sales@example.com", "550 5.1.1 No such user");
      quote("approved");
      untilQuiet();

      assertThat(deliveries("email", KEY)).containsExactly("dead");
      assertThat(text("select cause_code from delivery where target = 'email'"))
          .isEqualTo("SMTP_550");
      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
    }

    @Test
    void sees_the_same_message_id_however_often_a_mail_is_sent() {
      quote("approved");
      untilQuiet();
      database()
          .update("update delivery set state = 'dead', settled_at = now() where target = 'email'");
      Outside.replay("{\"deliveries\":{\"target\":\"email\"}}");

      assertThat(mailbox().received()).hasSize(2);
      assertThat(mailbox().received().get(1).messageId())
          .isEqualTo(mailbox().received().get(0).messageId());
    }
  }

  @Nested
  class The_database {

    @AfterEach
    void back() {
      database().execute("alter table if exists quote_away rename to quote");
    }

    @Test
    void that_is_cut_off_gets_everything_when_it_is_back_and_nobody_else_waits() {
      quote("submitted");
      untilQuiet();
      wayToTheDatabase().cut();
      quote("approved");
      untilRetried("database");
      eventually()
          .until(() -> deliveries("salesforce", KEY).equals(List.of("delivered", "delivered")));
      wayToTheDatabase().mend();
      untilQuiet();

      assertThat(row("quote", KEY)).containsEntry("status", "approved");
      assertThat(deliveries("database", KEY)).containsExactly("delivered", "delivered");
    }

    @Test
    void with_a_table_that_is_locked_gets_what_belongs_into_the_others() throws SQLException {
      try (Connection other = database().getDataSource().getConnection()) {
        other.setAutoCommit(false);
        other.createStatement().execute("lock table quote");
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft"));
        untilWaitingForALock(1);
        sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-2", "draft"));
        untilWaitingForALock(2);
        sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "draft"));
        eventually().until(() -> !row("commerce_order", "O-1").isEmpty());
        other.rollback();
      }
      untilQuiet();

      assertThat(deliveries("database", "Q-1")).containsExactly("delivered");
      assertThat(deliveries("database", "Q-2")).containsExactly("delivered");
      assertThat(text("select code from attempt where code like 'SQL%'")).isEqualTo("SQL_55P03");
    }

    private static void untilWaitingForALock(int statements) {
      eventually()
          .until(
              () ->
                  number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                      == statements);
    }

    @Test
    void whose_table_is_missing_leaves_a_dead_letter_that_can_be_replayed() {
      database().execute("alter table quote rename to quote_away");
      quote("approved");
      untilQuiet();
      assertThat(deliveries("database", KEY)).containsExactly("dead");
      assertThat(text("select cause from delivery where state = 'dead'")).contains("quote");
      database().execute("alter table quote_away rename to quote");

      Outside.replay("{\"deliveries\":{\"target\":\"database\"}}");

      assertThat(deliveries("database", KEY)).containsExactly("delivered");
      assertThat(row("quote", KEY)).containsEntry("status", "approved");
    }

    @Test
    void whose_row_belongs_to_one_that_is_not_there_yet_gets_it_then_and_its_neighbours_at_once() {
      database().execute("create table contract (number text primary key)");
      database()
          .execute(
              "alter table quote add constraint of_contract foreign key (key) references contract");
      database().execute("insert into contract values ('Q-1'), ('Q-2'), ('Q-4'), ('Q-5')");
      try {
        Outside.api("/api/targets/database/pause", "");
        for (int i = 1; i <= 5; i++) {
          sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "draft"));
        }
        untilBooked("database", 5);
        neverGivenUp();
        Outside.api("/api/targets/database/resume", "");
        eventually()
            .until(() -> number("select count(*) from attempt where code = 'SQL_23503'") > 0);
        database().execute("insert into contract values ('Q-3')");
        untilQuiet();

        assertThat(deliveries("database", "Q-3")).containsExactly("delivered");
        assertThat(row("quote", "Q-3")).containsEntry("status", "draft");
        assertThat(
                number(
                    """
                    select count(*) from attempt a join delivery d on d.id = a.delivery_id
                    where d.target = 'database' and d.entity <> 'quote/Q-3'
                    """))
            .isZero();
      } finally {
        database().execute("alter table quote drop constraint of_contract");
        database().execute("drop table contract");
      }
    }
  }

  @Nested
  class A_dead_letter {

    @Test
    void is_what_is_left_after_the_last_attempt_and_a_replay_brings_it_back() {
      salesforce().failRecords(sent -> true, "UNABLE_TO_LOCK_ROW", "somebody else has it");
      quote("approved");
      untilQuiet();
      assertThat(deliveries("salesforce", KEY)).containsExactly("dead");
      assertThat(number("select count(*) from attempt")).isEqualTo(8);
      assertThat(Outside.api("/api/deliveries?state=dead&target=salesforce").body())
          .contains("UNABLE_TO_LOCK_ROW", KEY);
      salesforce().recover();

      assertThat(
              Outside.api(
                      "/api/replays",
                      "{\"deliveries\":{\"target\":\"salesforce\"},\"dryRun\":true}")
                  .body())
          .contains("\"count\":1");
      assertThat(deliveries("salesforce", KEY)).as("a dry run only counts").containsExactly("dead");
      Outside.replay("{\"deliveries\":{\"target\":\"salesforce\"}}");

      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
    }

    @Test
    void that_is_replayed_after_something_newer_arrived_is_superseded() {
      Instant now = Instant.now();
      salesforce()
          .failNextRecords(1, sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "not today");
      sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", KEY, "draft", now));
      untilQuiet();
      sender()
          .zoomCommerce(
              Webhooks.zoomCommerce("quote-status-changed", KEY, "approved", now.plusSeconds(1)));
      untilQuiet();
      Outside.replay("{\"deliveries\":{\"target\":\"salesforce\"}}");

      assertThat(deliveries("salesforce", KEY)).containsExactly("superseded", "delivered");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
    }

    @Test
    void can_be_replayed_with_the_sql_of_the_readme() throws IOException {
      salesforce().failNextRecords(1, sent -> true, "INSUFFICIENT_ACCESS", "no");
      quote("approved");
      untilQuiet();
      Matcher statement =
          Pattern.compile("```sql\n(update delivery.*?)```", Pattern.DOTALL)
              .matcher(Files.readString(Path.of("README.md")));
      assertThat(statement.find()).isTrue();
      database().update(statement.group(1));
      untilQuiet();

      assertThat(deliveries("salesforce", KEY)).containsExactly("delivered");
    }
  }

  @Nested
  class An_unroutable_event {

    @Test
    void is_routed_again_when_asked_for() {
      quote("teleported");
      untilQuiet();
      database().update("update event set body = replace(body, 'teleported', 'approved')");
      Outside.replay("{\"events\":{\"type\":\"quote-status-changed\"}}");

      assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
    }

    @Test
    void that_came_to_a_node_with_other_files_is_left_to_it_for_some_minutes() {
      quote("teleported");
      untilQuiet();
      database().update("update event set state = 'received', reason = null, files = 'of others'");
      eventually().until(() -> number("select attempts from event") > 3);
      assertThat(text("select state from event")).isEqualTo("received");
      assertThat(text("select reason from event")).contains("teleported");

      database().update("update event set received_at = received_at - interval '10 minutes'");

      eventually().until(() -> text("select state from event").equals("unroutable"));
    }

    @Test
    void whose_name_a_mapping_has_learnt_meanwhile_is_read_and_routed_again() {
      sender()
          .zoomCommerce(
              Webhooks.zoomCommerce("quote-status-changed", KEY, "approved")
                  .replace("commerce.quote_status_changed", "commerce.quote_status_changed_twice"));
      untilQuiet();
      assertThat(text("select state from event")).isEqualTo("unroutable");
      database()
          .update(
              """
              update event
              set body = replace(body, 'changed_twice', 'changed'), entity_key = null, type = 'x'
              """);
      Outside.replay("{\"events\":{\"state\":\"unroutable\"}}");

      assertThat(text("select state from event")).isEqualTo("routed");
      assertThat(salesforce().record("Zoom_Quote__c", KEY)).containsEntry("Status__c", "approved");
    }

    @Test
    void that_nobody_understands_even_now_stays_parked_and_ends_the_replay() {
      sender().zoomCommerce(Webhooks.file("zoom-commerce/subscription-renewed-unknown-event.json"));
      untilQuiet();
      Outside.replay("{\"events\":{\"state\":\"unroutable\"}}");

      assertThat(text("select state from event")).isEqualTo("unroutable");
      assertThat(number("select count(*) from replay where state = 'done'")).isEqualTo(1);
    }
  }

  @Nested
  class The_operators_interface {

    @Test
    void tells_an_event_with_its_deliveries_and_failed_attempts() {
      salesforce().failNext(1, SalesforceFault.unavailable());
      quote("approved");
      untilQuiet();
      String id = text("select id from event");

      assertThat(Outside.api("/api/events/" + id).body())
          .contains("\"status\":\"approved\"", "HTTP_503", "failed_attempts")
          .contains("\"quote_reference_id\":\"" + KEY)
          .containsPattern("\"received_at\":\"20\\d\\d-");
      assertThat(Outside.api("/api/events/nobody:knows").statusCode()).isEqualTo(404);
      assertThat(Outside.api("/api/targets").body()).contains("salesforce", "database", "email");
    }

    @Test
    void is_for_signed_in_operators_on_the_management_port_only() {
      assertThat(
              sender().send(Outside.apiRequest("/api/events", "wrong").GET().build()).statusCode())
          .isEqualTo(401);
      assertThat(sender().send("/api/replays", WebhookSender.json(), "{}").statusCode())
          .as("the public port knows no operators")
          .isEqualTo(404);
    }

    @Test
    void says_what_is_wrong_with_a_request() {
      assertThat(Outside.api("/api/replays", "{}").statusCode()).isEqualTo(400);
      assertThat(Outside.api("/api/replays", "not json").statusCode()).isEqualTo(400);
      assertThat(Outside.api("/api/deliveries?from=yesterday").statusCode()).isEqualTo(400);
    }
  }
}
