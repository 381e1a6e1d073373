package io.commercewebhooks.benchmark;

import io.commercewebhooks.benchmark.Mix.Webhook;
import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.ShippedNotifications;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * A service under test, as a process of its own, with a PostgreSQL, a Salesforce and a mail server
 * that serve it alone.
 */
final class Contestant implements AutoCloseable {

  /** Who takes part. */
  enum Who {
    COMMERCE_WEBHOOKS,
    HAND_WRITTEN
  }

  /** What it does of its work. */
  enum Part {
    ALL,
    INTAKE_ALONE
  }

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final int NO_CONTENT = 204;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Marks the statements of this class, which are none of the service. */
  private static final String WATCHING = "/* watching */ ";

  private static final String LEFT_BY_HAND =
      WATCHING + "select exists (select from inbox where not done)";

  private static final String LEFT_IN_LEDGER =
      WATCHING
          + "select exists (select from event where state = 'received')"
          + " or exists (select from delivery where state = 'waiting')";

  private static final Map<String, String> TABLES =
      Map.of(
          "account-status-changed", "account",
          "quote-status-changed", "quote",
          "deal-registration-status-changed", "deal_registration",
          "order-status-changed", "commerce_order",
          "quote-requested", "quote_request",
          "return-updated", "return_request");

  /** The service as an image has it, with its libraries beside it. */
  private static final Path SERVICE =
      ServiceProcess.unpacked(Path.of("target", "benchmark", "service"));

  /** Of both; the service's image has it. */
  private static final String COLLECTOR = "-XX:+UseParallelGC";

  /**
   * What the service's JVM is told: of its collector and an archive of its classes, unless somebody
   * has something else to tell it.
   */
  private static final String JAVA_OPTIONS =
      Optional.ofNullable(System.getProperty("benchmark.java-options"))
          .orElseGet(Contestant::withClassesKept);

  private final Who who;
  private final LocalServers servers = LocalServers.startDurable();
  private final SingleConnectionDataSource connection =
      new SingleConnectionDataSource(
          servers.postgres().getJdbcUrl("postgres", "postgres"), "postgres", "postgres", true);
  private final JdbcTemplate database = new JdbcTemplate(connection);
  private final int port = ServiceProcess.freePort();
  private final int operatorsPort = ServiceProcess.freePort();
  private final Duration startToAcknowledged;
  private final ServiceProcess service;
  private final Map<String, String> settings;
  private ServiceProcess secondNode;

  /**
   * Starts it, and all that it needs.
   *
   * @param first is sent as soon as anybody listens
   */
  Contestant(Who who, Part part, Webhook first) {
    this(who, part, first, Map.of());
  }

  /**
   * Starts it, and all that it needs.
   *
   * @param settings what the environment of this service says besides
   */
  Contestant(Who who, Part part, Webhook first, Map<String, String> settings) {
    this.who = who;
    this.settings = settings;
    long start = System.nanoTime();
    if (who == Who.HAND_WRITTEN) {
      Map<String, String> environment = environment(servers, port, port);
      environment.put("SPRING_DATASOURCE_URL", environment.get("LEDGER_URL"));
      environment.put("SPRING_DATASOURCE_USERNAME", environment.get("LEDGER_USERNAME"));
      environment.put("SPRING_DATASOURCE_PASSWORD", environment.get("LEDGER_PASSWORD"));
      environment.put("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "40");
      environment.put("SPRING_THREADS_VIRTUAL_ENABLED", "true");
      environment.put("SPRING_CONFIG_LOCATION", "optional:file:./none/");
      environment.put("SPRING_MAIN_BANNERMODE", "off");
      environment.put("JDK_JAVA_OPTIONS", COLLECTOR);
      environment.put("WORKERS", part == Part.ALL ? "16" : "0");
      service = ServiceProcess.ofProgram(HandWritten.class, elsewhere(), environment);
    } else {
      service = node(port, operatorsPort, part);
    }
    try {
      Senders.insist(port, first, START_LIMIT);
    } catch (IllegalStateException e) {
      close();
      throw new IllegalStateException(e.getMessage() + ": " + service.output(), e);
    }
    startToAcknowledged = Duration.ofNanos(System.nanoTime() - start);
    if (part == Part.ALL) {
      service.awaitReady();
    }
  }

  private ServiceProcess node(int itsPort, int itsOperatorsPort, Part part) {
    Map<String, String> environment = environment(servers, itsPort, itsOperatorsPort);
    environment.put("MAIL_NOTIFICATIONS", ShippedNotifications.singly().toString());
    environment.putAll(settings);
    if (part == Part.INTAKE_ALONE) {
      environment.put("CAMEL_MAIN_AUTOSTARTUPEXCLUDEPATTERN", "routing-*,delivery-*");
    }
    environment.put("JDK_JAVA_OPTIONS", JAVA_OPTIONS);
    return ServiceProcess.ofJar(SERVICE, Path.of(""), environment);
  }

  private static Map<String, String> environment(
      LocalServers servers, int itsPort, int itsOperatorsPort) {
    Map<String, String> environment = new LinkedHashMap<>(servers.environment());
    environment.put("SERVER_PORT", Integer.toString(itsPort));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(itsOperatorsPort));
    return environment;
  }

