package io.commercewebhooks.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.quote;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.Webhooks;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What a payload holds, shown and mended in the console. */
@FlowTest
class MendPageTest extends ConsoleBrowser {

  @Autowired private Balance balance;

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
}
