package io.commercewebhooks.benchmark;

import static io.commercewebhooks.benchmark.Trials.MANY;
import static io.commercewebhooks.benchmark.Trials.ROUNDS;
import static io.commercewebhooks.benchmark.Trials.WARM_UP;
import static io.commercewebhooks.benchmark.Trials.WEBHOOKS;
import static io.commercewebhooks.benchmark.Trials.millis;
import static io.commercewebhooks.benchmark.Trials.rest;
import static io.commercewebhooks.benchmark.Trials.warmUp;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.benchmark.Contestant.Part;
import io.commercewebhooks.benchmark.Contestant.Who;
import io.commercewebhooks.benchmark.Mix.Webhook;
import io.commercewebhooks.benchmark.Results.Better;
import io.commercewebhooks.benchmark.Senders.Acknowledged;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.ShippedNotifications;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Both services do the same work on the same machine, one after the other, several times; whoever
 * loses, doubles or leaves anything stale fails, however fast. The rounds, the webhooks of a trial
 * and of the warm-up before it can be set, and one of the two left out: {@code -Dbenchmark.rounds=1
 * -Dbenchmark.webhooks=1000 -Dbenchmark.warm-up=2000 -Dbenchmark.who=COMMERCE_WEBHOOKS}.
 */
class BenchmarkIT {

  /** Fewer, where each one waits for the one before. */
  private static final int ONE_BY_ONE = WEBHOOKS / 4;

  /** So many that the two seconds in which the last mails are gathered matter little. */
  private static final int WHILE_GATHERED = 4 * WEBHOOKS;

  private static final String SINGLY = "";
  private static final String GATHERED = ", mails gathered";
  private static final Pattern SEVERAL = Pattern.compile("([0-9]+) messages in one\\R");
  private static final int COUNTED = 500;
  private static final int ALONE = 40;
  private static final int[] CONNECTIONS = {1, 16, 64, 256};

  /** How often the warm-up is made: answers are many a second, and their runtime is a new one. */
  private static final int TO_DELIVER = 2;

  private static final int TO_ANSWER = 4;

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Most of what was busy has been compiled by then. */
  private static final Duration BEFORE_IDLE = Duration.ofMinutes(2);

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Path FOLDER = Path.of("target", "benchmark");

