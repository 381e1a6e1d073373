package io.commercewebhooks.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.benchmark.Contestant.Who;
import io.commercewebhooks.benchmark.Mix.Webhook;
import io.commercewebhooks.benchmark.Results.Better;
import io.commercewebhooks.benchmark.Senders.Acknowledged;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Both services do the same work on the same machine, one after the other, several times; whoever
 * loses, doubles or leaves anything stale fails, however fast. The rounds and the webhooks of a
 * trial can be set: {@code -Dbenchmark.rounds=1 -Dbenchmark.webhooks=1000}.
 */
class BenchmarkIT {

  private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 3);
  private static final int WEBHOOKS = Integer.getInteger("benchmark.webhooks", 4000);
  private static final int ALONE = 40;
  private static final int MANY = 64;
  private static final int[] CONNECTIONS = {1, 16, 64, 256};
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Path FOLDER = Path.of("target", "benchmark");

  private static final Map<String, String> OBJECTS =
      Map.of(
          "account-status-changed", "Zoom_Account__c",
          "quote-status-changed", "Zoom_Quote__c",
          "deal-registration-status-changed", "Zoom_Deal_Registration__c",
          "order-status-changed", "Zoom_Order__c",
          "quote-requested", "Opportunity",
          "return-updated", "Case");

  private final Results results = new Results();

  @Test
  void both_deliver_everything_and_how_fast_is_told() {
    results.machine("processors", "" + Runtime.getRuntime().availableProcessors());
    results.machine("Java", System.getProperty("java.version"));
    results.machine("webhooks of a trial, rounds", WEBHOOKS + ", " + ROUNDS);
    for (int round = 0; round < ROUNDS; round++) {
      for (Who who : round % 2 == 0 ? Who.values() : reversed()) {
        Instant start = Instant.now();
        try (Contestant contestant = new Contestant(who)) {
          add("start to ready", "ms", Better.LESS, who, millis(start));
          measure(contestant);
          if (who == Who.HAND_WRITTEN && round == ROUNDS - 1) {
            limits(contestant);
          }
        }
      }
    }
    results.write(FOLDER);
    System.out.println(results.table());
  }

  private static Who[] reversed() {
    return new Who[] {Who.HAND_WRITTEN, Who.COMMERCE_WEBHOOKS};
  }

  private void measure(Contestant contestant) {
    List<Webhook> all = new ArrayList<>();
    send(contestant, MANY, new Mix("warm-up").webhooks(WEBHOOKS), all);
    contestant.awaitDelivered();

    endToEnd(contestant, all);
    acknowledgements(contestant, all);
    idle(contestant, all);
    judge(contestant, all);
  }

  private static Acknowledged send(
      Contestant contestant, int connections, List<Webhook> webhooks, List<Webhook> all) {
    all.addAll(webhooks);
    return Senders.send(contestant.port(), connections, webhooks);
  }

  /** From the first webhook sent until Salesforce, the database and the mailbox have all. */
  private void endToEnd(Contestant contestant, List<Webhook> all) {
    Who who = contestant.who();
    List<Webhook> webhooks = new Mix("end-to-end").webhooks(WEBHOOKS);
    long calls = contestant.servers().salesforce().calls();
    int mails = contestant.servers().mailbox().count();
    int connections = contestant.servers().mailbox().connections();
    long transactions = contestant.transactions();
    Duration cpu = contestant.cpu();
    Instant start = Instant.now();
    send(contestant, MANY, webhooks, all);
    contestant.awaitDelivered();
    double seconds = millis(start) / 1000;
    double count = webhooks.size();
    add("end to end", "webhooks/s", Better.MORE, who, count / seconds);
    add(
        "processor time of the service",
        "ms/webhook",
        Better.LESS,
        who,
        contestant.cpu().minus(cpu).toMillis() / count);
    add(
        "calls of Salesforce",
        "per webhook",
        Better.LESS,
        who,
        (contestant.servers().salesforce().calls() - calls) / count);
    int sent = contestant.servers().mailbox().count() - mails;
    add(
        "connections to the mail server",
        "per 1,000 mails",
        Better.LESS,
        who,
        (contestant.servers().mailbox().connections() - connections) * 1000.0 / sent);
    add(
        "transactions of PostgreSQL",
        "per webhook",
        Better.LESS,
        who,
        (contestant.transactions() - transactions) / count);
  }

  private void acknowledgements(Contestant contestant, List<Webhook> all) {
    Who who = contestant.who();
    for (int connections : CONNECTIONS) {
      int count = connections == 1 ? WEBHOOKS / 8 : WEBHOOKS / 2;
      List<Webhook> webhooks = new Mix("acknowledged-" + connections).webhooks(count);
      Acknowledged done = send(contestant, connections, webhooks, all);
      String at = " at " + connections;
      add("acknowledged" + at, "webhooks/s", Better.MORE, who, done.perSecond());
      add("  p50" + at, "ms", Better.LESS, who, done.p50().toNanos() / 1e6);
      add("  sent away with 503" + at, "", Better.LESS, who, done.sentAway());
      add("  p99" + at, "ms", Better.LESS, who, done.p99().toNanos() / 1e6);
      contestant.awaitDelivered();
    }
  }

  /** One webhook at a time, each long after the one before. */
  private void idle(Contestant contestant, List<Webhook> all) {
    Who who = contestant.who();
    List<Double> times = new ArrayList<>();
    for (Webhook webhook : new Mix("alone").webhooks(ALONE)) {
      send(contestant, 1, List.of(webhook), all);
      Instant start = Instant.now();
      contestant.awaitDelivered();
      times.add(millis(start));
      rest(Duration.ofMillis(100));
    }
    times.sort(null);
    add("one alone, answer to delivered, p50", "ms", Better.LESS, who, times.get(ALONE / 2));
    Duration cpu = contestant.cpu();
    rest(IDLE);
    add(
        "idle",
        "% of a processor",
        Better.LESS,
        who,
        contestant.cpu().minus(cpu).toMillis() * 100.0 / IDLE.toMillis());
  }

  private static void rest(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.multipliedBy(10)).until(() -> true);
  }

  /** Nothing missing, doubled or stale, as seen from outside. */
  private static void judge(Contestant contestant, List<Webhook> all) {
    Map<String, String> due = Mix.lastStates(all);
    assertThat(contestant.statesInDatabase())
        .as("states in the database of " + contestant.who())
        .containsAllEntriesOf(due);
    StandInSalesforce salesforce = contestant.servers().salesforce();
    for (Webhook webhook : all) {
      String object = OBJECTS.get(webhook.type());
      Map<String, Object> record = salesforce.record(object, webhook.key());
      assertThat(record).as("record of %s %s", webhook.type(), webhook.key()).isNotEmpty();
      if (object.startsWith("Zoom")) {
        assertThat(record)
            .as("%s %s", webhook.type(), webhook.key())
            .containsEntry("Status__c", due.get(webhook.type() + " " + webhook.key()));
      }
    }
    List<MailboxMail> mails = contestant.servers().mailbox().received();
    Set<String> ids = mails.stream().map(MailboxMail::messageId).collect(Collectors.toSet());
    assertThat(new HashSet<>(ids)).as("mails of " + contestant.who()).hasSameSizeAs(all);
    assertThat(mails).as("mails sent twice by " + contestant.who()).hasSameSizeAs(ids);
  }

  private void limits(Contestant contestant) {
    List<Webhook> nothing =
        new Mix("nothing")
            .webhooks(WEBHOOKS).stream().map(BenchmarkIT::toNothing).collect(Collectors.toList());
    Senders.send(contestant.port(), MANY, nothing);
    results.machine(
        "an endpoint that does nothing, at 64",
        "%.0f/s".formatted(Senders.send(contestant.port(), MANY, nothing).perSecond()));
    results.machine(
        "rows of 1 KB committed singly, 16 connections",
        "%.0f/s"
            .formatted(
                Limits.insertsPerSecond(contestant.servers().postgres().getPostgresDatabase())));
    results.machine("syncs of a file", "%.0f/s".formatted(Limits.syncsPerSecond()));
  }

  private static Webhook toNothing(Webhook webhook) {
    String text = new String(webhook.request(), java.nio.charset.StandardCharsets.ISO_8859_1);
    byte[] request =
        text.replaceFirst("POST \\S+", "POST /nothing")
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    return new Webhook(webhook.type(), webhook.key(), webhook.status(), request);
  }

  private void add(String what, String unit, Better better, Who who, double value) {
    results.add(what, unit, better, who, value);
  }

  private static double millis(Instant start) {
    return Duration.between(start, Instant.now()).toNanos() / 1e6;
  }
}
