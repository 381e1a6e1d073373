package io.commercewebhooks.hostile;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.everyTable;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.WebhookSender;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * What an attacker who has read the source may send, byte for byte. Whatever is answered, nothing
 * of it may arrive anywhere, and the next webhook is served as if nothing had been.
 */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class HostileSuiteTest {

  /** Stands in every hostile name and value, and is to be found nowhere afterwards. */
  private static final String MARK = "marked";

  private static final List<String> READERS =
      List.of(
          "sales@example.com",
          "sales-operations@example.com",
          "sales-management@example.com",
          "customer-service@example.com",
          "finance@example.com",
          "finance-management@example.com",
          "operators@example.com");

  @Value("${local.server.port}")
  private int port;

  @Value("${local.management.port}")
  private int managementPort;

  @Test
  void there_are_hundreds_of_recipes_and_no_two_of_a_file_have_the_same_name() {
    assertThat(Recipe.all()).hasSizeGreaterThan(400);
    assertThat(Recipe.all().stream().map(Recipe::toString)).doesNotHaveDuplicates();
  }

  /** A test per recipe, and after those of a file a look at everything they could have reached. */
  @TestFactory
  Stream<DynamicContainer> nothing_comes_of(CapturedOutput output) {
    Map<String, List<Recipe>> families =
        Recipe.all().stream()
            .collect(groupingBy(Recipe::family, LinkedHashMap::new, Collectors.toList()));
    return families.entrySet().stream()
        .map(
            family ->
                dynamicContainer(
                    family.getKey(),
                    Stream.concat(
                        family.getValue().stream()
                            .map(
                                recipe -> dynamicTest(recipe.name(), () -> nothingComesOf(recipe))),
                        Stream.of(
                            dynamicTest(
                                "and nothing of all that arrived anywhere",
                                () -> nothingArrived(output))))));
  }

  private void nothingComesOf(Recipe recipe) throws IOException {
    HostileRequest request = new HostileRequest(recipe);
    Recipe.Expected expected = recipe.expected();
    Wire wire = new Wire(request.isForOperators() ? managementPort : port);
    database().update("delete from rejected_webhook");
    long before = number("select count(*) from event");

    Wire.Reply reply =
        wire.send(
            request.head(), request.wire(), recipe.has("stall"), recipe.number("drip-millis", 0));

    assertThat(reply.status()).as(reply.text()).isIn(expected.status());
    assertThat(reply.statuses()).hasSize(reply.status() == 0 ? 0 : expected.answers());
    assertThat(number("select count(*) from event") - before).isEqualTo(expected.kept());
    assertThat(reply.text()).doesNotContainIgnoringCase(MARK);
    if (!request.isForOperators()) {
      tellsNothing(reply);
      assertThat(database().queryForList("select reason from rejected_webhook", String.class))
          .isEqualTo(expected.reason().equals("none") ? List.of() : List.of(expected.reason()));
    }
    isStillWell();
  }

  private static void tellsNothing(Wire.Reply reply) {
    if (reply.status() == 0) {
      return;
    }
    Set<String> names = new TreeSet<>(reply.headers().keySet());
    names.removeAll(WebhookSender.OUTER_HEADERS);
    assertThat(names).isEmpty();
    if (reply.status() >= 400) {
      assertThat(reply.body())
          .matches(
              "|\\{\"type\":\"about:blank\",\"title\":\"[A-Za-z ]{1,30}\",\"status\":%d}"
                  .formatted(reply.status()));
    }
  }

  private static void nothingArrived(CapturedOutput output) {
    untilQuiet();
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
    everyTable()
        .forEach(
            (table, rows) ->
                assertThat(rows.toLowerCase(Locale.ROOT)).as(table).doesNotContain(MARK));
    assertThat(salesforce().writes())
        .hasSizeLessThanOrEqualTo((int) number("select count(*) from event"))
        .extracting(StandInSalesforce.Write::object)
        .isSubsetOf("Zoom_Quote__c", "Opportunity", "Case");
    assertThat(salesforce().writes().toString()).doesNotContain(MARK);
    for (MailboxMail mail : mailbox().received()) {
      assertThat(mail.recipients()).isSubsetOf(READERS);
      assertThat(mail.from()).isEqualTo("Commerce Webhooks <commerce-webhooks@example.com>");
      assertThat(mail.toString()).doesNotContain(MARK);
    }
    assertThat(output.getAll()).doesNotContain(MARK, "\tat ", " ERROR ");
    assertThat(Outside.api("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }

  private static void isStillWell() {
    String challenge =
        "{\"event\":\"endpoint.url_validation\",\"event_ts\":1,\"payload\":{\"plainToken\":\"abc\"}}";
    assertThat(sender().zoomCommerce(challenge).statusCode()).isEqualTo(200);
  }
}
