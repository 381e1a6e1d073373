package io.commercewebhooks.benchmark;

import static io.commercewebhooks.benchmark.Trials.MANY;
import static io.commercewebhooks.benchmark.Trials.ROUNDS;
import static io.commercewebhooks.benchmark.Trials.WEBHOOKS;
import static io.commercewebhooks.benchmark.Trials.millis;
import static io.commercewebhooks.benchmark.Trials.rest;
import static io.commercewebhooks.benchmark.Trials.warmUp;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.benchmark.Contestant.Part;
import io.commercewebhooks.benchmark.Contestant.Who;
import io.commercewebhooks.benchmark.Mix.Webhook;
import io.commercewebhooks.benchmark.Senders.Acknowledged;
import io.commercewebhooks.failures.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What becomes of the figures as the work grows: a second node beside the first, a backlog of many
 * events whose targets were away, with live ones among them, and events that grow too old while
 * others come in. How many the backlog has is {@code -Dgrowth.backlog}, 20,000 unless set; it is
 * watched for {@code -Dgrowth.minutes} at most, 5 unless set.
 */
class GrowthIT {

  private static final int BACKLOG = Integer.getInteger("growth.backlog", 20_000);
  private static final Duration WATCHED =
      Duration.ofMinutes(Integer.getInteger("growth.minutes", 5));
  private static final Duration BETWEEN_LIVE_ONES = Duration.ofMillis(250);
  private static final int KINDS = 500;
  private static final int LIVE_ONES = 20;
  private static final int AT_ONCE = 20;
  private static final int TARGETS = 3;

  /** All of it is old, or it would be live itself. */
  private static final List<String> TO_MULTIPLY =
      List.of(
          """
          update delivery set next_attempt_at = next_attempt_at - interval '1 hour' where state = 'waiting'
          """,
          """
          create temporary table waiting_event as
          select * from event where entity_key like 'backlog-%' and state = 'routed'
          """,
          """
          create temporary table waiting_delivery as
          select d.*, e.id as event_id from delivery d join waiting_event e on e.sequence = d.event_sequence
          """);

  /** Bound to the numbers of the first and the last copy to make of each event that waits. */
  private static final List<String> MULTIPLIED =
      List.of(
          """
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at, received_at,
                             attributes, mapping, body, state, attempts, routed_at, people, protection, files)
          select e.id || '-' || n, e.sender, e.type, e.status, e.entity_kind, e.entity_key || '-' || n,
                 e.occurred_at, e.received_at, e.attributes, e.mapping,
                 replace(e.body, e.entity_key, e.entity_key || '-' || n), e.state, e.attempts, e.routed_at,
                 e.people, e.protection, e.files
          from generate_series(?, ?) as n, waiting_event e
          """,
          """
          insert into delivery (event_sequence, target, audience, type, entity, occurred_at, parameters,
                                next_attempt_at, booked_at)
          select copy.sequence, d.target, d.audience, d.type, d.entity || '-' || n, d.occurred_at, d.parameters,
                 d.next_attempt_at, d.booked_at
          from generate_series(?, ?) as n, waiting_delivery d, event copy
          where copy.id = d.event_id || '-' || n
          """);

  private static final List<String> TOO_OLD =
      List.of(
          "update event set received_at = received_at - interval '400 days'"
              + " where payload_removed_at is not null",
          "update event set received_at = received_at - interval '100 days'"
              + " where payload_removed_at is null");

  @RegisterExtension final Figures figures = new Figures("growth");

  private final List<Webhook> all = new ArrayList<>(new Mix("first").webhooks(1));

