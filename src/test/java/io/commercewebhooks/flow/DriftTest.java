package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.apiRequest;
import static io.commercewebhooks.flow.Outside.deliveries;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.subjectsTo;
import static io.commercewebhooks.flow.Outside.text;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.deadletters.Notices;
import io.commercewebhooks.sandbox.Webhooks;
import io.commercewebhooks.workbench.Drift;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@FlowTest
class DriftTest {

  private static final String OPERATORS = "operators@example.com";

  @Autowired private Drift drift;
  @Autowired private Notices notices;

  @Test
  void new_statuses_fields_and_types_are_reported_with_counts_and_refuse_nothing()
      throws IOException {
    sender().zoomCommerce(changed("O-1"));
    sender().zoomCommerce(changed("O-2"));
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-3", "completed"));
    untilQuiet();
    drift.look();

    assertThat(deliveries("salesforce", "O-3")).containsExactly("delivered");
    assertThat(number("select count(*) from event")).isEqualTo(3);
    assertThat(report())
        .contains(
            "order-status-changed other-type payload.account_id object 2",
            "order-status-changed unknown-field payload.order.shipped_by object 2",
            "order-status-changed unknown-value payload.order.status teleported 2");

    drift.look();
    assertThat(report()).as("nothing is counted twice").allMatch(line -> !line.endsWith(" 4"));
  }

  @Test
  void what_is_found_again_is_counted_on_and_shows_its_newest_event() throws IOException {
    sender().zoomCommerce(changed("O-1"));
    untilQuiet();
    drift.look();
    sender().zoomCommerce(changed("O-2"));
    untilQuiet();
    drift.look();

    String found = "order-status-changed unknown-value payload.order.status teleported 2";
    assertThat(report()).contains(found);
    JsonNode finding = finding("payload.order.status");
    assertThat(finding.path("example").asText())
        .isEqualTo(text("select id from event where entity_key = 'O-2'"));
    assertThat(
            number("select count(*) from drift where last_seen_at > first_seen_at and count = 2"))
        .isPositive();
  }

  private static JsonNode finding(String path) throws IOException {
    for (JsonNode finding : tree(api("/api/drift").body())) {
      if (finding.path("path").asText().equals(path)) {
        return finding;
      }
    }
    throw new AssertionError("no finding at " + path);
  }

  @Test
  void the_schemas_know_every_sample_of_the_senders() throws IOException {
    for (String request : List.of("seed", "wrapped", "order-id", "configured", "list-cut")) {
      sender().quoteRequest(Webhooks.file("oracle-commerce/quote-request-" + request + ".json"));
    }
    for (String update : List.of("partial", "exchange", "store-credit", "lists-cut")) {
      sender().returnUpdate(Webhooks.file("oracle-commerce/return-" + update + ".json"));
    }
    sender().zoomCommerce(Webhooks.zoomCommerce("order-status-changed", "O-1", "completed"));
    untilQuiet();
    drift.look();

    assertThat(report()).isEmpty();
  }

  @Test
  void the_schemas_know_the_names_that_a_later_oracle_sends() throws IOException {
    sender().returnUpdate(Webhooks.file("oracle-commerce/return-later-version.json"));
    untilQuiet();
    drift.look();

    assertThat(report()).noneMatch(line -> line.contains(" unknown-field "));
  }

  @Test
  void operators_are_told_once_until_there_is_more_and_can_dismiss_a_finding() throws IOException {
    sender().zoomCommerce(changed("O-1"));
    untilQuiet();
    drift.look();
    notices.look();
    notices.look();

    assertThat(subjectsTo(OPERATORS))
        .filteredOn(subject -> subject.contains("no schema knows"))
        .singleElement()
        .asString()
        .contains("order-status-changed");

    String dismissals = "select count(*) from audit where action = 'dismiss'";
    long before = number(dismissals);
    JsonNode findings = tree(api("/api/drift").body());
    assertThat(findings).isNotEmpty();
    for (JsonNode finding : findings) {
      assertThat(dismiss(finding.path("id").asLong()).statusCode()).isEqualTo(204);
      assertThat(dismiss(finding.path("id").asLong()).statusCode()).isEqualTo(404);
    }
    sender().zoomCommerce(changed("O-2"));
    untilQuiet();
    drift.look();
    assertThat(report()).isEmpty();
    assertThat(number(dismissals) - before).isEqualTo(findings.size());
  }

  @Test
  void nothing_that_a_person_or_a_card_is_known_by_is_kept() throws IOException {
    ObjectNode webhook = Webhooks.object(changed("O-1"));
    ObjectNode order = (ObjectNode) webhook.at("/payload/order");
    order.put("status", "paid by kim@example.com");
    order.put("kim@example.com", true);
    order.put("note_of_kim", "Kim Anderson, 4111 1111 1111 1111");
    sender().zoomCommerce(webhook.toString());
    untilQuiet();
    drift.look();

    assertThat(report())
        .contains(
            "order-status-changed unknown-value payload.order.status (not shown) 1",
            "order-status-changed unknown-field payload.order.(not shown) boolean 1",
            "order-status-changed unknown-field payload.order.note_of_kim string 1");
    assertThat(api("/api/drift").body()).doesNotContain("kim@", "Anderson", "4111 1111");
    notices.look();
    assertThat(mailbox().to(OPERATORS))
        .filteredOn(mail -> mail.subject().contains("no schema knows"))
        .singleElement()
        .satisfies(
            mail ->
                assertThat(mail.text())
                    .contains("payload.order.note_of_kim")
                    .doesNotContain("kim@", "Anderson", "4111 1111"));
  }

  @Test
  void whoever_sends_ever_new_names_fills_no_table() throws IOException {
    sender().zoomCommerce(withNewNames("O-1"));
    untilQuiet();
    drift.look();

    assertThat(number("select count(*) from drift")).isEqualTo(200);

    sender().zoomCommerce(withNewNames("O-2"));
    sender().zoomCommerce(Webhooks.zoomCommerce("quote-status-changed", "Q-1", "teleported"));
    untilQuiet();
    drift.look();

    assertThat(number("select count(*) from drift where count = 2"))
        .as("what is there is counted on")
        .isEqualTo(200);
    assertThat(number("select count(*) from drift where type = 'quote-status-changed'"))
        .as("other types have room of their own")
        .isEqualTo(1);
  }

  private static String withNewNames(String key) {
    ObjectNode webhook = Webhooks.object(changed(key));
    for (int i = 0; i < 300; i++) {
      ((ObjectNode) webhook.at("/payload/order")).put("name" + i, i);
    }
    return webhook.toString();
  }

  private static String changed(String key) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.zoomCommerce("order-status-changed", key, "teleported"));
    ((ObjectNode) webhook.path("payload")).putObject("account_id").put("id", "A-1");
    ((ObjectNode) webhook.at("/payload/order")).putObject("shipped_by").put("name", "Kim");
    return webhook.toString();
  }

  private static List<String> report() throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode finding : tree(api("/api/drift").body())) {
      lines.add(
          "%s %s %s %s %s"
              .formatted(
                  finding.path("type").asText(),
                  finding.path("kind").asText(),
                  finding.path("path").asText(),
                  finding.path("seen").asText(),
                  finding.path("count").asText()));
    }
    return lines;
  }

  private static JsonNode tree(String json) throws IOException {
    return new ObjectMapper().readTree(json);
  }

  private static HttpResponse<String> dismiss(long id) {
    return sender().send(apiRequest("/api/drift/" + id, "operator").DELETE().build());
  }
}