  private static final String OPERATORS = "operators@example.com";

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
    machine();
    for (int round = 0; round < ROUNDS; round++) {
      for (Who who : inTurn(round)) {
        everything(who);
        results.write(FOLDER);
        intakeAlone(who, round == 0);
        results.write(FOLDER);
        if (who == Who.COMMERCE_WEBHOOKS) {
          withMailsGathered();
          results.write(FOLDER);
        }
      }
    }
    System.out.println(results.table());
  }

  private static List<Who> inTurn(int round) {
    String alone = System.getProperty("benchmark.who");
    if (alone != null) {
      return List.of(Who.valueOf(alone));
    }
    return round % 2 == 0
        ? List.of(Who.HAND_WRITTEN, Who.COMMERCE_WEBHOOKS)
        : List.of(Who.COMMERCE_WEBHOOKS, Who.HAND_WRITTEN);
  }

  private void machine() {
    results.machine("processors", processors());
    results.machine(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    results.machine("Java", Runtime.version() + " " + System.getProperty("java.vm.name"));
    results.machine("webhooks of a trial", Integer.toString(WEBHOOKS));
    results.machine(
        "webhooks before it, before answers", TO_DELIVER * WARM_UP + ", " + TO_ANSWER * WARM_UP);
    results.machine("rounds, of which medians", Integer.toString(ROUNDS));
  }

  private static String processors() {
    int count = Runtime.getRuntime().availableProcessors();
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> count + " × " + line.substring(line.indexOf(':') + 1).strip())
          .orElse(Integer.toString(count));
    } catch (IOException elsewhereThanOnLinux) {
      return Integer.toString(count);
    }
  }

  private void everything(Who who) {
    List<Webhook> all = new ArrayList<>(new Mix("first").webhooks(1));
    try (Contestant contestant = new Contestant(who, Part.ALL, all.get(0))) {
      add("start to first 200", "ms", Better.LESS, who, millis(contestant.startToAcknowledged()));
      warmUp("warm-up", TO_DELIVER, webhooks -> deliver(contestant, webhooks, all));
      endToEnd(contestant, new Mix("end-to-end").webhooks(WEBHOOKS), all, SINGLY);
      statements(contestant, all);
      idle(contestant, all);
      judge(contestant, all);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(who + " failed: " + e.getMessage(), e);
    }
  }

  /** As shipped, with seconds in place of minutes: what comes often is told of in one mail. */
  private void withMailsGathered() {
    Who who = Who.COMMERCE_WEBHOOKS;
    List<Webhook> all = new ArrayList<>(new Mix("first").webhooks(1));
    Map<String, String> settings =
        Map.of("MAIL_NOTIFICATIONS", ShippedNotifications.gathered(2, "2s").toString());
    try (Contestant contestant = new Contestant(who, Part.ALL, all.get(0), settings)) {
      warmUp("warm-up", TO_DELIVER, webhooks -> deliver(contestant, webhooks, all, GATHERED));
      endToEnd(contestant, new Mix("end-to-end").webhooks(WHILE_GATHERED), all, GATHERED);
      judge(contestant, all);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(who + " failed: " + e.getMessage(), e);
    }
  }

  private static Acknowledged deliver(
      Contestant contestant, List<Webhook> webhooks, List<Webhook> all) {
    return deliver(contestant, webhooks, all, SINGLY);
  }

  private static Acknowledged deliver(
      Contestant contestant, List<Webhook> webhooks, List<Webhook> all, String mails) {
    all.addAll(webhooks);
    Acknowledged done = Senders.send(contestant.port(), MANY, webhooks);
    contestant.awaitDelivered(mails.equals(SINGLY) ? all.size() : 0);
    return done;
  }

  /**
   * From the first webhook sent until Salesforce, the database and the mailbox have all.
   *
   * @param mails ends the names of what is measured
   */
  private void endToEnd(
      Contestant contestant, List<Webhook> webhooks, List<Webhook> all, String mails) {
    double count = webhooks.size();
    long calls = contestant.servers().salesforce().calls();
    int sentBefore = contestant.servers().mailbox().count();
    int connections = contestant.servers().mailbox().connections();
    Duration cpu = contestant.cpu();
    Duration cpuOfPostgres = contestant.cpuOfPostgres();
    Duration cpuOutside = cpuOfSendersAndTargets();
    long start = System.nanoTime();
    Acknowledged done = deliver(contestant, webhooks, all, mails);
    double seconds = (System.nanoTime() - start) / 1e9;
    Who who = contestant.who();
    double itsOwn = millis(contestant.cpu().minus(cpu)) / count;
    double ofPostgres = millis(contestant.cpuOfPostgres().minus(cpuOfPostgres)) / count;
    double outside = millis(cpuOfSendersAndTargets().minus(cpuOutside)) / count;
    double atMost = Runtime.getRuntime().availableProcessors() * 1000 / outside;
    int sent = contestant.servers().mailbox().count() - sentBefore;
    // by hand there is one way of sending mails
    for (String how : who == Who.HAND_WRITTEN ? List.of(SINGLY, GATHERED) : List.of(mails)) {
      add("end to end" + how, "webhooks/s", Better.MORE, who, count / seconds);
      add("  processor time of the service" + how, "ms/webhook", Better.LESS, who, itsOwn);
      add("  processor time of PostgreSQL" + how, "ms/webhook", Better.LESS, who, ofPostgres);
      add("  processor time of senders and targets" + how, "ms/webhook", Better.LESS, who, outside);
      add("  if all else took no time" + how, "webhooks/s", Better.MORE, who, atMost);
      add("  mails sent" + how, "per webhook", Better.LESS, who, sent / count);
    }
    if (mails.equals(GATHERED)) {
      return;
    }
    add("  answers meanwhile, p99", "ms", Better.LESS, who, millis(done.p99()));
    add("  sent away with 503", "", Better.LESS, who, done.sentAway());
    add(
        "  calls of Salesforce",
        "per webhook",
        Better.LESS,
        who,
        (contestant.servers().salesforce().calls() - calls) / count);
    add(
        "  connections to the mail server",
        "per 1,000 mails",
        Better.LESS,
        who,
        (contestant.servers().mailbox().connections() - connections) * 1000.0 / sent);
  }

  /** Theirs is the process that measures: what a service leaves of the processors is theirs. */
  private static Duration cpuOfSendersAndTargets() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private void statements(Contestant contestant, List<Webhook> all) {
    contestant.countStatements(true);
    deliver(contestant, new Mix("counted").webhooks(COUNTED), all);
    contestant.countStatements(false);
    List<String> statements = contestant.statements();
    long brackets =
        statements.stream().filter(line -> line.matches(".*: (BEGIN|ROLLBACK|SET .*)")).count();
    long commits = statements.stream().filter(line -> line.endsWith(": COMMIT")).count();
    add(
        "  statements in PostgreSQL",
        "per webhook",
        Better.LESS,
        contestant.who(),
        (statements.size() - brackets - commits) / (double) COUNTED);
    try {
      Files.createDirectories(FOLDER);
      Files.write(FOLDER.resolve("statements-" + contestant.who() + ".txt"), statements);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One webhook at a time, each long after the one before. */
  private void idle(Contestant contestant, List<Webhook> all) {
    Who who = contestant.who();
    List<Duration> times = new ArrayList<>();
    for (Webhook webhook : new Mix("alone").webhooks(ALONE)) {
      all.add(webhook);
      Senders.send(contestant.port(), 1, List.of(webhook));
      long start = System.nanoTime();
      contestant.awaitDelivered(all.size());
      times.add(Duration.ofNanos(System.nanoTime() - start));
      rest(PAUSE);
    }
    times.sort(null);
    add(
        "one alone, answer to delivered, p50",
        "ms",
        Better.LESS,
        who,
        millis(times.get(times.size() / 2)));
    rest(BEFORE_IDLE);
    Duration cpu = contestant.cpu();
    rest(IDLE);
    add(
        "idle",
        "% of a processor",
        Better.LESS,
        who,
        100 * millis(contestant.cpu().minus(cpu)) / IDLE.toMillis());
  }

  /** Nothing missing, doubled or stale, as seen from outside. */
  private static void judge(Contestant contestant, List<Webhook> all) {
    Map<String, String> due = Mix.lastStates(all);
    assertThat(contestant.statesInDatabase()).as("states in the database").isEqualTo(due);
    assertThat(contestant.history()).as("history in the database").isEqualTo(all.size());
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
    // What operators are told, such as that the webhooks have fields of the shop's own, is of no
    // event.
    List<MailboxMail> mails =
        contestant.servers().mailbox().received().stream()
            .filter(mail -> !mail.recipients().contains(OPERATORS))
            .toList();
    Map<String, List<String>> subjects =
        mails.stream()
            .collect(
                Collectors.groupingBy(
                    MailboxMail::messageId,
                    Collectors.mapping(MailboxMail::subject, Collectors.toList())));
    assertThat(subjects.values().stream().filter(same -> same.size() > 1))
        .as("mails sent more than once")
        .isEmpty();
    assertThat(mails.stream().mapToInt(BenchmarkIT::told).sum())
        .as("told, among them %s", new TreeSet<>(mails.stream().map(BenchmarkIT::kind).toList()))
        .isEqualTo(all.size());
  }

  /** How many events a mail tells of. */
  private static int told(MailboxMail mail) {
    Matcher several = SEVERAL.matcher(mail.text());
    return several.lookingAt() ? Integer.parseInt(several.group(1)) : 1;
  }

  /** A subject without what differs between events. */
  private static String kind(MailboxMail mail) {
    return mail.subject().replaceAll("[a-z-]*-?[0-9]+", "#");
  }

  /** Nobody delivers meanwhile, so that it is told what an answer takes and costs. */
  private void intakeAlone(Who who, boolean limits) {
    List<Webhook> all = new ArrayList<>(new Mix("first").webhooks(1));
    try (Contestant contestant = new Contestant(who, Part.INTAKE_ALONE, all.get(0))) {
      warmUp(
          "warm-up",
          TO_ANSWER,
          webhooks -> {
            all.addAll(webhooks);
            Senders.send(contestant.port(), MANY, webhooks);
          });
      for (int connections : CONNECTIONS) {
        acknowledgements(contestant, connections, all);
      }
      assertThat(contestant.kept()).as("events kept").isEqualTo(all.size());
      if (limits && who == Who.HAND_WRITTEN) {
        limits(contestant);
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(who + " failed: " + e.getMessage(), e);
    }
  }

  private void acknowledgements(Contestant contestant, int connections, List<Webhook> all) {
    Who who = contestant.who();
    List<Webhook> webhooks =
        new Mix("acknowledged-" + connections).webhooks(connections == 1 ? ONE_BY_ONE : WEBHOOKS);
    all.addAll(webhooks);
    Duration cpu = contestant.cpu();
    Acknowledged done = Senders.send(contestant.port(), connections, webhooks);
    String of = connections == 1 ? " of 1 connection" : " of " + connections + " connections";
    add("answers" + of, "webhooks/s", Better.MORE, who, done.perSecond());
    add("  p50" + of, "ms", Better.LESS, who, millis(done.p50()));
    add("  p99" + of, "ms", Better.LESS, who, millis(done.p99()));
    add(
        "  processor time" + of,
        "ms/webhook",
        Better.LESS,
        who,
        millis(contestant.cpu().minus(cpu)) / webhooks.size());
    add("  sent away with 503" + of, "", Better.LESS, who, done.sentAway());
  }

  private void limits(Contestant contestant) {
    results.machine(
        "PostgreSQL", contestant.database().queryForObject("show server_version", String.class));
    List<Webhook> nothing =
        new Mix("nothing").webhooks(WEBHOOKS).stream().map(BenchmarkIT::toNothing).toList();
    Senders.send(contestant.port(), MANY, nothing);
    results.machine(
        "an endpoint that does nothing, 64 connections",
        "%.0f/s".formatted(Senders.send(contestant.port(), MANY, nothing).perSecond()));
    results.machine(
        "rows of 1 KB committed singly, 16 connections",
        "%.0f/s"
            .formatted(
                Limits.insertsPerSecond(contestant.servers().postgres().getPostgresDatabase())));
    results.machine("syncs of a file", "%.0f/s".formatted(Limits.syncsPerSecond()));
  }

  private static Webhook toNothing(Webhook webhook) {
    String request =
        new String(webhook.request(), ISO_8859_1).replaceFirst("POST \\S+", "POST /nothing");
    return new Webhook(
        webhook.type(), webhook.key(), webhook.status(), request.getBytes(ISO_8859_1));
  }

  private void add(String what, String unit, Better better, Who who, double value) {
    results.add(what, unit, better, who, value);
  }
}
