package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.intake.StrictJson;
import io.commercewebhooks.sandbox.Mailbox;
import io.commercewebhooks.sandbox.MailboxMail;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockComponent;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.stub.StubComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The mails as people get them: the shipped route, mappings, templates and audiences, from an event
 * of the mapping fixtures to a mail in a real mailbox. Only the place where deliveries come from is
 * replaced, and a ledger that knows of nothing else. What the mails say is in {@link LettersTest}.
 */
class MailTemplatesTest {

  private static final String PASSWORD = "p+%41&x#)y {{mail.from}}";
  private static final Path FIXTURES = Path.of("src/test/resources/mappings");

  private static final ObjectMapper JSON = new ObjectMapper();

  private static Mailbox mailbox;
  private static DefaultCamelContext camel;

  @BeforeAll
  static void start() throws Exception {
    mailbox = Mailbox.start(0, 0);
    mailbox.addUser("commerce", PASSWORD);
    EmailConfiguration email = new EmailConfiguration();
    camel = new DefaultCamelContext();
    camel.getRegistry().bind("strictJson", StrictJson.mapper());
    camel.getRegistry().bind("mailTemplates", email.mailTemplates("config/templates"));
    camel
        .getRegistry()
        .bind("mailServer", MailServers.withLogin(mailbox.port(), "commerce", PASSWORD));
    camel.getRegistry().bind("recipients", new Recipients());
    camel
        .getRegistry()
        .bind("notifications", new Notifications("config/notifications.yaml", "config/templates"));
    camel.addComponent("deliveries", new StubComponent());
    Properties settings = new Properties();
    settings.setProperty("mail.from", "Commerce Webhooks <commerce-webhooks@example.com>");
    settings.setProperty("mail.message-id-domain", "commerce-webhooks.example.com");
    settings.setProperty("mail.host", "127.0.0.1");
    settings.setProperty("mail.port", Integer.toString(mailbox.port()));
    settings.setProperty("mail.batch-size", "20");
    settings.setProperty("mail.workers", "1");
    settings.setProperty("mail.per-minute", "0");
    camel.getPropertiesComponent().setInitialProperties(settings);
    settings.setProperty("mail.links.salesforce", "");
    settings.setProperty("mail.links.console", "");
    settings.setProperty("mail.links.operators", "");
    camel.addComponent("spring-jdbc", new MockComponent());
    camel
        .getEndpoint(
            "spring-jdbc:dataSource?outputType=SelectOne&resetAutoCommit=false&useHeadersAsParameters=true",
            MockEndpoint.class)
        .whenAnyExchangeReceived(
            asked -> asked.getMessage().setBody(Collections.singletonMap("again", false)));
    for (String file : List.of("email", "email-letter")) {
      PluginHelper.getRoutesLoader(camel)
          .loadRoutes(
              ResourceHelper.resolveResource(
                  camel, "file:routes/delivery/" + file + ".camel.yaml"));
    }
    camel.start();
  }

  @AfterAll
  static void stop() {
    camel.stop();
    mailbox.close();
  }

  @BeforeEach
  void empty() {
    mailbox.acceptAgain();
    mailbox.clear();
  }

  @Test
  void hostile_values_are_shown_as_what_they_are() throws IOException {
    MailboxMail quote = deliver(fixture("quote-status-changed-to-email/hostile"));
    assertThat(quote.subject())
        .startsWith("Quote Q-<img")
        .endsWith("could not be submitted: action needed");
    assertThat(quote.html())
        .contains("&lt;img src=x onerror=alert(1)&gt;", "${7*7}", "&lt;#include", "{{mail.from}}")
        .contains("[U+202E]gnp.exe")
        .doesNotContain("<img", "<script", "root:");
    assertThat(quote.text()).contains("${variable.eventId}", "[U+202E]gnp.exe");

    MailboxMail request = deliver(fixture("quote-requested-to-email/hostile"));
    assertThat(request.header("Bcc")).isEmpty();
    assertThat(request.recipients()).containsExactly("sales@example.com");
    assertThat(request.html()).contains("[U+202E]gnp.exe[U+2066][U+200B] Ltd").contains("1e999");
    assertThat(request.text().lines().filter(line -> line.startsWith("Bcc:"))).isEmpty();
  }

