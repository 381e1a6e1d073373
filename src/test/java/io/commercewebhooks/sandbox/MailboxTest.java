package io.commercewebhooks.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailboxTest {

  private final HttpClient browser = HttpClient.newHttpClient();
  private Mailbox mailbox;

  @BeforeEach
  void start() {
    mailbox = Mailbox.start(0, 0);
  }

  @AfterEach
  void stop() {
    mailbox.close();
  }

  @Test
  void a_mail_is_kept_once_with_its_recipients_parts_and_headers() throws MessagingException {
    send("Größe <b>", "plain", "<p>rich</p>", "sales@example.com", "finance@example.com");

    assertThat(mailbox.received()).hasSize(1);
    MailboxMail mail = mailbox.to("Finance@example.com").get(0);
    assertThat(mail.recipients()).containsExactly("sales@example.com", "finance@example.com");
    assertThat(mail.subject()).isEqualTo("Größe <b>");
    assertThat(mail.text()).isEqualTo("plain");
    assertThat(mail.html()).isEqualTo("<p>rich</p>");
    assertThat(mail.from()).isEqualTo("shop@example.com");
    assertThat(mail.messageId()).startsWith("<").endsWith(">");
    assertThat(mail.header("subject")).contains("Größe <b>");
    assertThat(mailbox.to("nobody@example.com")).isEmpty();
    assertThat(mailbox.connections()).isEqualTo(1);

    mailbox.clear();
    assertThat(mailbox.received()).isEmpty();
  }

  @Test
  void a_refused_recipient_is_told_and_gets_nothing() throws MessagingException {
    mailbox.refuseRecipient("gone@example.com", "550 5.1.1 No such user");

    assertThatThrownBy(() -> send("a", "b", "c", "gone@example.com"))
        .isInstanceOf(SendFailedException.class);
    assertThat(mailbox.received()).isEmpty();
    send("a", "b", "c", "sales@example.com");
    mailbox.acceptAgain();
    send("a", "b", "c", "gone@example.com");
    assertThat(mailbox.received()).hasSize(2);
  }

  @Test
  void refusals_end_after_their_number() throws MessagingException {
    mailbox.refuseNextRecipients(1, "450 4.2.1 Try again later");
    mailbox.refuseNextContents(1, "451 4.3.0 Local trouble");

    assertThatThrownBy(() -> send("a", "b", "c", "sales@example.com"))
        .isInstanceOf(SendFailedException.class);
    assertThatThrownBy(() -> send("a", "b", "c", "sales@example.com")).hasMessageContaining("451");
    send("a", "b", "c", "sales@example.com");
    assertThat(mailbox.received()).hasSize(1);
  }

  @Test
  void only_refusals_of_smtp_can_be_set() {
    assertThatThrownBy(() -> mailbox.refuseNextContents(1, "250 OK"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_server_goes_away_and_comes_back_on_the_same_port() throws MessagingException {
    int port = mailbox.port();
    send("before", "b", "c", "sales@example.com");

    mailbox.stop();
    assertThatThrownBy(() -> send("while", "b", "c", "sales@example.com"))
        .isInstanceOf(MessagingException.class);
    mailbox.start();

    send("after", "b", "c", "sales@example.com");
    assertThat(mailbox.port()).isEqualTo(port);
    assertThat(mailbox.received())
        .extracting(MailboxMail::subject)
        .containsExactly("before", "after");
  }

  @Test
  void the_page_lists_the_mails_and_shows_each_without_running_it() throws Exception {
    assertThat(get(mailbox.page()).body()).contains("No mail yet");
    send("first", "plain", "<p>rich</p>", "sales@example.com");
    send("<script>second</script>", "plain & simple", "<p>rich</p>", "sales@example.com");

    String list = get(mailbox.page()).body();
    assertThat(list).contains("&lt;script&gt;second").doesNotContain("<script>");
    assertThat(list.indexOf("/mails/2")).isLessThan(list.indexOf("/mails/1"));

    String mail = get(mailbox.page().resolve("/mails/2")).body();
    assertThat(mail).contains("<iframe sandbox", "plain &amp; simple", "Message-ID");
    HttpResponse<String> html = get(mailbox.page().resolve("/mails/2/html"));
    assertThat(html.body()).isEqualTo("<p>rich</p>");
    assertThat(html.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
    assertThat(get(mailbox.page().resolve("/mails/3")).statusCode()).isEqualTo(404);
    assertThat(get(mailbox.page().resolve("/elsewhere")).statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    return browser.send(
        HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private void send(String subject, String text, String html, String... recipients)
      throws MessagingException {
    Properties settings = new Properties();
    settings.setProperty("mail.smtp.host", "127.0.0.1");
    settings.setProperty("mail.smtp.port", Integer.toString(mailbox.port()));
    settings.setProperty("mail.smtp.connectiontimeout", "5000");
    settings.setProperty("mail.smtp.timeout", "5000");
    MimeMessage message = new MimeMessage(Session.getInstance(settings));
    message.setFrom("shop@example.com");
    Address[] to = new Address[recipients.length];
    for (int i = 0; i < recipients.length; i++) {
      to[i] = new InternetAddress(recipients[i]);
    }
    message.setRecipients(Message.RecipientType.TO, to);
    message.setSubject(subject, "UTF-8");
    MimeBodyPart plain = new MimeBodyPart();
    plain.setText(text, "UTF-8");
    MimeBodyPart rich = new MimeBodyPart();
    rich.setContent(html, "text/html; charset=UTF-8");
    message.setContent(new MimeMultipart("alternative", plain, rich));
    Transport.send(message);
  }
}
