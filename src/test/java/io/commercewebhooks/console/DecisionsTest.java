package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What operators decide in the console: what goes out again, waits, or is given up. */
@FlowTest
class DecisionsTest extends ConsoleBrowser {

  @Autowired private Balance balance;
  @Autowired private Notices notices;

  @Test
  void a_group_is_sent_again_after_its_cause_is_mended() {
    deadOrders(3);
    Page page = signedIn("otto");

    link(page, "Failures").click();
    assertThat(page.locator("article"))
        .containsText(Pattern.compile("3 dead letters.*A validation rule", Pattern.DOTALL));
    link(page, "Salesforce: FIELD_CUSTOM_VALIDATION_EXCEPTION").click();
    button(page, "Replay all 3").click();
    assertThat(heading(page)).hasText("Replay 3 dead letters?");
    assertThat(salesforce().records("Zoom_Order__c")).as("nothing before the word").isEmpty();
    button(page, "Replay 3").click();

    assertThat(page.locator("#outcome")).containsText("All 3 are taken up");
    untilQuiet();
    assertThat(salesforce().records("Zoom_Order__c")).hasSize(3);
    link(page, "Failures").first().click();
    assertThat(page.locator("main")).containsText("Nothing is dead");
    assertThat(page.locator("main")).containsText("Nothing is failing");
  }

  @Test
  void what_keeps_failing_is_seen_before_it_is_a_dead_letter() {
    failingOrder("O-8");
    Page page = signedIn("vera");

    link(page, "Failures").click();
    assertThat(page.locator("main")).containsText("Nothing is dead");
    assertThat(page.locator("article"))
        .containsText(
            Pattern.compile(
                "1 delivery of order-status-changed.*next try.*merge the two records.*the same"
                    + " number",
                Pattern.DOTALL));
    link(page, "Salesforce: DUPLICATE_VALUE").click();

    assertThat(page.locator("tbody tr")).hasCount(1);
    assertThat(page.locator("tbody tr"))
        .containsText(Pattern.compile("Order O-8.*draft.*the same number", Pattern.DOTALL));
    link(page, "Order O-8").click();
    assertThat(heading(page)).containsText("O-8");
  }

  @Test
  void one_leg_is_sent_again_and_the_timeline_tells_of_each_attempt() {
    deadOrders(1);
    Page page = signedIn("otto");

    find(page, "O-0");
    link(page, "Order O-0").click();
    assertThat(page.locator(".sentence")).containsText("not in Salesforce, in the database");
    button(page, "Replay this delivery").click();
    button(page, "Replay 1").click();
    assertThat(page.locator("#outcome")).containsText("All 1 are taken up");
    untilQuiet();
    find(page, "O-0");
    link(page, "Order O-0").click();

    assertThat(page.locator(".sentence")).containsText("completed: in Salesforce, in the database");
    assertThat(page.locator(".timeline"))
        .containsText(
            Pattern.compile(
                "attempt 1 failed \\(FIELD_CUSTOM_VALIDATION_EXCEPTION\\): Needs an owner"
                    + ".*delivered with attempt 2",
                Pattern.DOTALL));
  }

  @Test
  void what_was_delivered_is_delivered_again_one_by_one_or_all_that_was_found() {
    for (String key : List.of("O-1", "O-2")) {
      comes("order-status-changed", key, "draft");
    }
    untilQuiet();
    Page page = signedIn("otto");

    find(page, "O-1");
    link(page, "Order O-1").click();
    page.locator("article:has-text('Salesforce')").getByText("Deliver it again").click();
    assertThat(heading(page)).hasText("Replay 1 delivery?");
    button(page, "Replay 1").click();
    assertThat(page.locator("#outcome")).containsText("All 1 are taken up");
    untilQuiet();
    find(page, "O-1");
    link(page, "Order O-1").click();
    assertThat(page.locator(".timeline"))
        .containsText(
            Pattern.compile(
                "Salesforce: delivered, before somebody.*Salesforce: delivered with attempt 2",
                Pattern.DOTALL));

    page.navigate("/console/events?state=delivered&target=salesforce&last=24h");
    button(page, "Deliver all of these to Salesforce again").click();
    assertThat(heading(page)).hasText("Replay 2 deliveries?");
    button(page, "Replay 2").click();
    assertThat(page.locator("#outcome")).containsText("All 2 are taken up");
    untilQuiet();
    assertThat(salesforce().writes()).hasSize(5);
  }

  @Test
  void an_event_is_sent_again_from_the_start() {
    deadOrders(1);
    Page page = signedIn("otto");

    find(page, "O-0");
    link(page, "Order O-0").click();
    button(page, "Replay from the start").click();
    assertThat(heading(page)).hasText("Replay 1 event?");
    button(page, "Replay 1").click();

    assertThat(page.locator("#outcome")).containsText("All 1 are taken up");
    untilQuiet();
    assertThat(Outside.deliveries("salesforce", "O-0")).containsExactly("delivered");
    assertThat(salesforce().records("Zoom_Order__c")).hasSize(1);
  }