  /**
   * Starts and stops it once, beside a ledger of its own, so that the JVM keeps what that took.
   *
   * @return the options by which it is used
   */
  private static String withClassesKept() {
    Path archive = SERVICE.resolveSibling("service.jsa").toAbsolutePath();
    try (LocalServers servers = LocalServers.startDurable()) {
      Map<String, String> environment =
          environment(servers, ServiceProcess.freePort(), ServiceProcess.freePort());
      environment.put("JDK_JAVA_OPTIONS", "-XX:ArchiveClassesAtExit=" + archive);
      try (ServiceProcess once = ServiceProcess.ofJar(SERVICE, Path.of(""), environment)) {
        once.awaitReady().terminate();
        once.exitCode(START_LIMIT);
      }
    }
    return COLLECTOR + " -XX:SharedArchiveFile=" + archive;
  }

  /**
   * Starts another node of this service, beside the same ledger.
   *
   * @return its port
   */
  int startSecondNode() {
    int itsPort = ServiceProcess.freePort();
    secondNode = node(itsPort, ServiceProcess.freePort(), Part.ALL).awaitReady();
    return itsPort;
  }

  /** Stops it as an operator would. */
  void stopSecondNode() {
    secondNode.terminate();
    secondNode.exitCode(START_LIMIT);
    secondNode = null;
  }

  /** Where the settings of this project don't lie beside it. */
  private static Path elsewhere() {
    try {
      return Files.createDirectories(Path.of("target", "benchmark", "hand-written"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Who who() {
    return who;
  }

  int port() {
    return port;
  }

  LocalServers servers() {
    return servers;
  }

  JdbcTemplate database() {
    return database;
  }

  /** From the start of its process to its first answer of 200. */
  Duration startToAcknowledged() {
    return startToAcknowledged;
  }

  /** The processor time that the nodes of the service have used since they were started. */
  Duration cpu() {
    return secondNode == null ? service.cpu() : service.cpu().plus(secondNode.cpu());
  }

  /** The most memory that the service has had at once, in bytes; 0 where only Linux would tell. */
  long peakMemory() {
    return service.peakMemory();
  }

  /** The processor time that its PostgreSQL has used in the processes that are there now. */
  Duration cpuOfPostgres() {
    Long backend =
        database.queryForObject(WATCHING + "select pg_backend_pid()::bigint", Long.class);
    return ProcessHandle.of(backend == null ? -1 : backend)
        .flatMap(ProcessHandle::parent)
        .map(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.children()))
        .orElseGet(Stream::empty)
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** Starts or ends the account of {@link #statements()}, which costs some time. */
  void countStatements(boolean yes) {
    database.execute("alter system set log_statement = '" + (yes ? "all" : "none") + "'");
    database.execute("select pg_reload_conf()");
  }

  /** What PostgreSQL was told to do while the statements were counted, one line each. */
  List<String> statements() {
    String log =
        database.queryForObject(
            WATCHING + "select pg_read_file(pg_current_logfile())", String.class);
    return log == null
        ? List.of()
        : log.lines()
            .filter(line -> line.contains("LOG:  execute") || line.contains("LOG:  statement"))
            .filter(line -> !line.contains(WATCHING) && !line.contains("pg_reload_conf"))
            .filter(line -> !line.contains("alter system"))
            .toList();
  }

  /**
   * Waits until every target has everything.
   *
   * @param mails as many as the mailbox will have then
   */
  void awaitDelivered(int mails) {
    // by statistics of a moment when much was left, each look would read whole tables
    database.execute(WATCHING + "set enable_seqscan = off");
    Awaitility.await("everything is delivered")
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> servers.mailbox().count() >= mails && isNothingLeft());
    database.execute(WATCHING + "reset enable_seqscan");
  }

  private boolean isNothingLeft() {
    String left = who == Who.HAND_WRITTEN ? LEFT_BY_HAND : LEFT_IN_LEDGER;
    return Boolean.FALSE.equals(database.queryForObject(left, Boolean.class));
  }

  /**
   * Does what an operator would do to a target of this service.
   *
   * @param action {@code pause} or {@code resume}
   */
  void asOperator(String target, String action) {
    int status =
        service
            .sender()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/api/targets/%s/%s"
                                .formatted(operatorsPort, target, action)))
                    .header("Authorization", LocalServers.OPERATORS_LOGIN)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build())
            .statusCode();
    if (status != NO_CONTENT) {
      throw new IllegalStateException(action + " of " + target + ": answered with " + status);
    }
  }

  /** How many events it has kept. */
  long kept() {
    String table = who == Who.HAND_WRITTEN ? "inbox" : "event";
    Long count = database.queryForObject("select count(*) from " + table, Long.class);
    return count == null ? 0 : count;
  }

  /** How many events are in the history of the database target. */
  long history() {
    String table = who == Who.HAND_WRITTEN ? "history" : "status_history";
    Long count = database.queryForObject("select count(*) from " + table, Long.class);
    return count == null ? 0 : count;
  }

  /** The state of every business object in the database target, by type and key. */
  Map<String, String> statesInDatabase() {
    Map<String, String> states = new HashMap<>();
    if (who == Who.HAND_WRITTEN) {
      database.query(
          "select type, key, status from entity",
          row -> {
            states.put(row.getString(1) + " " + row.getString(2), row.getString(3));
          });
    } else {
      TABLES.forEach(
          (type, table) ->
              database.query(
                  "select key, status from " + table,
                  row -> {
                    states.put(type + " " + row.getString(1), row.getString(2));
                  }));
    }
    return states;
  }

  @Override
  public void close() {
    service.close();
    if (secondNode != null) {
      secondNode.close();
    }
    connection.destroy();
    servers.close();
  }
}
