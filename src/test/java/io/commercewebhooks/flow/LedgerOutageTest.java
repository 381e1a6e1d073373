package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheLedger;
import static io.commercewebhooks.flow.Outside.withoutRoom;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@FlowTest
class LedgerOutageTest {

  @Autowired private CamelContext camel;

  @Test
  void as_shipped_nothing_is_spooled() {
    assertThat(camel.getRoute("intake-spool")).isNull();
    assertThat(api("/actuator/health/spool").body()).contains("UP", "\"on\":false");
  }

  @AfterEach
  void mend() {
    wayToTheLedger().mend();
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-0", "draft");
    // as long as one of the outage is still looked for a connection, only one more is let in
    eventually()
        .until(
            () ->
                IntStream.range(0, 3)
                    .allMatch(i -> sender().zoomCommerce(webhook).statusCode() == 200));
  }

  @Test
  void a_webhook_is_sent_away_with_a_time_to_come_back_and_kept_when_it_does() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    wayToTheLedger().cut();
    HttpResponse<String> refused = sender().zoomCommerce(webhook);
    wayToTheLedger().mend();

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(refused.body())
        .contains("Service Unavailable")
        .doesNotContain("postgres", "Exception");
    eventually().until(() -> sender().zoomCommerce(webhook).statusCode() == 200);
    untilQuiet();
    assertThat(number("select count(*) from event")).isEqualTo(1);
    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
  }

  @Test
  void many_webhooks_at_once_are_all_sent_away() {
    wayToTheLedger().cut();
    List<Integer> answers =
        IntStream.range(0, 60)
            .parallel()
            .mapToObj(
                i ->
                    sender()
                        .zoomCommerce(
                            Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "draft"))
                        .statusCode())
            .toList();

    assertThat(answers).containsOnly(503);
  }

  @Test
  void scripts_of_operators_are_told_that_the_ledger_does_not_answer() {
    wayToTheLedger().cut();
    HttpResponse<String> answer = api("/api/targets");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body())
        .contains("the ledger does not answer")
        .doesNotContain("postgres", "Exception");
  }

  @Test
  void that_the_ledger_has_no_room_for_webhooks_is_said_by_the_health_until_it_has() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    withoutRoom(
        "insert on event for each row",
        () -> {
          assertThat(sender().zoomCommerce(webhook).statusCode()).isEqualTo(503);
          assertThat(api("/actuator/health/keeping").body())
              .contains("DEGRADED", "could not extend file", "since");
        });

    eventually().until(() -> sender().zoomCommerce(webhook).statusCode() == 200);
    assertThat(api("/actuator/health/keeping").body()).contains("UP").doesNotContain("file");
  }

  @Test
  void what_the_ledger_has_no_room_to_note_is_delivered_once_all_the_same() {
    database()
        .execute(
            """
            create sequence refused;
            create function refuse() returns trigger language plpgsql as $$
            begin
              perform nextval('refused');
              raise exception 'could not extend file' using errcode = '53100';
            end $$;
            create trigger refuse before update on delivery
            for each row when (new.state = 'delivered') execute function refuse();
            """);
    try {
      quote("Q-1", "approved");
      eventually().until(() -> number("select last_value from refused") >= 12);
    } finally {
      database().execute("drop function refuse cascade");
      database().execute("drop sequence refused");
    }
    untilQuiet();

    assertThat(mailbox().received()).hasSize(1);
    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
    assertThat(number("select count(*) from delivery where state = 'delivered' and attempts = 1"))
        .isEqualTo(3);
  }

  /** While this is done the ledger can't note that the mail about Q-1 was sent. */
  private static void whileTheMailCanNotBeNoted(Runnable done) {
    withoutRoom(
        """
        update on delivery for each row
        when (new.state = 'delivered' and new.entity = 'quote/Q-1' and new.target = 'email')
        """,
        () -> {
          quote("Q-1", "approved");
          eventually().until(() -> mailbox().count() == 1);
          done.run();
        });
  }

  @Test
  void what_could_not_be_noted_for_hours_is_delivered_once_though_others_are_delivered_by_then() {
    whileTheMailCanNotBeNoted(
        () -> {
          OutsideClock.CLOCK.pass(Duration.ofHours(12));
          quote("Q-2", "approved");
          eventually().until(() -> deliveries("email", "Q-2").equals(List.of("delivered")));
        });
    untilQuiet();

    assertThat(mailbox().received()).hasSize(2);
  }

  @Test
  void a_mail_that_is_being_taken_when_the_ledger_goes_is_sent_once() {
    CountDownLatch taken = new CountDownLatch(1);
    mailbox().lookIntoNext(taken, Duration.ofMinutes(1));
    try {
      quote("Q-1", "approved");
      eventually().until(() -> number("select count(*) from delivery where attempts = 1") == 2);
      eventually()
          .until(
              () ->
                  number(
                          """
                          select count(*) from pg_stat_activity
                          where state = 'idle in transaction'
                          """)
                      > 0);
      String cut = text("select now()::text");
      wayToTheLedger().cut();
      wayToTheLedger().mend();
      eventually()
          .until(
              () ->
                  number(
                          """
                          select count(*) from pg_stat_activity
                          where application_name = 'commerce-webhooks'
                            and backend_start < ?::timestamptz
                          """,
                          cut)
                      == 0);
      // whoever claims this one finds the other free to be claimed again
      String next = Webhooks.zoomCommerce("quote-status-changed", "Q-2", "approved");
      eventually().until(() -> sender().zoomCommerce(next).statusCode() == 200);
      eventually().until(() -> deliveries("email", "Q-2").equals(List.of("delivered")));
      assertThat(deliveries("email", "Q-1")).containsExactly("waiting");
    } finally {
      taken.countDown();
    }
    untilQuiet();

    assertThat(mailbox().received()).hasSize(2);
    assertThat(deliveries("email", "Q-1")).containsExactly("delivered");
  }

  @Test
  void an_object_is_not_set_back_by_a_call_that_was_under_way_when_the_ledger_went()
      throws InterruptedException {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    salesforce().holdUp(call -> call.body().contains("submitted"), inHand, go);
    try {
      quote("Q-1", "submitted");
      inHand.await();
      quote("Q-1", "approved");
      eventually().until(() -> deliveries("salesforce", "Q-1").size() == 2);
      wayToTheLedger().cut();
      wayToTheLedger().mend();
      eventually().until(() -> deliveries("salesforce", "Q-1").contains("superseded"));
    } finally {
      go.countDown();
    }
    untilQuiet();

    assertThat(salesforce().record("Zoom_Quote__c", "Q-1")).containsEntry("Status__c", "approved");
  }

  @Test
  void a_delivery_under_way_when_the_ledger_goes_is_repeated_without_a_second_effect() {
    salesforce().failNext(1, SalesforceFault.hang(Duration.ofSeconds(2)));
    quote("Q-1", "approved");
    eventually().until(() -> number("select count(*) from delivery") == 3);
    wayToTheLedger().cut();
    wayToTheLedger().mend();
    untilQuiet();

    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(1);
    assertThat(number("select count(*) from delivery where state = 'delivered'")).isEqualTo(3);
  }
}
