package io.commercewebhooks.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.commercewebhooks.Application;
import io.commercewebhooks.failures.Figures;
import io.commercewebhooks.ledger.Ledger.Part;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Webhooks;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * What a ledger of many events costs beside an empty one: to keep, route, claim and settle events,
 * and to look at them. How many is {@code -Dbig-ledger.events}, 200,000 unless set; {@code
 * -Dbig-ledger.url} names a PostgreSQL that keeps them for the next time: it is filled when it is
 * empty, by {@code big-ledger/fill.sql}. {@code -Dbig-ledger.memory} is what each PostgreSQL shares
 * of memory, 2GB unless set.
 */
class BigLedgerIT {

  private static final long EVENTS = Long.getLong("big-ledger.events", 200_000);
  private static final String KEPT_IN = System.getProperty("big-ledger.url");
  private static final String MEMORY = System.getProperty("big-ledger.memory", "2GB");
  private static final int WAITING = 10_000;
  private static final int CHUNK = 50_000;
  private static final int ROUNDS = 15;

  /** A process of PostgreSQL that has just begun finds its way into large indexes page by page. */
  private static final int WARM_UP = 150;

  private static final int BATCH = 200;
  private static final int OBJECTS = 1_100;
  private static final double GOAL = 1.2;
  private static final Duration GOAL_OF_PAGES = Duration.ofMillis(200);
  private static final RetryClock CLOCK =
      new RetryClock(Duration.ofSeconds(1), Duration.ofSeconds(1), 2);

  @RegisterExtension final Figures figures = new Figures("big ledger");

