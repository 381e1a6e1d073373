package io.commercewebhooks.failures;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * Webhooks of all six kinds at a steady rate, about a limited number of business objects, each of
 * which so changes again and again; now and then one is sent twice. A webhook that is not
 * acknowledged can be sent again, as its sender would.
 */
final class Load implements AutoCloseable {

  /**
   * A webhook of the load.
   *
   * @param audiences who must get a mail about it
   */
  record Sent(
      String type,
      String key,
      String status,
      Instant occurredAt,
      List<String> audiences,
      String body) {}

  /** How a request was answered; 0 when its connection was lost. */
  record Answer(int status, Duration after) {}

  /** A status of a type, and who must get a mail about it. */
  record Status(String type, String name, List<String> audiences) {}

  private static final int KEYS_PER_TYPE = 50;
  private static final int SENDERS = 64;
  private static final int TWICE_EACH = 20;
  private static final int MOST_UNDER_WAY = 200;
  private static final int WARM_UP = 2000;
  private static final int WARM_UP_PER_SECOND = 150;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Set<Integer> EXPECTED = Set.of(200, 503);
  private static final String QUOTE_REQUESTED = "quote-requested";
  private static final String RETURN_UPDATED = "return-updated";

  private static final List<Status> ORACLE_COMMERCE =
      List.of(
          new Status(QUOTE_REQUESTED, "requested", List.of("sales")),
          new Status(RETURN_UPDATED, "INCOMPLETE", List.of("customer-service")),
          new Status(RETURN_UPDATED, "PENDING_REFUND", List.of("finance")),
          new Status(RETURN_UPDATED, "FULL_RETURN", List.of("customer-service")));

  private final Supplier<WebhookSender> sender;
  private final Random random;
  private final Map<String, List<Status>> statuses = new TreeMap<>();
  private final List<String> types;
  private final Instant firstOccurred = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
  private final Phaser underWay = new Phaser(1);
  private final AtomicInteger made = new AtomicInteger();
  private Future<?> pace;
  private final Set<Sent> acknowledged = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Sent> unanswered = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
  private volatile String oddWord;
  private volatile int oddEach;

  /**
   * @param sender to the service, asked for each webhook
   * @param random decides what happens to which object
   */
  Load(Supplier<WebhookSender> sender, Random random) {
    this.sender = sender;
    this.random = random;
    Webhooks.file("zoom-commerce/who-hears.csv")
        .lines()
        .skip(1)
        .map(line -> line.split(",", 3))
        .map(cells -> new Status(cells[0], cells[1], words(cells[2])))
        .forEach(this::add);
    ORACLE_COMMERCE.forEach(this::add);
    types = List.copyOf(statuses.keySet());
  }

