package io.commercewebhooks.failures;

import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Relay;
import io.commercewebhooks.sandbox.ShippedNotifications;
import io.commercewebhooks.sandbox.WebhookSender;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The servers around the service, which outlive it, and the packaged service itself: one node or
 * several, each of which can be started again and again at the same address, beside the project's
 * {@code routes/} and {@code config/} or others. The ledger and the database target are one
 * PostgreSQL that loses no commit; the service reaches each by a way of its own that can be cut.
 */
final class Installation implements AutoCloseable {

  private static final String AS_IN_THE_IMAGE = "-XX:+UseParallelGC -XX:+ExitOnOutOfMemoryError";

  private static final Duration QUIET_LIMIT = Duration.ofSeconds(150);
  private static final Duration POLL = Duration.ofMillis(50);

  private final LocalServers servers = LocalServers.startDurable();
  private final JdbcTemplate database = servers.database();
  private final Relay wayToTheLedger = Relay.before(servers.postgres().getPort());
  private final Relay wayToTheDatabase = Relay.before(servers.postgres().getPort());
  private final Map<String, String> environment = new LinkedHashMap<>(servers.environment());
  private final List<Node> nodes = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final Path directory;

  /** Where a node listens, and its run, if it was started. */
  private static final class Node {

    private final int port = ServiceProcess.freePort();
    private final int managementPort = ServiceProcess.freePort();
    private final WebhookSender sender = new WebhookSender(URI.create("http://127.0.0.1:" + port));
    private ServiceProcess service;
  }

  /** With one node. */
  Installation() {
    this(1);
  }

  Installation(int size) {
    this(size, Path.of(""));
  }

  /**
   * @param directory holds {@code routes/} and {@code config/}
   */
  Installation(int size, Path directory) {
    this.directory = directory;
    for (int i = 0; i < size; i++) {
      nodes.add(new Node());
    }
    environment.put("JDK_JAVA_OPTIONS", AS_IN_THE_IMAGE);
    environment.put("LEDGER_URL", url(wayToTheLedger));
    environment.put("DATABASE_URL", url(wayToTheDatabase));
    environment.put(
        "MAIL_NOTIFICATIONS", ShippedNotifications.singly().toAbsolutePath().toString());
  }

  private static String url(Relay way) {
    return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(way.port());
  }

  /** Adds to the environment of every node that is started from now on. */
  Installation with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Starts the first node and waits until it is ready. */
  ServiceProcess start() {
    return start(0);
  }

  /** Starts a node, counted from 0, and waits until it is ready. */
  ServiceProcess start(int number) {
    Node node = nodes.get(number);
    Map<String, String> own = new LinkedHashMap<>(environment);
    own.put("SERVER_PORT", Integer.toString(node.port));
    own.put("MANAGEMENT_SERVER_PORT", Integer.toString(node.managementPort));
    node.service = ServiceProcess.of(directory, own);
    return node.service.awaitReady();
  }

  /** Where operators reach the first node. */
  URI management() {
    return URI.create("http://127.0.0.1:" + nodes.get(0).managementPort);
  }

  /** The run of a node that was started last. */
  ServiceProcess node(int number) {
    return nodes.get(number).service;
  }

  /** Sends to the nodes in turn, whether they run or not. */
  WebhookSender sender() {
    return nodes.get(Math.floorMod(turn.getAndIncrement(), nodes.size())).sender;
  }

  /** Waits until nothing is left to route or to deliver. */
  void awaitQuiet() {
    awaitNone(
        """
        select (select count(*) from event where state = 'received')
             + (select count(*) from delivery where state = 'waiting')
        """);
  }

  /**
   * Waits until everything that was booked for a target before now is settled.
   *
   * @return how long that took
   */
  Duration awaitCaughtUp(String target) {
    Instant start = Instant.now();
    awaitNone(
        "select count(*) from delivery where target = ? and state = 'waiting' and booked_at <= ?",
        target,
        Timestamp.from(start));
    return Duration.between(start, Instant.now());
  }

  /** In words, how long after a time the last delivery to each target was settled. */
  String settledAfter(Instant time) {
    List<String> words = new ArrayList<>();
    database.query(
        "select target, max(settled_at) as last from delivery group by target order by target",
        row -> {
          Duration after = Duration.between(time, row.getTimestamp("last").toInstant());
          words.add(row.getString("target") + " " + Math.max(0, after.toMillis()) + " ms");
        });
    return String.join(", ", words);
  }

  private void awaitNone(String sql, Object... arguments) {
    try {
      Awaitility.await("nothing is left to deliver")
          .atMost(QUIET_LIMIT)
          .pollInterval(POLL)
          .until(() -> count(sql, arguments) == 0);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("left: " + left(), e);
    }
  }

  /** What is not done yet, for whoever waited in vain. */
  private String left() {
    return database.queryForList(
            """
            select target, count(*), max(attempts) as attempts, min(next_attempt_at) as next,
                   (select state || ' ' || reason || ' until ' || coalesce(until::text, 'told')
                    from target t where t.name = d.target) as hold,
                   (select string_agg(distinct a.code, ' ') from attempt a
                    join delivery l on l.id = a.delivery_id
                    where l.target = d.target and l.state = 'waiting') as codes
            from delivery d where state = 'waiting' group by target
            union all
            select 'routing', count(*), max(attempts), min(next_attempt_at), null, max(reason)
            from event where state = 'received' having count(*) > 0
            """)
        + " at "
        + Instant.now();
  }

  long count(String sql, Object... arguments) {
    Long count = database.queryForObject(sql, Long.class, arguments);
    return count == null ? 0 : count;
  }

  /** What was refused at the door, and why. */
  List<String> refused() {
    return database.queryForList(
        "select status || ' ' || reason || ' ' || detail from rejected_webhook", String.class);
  }

  LocalServers servers() {
    return servers;
  }

  /** The ledger and the database target, reached past the ways of the service. */
  JdbcTemplate database() {
    return database;
  }

  Relay wayToTheLedger() {
    return wayToTheLedger;
  }

  Relay wayToTheDatabase() {
    return wayToTheDatabase;
  }

  @Override
  public void close() {
    nodes.stream()
        .map(node -> node.service)
        .filter(run -> run != null)
        .forEach(ServiceProcess::close);
    wayToTheLedger.close();
    wayToTheDatabase.close();
    servers.close();
  }
}
