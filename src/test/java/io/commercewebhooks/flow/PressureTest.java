package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.api;
import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.eventually;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheDatabase;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.ledger.DeliveriesEndpoint;
import io.commercewebhooks.ledger.EnoughConnections;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** More comes in than can be worked on, while nothing can be delivered. */
@FlowTest
@ExtendWith(OutputCaptureExtension.class)
class PressureTest {

  private static final int BEYOND = 40;

  private static final int DRIPS = 3;

  @Value("${intake.max-in-flight}")
  private int places;

  @Value("${spring.task.execution.pool.max-size}")
  private int threadsOfIntake;

  @Value("${spring.task.scheduling.pool.size}")
  private int tasksByTheClock;

  @Value("${server.tomcat.threads.max}")
  private int threadsOfTheServer;

  @Value("${local.server.port}")
  private int port;

  @Autowired private HikariDataSource ledger;
  @Autowired private ThreadPoolTaskExecutor intake;
  @Autowired private ServletWebServerApplicationContext service;
  @Autowired private CamelContext routes;

  private record Answer(String webhook, HttpResponse<String> response) {

    int status() {
      return response.statusCode();
    }
  }

  @AfterEach
  void mend() {
    HangingLedger.goOn(database());
    targetsAreBack();
  }

  private static void targetsAreDown() {
    salesforce().failWhile(call -> true, SalesforceFault.unavailable());
    mailbox().stop();
    wayToTheDatabase().cut();
  }

  private static void targetsAreBack() {
    salesforce().recover();
    mailbox().start();
    wayToTheDatabase().mend();
  }

  @Test
  void who_finds_no_place_is_sent_away_first_and_nothing_is_lost_or_doubled(CapturedOutput output) {
    List<String> webhooks = webhooks(places + BEYOND);
    eventually()
        .until(
            () ->
                ledger.getHikariPoolMXBean().getTotalConnections() == ledger.getMaximumPoolSize());
    targetsAreDown();
    HangingLedger.hang(database());
    long takenBefore = counted("200");
    long sentAwayBefore = counted("503");
    Collection<Answer> answers = new ConcurrentLinkedQueue<>();
    CompletableFuture<Void> all = send(webhooks, answers);
    eventually().until(() -> answers.size() >= BEYOND);
    Collection<Answer> later = new ConcurrentLinkedQueue<>();
    send(webhooks, later).join();
    int sooner = answers.size();
    all.join();

    assertThat(sooner).as("answered before those who came later").isEqualTo(BEYOND);
    assertThat(later).hasSize(webhooks.size()).allSatisfy(PressureTest::asksToComeBack);
    assertThat(answers).hasSize(webhooks.size()).allSatisfy(PressureTest::asksToComeBack);
    staysWithinItsLimits();
    assertThat(counted("200") - takenBefore).as("counted as taken").isZero();
    // an answer is there a little sooner than it is counted
    long sentAway = sentAwayBefore + answers.size() + later.size();
    eventually().until(() -> counted("503") >= sentAway);
    assertThat(counted("503")).as("counted as sent away, once each").isEqualTo(sentAway);

    HangingLedger.goOn(database());
    sendUntilTaken(webhooks);
    staysWithinItsLimits();
    assertThat(number("select count(*) from event")).isEqualTo(webhooks.size());
    assertThat(number("select count(*) from delivery where state = 'delivered'")).isZero();

    targetsAreBack();
    untilQuiet();
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
    assertThat(number("select count(*) from status_history")).isEqualTo(webhooks.size());
    assertThat(salesforce().records("Zoom_Quote__c")).hasSize(webhooks.size());
    assertThat(mailbox().received())
        .extracting(MailboxMail::messageId)
        .doesNotHaveDuplicates()
        .hasSize(webhooks.size());
    assertThat(output).doesNotContain("\tat ");
  }

  @Test
  void the_rest_of_a_refused_body_that_drips_in_holds_no_thread() throws Exception {
    List<Socket> drips = new ArrayList<>();
    for (int i = 0; i < DRIPS; i++) {
      drips.add(
          posting(
              """
              Content-Type: text/plain
              Content-Length: 100000

              """));
    }
    for (Socket socket : drips) {
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 415");
      eventually().until(() -> !takesAnotherByte(socket));
      socket.close();
    }
  }