  private void add(Status status) {
    statuses.computeIfAbsent(status.type(), type -> new ArrayList<>()).add(status);
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split(" ")).filter(word -> !word.isBlank()).toList();
  }

  /** The statuses that a type knows. */
  List<Status> statusesOf(String type) {
    return statuses.get(type);
  }

  /**
   * Makes every so many webhooks be about a business object of its own, whose key begins with a
   * word that targets can be told to refuse.
   */
  Load oddOnes(String word, int each) {
    oddWord = word;
    oddEach = each;
    return this;
  }

  /** Sends new webhooks from now on, until {@link #pause}. */
  void start(int perSecond) {
    pace =
        clock.scheduleAtFixedRate(
            this::sendNext, 0, TimeUnit.SECONDS.toMicros(1) / perSecond, TimeUnit.MICROSECONDS);
  }

  /**
   * Lets the service work for a while, so that a trial doesn't meet one whose code is still being
   * compiled; then ends.
   */
  void warmUp() {
    start(WARM_UP_PER_SECOND);
    awaitAcknowledged(WARM_UP);
    pause();
    awaitAnswers();
  }

  /** Ends what {@link #start} began; answers may still be due. */
  void pause() {
    pace.cancel(false);
    try {
      clock.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Goes on for a while. */
  void goOnFor(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.plus(LIMIT)).until(() -> true);
  }

  /** Waits until so many more webhooks than now are acknowledged. */
  void awaitAcknowledged(int more) {
    int enough = acknowledged.size() + more;
    Awaitility.await(more + " more webhooks are acknowledged")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> acknowledged.size() >= enough);
  }

  /** Waits likewise, and sends again what was sent away meanwhile, as its sender would. */
  void insistOnAcknowledged(int more) {
    int enough = acknowledged.size() + more;
    Awaitility.await(more + " more webhooks are acknowledged")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              sendAgain();
              return acknowledged.size() >= enough;
            });
  }

  /** Sends a webhook as soon as a sender is free. */
  void send(Sent webhook) {
    submit(webhook);
  }

  /** Waits until every webhook handed over was answered, or its connection was lost. */
  void awaitAnswers() {
    underWay.arriveAndAwaitAdvance();
  }

  /** Sends what was not acknowledged once more. */
  void sendAgain() {
    for (Sent webhook = unanswered.poll(); webhook != null; webhook = unanswered.poll()) {
      submit(webhook);
    }
  }

  /** Sends what was not acknowledged again and again, as its senders would, until all of it is. */
  void sendAgainUntilTaken() {
    Awaitility.await("everything is acknowledged")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              sendAgain();
              awaitAnswers();
              return unanswered.isEmpty();
            });
  }

  /** What the service promised to deliver: answered with 200. */
  List<Sent> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** How many webhooks nobody has acknowledged. */
  int unanswered() {
    return unanswered.size();
  }

  /** How many different webhooks were made. */
  int made() {
    return made.get();
  }

  /** All answers so far. */
  List<Answer> answers() {
    return List.copyOf(answers);
  }

  /** Answers other than 200 and 503, whole, which a sender would not understand. */
  List<String> surprises() {
    return List.copyOf(surprises);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    senders.shutdownNow();
  }

  /** A service that can't keep up gets no more than so many webhooks that it has not answered. */
  private void sendNext() {
    if (underWay.getRegisteredParties() <= MOST_UNDER_WAY) {
      Sent webhook = next();
      submit(webhook);
      if (made.get() % TWICE_EACH == 0) {
        submit(webhook);
      }
    }
  }

  private void submit(Sent webhook) {
    underWay.register();
    senders.execute(
        () -> {
          try {
            deliver(webhook);
          } finally {
            underWay.arriveAndDeregister();
          }
        });
  }

  private void deliver(Sent webhook) {
    Instant start = Instant.now();
    int status;
    try {
      HttpResponse<String> answer =
          switch (webhook.type()) {
            case QUOTE_REQUESTED -> sender.get().quoteRequest(webhook.body());
            case RETURN_UPDATED -> sender.get().returnUpdate(webhook.body());
            default -> sender.get().zoomCommerce(webhook.body());
          };
      status = answer.statusCode();
      if (!EXPECTED.contains(status)) {
        surprises.add(status + " " + answer.headers().map() + " " + answer.body());
      }
    } catch (UncheckedIOException lost) {
      status = 0;
    }
    answers.add(new Answer(status, Duration.between(start, Instant.now())));
    if (status == 200) {
      acknowledged.add(webhook);
    } else {
      unanswered.add(webhook);
    }
  }

  /** Called by the clock alone. */
  private Sent next() {
    int number = made.getAndIncrement();
    String type = types.get(number % types.size());
    List<Status> known = statuses.get(type);
    Status status = known.get(random.nextInt(known.size()));
    String key = type + "-" + random.nextInt(KEYS_PER_TYPE);
    if (oddWord != null && number % oddEach == 0) {
      key = oddWord + "-" + number;
    }
    return webhook(status, key, firstOccurred.plusMillis(number));
  }

  /** A webhook that says that a business object has got a status. */
  static Sent webhook(Status status, String key, Instant occurredAt) {
    String type = status.type();
    String body =
        switch (type) {
          case QUOTE_REQUESTED -> quoteRequest(key, occurredAt);
          case RETURN_UPDATED -> returnUpdate(key, status.name(), occurredAt);
          default -> Webhooks.zoomCommerce(type, key, status.name(), occurredAt);
        };
    return new Sent(type, key, status.name(), occurredAt, status.audiences(), body);
  }

  private static String quoteRequest(String key, Instant occurredAt) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-wrapped.json"));
    webhook.withObject("/order").put("id", key);
    webhook.withObject("/order/quoteInfo").put("requestDate", occurredAt.toString());
    return webhook.toString();
  }

  private static String returnUpdate(String key, String state, Instant occurredAt) {
    ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
    webhook.withObject("/return").put("authorizationNumber", key).put("state", state);
    webhook
        .withObject("/return/originatingOrder")
        .put("lastModifiedTime", occurredAt.toEpochMilli());
    return webhook.toString();
  }
}