  @Test
  void two_nodes_do_as_much_for_their_processor_time_as_one() {
    try (Contestant nodes = new Contestant(Who.COMMERCE_WEBHOOKS, Part.ALL, all.get(0))) {
      int[] one = {nodes.port()};
      warmUp("one", one.length, webhooks -> deliver(nodes, one, webhooks));
      List<Trial> before = trials(nodes, one, "before");
      int[] two = {nodes.port(), nodes.startSecondNode()};
      warmUp("two", two.length, webhooks -> deliver(nodes, two, webhooks));
      List<Trial> ofTwo = trials(nodes, two, "two");
      nodes.stopSecondNode();
      List<Trial> after = trials(nodes, one, "after");

      // the first node is warmer each time: what it does alone is the mean of before and after
      double millisOfOne = (median(before, Trial::millis) + median(after, Trial::millis)) / 2;
      figures.add(
          "one node: %.0f webhooks/s before and %.0f after, %.2f and %.2f ms of processor time each"
              + " (with PostgreSQL %.2f and %.2f)",
          median(before, Trial::perSecond),
          median(after, Trial::perSecond),
          median(before, Trial::millis),
          median(after, Trial::millis),
          median(before, Trial::millisWithPostgres),
          median(after, Trial::millisWithPostgres));
      figures.add(
          "two nodes on the same processors: %.0f webhooks/s, %.2f ms each (with PostgreSQL %.2f):"
              + " %.2f times the webhooks per processor second",
          median(ofTwo, Trial::perSecond),
          median(ofTwo, Trial::millis),
          median(ofTwo, Trial::millisWithPostgres),
          millisOfOne / median(ofTwo, Trial::millis));
      assertThat(nodes.history()).as("history in the database").isEqualTo(all.size());
    }
  }

  @Test
  void a_backlog_is_worked_off_in_bounded_memory_and_live_events_pass_it() {
    try (Contestant service = new Contestant(Who.COMMERCE_WEBHOOKS, Part.ALL, all.get(0))) {
      int[] port = {service.port()};
      warmUp("warm-up", port.length, webhooks -> deliver(service, port, webhooks));
      Trial without = trials(service, port, "without").get(0);
      JdbcTemplate ledger = service.database();
      List<String> targets = List.of("salesforce", "database", "email");
      targets.forEach(target -> service.asOperator(target, "pause"));
      Senders.send(service.port(), MANY, new Mix("backlog").webhooks(KINDS));
      Awaitility.await("all are routed")
          .atMost(Duration.ofMinutes(1))
          .until(() -> waiting(ledger) == TARGETS * KINDS);
      TO_MULTIPLY.forEach(ledger::execute);
      int copies = BACKLOG / KINDS - 1;
      for (int first = 1; first <= copies; first += AT_ONCE) {
        int last = Math.min(copies, first + AT_ONCE - 1);
        for (String sql : MULTIPLIED) {
          ledger.update(sql, first, last);
        }
      }
      ledger.execute("vacuum analyze");
      assertThat(waiting(ledger)).isEqualTo(TARGETS * BACKLOG);
      targets.forEach(target -> service.asOperator(target, "resume"));

      int mails = service.servers().mailbox().count();
      long start = System.nanoTime();
      List<Duration> live = new ArrayList<>();
      while (service.servers().mailbox().count() - mails < BACKLOG
          && System.nanoTime() - start < WATCHED.toNanos()) {
        // signed when they are sent: a signature is worth five minutes
        new Mix("live-" + live.size())
            .webhooks(LIVE_ONES)
            .forEach(webhook -> live.add(alone(service, webhook)));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long left = waiting(ledger) / TARGETS;
      live.sort(null);

      figures.add(
          "a backlog of %,d events: %.0f a second are worked off, %.0f without a backlog; %,d are left",
          BACKLOG, (BACKLOG - left) / seconds, without.perSecond(), left);
      figures.add(
          "%d live events meanwhile: delivered to all targets %.0f ms after the answer at p50, %.0f ms at p95,"
              + " %.0f ms at most",
          live.size(),
          millis(live.get(live.size() / 2)),
          millis(live.get(live.size() * 95 / 100)),
          millis(live.get(live.size() - 1)));
      figures.add(
          "memory of the process, heap of 384 MB among it: %d MB at most",
          service.peakMemory() / 1024 / 1024);
      assertThat(
              ledger.queryForObject(
                  "select count(*) from delivery where state = 'dead'", long.class))
          .as("dead letters")
          .isZero();
    }
  }

  @Test
  void old_events_go_while_webhooks_come_in() {
    Map<String, String> eager = Map.of("RETENTION_LOOKEACH", "1s");
    try (Contestant service = new Contestant(Who.COMMERCE_WEBHOOKS, Part.ALL, all.get(0), eager)) {
      int[] port = {service.port()};
      warmUp("warm-up", port.length, webhooks -> deliver(service, port, webhooks));
      List<Acknowledged> without = new ArrayList<>();
      List<Acknowledged> beside = new ArrayList<>();
      long gone = 0;
      for (int round = 0; round < ROUNDS; round++) {
        Awaitility.await("nothing is too old")
            .atMost(Duration.ofMinutes(5))
            .until(() -> tooOld(service) == 0);
        without.add(answers(service, "without-" + round));
        service.awaitDelivered(all.size());
        // what has no payload any more goes altogether, the rest loses its payload
        TOO_OLD.forEach(service.database()::execute);
        long old = tooOld(service);
        beside.add(answers(service, "beside-" + round));
        long left = tooOld(service);
        assertThat(left).as("as webhooks came in, old events went").isLessThan(old);
        gone += old - left;
        service.awaitDelivered(all.size());
      }
      figures.add(
          "answers: %.0f a second and %.0f ms at p99; while retention works %.0f a second and %.0f ms at p99",
          median(without, Acknowledged::perSecond),
          median(without, done -> millis(done.p99())),
          median(beside, Acknowledged::perSecond),
          median(beside, done -> millis(done.p99())));
      figures.add("old payloads and events that went meanwhile: %,d", gone);
      assertThat(service.history()).as("history in the database").isEqualTo(all.size());
    }
  }

  private Acknowledged answers(Contestant service, String name) {
    List<Webhook> webhooks = new Mix(name).webhooks(WEBHOOKS);
    all.addAll(webhooks);
    return Senders.send(service.port(), MANY, webhooks);
  }

  private static long tooOld(Contestant service) {
    return count(
        service.database(),
        "select count(*) from event where received_at < now() - interval '400 days'"
            + " or payload_removed_at is null and received_at < now() - interval '90 days'");
  }

  /**
   * What a trial took: in all, of the nodes' processor time for each webhook, and with
   * PostgreSQL's.
   */
  private record Trial(double perSecond, double millis, double millisWithPostgres) {}

  private List<Trial> trials(Contestant nodes, int[] ports, String name) {
    List<Trial> trials = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Duration cpu = nodes.cpu();
      Duration postgres = nodes.cpuOfPostgres();
      long start = System.nanoTime();
      deliver(nodes, ports, new Mix(name + "-" + round).webhooks(WEBHOOKS));
      double seconds = (System.nanoTime() - start) / 1e9;
      double millis = millis(nodes.cpu().minus(cpu)) / WEBHOOKS;
      trials.add(
          new Trial(
              WEBHOOKS / seconds,
              millis,
              millis + millis(nodes.cpuOfPostgres().minus(postgres)) / WEBHOOKS));
    }
    return trials;
  }

