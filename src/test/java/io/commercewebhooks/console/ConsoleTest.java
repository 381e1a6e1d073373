package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheLedger;
import static io.commercewebhooks.flow.Outside.withoutRoom;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.Drift;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The console as a whole: who may do what, by which means, and how its pages look. */
@FlowTest
class ConsoleTest extends ConsoleBrowser {

  @Autowired private Balance balance;
  @Autowired private Drift drift;

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
  void that_the_ledger_has_no_room_for_webhooks_is_on_the_overview_until_it_has() {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft");
    Page page = signedIn("vera");
    withoutRoom(
        "insert on event for each row",
        () -> {
          sender().zoomCommerce(webhook);
          page.reload();
          assertThat(page.locator("[role=alert]")).containsText("could not extend file");
          List<String> findings = new ArrayList<>();
          look("light", "unkept", page, findings);
          assertThat(findings).isEmpty();
        });

    eventually().until(() -> sender().zoomCommerce(webhook).statusCode() == 200);
    page.reload();
    assertThat(page.locator("[role=alert]")).hasCount(0);
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
}
