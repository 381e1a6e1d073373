package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A browser in front of the console, and what people do in it on many pages. */
@NeedsChromium
abstract class ConsoleBrowser {

  private static final Path PICTURES = Path.of("target/console");

  static Chromium chromium;

  @BeforeAll
  static void start() {
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
    chromium.close();
  }

  static URI console() {
    return Outside.apiRequest("/", "").build().uri();
  }

  static Page signedIn(String user) {
    return signedIn(user, ColorScheme.LIGHT, 1280);
  }

  static Page signedIn(String user, ColorScheme scheme, int width) {
    Page page = chromium.window(console(), scheme, width);
    page.navigate("/console");
    signIn(page, user);
    assertThat(page).hasTitle("Overview · commerce-webhooks");
    return page;
  }

  static void signIn(Page page, String user) {
    page.getByLabel("Name").fill(user);
    page.getByLabel("Password").fill(user);
    page.getByLabel("Password").press("Enter");
  }

  /** A set that was live once: as the live one, but for the text of one statement. */
  static void earlierSet(String hash, String before) {
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
  static String live() {
    Matcher live =
        Pattern.compile("\"live\":\"(\\w+)\"").matcher(Outside.api("/api/reload").body());
    assertThat(live.find()).isTrue();
    return live.group(1);
  }

  /** An order that Salesforce refuses again and again, but not for good. */
  static void failingOrder(String key) {
    salesforce().failRecords(sent -> true, "DUPLICATE_VALUE", "the same number");
    comes("order-status-changed", key, "draft");
    untilQuiet();
    salesforce().recover();
    Outside.notGivenUpYet("DUPLICATE_VALUE");
  }

  /** Dead letters of one cause: orders O-0, O-1, … whose record Salesforce refuses. */
  static void deadOrders(int count) {
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    for (int i = 0; i < count; i++) {
      comes("order-status-changed", "O-" + i, "completed");
    }
    untilQuiet();
    salesforce().recover();
  }

  static Locator heading(Page page) {
    return page.locator("h1");
  }

  static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  static Locator link(Page page, String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  static void find(Page page, String what) {
    link(page, "Find").click();
    page.getByLabel("Number of a quote").fill(what);
    page.getByLabel("Number of a quote").press("Enter");
  }

  static Page atQuoteRequest(String who) {
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    untilQuiet();
    Page page = signedIn(who);
    find(page, "o90419");
    link(page, "Quote request o90419").click();
    return page;
  }

  static void look(String how, String name, Page page, List<String> findings) {
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