  /** A replay that goes on for a while, as it is shown. */
  private static Page longReplay(String user) {
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, body, state)
            select 'test:' || n, 'zoom-commerce', 'order-status-changed', 'draft', 'order', 'N-' || n,
                   now(), '{}', '{}', 'routed'
            from generate_series(1, 4000) as n
            """);
    database()
        .update(
            """
            insert into delivery (event_sequence, target, type, entity, occurred_at, state,
                                  cause_code, cause, settled_at)
            select sequence, 'fax', type, 'order/' || entity_key, occurred_at, 'dead', 'BUSY', '', now()
            from event
            """);
    Page page = signedIn(user);
    page.navigate("/console/replay?of=deliveries&target=fax");
    button(page, "Replay 4,000").click();
    assertThat(page.locator("#progress"))
        .containsText(Pattern.compile("[1-9]\\d* of 4,000 are taken up"));
    return page;
  }

  @Test
  void a_replay_shows_its_progress_and_can_be_cancelled_by_the_keyboard() {
    try {
      Page page = longReplay("otto");
      Locator cancel = button(page, "Cancel the replay");
      cancel.focus();
      assertThat(page.locator("#progress"))
          .not()
          .hasText(page.locator("#progress").innerText().strip());
      assertThat(cancel).isFocused();
      cancel.press("Enter");

      assertThat(page.locator("[role=status]")).containsText("Cancelled");
      assertThat(page.locator("#outcome")).containsText("cancelled");
      assertThat(number("select count(*) from delivery where state = 'dead'")).isPositive();
    } finally {
      database().update("delete from delivery where target = 'fax'");
    }
  }

  @Test
  void of_two_who_replay_the_same_one_is_told_that_the_other_took_it() {
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, state, total, done, ended_at)
            values ('otto', 'deliveries', '{"target":"salesforce"}', 'done', 343, 0, now())
            """);
    Page page = signedIn("otto");

    page.navigate("/console/replays/" + text("select max(id) from replay"));

    assertThat(page.locator("#outcome"))
        .containsText("0 of 343 are taken up, the others were no longer there");
  }

  @Test
  void thousands_of_ids_are_there_for_who_asks_for_them() {
    String ids = IntStream.rangeClosed(1, 5_000).mapToObj(Integer::toString).collect(joining(","));
    Outside.api("/api/replays", "{\"deliveries\":{\"ids\":[" + ids + "]}}");
    Page page = signedIn("operator");

    for (String place : List.of("/console/replays", "/console/audit?action=replay")) {
      page.navigate(place);
      assertThat(page.getByText("4999,5000")).not().isVisible();
      page.locator("td summary").click();
      assertThat(page.getByText("4999,5000")).isVisible();
    }
  }

  @Test
  void the_end_of_a_replay_is_told_to_who_watches_it() {
    try {
      Page page = longReplay("otto");
      page.locator("#outcome").evaluate("told => window.told = told");
      Response last =
          page.waitForResponse(
              answer -> answer.status() == 286,
              () ->
                  Outside.api(
                      "/api/replays/" + text("select max(id) from replay") + "/cancel", ""));

      assertThat(page.locator("#outcome")).containsText("cancelled");
      assertThat(button(page, "Cancel the replay")).hasCount(0);
      assertThat(page.evaluate("window.told.isConnected && window.told.ariaLive"))
          .isEqualTo("polite");
      assertThat(last.url()).as("nobody asks again after it").isEqualTo(page.url());
    } finally {
      database().update("delete from delivery where target = 'fax'");
    }
  }

  @Test
  void a_target_is_paused_and_goes_on() {
    quote("Q-1", "draft");
    untilQuiet();
    Page page = signedIn("otto");

    button(page, "Pause Salesforce").click();
    assertThat(page.locator("[role=status]")).hasText("salesforce is paused: its deliveries wait.");
    assertThat(page.locator("article").filter(new Locator.FilterOptions().setHasText("Salesforce")))
        .containsText(Pattern.compile("paused.*paused by otto", Pattern.DOTALL));
    quote("Q-2", "draft");
    Outside.eventually().until(() -> Outside.deliveries("database", "Q-2").contains("delivered"));
    assertThat(Outside.deliveries("salesforce", "Q-2")).containsExactly("waiting");
    find(page, "Q-2");
    assertThat(page.locator("tbody tr")).containsText("Salesforce: held");
    link(page, "Overview").click();
    button(page, "Resume Salesforce").click();

    assertThat(page.locator("[role=status]")).hasText("salesforce goes on.");
    untilQuiet();
    assertThat(Outside.deliveries("salesforce", "Q-2")).containsExactly("delivered");
  }

  @Test
  void a_cause_is_acknowledged_and_operators_get_no_more_mails_about_it() {
    deadOrders(2);
    notices.look();
    Page page = signedIn("otto");

    link(page, "Failures").click();
    link(page, "Salesforce: FIELD_CUSTOM_VALIDATION_EXCEPTION").click();
    page.getByText("Acknowledge: I see to it").click();
    page.getByLabel("How, for the others").fill("asked the admins of the org");
    button(page, "Acknowledge").click();

    assertThat(page.locator("main")).containsText("otto sees to it since");
    assertThat(page.locator("main")).containsText("asked the admins of the org");
    database().update("update notice set told_at = now() - interval '61 minutes', told_count = 1");
    notices.look();
    assertThat(Outside.subjectsTo("operators@example.com")).hasSize(1);

    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    comes("order-status-changed", "O-7", "completed");
    untilQuiet();
    notices.look();
    assertThat(Outside.subjectsTo("operators@example.com"))
        .as("one failed after it was acknowledged")
        .hasSize(2);
  }

  @Test
  void what_is_discarded_is_what_was_asked_about_by_time_too() {
    deadOrders(3);
    database()
        .update(
            "update delivery set booked_at = now() - interval '9 days' where entity <>"
                + " 'order/O-2'");
    Page page = signedIn("otto");

    page.navigate("/console/discard?of=deliveries&from=" + Instant.now().minus(Duration.ofDays(1)));
    assertThat(heading(page)).hasText("Discard 1 dead letter?");
    page.getByLabel("Why").fill("test data");
    button(page, "Discard 1").click();

    assertThat(page.locator("[role=status]")).containsText("Discarded: 1.");
    assertThat(number("select count(*) from delivery where state = 'dead'")).isEqualTo(2);
  }

  @Test
  void what_died_since_somebody_looked_is_not_discarded_unseen() {
    deadOrders(2);
    Page page = signedIn("otto");
    page.navigate("/console/discard?of=deliveries&target=salesforce");
    assertThat(heading(page)).hasText("Discard 2 dead letters?");

    deadOrders(3);
    page.getByLabel("Why").fill("test data");
    button(page, "Discard 2").click();

    assertThat(page.locator("[role=alert]")).containsText("there were 2 then");
    assertThat(heading(page)).hasText("Discard 5 dead letters?");
    assertThat(number("select count(*) from delivery where state = 'dead'")).isEqualTo(5);
    assertThat(page.getByLabel("Why")).hasValue("test data");
    button(page, "Discard 5").click();
    assertThat(page.locator("[role=status]")).containsText("Discarded: 5.");
  }

  @Test
  void dead_letters_and_unroutable_events_are_discarded_for_a_reason() {
    deadOrders(2);
    quote("Q-9", "teleported");
    untilQuiet();
    Page page = signedIn("otto");

    link(page, "Failures").click();
    link(page, "Salesforce: FIELD_CUSTOM_VALIDATION_EXCEPTION").click();
    button(page, "Discard them").click();
    page.getByLabel("Why").fill("test data");
    button(page, "Discard 2").click();
    assertThat(page.locator("[role=status]")).hasText("Discarded: 2.");
    link(page, "Unroutable").click();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Discard quote-status"))
        .click();
    page.getByLabel("Why").fill("a typo at the sender");
    button(page, "Discard 1").click();

    assertThat(page.locator("main")).containsText("Every event found its way.");
    assertThat(number("select count(*) from delivery where cause_code = 'DISCARDED'")).isEqualTo(2);
    find(page, "Q-9");
    link(page, "Quote Q-9").click();
    assertThat(page.locator(".timeline"))
        .containsText("Closed: discarded by otto: a typo at the sender");
    balance.look();
    assertThat(balance.lines()).isNotEmpty().allMatch(line -> line.missing() == 0);
  }

  @Test
  void what_waits_for_a_paused_target_is_found_and_given_up_for_one_audience_alone() {
    assertThat(api("/api/targets/email/pause", "").statusCode()).isEqualTo(204);
    comes("order-status-changed", "O-1", "completed");
    eventually().until(() -> number("select count(*) from delivery where target = 'email'") == 2);
    Page page = signedIn("otto");

    page.navigate("/console/events?state=held&target=email&last=24h");
    button(page, "Discard all of these for e-mail").click();
    assertThat(heading(page)).hasText("Discard 2 deliveries?");
    link(page, "finance").click();
    assertThat(heading(page)).hasText("Discard 1 delivery?");
    page.getByLabel("Why").fill("a rule was a mistake");
    button(page, "Discard 1").click();

    assertThat(page.locator("[role=status]")).hasText("Discarded: 1.");
    api("/api/targets/email/resume", "");
    untilQuiet();
    find(page, "O-1");
    link(page, "Order O-1").click();
    assertThat(page.locator(".sentence")).containsText("mail to finance not sent, discarded");
    assertThat(mailbox().to("finance@example.com")).isEmpty();
    assertThat(mailbox().to("sales@example.com")).hasSize(1);
  }
}
