package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Media;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.sandbox.Webhooks;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What came, found and read in the console. */
@FlowTest
class EventPagesTest extends ConsoleBrowser {

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
  void a_payload_is_printed_whole() {
    Page page = atQuoteRequest("vera");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));

    assertThat(page.locator("pre").evaluate("text => text.scrollHeight > text.clientHeight"))
        .isEqualTo(false);
  }
}