  @Test
  void a_connection_is_kept_for_longer_than_a_proxy_keeps_it() throws Exception {
    try (Socket socket =
        posting(
            """
            Connection: keep-alive
            Content-Type: application/json
            Content-Length: 2

            {}""")) {
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(answer.lines().takeWhile(line -> !line.isEmpty()))
          .startsWith("HTTP/1.1 401 ")
          .contains("Keep-Alive: timeout=75");
    }
  }

  /** How many answers of a status a scrape tells of. */
  private static long counted(String status) {
    return api("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("http_server_requests_seconds_count{"))
        .filter(line -> line.contains("status=\"%s\"".formatted(status)))
        .mapToLong(line -> Math.round(Double.parseDouble(line.replaceFirst(".*} ", ""))))
        .sum();
  }

  /** A connection on which a request is begun, with the rest of its head and what follows. */
  private Socket posting(String rest) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    String request =
        "POST %s HTTP/1.1\nHost: localhost\n".formatted(WebhookSender.ZOOM_COMMERCE) + rest;
    socket
        .getOutputStream()
        .write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static boolean takesAnotherByte(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  private static List<String> webhooks(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Webhooks.zoomCommerce("quote-status-changed", "Q-" + i, "approved"))
        .toList();
  }

  /** Sends them all at once, over connections of their own. */
  private CompletableFuture<Void> send(Collection<String> webhooks, Collection<Answer> answers) {
    WebhookSender senders = new WebhookSender(URI.create("http://127.0.0.1:" + port));
    return CompletableFuture.allOf(
        webhooks.stream()
            .map(
                webhook ->
                    senders
                        .zoomCommerceLater(webhook)
                        .thenAccept(answer -> answers.add(new Answer(webhook, answer))))
            .toArray(CompletableFuture[]::new));
  }

  private static void asksToComeBack(Answer answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("30");
    assertThat(answer.response().body())
        .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}");
  }

  /** As senders do: what was sent away comes again. */
  private void sendUntilTaken(List<String> webhooks) {
    Collection<String> left = ConcurrentHashMap.newKeySet();
    left.addAll(webhooks);
    eventually()
        .until(
            () -> {
              Collection<Answer> answers = new ConcurrentLinkedQueue<>();
              send(left, answers).join();
              assertThat(answers).allMatch(a -> a.status() == 200 || a.status() == 503);
              answers.stream()
                  .filter(a -> a.status() == 200)
                  .forEach(a -> left.remove(a.webhook()));
              return left.isEmpty();
            });
  }

  private void staysWithinItsLimits() {
    assertThat(intake.getPoolSize()).isBetween(1, threadsOfIntake);
    assertThat(intake.getQueueCapacity()).isEqualTo(places);
    Tomcat server = ((TomcatWebServer) service.getWebServer()).getTomcat();
    ThreadPoolExecutor threads =
        (ThreadPoolExecutor) server.getConnector().getProtocolHandler().getExecutor();
    assertThat(threads.getLargestPoolSize()).isBetween(1, threadsOfTheServer);
    assertThat(ledger.getHikariPoolMXBean().getTotalConnections())
        .isLessThanOrEqualTo(ledger.getMaximumPoolSize());
  }

  @Test
  void every_worker_every_task_and_the_webhooks_have_a_connection_and_some_are_left_for_people() {
    int workers = workers(any -> true);
    int whoAskMeanwhile =
        workers(from -> from instanceof DeliveriesEndpoint to && to.getTarget().equals("email"));

    assertThat(workers).isGreaterThan(whoAskMeanwhile);
    assertThat(whoAskMeanwhile).isPositive();
    assertThat(ledger.getMaximumPoolSize())
        .isGreaterThan(workers + whoAskMeanwhile + tasksByTheClock + 1);
  }

  /** How many work for routes that begin at such an endpoint. */
  private int workers(Predicate<Endpoint> from) {
    return routes.getRoutes().stream()
        .map(Route::getEndpoint)
        .filter(from)
        .mapToInt(EnoughConnections::workers)
        .sum();
  }
}
