package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.comes;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.Drift;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What an engineer tries out, puts back and is told of in the console. */
@FlowTest
class WorkbenchPagesTest extends ConsoleBrowser {

  @Autowired private Drift drift;

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
}