  /** Sends to all ports at once, in equal parts, until every target has everything. */
  private void deliver(Contestant nodes, int[] ports, List<Webhook> webhooks) {
    all.addAll(webhooks);
    AtomicInteger next = new AtomicInteger();
    SideBySide.run(
        ports.length,
        () -> {
          int i = next.getAndIncrement();
          int size = webhooks.size();
          return Senders.send(
              ports[i],
              MANY / ports.length,
              webhooks.subList(size * i / ports.length, size * (i + 1) / ports.length));
        });
    nodes.awaitDelivered(all.size());
  }

  /** From the answer until the ledger has it delivered to all targets. */
  private static Duration alone(Contestant service, Webhook webhook) {
    Senders.send(service.port(), 1, List.of(webhook));
    long start = System.nanoTime();
    Awaitility.await("a live event is delivered")
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> delivered(service.database(), webhook.key()) == TARGETS);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    rest(BETWEEN_LIVE_ONES);
    return took;
  }

  /** Deliveries that are no longer to be made for an object: one that was overtaken counts too. */
  private static long delivered(JdbcTemplate ledger, String key) {
    return count(
        ledger,
        "select count(*) from event e join delivery d on d.event_sequence = e.sequence"
            + " where e.sequence = (select max(sequence) from event where entity_key = ?)"
            + " and d.state <> 'waiting'",
        key);
  }

  private static long waiting(JdbcTemplate ledger) {
    return count(ledger, "select count(*) from delivery where state = 'waiting'");
  }

  private static long count(JdbcTemplate ledger, String sql, Object... arguments) {
    Long count = ledger.queryForObject(sql, Long.class, arguments);
    return count == null ? 0 : count;
  }

  private static <T> double median(List<T> trials, ToDoubleFunction<T> of) {
    return trials.stream()
        .mapToDouble(of)
        .sorted()
        .skip(trials.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
