package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What people do in the console, as they do it: with a browser. */
@FlowTest
class ConsoleTest {

  private static final Path PICTURES = Path.of("target/console");

  private static Chromium chromium;

  @Autowired private Balance balance;

  @BeforeAll
  static void start() {
    assumeTrue(
        Chromium.program().isPresent(),
        "the console is not looked at: there is no Chromium on this machine (apt-get install chromium)");
    chromium = Chromium.start();
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
    page.getByLabel("Name").fill(user);
    page.getByLabel("Password").fill(user);
    page.getByLabel("Password").press("Enter");
    assertThat(page).hasTitle("Overview · commerce-webhooks");
    return page;
  }

  /** A bit of everything that can be seen. */
  private void aBitOfEverything() {
    sender().zoomCommerce(Webhooks.zoomCommerce("account-status-changed", "CRM-7041", "success"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-123", "approved"));
    sender()
        .zoomCommerce(
            Webhooks.zoomCommerce("deal-registration-status-changed", "DR-135621", "approved"));
    sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"));
    sender().returnUpdate(Webhooks.file("oracle-commerce/return-partial.json"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-9", "teleported"));
    sender().send("/webhooks/zoom-commerce", Map.of("content-type", "application/json"), "{}");
    untilQuiet();
    salesforce().failRecords(sent -> true, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs an owner");
    for (int i = 0; i < 3; i++) {
      sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-" + i, "completed"));
    }
    untilQuiet();
    salesforce().recover();
    Outside.api("/api/targets/email/pause", "");
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-77", "completed"));
    Outside.eventually()
        .until(() -> Outside.deliveries("salesforce", "O-77").contains("delivered"));
    database()
        .update(
            """
            insert into replay (created_by, kind, filter, state, total, done)
            values ('otto', 'deliveries', '{"target":"salesforce"}', 'cancelled', 214, 87)
            """);
    balance.look();
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
    pages.put("replay", "/console/replay?of=deliveries&target=salesforce");
    pages.put("discard", "/console/discard?of=deliveries&target=salesforce");
    pages.put("unroutable", "/console/unroutable");
    pages.put("rejected", "/console/rejected");
    pages.put("replays", "/console/replays");
    pages.put("replay-progress", "/console/replays/" + text("select max(id) from replay"));
    pages.put("audit", "/console/audit");
    pages.put("nothing", "/console/nowhere");
    return pages;
  }

  @Test
  void every_page_can_be_used_by_everybody_in_light_and_dark_and_on_a_phone() {
    aBitOfEverything();
    List<String> findings = new ArrayList<>();
    Map<String, String> pages = pages();
    look("light", signedIn("operator", ColorScheme.LIGHT, 1280), pages, findings);
    look("dark", signedIn("operator", ColorScheme.DARK, 1280), pages, findings);
    look("phone", signedIn("operator", ColorScheme.LIGHT, 390), pages, findings);

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
    new AxeBuilder(page)
        .analyze().getViolations().stream()
            .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
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
