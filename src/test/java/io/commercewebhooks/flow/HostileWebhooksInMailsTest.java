package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Webhooks that want more than to be told of: each comes through the front door, rightly signed,
 * and is looked at in the mailbox. The cases are data: a webhook, what is put into it by JSON
 * pointer, and what must and must not be in the subject and in both parts.
 */
@FlowTest
class HostileWebhooksInMailsTest {

  /** What every expression of the cases would come to: 191 times 7. */
  private static final String EVALUATED = "1337";

  /** The id of an event, which may have these digits by chance. */
  private static final String ID = "[0-9a-f-]{32,64}";

  /** Headers of digits that mean nothing, which may be these by chance. */
  private static final Set<String> MADE_UP =
      Set.of("Content-Type", "Date", "Message-ID", "Received", "References");

  static Stream<Arguments> cases() throws JsonProcessingException {
    JsonNode cases = new ObjectMapper().readTree(Webhooks.file("hostile-for-mails.json"));
    return StreamSupport.stream(cases.spliterator(), false)
        .map(one -> Arguments.of(one.path("case").asText(), one));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void are_told_of_as_what_they_are(String name, JsonNode one) {
    // the hostile one may be about the object, and the status, of which the usual one told
    Outside.notifications(
        text -> text.replace("told-each-time: ", "told-each-time: return-updated, "));
    String file = one.path("webhook").asText();
    List<String> usual = headersOf(mailAbout(file, Webhooks.object(Webhooks.file(file))));
    mailbox().clear();
    ObjectNode webhook = Webhooks.object(Webhooks.file(file));
    webhook.put("event_id", "another");
    one.path("put").properties().forEach(put -> put(webhook, put.getKey(), put.getValue()));

    MailboxMail mail = mailAbout(file, webhook);

    String audience = file.contains("/return") ? "customer-service" : "sales";
    assertThat(mail.recipients()).containsExactly(audience + "@example.com");
    assertThat(mail.header("To")).contains(audience + "@example.com");
    assertThat(mail.from()).isEqualTo("Commerce Webhooks <commerce-webhooks@example.com>");
    assertThat(headersOf(mail)).isEqualTo(usual);
    assertThat(mail.headers())
        .extracting(Map.Entry::getValue)
        .allSatisfy(value -> assertThat(value).doesNotContain("\r", "\n"));
    assertThat(mail.headers())
        .filteredOn(header -> !MADE_UP.contains(header.getKey()))
        .extracting(Map.Entry::getValue)
        .allSatisfy(value -> assertThat(value).doesNotContain(EVALUATED));
    assertThat(mail.messageId()).matches("<[0-9a-f]{64}@[\\w.-]+>");
    assertThat(mail.subject()).hasSizeLessThanOrEqualTo(118);
    assertThat(mail.html().strip()).endsWith("</html>");
    assertThat(mail.text()).contains("\n-- ");
    assertThat(mail.html().replaceAll(ID, "") + mail.text().replaceAll(ID, ""))
        .doesNotContain(EVALUATED);
    looksAs(one.path("subject"), mail.subject());
    looksAs(one.path("text"), mail.text());
    looksAs(one.path("html"), mail.html());
  }

  private static MailboxMail mailAbout(String file, ObjectNode webhook) {
    HttpResponse<String> answer =
        file.startsWith("zoom-commerce/")
            ? sender().zoomCommerce(webhook.toString())
            : file.contains("/return")
                ? sender().returnUpdate(webhook.toString())
                : sender().quoteRequest(webhook.toString());
    assertThat(answer.statusCode()).isEqualTo(200);
    untilQuiet();
    assertThat(mailbox().received()).hasSize(1);
    return mailbox().received().get(0);
  }

  private static List<String> headersOf(MailboxMail mail) {
    return mail.headers().stream().map(Map.Entry::getKey).sorted().toList();
  }

  private static void looksAs(JsonNode expected, String part) {
    String read = part.replace("\r\n", "\n");
    expected.path("says").forEach(text -> assertThat(read).contains(text.asText()));
    expected.path("lacks").forEach(text -> assertThat(read).doesNotContain(text.asText()));
  }

  private static void put(ObjectNode webhook, String pointer, JsonNode value) {
    int last = pointer.lastIndexOf('/');
    JsonNode parent = webhook.at(pointer.substring(0, last));
    String field = pointer.substring(last + 1);
    if (parent instanceof ArrayNode list) {
      list.set(Integer.parseInt(field), value);
    } else {
      assertThat(parent.isObject()).as(pointer).isTrue();
      ((ObjectNode) parent).set(field, value);
    }
  }
}