  private final LocalServers servers = LocalServers.start();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    servers.close();
  }

  @Test
  void many_events_make_neither_work_nor_looking_at_it_slower() throws Exception {
    Service empty = new Service(postgres());
    Service big = new Service(toFill());
    if (big.count("event") == 0) {
      big.fill();
    }
    figures.add("%,d events, %s", big.count("event"), big.size());

    for (int i = 0; i < WARM_UP; i++) {
      empty.all();
      big.all();
    }
    empty.database.execute("vacuum analyze");
    compare("keep " + BATCH + " events", empty, big, Service::keep);
    compare("route " + BATCH + " events", empty, big, Service::route);
    compare("claim and settle " + BATCH + " deliveries", empty, big, Service::deliver);
    compare("what became of the objects of " + BATCH + " mails", empty, big, Service::soFar);
    Map<String, String> known = big.known();
    List<String> pages =
        List.of(
            "/console",
            "/console/events",
            "/console/events?text={key}",
            "/console/events?text={id}",
            "/console/events?text=K-none",
            "/console/events?type=quote-status-changed&status=approved",
            "/console/events?type=return-updated&state=dead&target=salesforce",
            "/console/events?state=dead",
            "/console/events?state=waiting",
            "/console/events?state=held",
            "/console/events?state=superseded&target=database",
            "/console/events?state=delivered&target=email",
            "/console/events?state=unroutable",
            "/console/events?state=received",
            "/console/events?from=2026-11-01T00:00&to=2026-11-02T00:00",
            "/console/events?before={middle}",
            "/console/failures",
            "/console/unroutable",
            "/console/rejected",
            "/api/events?entity={key}",
            "/api/events?type=quote-status-changed&status=approved",
            "/api/events?state=unroutable",
            "/api/events?status=none",
            "/api/events?from={from}&to={to}",
            "/api/deliveries?entity={key}",
            "/api/deliveries?state=dead",
            "/api/deliveries?state=waiting",
            "/api/deliveries?target=salesforce",
            "/api/deliveries?cause=CAUSE_1",
            "/api/deliveries?type=quote-status-changed&status=approved&target=email",
            "/api/deliveries?from={from}&to={to}",
            "/api/targets",
            "/api/causes",
            "/api/causes?state=waiting");
    for (String page : pages) {
      look(page, empty, big, side -> side.get(in(page, known)));
    }
    look(
        "search by an e-mail",
        empty,
        big,
        side -> side.post("/api/events/search", "{\"email\":\"kim@example.com\"}"));
    look(
        "count what a replay of all events means",
        empty,
        big,
        side -> side.post("/api/replays", "{\"events\":{},\"dryRun\":true}"));
    look(
        "count what a replay of all deliveries means",
        empty,
        big,
        side -> side.post("/api/replays", "{\"deliveries\":{},\"dryRun\":true}"));
    compare("gauges", empty, big, side -> side.bean(LedgerMetrics.class).look());
    compare("balance", empty, big, side -> side.bean(Balance.class).look());
    compare("retention with nothing to do", empty, big, side -> side.bean(Retention.class).look());
    compare(
        "renewal with nothing to do",
        empty,
        big,
        side -> side.bean(ProtectionRenewal.class).renew());

    figures.add("read as a whole: %s", big.readAsAWhole());
  }

  private DataSource toFill() throws Exception {
    if (KEPT_IN != null) {
      return new DriverManagerDataSource(KEPT_IN, "postgres", "postgres");
    }
    return postgres();
  }

  /** One with memory, as {@code config/deployment/README.md} asks for. */
  private DataSource postgres() throws Exception {
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setServerConfig("shared_buffers", MEMORY).start();
    open.add(postgres);
    return postgres.getPostgresDatabase();
  }

  private static String in(String page, Map<String, String> known) {
    String address = page;
    for (Map.Entry<String, String> value : known.entrySet()) {
      address =
          address.replace("{" + value.getKey() + "}", URLEncoder.encode(value.getValue(), UTF_8));
    }
    return address;
  }

  private interface Work {
    void on(Service side) throws Exception;
  }

  private void compare(String what, Service empty, Service big, Work work) throws Exception {
    double[] medians = medians(empty, big, work);
    double ratio = medians[1] / medians[0];
    figures.add(
        "%-62s %8.2f ms empty %9.2f ms big %7.2f x%s",
        what, medians[0], medians[1], ratio, ratio > GOAL ? "  !" : "");
  }

  private void look(String what, Service empty, Service big, Work work) throws Exception {
    double[] medians = medians(empty, big, work);
    figures.add(
        "%-62s %8.2f ms empty %9.2f ms big%s",
        what, medians[0], medians[1], medians[1] > GOAL_OF_PAGES.toMillis() ? "  !" : "");
  }

  /** In turn, so that what else the machine does is shared. */
  private static double[] medians(Service empty, Service big, Work work) throws Exception {
    List<Double> small = new ArrayList<>();
    List<Double> large = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      small.add(millis(empty, work));
      large.add(millis(big, work));
      if (large.get(i) > 3_000) {
        break;
      }
    }
    return new double[] {median(small), median(large)};
  }

  private static double millis(Service side, Work work) throws Exception {
    long start = System.nanoTime();
    work.on(side);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  /** The service beside a ledger, without its routes: what waits is left to the trial. */
  private final class Service {

    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

    private final JdbcTemplate database;
    private final String soFar =
        Files.readString(Path.of("config/sql/entity-so-far.sql")).replace(":?", ":");
    private int turn;
    private final ConfigurableApplicationContext context;
    private final Ledger ledger;
    private final HttpClient http =
        HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private final URI management;

    Service(DataSource postgres) throws Exception {
      database = new JdbcTemplate(postgres);
      Map<String, String> settings = new HashMap<>(servers.environment());
      try (var connection = postgres.getConnection()) {
        settings.put("LEDGER_URL", connection.getMetaData().getURL());
      }
      settings.put("server.port", "0");
      settings.put("management.server.port", "0");
      settings.put("salesforce.check-at-start", "false");
      settings.put("spring.jmx.enabled", "false");
      SpringApplication application = new SpringApplication(Application.class);
      context =
          application.run(
              settings.entrySet().stream()
                  .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                  .toArray(String[]::new));
      open.add(0, context);
      context.getBean(CamelContext.class).stop();
      ledger = context.getBean(Ledger.class);
      management =
          URI.create(
              "http://127.0.0.1:"
                  + context.getEnvironment().getRequiredProperty("local.management.port"));
      signIn();
    }

    private void fill() throws Exception {
      String sql = Files.readString(Path.of("src/test/resources/big-ledger/fill.sql"));
      String protection = context.getBean(DataProtection.class).fingerprint();
      for (long first = 1; first <= EVENTS; first += CHUNK) {
        new NamedParameterJdbcTemplate(database)
            .execute(
                sql,
                Map.of(
                    "first", first,
                    "last", Math.min(EVENTS, first + CHUNK - 1),
                    "total", EVENTS,
                    "waiting", WAITING,
                    "protection", protection),
                statement -> statement.execute());
      }
      database.execute("vacuum analyze");
    }

    <T> T bean(Class<T> type) {
      return context.getBean(type);
    }

    long count(String table) {
      return database.queryForObject("select count(*) from " + table, Long.class);
    }

    String size() {
      return database.queryForObject(
          "select pg_size_pretty(pg_database_size(current_database()))", String.class);
    }

    Map<String, String> known() {
      Map<String, Object> event =
          database.queryForMap(
              "select id, entity_key, received_at, sequence from event where sequence >="
                  + " (select max(sequence) / 2 from event) and state = 'routed' order by sequence limit 1");
      Instant middle = ((java.sql.Timestamp) event.get("received_at")).toInstant();
      Map<String, String> known = new LinkedHashMap<>();
      known.put("id", (String) event.get("id"));
      known.put("key", (String) event.get("entity_key"));
      known.put("middle", event.get("sequence").toString());
      known.put("from", middle.toString());
      known.put("to", middle.plus(Duration.ofHours(1)).toString());
      return known;
    }

    void keep() {
      for (int i = 0; i < BATCH; i++) {
        assertThat(ledger.keep(ledger.seal(event()))).isTrue();
      }
    }

    private Event event() {
      String key = "Q-" + turn++ % OBJECTS;
      return new Event(
          0,
          "zoom-commerce:" + UUID.randomUUID(),
          "zoom-commerce",
          "quote-status-changed",
          "approved",
          "quote",
          key,
          Instant.now(),
          null,
          JsonNodeFactory.instance.objectNode().put("customer", "Kim"),
          "zoom-commerce-to-event",
          Webhooks.zoomCommerce("quote-status-changed", key, "approved"),
          null);
    }

    void all() {
      keep();
      route();
      deliver();
    }

    /** Books what is kept for three targets. */
    void route() {
      ledger.inTransaction(
          t -> {
            List<Event> events = t.claimEvents("quote-status-changed", List.of(), BATCH).rows();
            t.settle(
                events.stream()
                    .map(
                        e ->
                            new Ledger.Routed(
                                e,
                                List.of(
                                    new Booking("salesforce", "", "{}"),
                                    new Booking("database", "", "{}"),
                                    new Booking("email", "sales", "{}")),
                                null))
                    .toList());
            return events.size();
          });
    }

    void deliver() {
      int settled =
          ledger.inTransaction(
              t -> {
                Ledger.Claim mine =
                    t.claimInOrder("database", "quote-status-changed", Part.DUE, BATCH);
                t.settle(
                    mine.deliveries().stream()
                        .map(d -> new Ledger.Settled(d, Outcome.delivered("r"), Instant.now()))
                        .toList(),
                    (target, clock) -> CLOCK);
                return mine.deliveries().size() + mine.superseded();
              });
      assertThat(settled).isPositive();
    }

    /** What the route of the mails asks before each. */
    void soFar() {
      NamedParameterJdbcTemplate pooled = bean(NamedParameterJdbcTemplate.class);
      List<Map<String, Object>> mails =
          pooled.queryForList(
              """
              select id as "eventId", entity_kind as "entityKind", entity_key as "entityKey"
              from event order by sequence desc limit :batch
              """,
              Map.of("batch", BATCH));
      assertThat(mails).hasSize(BATCH);
      for (Map<String, Object> mail : mails) {
        assertThat(pooled.queryForMap(soFar, mail)).containsKey("since");
      }
    }

    private void signIn() throws Exception {
      Matcher token =
          TOKEN.matcher(send(HttpRequest.newBuilder(management.resolve("/console/login"))).body());
      assertThat(token.find()).isTrue();
      send(
          HttpRequest.newBuilder(management.resolve("/console/login"))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "username=operator&password=operator&_csrf="
                          + URLEncoder.encode(token.group(1), UTF_8))));
    }

    void get(String address) throws Exception {
      HttpResponse<String> answer = send(request(address));
      assertThat(answer.statusCode()).as(address + answer.body()).isIn(200, 404);
    }

    void post(String address, String json) throws Exception {
      HttpResponse<String> answer =
          send(
              request(address)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(json)));
      assertThat(answer.statusCode()).as(address + answer.body()).isEqualTo(200);
    }

    private HttpRequest.Builder request(String address) {
      HttpRequest.Builder request = HttpRequest.newBuilder(management.resolve(address));
      return address.startsWith("/api")
          ? request.header("Authorization", LocalServers.OPERATORS_LOGIN)
          : request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    String readAsAWhole() {
      return database
          .queryForList(
              "select relname, seq_scan, seq_tup_read from pg_stat_user_tables where relname in ('event', 'delivery')")
          .toString();
    }
  }
}
