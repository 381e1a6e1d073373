package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.commercewebhooks.deadletters.NoAccessTokenException;
import io.commercewebhooks.sandbox.Mailbox;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Relay;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections to a real mail server: kept, replaced when they are gone, and logged in. */
class PooledMailSenderTest {

  private static final String ANN = "ann@example.com";
  private static final String BOB = "bob@example.com";

  private Mailbox mailbox;
  private PooledMailSender sender;

  @BeforeEach
  void start() {
    mailbox = Mailbox.start(0, 0);
    sender = MailServers.without(mailbox.port());
  }

  @AfterEach
  void stop() {
    sender.close();
    mailbox.close();
  }

  @Test
  void a_thousand_mails_of_four_workers_need_no_more_than_ten_connections() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(4);
    List<Callable<Void>> mails =
        IntStream.range(0, 1_000)
            .<Callable<Void>>mapToObj(
                n ->
                    () -> {
                      send("mail " + n, ANN);
                      return null;
                    })
            .toList();
    for (Future<Void> sent : workers.invokeAll(mails)) {
      sent.get();
    }
    workers.shutdown();

    assertThat(mailbox.received()).hasSize(1_000);
    assertThat(mailbox.connections()).isBetween(1, 10);
  }

  @Test
  void a_connection_that_the_server_closed_costs_no_mail_and_doubles_none() throws Exception {
    send("before", ANN);
    mailbox.stop();
    mailbox.start();
    send("after", ANN);

    assertThat(subjects()).containsExactly("before", "after");
    assertThat(mailbox.connections()).isEqualTo(2);
  }

  @Test
  void many_connections_that_the_network_cut_are_all_replaced() throws Exception {
    try (Relay way = Relay.before(mailbox.port());
        PooledMailSender through = MailServers.without(way.port())) {
      ExecutorService workers = Executors.newFixedThreadPool(4);
      List<Callable<Void>> mails = new ArrayList<>();
      for (int n = 0; n < 40; n++) {
        String subject = "mail " + n;
        mails.add(
            () -> {
              through.send(mail(through, subject, ANN));
              return null;
            });
      }
      for (Future<Void> sent : workers.invokeAll(mails)) {
        sent.get();
      }
      way.cut();
      way.mend();
      for (Future<Void> sent : workers.invokeAll(mails)) {
        sent.get();
      }
      workers.shutdown();
    }

    assertThat(mailbox.received()).hasSize(80);
  }

  @Test
  void a_server_that_is_away_is_a_failure_of_this_mail_at_once() throws Exception {
    send("before", ANN);
    mailbox.stop();

    assertThatThrownBy(() -> send("lost", ANN)).isInstanceOf(MessagingException.class);
    mailbox.start();
    send("after", ANN);
    assertThat(subjects()).containsExactly("before", "after");
  }

  @Test
  void a_refused_mail_keeps_its_connection_for_the_next() throws Exception {
    mailbox.refuseNextContents(1, "451 4.3.0 Local trouble");
    assertThatThrownBy(() -> send("refused", ANN)).hasMessageContaining("451");
    mailbox.refuseRecipient(BOB, "550 5.1.1 No such user");
    assertThatThrownBy(() -> send("refused", BOB)).isInstanceOf(SendFailedException.class);
    send("taken", ANN);

    assertThat(subjects()).containsExactly("taken");
    assertThat(mailbox.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"421 4.7.0 Too many messages", "451 4.5.3 Too many in this session"})
  void a_server_that_takes_so_many_mails_by_a_connection_gets_the_next_by_another(String reply)
      throws Exception {
    mailbox.takeByConnection(2, reply);
    for (int n = 1; n <= 5; n++) {
      send("mail " + n, ANN);
    }

    assertThat(subjects()).containsExactly("mail 1", "mail 2", "mail 3", "mail 4", "mail 5");
    assertThat(mailbox.connections()).isEqualTo(3);
  }

  @Test
  void of_several_recipients_those_who_can_get_the_mail_do_and_the_others_are_named() {
    mailbox.refuseRecipient(BOB, "550 5.1.1 No such user");

    assertThatThrownBy(() -> send("for both", ANN, BOB))
        .isInstanceOfSatisfying(
            SendFailedException.class,
            failure -> {
              assertThat(failure.getValidSentAddresses()).extracting("address").containsOnly(ANN);
              assertThat(failure.getInvalidAddresses()).extracting("address").containsOnly(BOB);
            });
    assertThat(mailbox.to(ANN)).extracting(MailboxMail::subject).containsExactly("for both");
    assertThat(mailbox.connections()).isEqualTo(1);
  }

  @Test
  void a_server_that_looks_long_into_a_mail_gets_it_once() throws Exception {
    Duration silence = Duration.ofSeconds(1);
    mailbox.lookIntoNext(new CountDownLatch(1), silence.multipliedBy(3).dividedBy(2));
    try (PooledMailSender careful = MailServers.without(mailbox.port(), silence)) {
      careful.send(mail(careful, "looked into", ANN));
      careful.send(mail(careful, "another one", ANN));
    }

    assertThat(subjects()).containsExactly("looked into", "another one");
  }

  @Test
  void a_server_that_takes_no_more_of_a_mail_is_given_up() throws Exception {
    try (Relay way = Relay.before(mailbox.port());
        PooledMailSender hasty = MailServers.without(way.port(), Duration.ofSeconds(1))) {
      MimeMessage large =
          new MimeMessage(mail(hasty, "more than is taken", ANN)) {
            @Override
            public void writeTo(OutputStream out, String[] ignored)
                throws IOException, MessagingException {
              way.holdUp();
              super.writeTo(out, ignored);
            }
          };
      large.setText("words\n".repeat(5_000_000));
      assertThatThrownBy(() -> hasty.send(large)).isInstanceOf(MessagingException.class);
      way.mend();
      hasty.send(mail(hasty, "after", ANN));
    }

    assertThat(subjects()).containsExactly("after");
  }

  @Test
  void a_mail_that_the_server_may_have_is_not_sent_again_where_the_connection_breaks()
      throws Exception {
    try (Relay way = Relay.before(mailbox.port());
        PooledMailSender through = MailServers.without(way.port())) {
      through.send(mail(through, "before", ANN));
      CountDownLatch broken =
          new CountDownLatch(0) {
            @Override
            public boolean await(long timeout, TimeUnit unit) {
              way.cut();
              return way.mend();
            }
          };
      mailbox.lookIntoNext(broken, Duration.ofMinutes(1));

      assertThatThrownBy(() -> through.send(mail(through, "unsure", ANN)))
          .isInstanceOf(MessagingException.class);
      through.send(mail(through, "after", ANN));
    }

    Awaitility.await().until(() -> subjects().size() > 2);
    assertThat(subjects()).containsExactlyInAnyOrder("before", "unsure", "after");
  }

  @Test
  void a_server_is_greeted_by_the_name_that_is_set() throws Exception {
    try (PooledMailSender named = MailServers.greetingAs("mail.example.com", mailbox.port())) {
      named.send(mail(named, "from a machine with a name", ANN));
    }

    assertThat(mailbox.received().get(0).header("Received").orElseThrow())
        .contains("HELO mail.example.com");
  }

  @Test
  void a_mail_keeps_the_message_id_it_was_given() throws Exception {
    MimeMessage mail = mail(sender, "named", ANN);
    mail.setHeader("Message-ID", "<one@example.com>");
    sender.send(mail);

    assertThat(mailbox.received().get(0).messageId()).isEqualTo("<one@example.com>");
  }

  @Test
  void where_tls_is_wanted_a_server_without_it_gets_no_mail() {
    try (PooledMailSender careful = MailServers.withTls(mailbox.port())) {
      assertThatThrownBy(() -> careful.send(mail(careful, "open letter", ANN)))
          .hasMessageContaining("STARTTLS is required");
    }

    assertThat(mailbox.received()).isEmpty();
  }

  @Test
  void a_password_that_is_refused_is_a_refused_login() throws Exception {
    mailbox.addUser("commerce", "right");
    try (PooledMailSender known = MailServers.withLogin(mailbox.port(), "commerce", "right");
        PooledMailSender unknown = MailServers.withLogin(mailbox.port(), "commerce", "wrong")) {
      known.send(mail(known, "from a friend", ANN));
      assertThatThrownBy(() -> unknown.send(mail(unknown, "from a stranger", ANN)))
          .isInstanceOf(AuthenticationFailedException.class);
    }

    assertThat(subjects()).containsExactly("from a friend");
  }

  @Test
  void a_login_that_is_refused_is_tried_ever_more_seldom_and_another_password_at_once()
      throws Exception {
    mailbox.addUser("commerce", "right");
    AtomicLong now = new AtomicLong();
    try (PooledMailSender known =
        MailServers.withLogin(mailbox.port(), "commerce", "wrong", now::get)) {
      int before = mailbox.connections();
      for (int second = 0; second < 600; second++) {
        assertThatThrownBy(() -> known.send(mail(known, "from a stranger", ANN)))
            .isInstanceOf(AuthenticationFailedException.class)
            .hasMessageContaining("535");
        now.addAndGet(Duration.ofSeconds(1).toNanos());
      }
      assertThat(mailbox.connections() - before)
          .as("0, 1, 3, 7, 15, 31 and 63 s, then once a minute")
          .isEqualTo(15);

      known.usePassword("right");
      known.send(mail(known, "from a friend", ANN));
    }

    assertThat(subjects()).containsExactly("from a friend");
  }

  @Test
  void an_access_token_is_fetched_once_and_used_for_every_connection() throws Exception {
    mailbox.addUser("commerce", "token-1");
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer endpoint = tokenEndpoint(200, "token-1", asked);
    MailSettings.Oauth2 oauth2 =
        new MailSettings.Oauth2("", url(endpoint), "client", "s&cret", "mail.send");
    try (PooledMailSender signedIn = MailServers.withToken(mailbox.port(), "commerce", oauth2)) {
      signedIn.send(mail(signedIn, "first", ANN));
      mailbox.stop();
      mailbox.start();
      signedIn.send(mail(signedIn, "second", ANN));
    } finally {
      endpoint.stop(0);
    }

    assertThat(subjects()).containsExactly("first", "second");
    assertThat(asked)
        .containsExactly(
            "grant_type=client_credentials&client_id=client&client_secret=s%26cret&scope=mail.send");
  }

  @Test
  void credentials_that_the_token_endpoint_refuses_are_a_refused_login() throws Exception {
    HttpServer endpoint = tokenEndpoint(401, "none", new ArrayList<>());
    MailSettings.Oauth2 oauth2 = new MailSettings.Oauth2("", url(endpoint), "client", "old", "");
    try (PooledMailSender signedIn = MailServers.withToken(mailbox.port(), "commerce", oauth2)) {
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "none", ANN)))
          .isInstanceOf(AuthenticationFailedException.class)
          .hasMessageContaining("401");
    } finally {
      endpoint.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void a_token_endpoint_that_wants_to_be_asked_later_refuses_no_login(int status) throws Exception {
    HttpServer endpoint = tokenEndpoint(status, "none", new ArrayList<>());
    MailSettings.Oauth2 oauth2 = new MailSettings.Oauth2("", url(endpoint), "client", "right", "");
    try (PooledMailSender signedIn = MailServers.withToken(mailbox.port(), "commerce", oauth2)) {
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "none", ANN)))
          .isInstanceOf(NoAccessTokenException.class)
          .hasMessageContaining(Integer.toString(status));
    } finally {
      endpoint.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "text/html, <html>We are back soon</html>, something else than JSON",
    "application/json, <html>We are back soon</html>, something else than JSON",
    "application/json, {}, no access_token"
  })
  void a_token_endpoint_that_answers_otherwise_is_told_from_one_that_is_silent(
      String kind, String answer, String words) throws Exception {
    HttpServer endpoint = tokenEndpoint(200, kind, asked -> answer);
    MailSettings.Oauth2 oauth2 = new MailSettings.Oauth2("", url(endpoint), "client", "right", "");
    try (PooledMailSender signedIn = MailServers.withToken(mailbox.port(), "commerce", oauth2)) {
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "none", ANN)))
          .isInstanceOf(NoAccessTokenException.class)
          .hasMessageContaining(words);
      endpoint.stop(0);
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "none", ANN)))
          .isInstanceOf(NoAccessTokenException.class)
          .hasMessageContaining("does not answer");
    } finally {
      endpoint.stop(0);
    }
  }

  @Test
  void an_access_token_that_the_mail_server_refuses_is_fetched_anew() throws Exception {
    mailbox.addUser("commerce", "token-2");
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer endpoint = tokenEndpoint(200, "token-", asked);
    MailSettings.Oauth2 oauth2 = new MailSettings.Oauth2("", url(endpoint), "client", "right", "");
    AtomicLong now = new AtomicLong();
    try (PooledMailSender signedIn =
        MailServers.withToken(mailbox.port(), "commerce", oauth2, now::get)) {
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "refused", ANN)))
          .isInstanceOf(AuthenticationFailedException.class);
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      signedIn.send(mail(signedIn, "taken", ANN));
    } finally {
      endpoint.stop(0);
    }

    assertThat(subjects()).containsExactly("taken");
  }

  @Test
  void an_access_token_is_read_anew_from_its_file(@TempDir Path folder) throws Exception {
    mailbox.addUser("commerce", "token-of-today");
    Path file = Files.writeString(folder.resolve("token"), "token-of-yesterday\n");
    MailSettings.Oauth2 oauth2 = new MailSettings.Oauth2(file.toString(), "", "", "", "");
    try (PooledMailSender signedIn = MailServers.withToken(mailbox.port(), "commerce", oauth2)) {
      assertThatThrownBy(() -> signedIn.send(mail(signedIn, "too late", ANN)))
          .isInstanceOf(AuthenticationFailedException.class);
      Files.writeString(file, "token-of-today\n");
      signedIn.send(mail(signedIn, "in time", ANN));
    }

    assertThat(subjects()).containsExactly("in time");
  }

  /** A token that ends with a dash gets the number of times that one was asked for. */
  private static HttpServer tokenEndpoint(int status, String token, List<String> asked)
      throws IOException {
    return tokenEndpoint(
        status,
        "application/json",
        form -> {
          asked.add(form);
          return "{\"access_token\": \"%s\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"
              .formatted(token.endsWith("-") ? token + asked.size() : token);
        });
  }

  private static HttpServer tokenEndpoint(int status, String kind, UnaryOperator<String> answers)
      throws IOException {
    HttpServer endpoint =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endpoint.createContext(
        "/token",
        call -> {
          String form = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          byte[] answer = answers.apply(form).getBytes(StandardCharsets.UTF_8);
          call.getResponseHeaders().set("Content-Type", kind);
          call.sendResponseHeaders(status, answer.length);
          call.getResponseBody().write(answer);
          call.close();
        });
    endpoint.start();
    return endpoint;
  }

  private static String url(HttpServer endpoint) {
    return "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/token";
  }

  private List<String> subjects() {
    return mailbox.received().stream().map(MailboxMail::subject).toList();
  }

  private void send(String subject, String... to) throws MessagingException {
    sender.send(mail(sender, subject, to));
  }

  private static MimeMessage mail(PooledMailSender sender, String subject, String... to)
      throws MessagingException {
    MimeMessage mail = new MimeMessage(sender.getSession());
    mail.setFrom("commerce@example.com");
    for (String address : Arrays.asList(to)) {
      mail.addRecipient(Message.RecipientType.TO, new InternetAddress(address));
    }
    mail.setSubject(subject);
    mail.setText("words");
    return mail;
  }
}
