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
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheLedger;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.Media;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.Drift;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What people do in the console, as they do it: with a browser. */
@FlowTest
class ConsoleTest {

  private static final Path PICTURES = Path.of("target/console");

  private static Chromium chromium;

  @Autowired private Balance balance;
  @Autowired private Notices notices;
  @Autowired private Drift drift;

  @BeforeAll
  static void start() {
    assumeTrue(
        Chromium.program().isPresent(),
        "the console is not looked at: there is no Chromium on this machine (apt-get install"
            + " chromium)");
    chromium = Chromium.start();
    // a busy machine is no reason to fail
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
  }

  @AfterEach
  void leave() {
    chromium.closeWindows();
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.close();
    }
  }

  private static URI console() {
    return Outside.apiRequest("/", "").build().uri();
  }

  private static Page signedIn(String user) {
    return signedIn(user, ColorScheme.LIGHT, 1280);
  }

  private static Page signedIn(String user, ColorScheme scheme, int width) {
    Page page = chromium.window(console(), scheme, width);
    page.navigate("/console");
    signIn(page, user);
    assertThat(page).hasTitle("Overview · commerce-webhooks");
    return page;
  }

  private static void signIn(Page page, String user) {
    page.getByLabel("Name").fill(user);
    page.getByLabel("Password").fill(user);
    page.getByLabel("Password").press("Enter");
  }

  /** A bit of everything that can be seen. */
  private void aBitOfEverything() throws IOException {
    comes("account-status-changed", "CRM-7041", "success");
    quote("Q-123", "approved");
    comes("deal-registration-status-changed", "DR-135621", "approved");
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    sender().returnUpdate(Webhooks.file("oracle-commerce/return-partial.json"));
    quote("Q-9", "teleported");
    sender().send("/webhooks/zoom-commerce", Map.of("content-type", "application/json"), "{}");
    untilQuiet();
    salesforce()
        .failRecords(
            sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner " + "x".repeat(200));
    for (int i = 0; i < 3; i++) {
      comes("order-status-changed", "O-" + i, "completed");
    }
    untilQuiet();
    salesforce().recover();
    failingOrder("O-8");
    Outside.api("/api/targets/email/pause", "");
    comes("order-status-changed", "O-77", "completed");
    Outside.eventually()
        .until(() -> Outside.deliveries("salesforce", "O-77").contains("delivered"));
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, state, total, done)
            values ('otto', 'deliveries', '{"target":"salesforce"}', 'cancelled', 214, 87)
            """);
    balance.look();
    drift.look();
    earlierSet("0123456789ab", "-- an earlier one\n");
  }

  /** A set that was live once: as the live one, but for the text of one statement. */
  private static void earlierSet(String hash, String before) {
    String live = live();
    database()
        .update(
            """
            insert into file_text (hash, text)
            select ? || t.hash, ? || text from file_set s
            join file_text t on t.hash = s.files ->> 'config/sql/order-status-changed.sql'
            where s.hash = ? on conflict do nothing
            """,
            hash,
            before,
            live);
    database()
        .update(
            """
            insert into file_set (hash, files, first_live_at)
            select ?, jsonb_set(files, '{config/sql/order-status-changed.sql}',
                                to_jsonb(? || (files ->> 'config/sql/order-status-changed.sql'))),
                   now() - interval '3 days'
            from file_set where hash = ? on conflict do nothing
            """,
            hash,
            hash,
            live);
  }

  /** The set that is live. */
  private static String live() {
    Matcher live =
        Pattern.compile("\"live\":\"(\\w+)\"").matcher(Outside.api("/api/reload").body());
    assertThat(live.find()).isTrue();
    return live.group(1);
  }

  /** An order that Salesforce refuses again and again, but not for good. */
  private static void failingOrder(String key) {
    salesforce().failRecords(sent -> true, "DUPLICATE_VALUE", "the same number");
    comes("order-status-changed", key, "draft");
    untilQuiet();
    salesforce().recover();
    Outside.notGivenUpYet("DUPLICATE_VALUE");
  }

  /** Dead letters of one cause: orders O-0, O-1, … whose record Salesforce refuses. */
  private static void deadOrders(int count) {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    for (int i = 0; i < count; i++) {
      comes("order-status-changed", "O-" + i, "completed");
    }
    untilQuiet();
    salesforce().recover();
  }

  private static Locator heading(Page page) {
    return page.locator("h1");
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator link(Page page, String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static void find(Page page, String what) {
    link(page, "Find").click();
    page.getByLabel("Number of a quote").fill(what);
    page.getByLabel("Number of a quote").press("Enter");
  }

  @Test
  void who_asks_whether_a_quote_arrived_is_told_in_a_sentence() {
    quote("Q-123", "approved");
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "Q-123");
    link(page, "Quote Q-123").click();

    assertThat(page.locator(".sentence"))
        .containsText(
            Pattern.compile(
                "Quote Q-123 approved:\\s+in Salesforce, in the database, mail to sales sent"
                    + " \\d\\d:\\d\\d\\."));
    String record = text("select reference from delivery where target = 'salesforce'");
    assertThat(link(page, record))
        .hasAttribute("href", salesforce().url() + "/lightning/r/" + record + "/view");
    assertThat(page.locator("main button, main [role=button]")).hasCount(0);
  }

  @Test
  void a_number_in_letters_of_any_language_is_found_as_it_is_typed() {
    quote("Q-\u00E9", "approved");
    quote("Q-\u4E2D", "approved");
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "Q-\u00E9");
    assertThat(link(page, "Quote Q-\u00E9")).hasCount(1);
    find(page, "Q-\u4E2D");
    assertThat(link(page, "Quote Q-\u4E2D")).hasCount(1);
  }

  @Test
  void a_number_is_found_whatever_was_copied_along_and_however_its_accents_are_written() {
    quote("Q-123", "approved");
    quote("Q-\u00E9", "approved");
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "\u200E\u00A0Q-123\u00A0\u200B");
    assertThat(link(page, "Quote Q-123")).hasCount(1);
    find(page, "Q-e\u0301");
    assertThat(link(page, "Quote Q-\u00E9")).hasCount(1);
  }

  @Test
  void a_number_that_would_read_as_another_shows_what_turns_it_around() {
    String key = "CRM-\u202Eevil";
    comes("account-status-changed", key, "teleported");
    untilQuiet();
    Page page = signedIn("otto");

    find(page, key);
    link(page, "Account CRM-[U+202E]evil").click();

    assertThat(heading(page)).hasText("Account CRM-[U+202E]evil");
    assertThat(page.locator("pre")).containsText("\"crm_account_number\" : \"CRM-[U+202E]evil\"");
    link(page, "All events about it").click();
    assertThat(link(page, "Account CRM-[U+202E]evil")).hasCount(1);
  }

  @Test
  void when_a_mail_was_sent_is_told_with_its_day_unless_that_is_today() {
    quote("Q-123", "approved");
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "Q-123");
    link(page, "Quote Q-123").click();
    assertThat(page.locator(".sentence"))
        .hasText(Pattern.compile("mail to sales sent \\d\\d:\\d\\d\\."));
    database().update("update delivery set settled_at = timestamptz '2026-05-03 10:02:00Z'");
    page.reload();

    assertThat(page.locator(".sentence")).containsText("mail to sales sent 3 May 2026, 12:02.");
  }

  @Test
  void what_failed_again_and_again_while_its_target_was_on_hold_is_one_line() {
    quote("Q-123", "approved");
    untilQuiet();
    database()
        .update(
            """
            insert into attempt (delivery_id, number, started_at, ended_at, outcome, code, detail)
            select id, n, now(), now() + n * interval '1 minute',
                   case when n < 3 then 'retry' else 'hold' end, 'HTTP_503',
                   case when n = 4000 then 'another' else 'nobody there' end
            from delivery, generate_series(2, 4000) as n where target = 'salesforce'
            """);
    Page page = signedIn("vera");

    find(page, "Q-123");
    link(page, "Quote Q-123").click();

    Locator failed = page.locator(".timeline .bad");
    assertThat(failed).hasCount(3);
    assertThat(failed.nth(1)).containsText("attempts 3 to 3,999 failed, the last");
    assertThat(failed.nth(1)).containsText("(HTTP_503): nobody there");
  }

  @Test
  void an_event_that_was_traced_names_its_trace() {
    quote("Q-123", "approved");
    untilQuiet();
    Page page = signedIn("vera");
    find(page, "Q-123");
    link(page, "Quote Q-123").click();
    assertThat(page.locator("dt").getByText("Trace")).hasCount(0);

    database()
        .update(
            "update event set trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'");
    page.reload();

    assertThat(page.locator("dl").last())
        .containsText(Pattern.compile("Trace\\s*0af7651916cd43dd8448eb211c80319c"));
  }

  @Test
  void an_event_without_a_status_says_so() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "approved"));
    webhook.withObject("/payload/quote").remove("status");
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "Q-9");
    link(page, "Quote Q-9").click();

    assertThat(page.locator(".sentence")).containsText("Quote Q-9 without a status: nobody knows");
  }

  @Test
  void a_mail_that_was_told_before_is_not_said_to_be_overtaken() {
    for (int i = 0; i < 2; i++) {
      quote("Q-124", "returned");
      untilQuiet();
    }
    Page page = signedIn("vera");

    page.navigate("/console/events/" + text("select id from event order by sequence desc limit 1"));

    assertThat(page.locator(".sentence")).containsText("mail to sales not sent again, told before");
  }

  @Test
  void a_person_is_found_by_an_address_that_stands_in_no_address() {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    Page page = signedIn("vera");

    find(page, "KIM@example.com");

    assertThat(link(page, "Quote request o90419")).isVisible();
    assertThat(page.url()).endsWith("/console/find");
    link(page, "Quote request o90419").click();
    assertThat(page.locator("pre")).containsText("Product_18Cxi");
    assertThat(page.locator("body")).not().containsText("Anderson");
  }

  @Test
  void the_older_events_of_a_person_are_narrowed_as_the_newest_were() {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, body, state, people)
            select 'test:' || n, 'zoom-commerce', 'order-status-changed',
                   case when n % 2 = 0 then 'draft' else 'completed' end, 'order', 'N-' || n,
                   now(), '{}', '{}', 'routed', (select people from event where sender like 'oracle%')
            from generate_series(1, 120) as n
            """);
    Page page = signedIn("vera");

    link(page, "Find").click();
    page.getByLabel("Number of a quote").fill("kim@example.com");
    page.getByText("Narrow it").click();
    page.locator("select[name=status]").selectOption("draft");
    button(page, "Find").click();
    assertThat(page.locator("tbody tr")).hasCount(50);
    button(page, "Older").click();

    assertThat(page.locator("tbody tr")).hasCount(10);
  }

  @Test
  void what_is_long_goes_on_with_older_ones_and_can_be_narrowed() {
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               received_at, attributes, body, state)
            select 'test:' || n, 'zoom-commerce', 'order-status-changed',
                   case when n % 2 = 0 then 'draft' else 'completed' end, 'order', 'N-' || n,
                   now(), timestamptz '2026-05-03 10:02:00Z' + n * interval '1 minute', '{}', '{}',
                   'routed'
            from generate_series(1, 120) as n
            """);
    Page page = signedIn("vera");

    link(page, "Find").click();
    assertThat(page.locator("tbody tr")).hasCount(50);
    assertThat(page.locator("tbody tr").first()).containsText("Order N-120");
    link(page, "Older").click();
    assertThat(page.locator("tbody tr").first()).containsText("Order N-70");
    link(page, "Older").click();
    assertThat(page.locator("tbody tr")).hasCount(20);
    assertThat(link(page, "Older")).hasCount(0);
    link(page, "Newest").click();
    page.getByText("Narrow it").click();
    page.locator("select[name=status]").selectOption("draft");
    page.getByLabel("From").fill("2026-05-03T13:00");
    page.getByLabel("To").fill("2026-05-03T13:11");
    button(page, "Find").click();

    assertThat(page.locator("tbody tr")).hasCount(6);
    assertThat(page.locator("tbody tr").last())
        .containsText(Pattern.compile("3 May 2026, 13:00.*Order N-58.*draft", Pattern.DOTALL));
    page.locator("select[name=last]").selectOption("30d");
    page.getByLabel("To").fill("");
    page.getByLabel("From").fill("2999-05-03T13:00");
    button(page, "Find").click();
    assertThat(page.locator(".empty")).containsText("Nothing fits");
  }

  @Test
  void the_times_in_the_link_of_somebody_elsewhere_mean_the_same_here() {
    quote("Q-9", "approved");
    untilQuiet();
    database().update("update event set received_at = timestamptz '2026-05-03 12:02:00Z'");
    Page page = signedIn("vera");

    page.navigate(
        "/console/events?from=2026-05-03T08:00&to=2026-05-03T08:05&zone=America/New_York");
    assertThat(page.locator("tbody tr")).containsText("3 May 2026, 14:02");
    assertThat(page.getByLabel("From")).hasValue("2026-05-03T14:00");
    assertThat(page.getByLabel("To")).hasValue("2026-05-03T14:05");
    button(page, "Find").click();

    assertThat(page.locator("tbody tr")).containsText("3 May 2026, 14:02");
  }

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
  void a_payload_is_mended_without_seeing_the_person_and_only_the_dead_leg_goes_out_again() {
    salesforce()
        .failRecords(
            sent -> sent.fields().path("Oracle_Request_Channel__c").asText().equals("agent"),
            "FIELD_INTEGRITY_EXCEPTION",
            "no agents");
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    String before = text("select body from event");
    int mails = mailbox().received().size();
    Page page = signedIn("otto");

    find(page, "o90419");
    link(page, "Quote request o90419").click();
    button(page, "Mend the payload").click();
    Locator payload = page.getByLabel("Payload");
    assertThat(payload.inputValue()).contains("[masked 1]").doesNotContain("Anderson");
    payload.fill(payload.inputValue().replace("\"agent\"", "\"web\""));
    button(page, "See the difference").click();
    assertThat(page.locator("tbody tr"))
        .hasText(Pattern.compile("/requestChannel\\s*\"agent\"\\s*\"web\""));
    page.getByLabel("Why").fill("ticket 4711");
    button(page, "Mend and deliver").click();

    assertThat(page.locator("[role=status]")).containsText("Mended");
    untilQuiet();
    assertThat(salesforce().record("Opportunity", "o90419").toString())
        .contains("web", "Anderson", "kim@example.com");
    assertThat(text("select body from event where mended_from is null")).isEqualTo(before);
    assertThat(mailbox().received()).as("nobody hears twice").hasSize(mails);
    assertThat(Outside.deliveries("salesforce", "o90419"))
        .containsExactly("superseded", "delivered");
    assertThat(text("select detail from audit where action = 'mend' order by id desc"))
        .contains("ticket 4711", "/requestChannel");
    balance.look();
    assertThat(balance.lines()).isNotEmpty().allMatch(line -> line.missing() == 0);
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

  private Page atQuoteRequest(String who) {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    Page page = signedIn(who);
    find(page, "o90419");
    link(page, "Quote request o90419").click();
    return page;
  }

  @Test
  void a_person_is_shown_for_a_reason_that_the_admin_reads_in_the_audit() {
    Page page = atQuoteRequest("operator");
    page.getByText("Show persons").click();
    page.getByLabel("Why you need to see them").fill("ticket 4712");
    button(page, "Show").click();
    assertThat(page.locator("pre")).containsText("Anderson");
    link(page, "Audit").click();

    assertThat(page.locator("tbody tr").first())
        .containsText(Pattern.compile("operator.*reveal.*ticket 4712", Pattern.DOTALL));
  }

  @Test
  void a_payload_is_printed_whole() {
    Page page = atQuoteRequest("vera");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));

    assertThat(page.locator("pre").evaluate("text => text.scrollHeight > text.clientHeight"))
        .isEqualTo(false);
  }

  @Test
  void what_can_not_be_shown_is_said_on_a_page() {
    Page page = signedIn("operator");

    assertSaid(page, "/console/nowhere", 404, "Nothing there");
    assertSaid(page, "/console/events/nobodys", 404, "Nothing there");
    assertSaid(page, "/console/events/nobodys/mend", 409, "It can't be mended");
    assertSaid(page, "/console/events?last=99999999999999999h", 404, "Nothing there");
    assertSaid(page, "/console/events?q=%00", 400, "Not understood");
    assertSaid(page, "/console/failures/cause?target=fax&code=X", 404, "Nothing there");
    assertSaid(page, "/console/failures/failing?target=fax&code=X", 404, "Nothing there");
    assertSaid(page, "/console/failures/cause", 400, "Not understood");
    assertSaid(page, "/console/replay?of=deliveries&ids=x", 400, "Not understood");
    assertSaid(page, "/console/replays/1", 404, "Nothing there");
    assertSaid(page, "/console/drift?before=x", 400, "Not understood");
    assertSaid(page, "/console/files/nobodys", 404, "Nothing there");
    assertSaid(page, "/console/audit?before=x", 400, "Not understood");
    wayToTheLedger().cut();
    assertSaid(page, "/console", 503, "The ledger does not answer");
  }

  private static void assertSaid(Page page, String address, int status, String title) {
    assertThat(page.navigate(address).status()).as(address).isEqualTo(status);
    assertThat(heading(page)).hasText(title);
    assertThat(link(page, "To the overview")).isVisible();
  }

  @Test
  void what_was_mended_already_is_not_mended_again() {
    quote("Q-9", "teleported");
    untilQuiet();
    Page first = signedIn("otto");
    Page second = signedIn("operator");

    for (Page page : List.of(first, second)) {
      find(page, "Q-9");
      link(page, "Quote Q-9").click();
      button(page, "Mend the payload").click();
      Locator payload = page.getByLabel("Payload");
      payload.fill(payload.inputValue().replace("teleported", "returned"));
      button(page, "See the difference").click();
      page.getByLabel("Why").fill("a typo at the sender");
    }
    button(first, "Mend and deliver").click();
    assertThat(first.locator("[role=status]")).containsText("Mended");
    button(second, "Mend and deliver").click();

    assertThat(heading(second)).hasText("It can't be mended");
    link(second, "Back").click();
    assertThat(second.locator("main")).containsText("It was mended as");
    untilQuiet();
    assertThat(number("select count(*) from event where mended_from is not null")).isEqualTo(1);
  }

  /** An edited copy of the payload of Q-9, which nobody can route. */
  private static Page mending(String user) {
    quote("Q-9", "teleported");
    untilQuiet();
    Page page = signedIn(user);
    find(page, "Q-9");
    link(page, "Quote Q-9").click();
    button(page, "Mend the payload").click();
    Locator payload = page.getByLabel("Payload");
    payload.fill(payload.inputValue().replace("teleported", "returned"));
    return page;
  }

  @Test
  void a_button_that_is_pressed_twice_is_meant_once() {
    Page page = mending("otto");
    button(page, "See the difference").dblclick();
    assertThat(page.locator("#difference")).isInViewport();
    page.getByLabel("Why").fill("a typo at the sender");
    button(page, "Mend and deliver").dblclick();

    assertThat(page.locator("[role=status]")).containsText("Mended");
  }

  @Test
  void what_was_mended_outlives_a_session_that_is_over() {
    Page page = mending("otto");
    page.context().clearCookies();
    button(page, "See the difference").click();
    assertThat(heading(page)).hasText("This page was open for too long");
    link(page, "Back").click();
    signIn(page, "otto");

    assertThat(page.getByLabel("Payload")).hasValue(Pattern.compile("returned"));
    button(page, "See the difference").click();
    assertThat(page.locator("tbody tr")).containsText("returned");
  }

  @Test
  void who_signs_in_on_a_page_of_yesterday_is_asked_again() {
    Page page = chromium.window(console(), ColorScheme.LIGHT, 1280);
    page.navigate("/console/login");
    page.context().clearCookies();
    signIn(page, "vera");
    assertThat(heading(page)).hasText("This page was open for too long");
    link(page, "Back").click();
    signIn(page, "vera");

    assertThat(heading(page)).hasText("Overview");
  }

  @Test
  void a_payload_of_nearly_a_megabyte_is_mended() {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    Webhooks.fill(webhook.withObject("/payload/quote"), webhook, 950_000);
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    Page page = signedIn("otto");

    find(page, "Q-9");
    link(page, "Quote Q-9").click();
    button(page, "Mend the payload").click();
    page.getByLabel("Payload")
        .evaluate("area => area.value = area.value.replace('teleported', 'returned')");
    button(page, "See the difference").click();
    page.getByLabel("Why").fill("a typo at the sender");
    button(page, "Mend and deliver").click();

    assertThat(page.locator("[role=status]")).containsText("Mended");
    untilQuiet();
    assertThat(Outside.deliveries("salesforce", "Q-9")).containsExactly("delivered");
  }

  @Test
  void what_no_route_has_seen_yet_is_on_the_overview() {
    database()
        .update(
            """
            insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                               attributes, body, state, next_attempt_at)
            values ('test:1', 'zoom-commerce', 'order-status-changed', 'completed', 'order', 'N-1',
                    now(), '{}', '{}', 'received', now() + interval '1 hour')
            """);
    Page page = signedIn("vera");

    assertThat(page.locator(".tiles")).not().containsText("nothing waits");
    link(page, "1 to be routed").click();
    assertThat(page.locator("tbody tr")).containsText("Order N-1");
    database().update("delete from event");
  }

  @Test
  void what_is_collected_for_a_digest_is_not_said_to_be_late() {
    quote("Q-1", "approved");
    untilQuiet();
    database()
        .update(
            """
            update delivery set state = 'waiting', settled_at = null, digest = 'tomorrow',
                                booked_at = now() - interval '20 hours',
                                next_attempt_at = now() + interval '4 hours'
            where target = 'email'
            """);
    Page page = signedIn("vera");

    assertThat(page.locator(".tiles")).containsText("collected for digests");
    assertThat(page.locator("main")).not().containsText("hours ago");
    find(page, "Q-1");
    link(page, "Quote Q-1").click();
    assertThat(page.locator(".sentence")).containsText("mail to sales waits for its digest.");
  }

  @Test
  void the_balance_says_of_when_it_is() {
    balance.look();
    quote("Q-1", "approved");
    untilQuiet();
    Locator section = signedIn("vera").locator("section[aria-labelledby=balance]");

    assertThat(section).containsText(Pattern.compile("As of .*There was no event", Pattern.DOTALL));
  }

  @Test
  void who_signs_in_while_the_ledger_is_away_is_told_so() {
    Page page = chromium.window(console(), ColorScheme.LIGHT, 1280);
    page.navigate("/console");
    wayToTheLedger().cut();
    signIn(page, "otto");

    assertThat(heading(page)).hasText("The ledger does not answer");
  }

  @Test
  void a_viewer_changes_nothing_and_is_told_so() {
    deadOrders(1);
    Page page = signedIn("vera");

    page.navigate("/console/replay?of=deliveries&target=salesforce");
    button(page, "Replay 1").click();

    assertThat(heading(page)).hasText("Not allowed");
    page.navigate("/console/audit");
    assertThat(heading(page)).hasText("Not allowed");
    assertThat(number("select count(*) from replay")).isZero();
  }

  @Test
  void the_keyboard_alone_is_enough() {
    Page page = signedIn("vera");

    page.reload();
    page.keyboard().press("Tab");
    assertThat(link(page, "Skip to content")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("main")).isFocused();
    page.keyboard().press("Tab");
    assertThat(link(page, "Refresh")).isFocused();
  }

  @Test
  void what_is_called_a_button_is_pressed_with_the_space_bar() {
    deadOrders(1);
    Page page = signedIn("otto");
    page.navigate("/console/failures");
    link(page, "Salesforce: FIELD_CUSTOM_VALIDATION_EXCEPTION").click();

    button(page, "Replay it").press(" ");

    assertThat(heading(page)).hasText("Replay 1 dead letter?");
  }

  private static final String ORDERS = "routes/routing/order-status-changed.camel.yaml";

  /** Opens the routing of orders in the preview, and changes it. */
  private static void edit(Page page, String what, String by) {
    link(page, "Preview").click();
    page.locator("select[name=open]").selectOption(ORDERS);
    button(page, "Open").click();
    Locator text = page.locator("textarea[name=text]");
    String written = text.inputValue();
    assertThat(written).contains(what);
    text.fill(written.replace(what, by));
  }

  @Test
  void a_changed_rule_is_tried_out_over_events_that_came_and_nobody_outside_hears_of_it() {
    for (String status : List.of("failed", "submitted", "submitted")) {
      comes("order-status-changed", "O-" + status, status);
    }
    untilQuiet();
    int mails = mailbox().received().size();
    long calls = salesforce().calls();
    Page page = signedIn("operator");

    edit(page, "== 'failed'\"", "in 'failed,submitted'\"");
    Locator text = page.locator("textarea[name=text]");
    text.fill(text.inputValue().replace("in 'draft,submitted'", "== 'draft'"));
    page.locator("select[name=type]").selectOption("order-status-changed");
    button(page, "Run the preview").click();

    Locator result = page.locator("#result");
    assertThat(result.locator(".sentence")).hasText("2 of 3 events would change.");
    assertThat(result.locator("table").first()).containsText("mails[sales-operations]");
    assertThat(result.locator("details.tried")).hasCount(3);
    result.locator("details.tried > summary").first().click();
    result.getByText("Mail to sales-operations").first().click();
    FrameLocator mail = page.locator("iframe").first().contentFrame();
    assertThat(mail.locator("body")).containsText("O-submitted");
    assertThat(result.locator("details.tried").first())
        .containsText(
            Pattern.compile("Salesforce: PATCH.*routing-order-status-changed", Pattern.DOTALL));
    assertThat(mailbox().received()).hasSize(mails);
    assertThat(salesforce().calls()).isEqualTo(calls);
    List<String> findings = new ArrayList<>();
    look("light", "previewed", page, findings);
    assertThat(findings).isEmpty();
  }

  @Test
  void a_preview_in_a_session_that_is_over_says_so() {
    Page page = signedIn("otto");
    link(page, "Preview").click();
    page.context().clearCookies();
    button(page, "Run the preview").click();

    assertThat(heading(page)).hasText("This page was open for too long");
  }

  @Test
  void a_mistake_in_a_previewed_file_is_shown_where_it_is() {
    comes("order-status-changed", "O-1", "draft");
    untilQuiet();
    Page page = signedIn("operator");

    edit(page, "choice:", "choise:");
    page.locator("select[name=type]").selectOption("order-status-changed");
    button(page, "Run the preview").click();

    assertThat(page.locator("#result .problem"))
        .containsText(Pattern.compile(ORDERS + ", line \\d+", Pattern.DOTALL));
    assertThat(page.locator("#result mark")).containsText("choise:");
  }

  @Test
  void a_pasted_payload_is_tried_out_and_one_that_is_no_json_says_so() {
    Page page = signedIn("otto");

    link(page, "Preview").click();
    page.getByLabel("A payload").check();
    page.getByLabel("Type of the event").fill("order-status-changed");
    page.locator("textarea[name=payload]").fill("{\"event\":");
    button(page, "Run the preview").click();
    assertThat(page.locator("#result .problem")).containsText("no JSON");
    page.locator("textarea[name=payload]")
        .fill(Webhooks.zoomCommerce("order-status-changed", "O-4711", "completed"));
    button(page, "Run the preview").click();

    assertThat(page.locator("#result .tried")).containsText("O-4711");
    assertThat(page.locator("#result .tried")).containsText("Mail to finance");
    assertThat(number("select count(*) from event")).isZero();
  }

  @Test
  void changed_routes_are_tried_out_by_an_admin_alone_and_files_from_a_disk_find_their_place() {
    Page page = signedIn("otto");
    link(page, "Preview").click();

    page.locator("input[type=file]")
        .setInputFiles(
            new FilePayload(
                "order-status-changed.camel.yaml", "text/yaml", "- route: {}\n".getBytes()));
    assertThat(page.locator("input[name=file]")).hasValue(ORDERS);
    assertThat(page.locator("textarea[name=text]")).hasValue("- route: {}\n");
    button(page, "Run the preview").click();

    assertThat(page.locator("#result .problem")).containsText("only an admin");
    button(page, "Take it out").click();
    assertThat(page.locator("input[name=file]")).hasCount(0);
    Page viewer = signedIn("vera");
    assertThat(link(viewer, "Preview")).hasCount(0);
    viewer.navigate("/console/preview");
    assertThat(heading(viewer)).hasText("Not allowed");
  }

  @Test
  void an_earlier_set_is_put_back_for_a_reason_and_the_files_go_live_again() {
    String files = live();
    earlierSet("abcdefabcdef", "-- as it was\n");
    Page page = signedIn("operator");
    try {
      link(page, "Files").click();
      link(page, "abcdefabcdef").click();
      assertThat(page.locator(".difference")).containsText("+-- as it was");
      page.getByLabel("Why").fill("ticket 4713");
      button(page, "Put it back live").click();

      assertThat(page.locator("[role=status]")).containsText("abcdefabcdef is live");
      assertThat(page.locator("article")).containsText(files);
      assertThat(live()).isEqualTo("abcdefabcdef");
      comes("order-status-changed", "O-1", "draft");
      untilQuiet();
      assertThat(text("select files from event")).isEqualTo("abcdefabcdef");
      button(page, "Reload the files").click();
      assertThat(page.locator("[role=status]")).containsText("abcdefabcdef stays live");
      page.getByLabel("Why").fill("ticket 4714");
      button(page, "End the rollback").click();

      assertThat(page.locator("[role=status]")).containsText("live again");
      assertThat(live()).isEqualTo(files);
      assertThat(text("select detail from audit where action = 'rollback' order by id desc"))
          .contains("ticket 4713");
      assertThat(text("select detail from audit where action = 'end-rollback' order by id desc"))
          .contains("ticket 4714");
    } finally {
      database().update("delete from file_set_rollback");
      Outside.api("/api/reload", "");
    }
  }

  @Test
  void what_keeps_a_set_from_going_live_is_on_the_page_and_only_an_admin_decides() {
    String files = live();
    earlierSet("badbadbadbad", "");
    database()
        .update(
            """
            insert into file_text (hash, text) values ('broken', 'let x = {') on conflict do nothing
            """);
    database()
        .update(
            """
            update file_set set files = jsonb_set(
              files, '{config/mappings/order-status-changed-to-email.jslt}', '"broken"')
            where hash = 'badbadbadbad'
            """);
    Page page = signedIn("operator");
    try {
      page.navigate("/console/files/badbadbadbad");
      page.getByLabel("Why").fill("a mistake");
      button(page, "Put it back live").click();

      assertThat(page.locator(".problem"))
          .containsText("config/mappings/order-status-changed-to-email.jslt");
      assertThat(live()).isEqualTo(files);
    } finally {
      database().update("delete from file_set_rollback");
      Outside.api("/api/reload", "");
    }
    button(page, "Reload the files").click();
    assertThat(page.locator("[role=status]")).containsText("are live");
    assertThat(page.locator(".problem")).hasCount(0);
    Page operator = signedIn("otto");
    link(operator, "Files").click();
    assertThat(button(operator, "Reload the files")).hasCount(0);
  }

  @Test
  void what_the_schemas_do_not_know_is_told_with_an_example_and_dismissed() throws IOException {
    comes("order-status-changed", "O-1", "teleported");
    untilQuiet();
    drift.look();
    Page page = signedIn("otto");

    link(page, "Drift").click();
    assertThat(page.locator("tbody tr"))
        .containsText(
            Pattern.compile("payload.order.status.*new value: teleported", Pattern.DOTALL));
    link(page, "the last event").click();
    assertThat(heading(page)).hasText("Order O-1");
    page.goBack();
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Dismiss")).click();

    assertThat(page.locator("[role=status]")).containsText("Dismissed");
    assertThat(page.locator("main")).containsText("Senders send what their documents say");
    assertThat(number("select count(*) from audit where action = 'dismiss' and actor = 'otto'"))
        .isEqualTo(1);
  }

  @Test
  void the_map_counts_on_while_somebody_looks() {
    Page page = signedIn("vera");
    link(page, "Map").click();
    Locator step =
        page.locator("tr", new Page.LocatorOptions().setHasText("routing-order-status-changed"))
            .locator("li", new Locator.LocatorOptions().setHasText("deliveries:salesforce"));
    assertThat(page.locator("svg.ways")).isVisible();
    long before = Long.parseLong(step.locator("strong").innerText().replaceAll("\\D", ""));

    comes("order-status-changed", "O-1", "draft");

    assertThat(step).containsText("%,d".formatted(before + 1));
  }

  @Test
  void an_event_names_its_set_shows_what_is_sent_and_becomes_a_case_of_the_tests()
      throws IOException {
    comes("order-status-changed", "O-1", "completed");
    untilQuiet();
    Page page = signedIn("otto");

    find(page, "O-1");
    link(page, "Order O-1").click();
    assertThat(link(page, live()).first()).hasAttribute("href", "/console/files/" + live());
    Download packed = page.waitForDownload(() -> button(page, "Make a test case of it").click());
    try (ZipFile zip = new ZipFile(packed.path().toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName))
          .singleElement()
          .asString()
          .matches("src/test/resources/cases/order-status-changed/completed-\\d+/webhook.json");
    }
    button(page, "Show what is sent").click();

    assertThat(page.locator("iframe").first().contentFrame().locator("body")).containsText("O-1");
    assertThat(page.locator("main")).containsText("Mail to finance");
    page.getByText("Salesforce: PATCH").click();
    assertThat(page.locator("main")).containsText("Zoom_Order_Id__c");
    List<String> findings = new ArrayList<>();
    look("light", "event-mails", page, findings);
    assertThat(findings).isEmpty();
  }

  private static Map<String, String> pages() {
    String dead = text("select e.id from event e where entity_key = 'O-1'");
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("overview", "/console");
    pages.put("find", "/console/events");
    pages.put("find-narrowed", "/console/events?type=order-status-changed&state=dead");
    pages.put("find-nothing", "/console/events?q=Q-404");
    pages.put(
        "event",
        "/console/events/" + text("select id from event where entity_kind = 'quote-request'"));
    pages.put("event-dead", "/console/events/" + dead);
    pages.put("mend", "/console/events/" + dead + "/mend");
    pages.put("failures", "/console/failures");
    pages.put(
        "cause",
        "/console/failures/cause?target=salesforce&code=FIELD_CUSTOM_VALIDATION_EXCEPTION");
    pages.put("failing", "/console/failures/failing?target=salesforce&code=DUPLICATE_VALUE");
    pages.put("replay", "/console/replay?of=deliveries&target=salesforce");
    pages.put("discard", "/console/discard?of=deliveries&target=salesforce");
    pages.put("unroutable", "/console/unroutable");
    pages.put("rejected", "/console/rejected");
    pages.put("replays", "/console/replays");
    pages.put("replay-progress", "/console/replays/" + text("select max(id) from replay"));
    pages.put("drift", "/console/drift");
    pages.put("map", "/console/map");
    pages.put("files", "/console/files");
    pages.put("file-set", "/console/files/0123456789ab");
    pages.put("preview", "/console/preview");
    pages.put("audit", "/console/audit");
    pages.put("nothing", "/console/nowhere");
    return pages;
  }

  @Test
  void every_page_can_be_used_by_everybody_in_light_and_dark_and_on_a_phone() throws IOException {
    aBitOfEverything();
    List<String> findings = new ArrayList<>();
    Map<String, String> pages = pages();
    look("light", signedIn("operator", ColorScheme.LIGHT, 1280), pages, findings);
    look("dark", signedIn("operator", ColorScheme.DARK, 1280), pages, findings);
    look("phone", signedIn("operator", ColorScheme.LIGHT, 390), pages, findings);
    Outside.api("/api/targets/email/resume", "");

    assertThat(findings).isEmpty();
  }

  private static void look(
      String how, Page page, Map<String, String> pages, List<String> findings) {
    Consumer<ConsoleMessage> complaints =
        said -> {
          if (said.type().equals("error") && !said.text().contains("404")) {
            findings.add("%s %s: %s".formatted(how, page.url(), said.text()));
          }
        };
    Page stranger =
        chromium.window(console(), how.equals("dark") ? ColorScheme.DARK : ColorScheme.LIGHT, 1280);
    stranger.navigate("/console/login");
    look(how, "sign-in", stranger, findings);
    pages.forEach(
        (name, address) -> {
          page.onConsoleMessage(complaints);
          page.navigate(address);
          // taking pictures puts styles into the page
          page.offConsoleMessage(complaints);
          look(how, name, page, findings);
        });
    page.context().close();
    stranger.context().close();
  }

  private static void look(String how, String name, Page page, List<String> findings) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(PICTURES.resolve("%s-%s.png".formatted(name, how))));
    Object tooWide =
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth");
    if (Boolean.TRUE.equals(tooWide)) {
      findings.add("%s %s: is wider than the screen".formatted(how, name));
    }
    Object cut =
        page.evaluate(
            "[...document.querySelectorAll('.scroll:has(table)')].filter("
                + "e => e.scrollWidth > e.clientWidth).map(e => e.innerText.slice(0, 40)).join()");
    if (!"".equals(cut)) {
      findings.add("%s %s: a table is wider than its place: %s".formatted(how, name, cut));
    }
    if (how.equals("phone")) {
      return;
    }
    // the scan waits for ever for a frame that may run no script
    page.evaluate("document.querySelectorAll('iframe').forEach(frame => frame.remove())");
    new AxeBuilder(page)
        .setLegacyMode(true).analyze().getViolations().stream()
            .filter(
                rule ->
                    List.of("serious", "critical").contains(rule.getImpact())
                        // a place of the same name twice in the list of a screen reader
                        || rule.getId().equals("landmark-unique"))
            .forEach(
                rule ->
                    findings.add(
                        "%s %s: %s, %s, at %s"
                            .formatted(
                                how,
                                name,
                                rule.getId(),
                                rule.getHelp(),
                                rule.getNodes().stream()
                                    .map(node -> node.getTarget() + " " + node.getHtml())
                                    .limit(3)
                                    .toList())));
  }
}