  @Test
  void a_mail_goes_to_its_audience_and_says_that_a_program_sent_it_which_wants_no_answer()
      throws IOException {
    MailboxMail mail = deliver(fixture("quote-status-changed-to-email/approved"));
    assertThat(mail.recipients()).containsExactly("sales@example.com");
    assertThat(mail.from()).isEqualTo("Commerce Webhooks <commerce-webhooks@example.com>");
    assertThat(mail.header("Auto-Submitted")).contains("auto-generated");
    assertThat(mail.header("X-Auto-Response-Suppress")).contains("DR, RN, NRN, OOF, AutoReply");
    assertThat(mail.header("Content-Type").orElseThrow()).startsWith("multipart/alternative");
    assertThat(mail.headers().stream().map(header -> header.getKey().toLowerCase()))
        .doesNotContain("bcc", "authorization", "x-caller", "mail.smtp.from");
    assertThat(mail.header("Return-Path")).contains("<commerce-webhooks@example.com>");
  }

  @Test
  void the_message_id_is_a_hash_of_the_event_and_the_audience() throws Exception {
    JsonNode event = fixture("order-status-changed-to-email/completed-for-sales");
    String first = deliver(event).messageId();
    assertThat(first).isEqualTo(messageId(event.path("id").asText() + " sales"));
    assertThat(deliver(event).messageId()).isEqualTo(first);
    ObjectNode forFinance = event.deepCopy();
    ((ObjectNode) forFinance.at("/delivery/parameters")).put("audience", "finance");
    assertThat(deliver(forFinance).messageId()).isNotEqualTo(first);
  }

  @Test
  void an_event_id_is_never_taken_for_an_expression() throws Exception {
    String id = "oracle-commerce:o1',SHA-1)} ${sys.user.dir} ${hash(x)} '\"";
    ObjectNode event = fixture("quote-requested-to-email/order-id-only").deepCopy();
    event.put("id", id);
    MailboxMail mail = deliver(event);
    assertThat(mail.messageId()).isEqualTo(messageId(id + " sales"));
    assertThat(mail.text()).contains(id);
  }

  private static String messageId(String identity) throws NoSuchAlgorithmException {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
    return "<" + HexFormat.of().formatHex(hash) + "@commerce-webhooks.example.com>";
  }

  @Test
  void a_refusal_by_the_mail_server_is_an_exception_of_the_route() throws IOException {
    JsonNode event = fixture("quote-status-changed-to-email/approved");
    mailbox.refuseRecipient("sales@example.com", "550 5.1.1 No such user");
    assertThat(send(event).getException()).hasMessageContaining("Invalid Addresses");
    mailbox.acceptAgain();
    mailbox.refuseNextContents(1, "451 4.3.0 Local trouble");
    assertThat(send(event).getException()).hasMessageContaining("451");
    assertThat(send(event).getException()).isNull();
    assertThat(mailbox.received()).hasSize(1);
  }

  private static JsonNode fixture(String name) throws IOException {
    return JSON.readTree(FIXTURES.resolve(name + ".input.json").toFile());
  }

  private static MailboxMail deliver(JsonNode event) {
    int before = mailbox.received().size();
    Exchange exchange = send(event);
    if (exchange.getException() != null) {
      throw new AssertionError(event.path("id").asText(), exchange.getException());
    }
    assertThat(mailbox.received()).hasSize(before + 1);
    return mailbox.received().get(before);
  }

  private static Exchange send(JsonNode event) {
    return camel
        .createProducerTemplate()
        .request(
            "deliveries:email",
            exchange -> {
              exchange.getMessage().setBody(event.toString());
              exchange.getMessage().setHeader("X-Caller", "somebody");
              exchange.getMessage().setHeader("Bcc", "evil@example.net");
              exchange.getMessage().setHeader("mail.smtp.from", "evil@example.net");
              exchange.setVariable("eventId", event.path("id").asText());
              exchange.setVariable("type", event.path("type").asText());
              exchange.setVariable("status", event.path("status").asText());
              JsonNode parameters = event.at("/delivery/parameters");
              exchange.setVariable("template", parameters.path("template").asText());
              exchange.setVariable("audience", parameters.path("audience").asText());
            });
  }
}
