package io.commercewebhooks.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.console.DescribedApi;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.Mailbox;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.Relay;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.Truncation;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/** What the world outside the service sees of it, in the words of the tests. */
public final class Outside {

  /** What the service reads as config/notifications.yaml: the shipped file, or a changed one. */
  static final String NOTIFICATIONS = "target/flow/notifications.yaml";

  /** The tables of the database target, also of types that come later, in their order. */
  static final List<String> TARGET_TABLES = targetTables();

  private static final Path SHIPPED_NOTIFICATIONS = Path.of("config/notifications.yaml");
  private static final LocalServers SERVERS = LocalServers.start();
  private static final JdbcTemplate DATABASE = SERVERS.database();
  private static final Relay WAY_TO_THE_DATABASE = Relay.before(SERVERS.postgres().getPort());
  private static final Relay WAY_TO_THE_LEDGER = Relay.before(SERVERS.postgres().getPort());
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

  private static WebhookSender sender;
  private static URI management;

  static {
    // an earlier run may have left another
    write(shippedNotifications());
  }

  private Outside() {}

  /** Starts the servers before the service, and empties them before each test. */
  static final class Extension implements BeforeAllCallback, BeforeEachCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
      SERVERS.environment().forEach(System::setProperty);
      System.setProperty("LEDGER_URL", url(WAY_TO_THE_LEDGER));
      System.setProperty("DATABASE_URL", url(WAY_TO_THE_DATABASE));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
      ApplicationContext service = SpringExtension.getApplicationContext(context);
      Environment environment = service.getEnvironment();
      sender = new WebhookSender(local(environment.getRequiredProperty("local.server.port")));
      management = local(environment.getRequiredProperty("local.management.port"));
      salesforce().recover();
      mailbox().acceptAgain();
      wayToTheDatabase().mend();
      if (wayToTheLedger().mend()) {
        untilWebhooksAreTaken();
      }
      OutsideClock.CLOCK.reset();
      notifications(text -> text);
      untilTasksHaveLooked();
      forgetWhatWaitsForLong();
      untilQuiet();
      empty();
      // as it was drawn last it may tell of what another test took away
      service.getBean(Balance.class).look();
      salesforce().clear();
      mailbox().clear();
    }

    /** After an outage the service lets some time go by before it makes connections again. */
    private static void untilWebhooksAreTaken() {
      String webhook = Webhooks.zoomCommerce("quote-status-changed", "Q-0", "draft");
      eventually().until(() -> sender().zoomCommerce(webhook).statusCode() == 200);
    }

    /**
     * The first look of what tells operators of troubles, right after the start, is not to find
     * what a test made.
     */
    private static void untilTasksHaveLooked() {
      eventually()
          .until(
              () ->
                  number(
                          """
                          select count(*) from shedlock
                          where name in ('notices', 'daily-summary', 'drift')
                            and lock_until <= timezone('utc', now())
                          """)
                      == 3);
    }

    private static String url(Relay way) {
      return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(way.port());
    }

    private static URI local(String port) {
      return URI.create("http://127.0.0.1:" + port);
    }
  }

  private static List<String> targetTables() {
    Pattern table = Pattern.compile("create table (\\w+)");
    try (Stream<Path> migrations = Files.list(Path.of("src/main/resources/db/database"))) {
      List<String> tables = new ArrayList<>();
      for (Path migration : migrations.sorted().toList()) {
        table
            .matcher(Files.readString(migration))
            .results()
            .forEach(one -> tables.add(one.group(1)));
      }
      return List.copyOf(tables);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void empty() {
    Truncation.of(
        DATABASE,
        """
        event, delivery, attempt, rejected_webhook, target, replay, notice, acknowledgement,
                 daily_summary, drift,
        """
            + String.join(", ", TARGET_TABLES));
  }

  /** Mails to be collected, and what {@link #notGivenUpYet} left: their time never comes. */
  private static void forgetWhatWaitsForLong() {
    DATABASE.update(
        """
        delete from delivery where state = 'waiting'
          and (digest is not null or next_attempt_at > now() + interval '10 minutes')
        """);
  }

  /** The shipped file, but with room for tests that send many mails. */
  private static String shippedNotifications() {
    try {
      return Files.readString(SHIPPED_NOTIFICATIONS).replace("mails: 20", "mails: 100000");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(String notifications) {
    try {
      Path file = Path.of(NOTIFICATIONS);
      Files.createDirectories(file.getParent());
      Path written = Files.writeString(Path.of(NOTIFICATIONS + ".written"), notifications);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Changes what config/notifications.yaml says, and waits until the service has taken it up or
   * refused it.
   *
   * @param change of the shipped text
   */
  public static void notifications(UnaryOperator<String> change) {
    String changed = change.apply(shippedNotifications());
    try {
      if (changed.equals(Files.readString(Path.of(NOTIFICATIONS)))) {
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String before = health();
    write(changed);
    eventually().until(() -> !health().equals(before));
  }

  /** What health says of the notifications. */
  static String health() {
    return api("/actuator/health/notifications").body();
  }

  public static WebhookSender sender() {
    return sender;
  }

  /** A webhook of Zoom comes; what it was answered is of no interest. */
  public static void comes(String type, String key, String status) {
    sender.zoomCommerce(Webhooks.zoomCommerce(type, key, status));
  }

  public static void quote(String key, String status) {
    comes("quote-status-changed", key, status);
  }

  /**
   * While this is done the disk of the ledger is full for some rows.
   *
   * @param rows when PostgreSQL finds that out, as a trigger says it
   */
  public static void withoutRoom(String rows, Runnable done) {
    refused(rows, "could not extend file", "53100", done);
  }

  /**
   * While this is done the database refuses some rows.
   *
   * @param rows which, as a trigger says it
   * @param sqlState as PostgreSQL has it, such as {@code 40001}
   */
  public static void refused(String rows, String words, String sqlState, Runnable done) {
    database()
        .execute(
            """
            create function refuse() returns trigger language plpgsql as $$
            begin
              raise exception '%s' using errcode = '%s';
            end $$;
            create trigger refuse before %s execute function refuse();
            """
                .formatted(words, sqlState, rows));
    try {
      done.run();
    } finally {
      database().execute("drop function refuse cascade");
    }
  }

  public static StandInSalesforce salesforce() {
    return SERVERS.salesforce();
  }

  public static Mailbox mailbox() {
    return SERVERS.mailbox();
  }

  /** The network between the service and the database target; the ledger has another way. */
  public static Relay wayToTheDatabase() {
    return WAY_TO_THE_DATABASE;
  }

  /** The network between the service and its ledger. */
  public static Relay wayToTheLedger() {
    return WAY_TO_THE_LEDGER;
  }

  /** The ledger and the database target, which are one database here. */
  public static JdbcTemplate database() {
    return DATABASE;
  }

  public static ConditionFactory eventually() {
    return Awaitility.await().atMost(LONG_ENOUGH).pollInterval(Duration.ofMillis(20));
  }

  /** Waits until nothing is left to route or to deliver. */
  public static void untilQuiet() {
    eventually()
        .until(
            () ->
                number("select count(*) from event where state = 'received'") == 0
                    && number("select count(*) from delivery where state = 'waiting'") == 0);
  }

  /** As with a slower clock: what was given up for this cause is tried again in 20 minutes. */
  public static void notGivenUpYet(String cause) {
    DATABASE.update(
        """
        update delivery set state = 'waiting', settled_at = null,
                            next_attempt_at = now() + interval '20 minutes'
        where state = 'dead' and cause_code = ?
        """,
        cause);
  }

  /** Waits until so many deliveries to a target are booked. */
  static void untilBooked(String target, int deliveries) {
    eventually()
        .until(
            () -> number("select count(*) from delivery where target = ?", target) == deliveries);
  }

  /** As with a clock that never ends: what waits now is tried again however often it fails. */
  static void neverGivenUp() {
    DATABASE.update("update delivery set failures = -1000 where state = 'waiting'");
  }

  public static long number(String sql, Object... arguments) {
    Long number = DATABASE.queryForObject(sql, Long.class, arguments);
    return number == null ? 0 : number;
  }

  public static String text(String sql, Object... arguments) {
    List<String> texts = DATABASE.queryForList(sql, String.class, arguments);
    return texts.isEmpty() ? null : texts.get(0);
  }

  /** The states of an entity's deliveries to a target, oldest first. */
  public static List<String> deliveries(String target, String key) {
    return DATABASE.queryForList(
        """
        select d.state from delivery d join event e on e.sequence = d.event_sequence
        where d.target = ? and e.entity_key = ? order by d.id
        """,
        String.class,
        target,
        key);
  }

  /** A row of the database target. */
  public static Map<String, Object> row(String table, String key) {
    return DATABASE.queryForList("select * from " + table + " where key = ?", key).stream()
        .findFirst()
        .orElse(Map.of());
  }

  /** The subjects of the mails that an address got. */
  public static List<String> subjectsTo(String address) {
    return mailbox().to(address).stream().map(MailboxMail::subject).toList();
  }

  /** Asks the operators' interface, signed in. */
  public static HttpResponse<String> api(String path) {
    return DescribedApi.asDescribed(sender.send(apiRequest(path, "operator").GET().build()), null);
  }

  /** Tells the operators' interface something, signed in. */
  public static HttpResponse<String> api(String path, String json) {
    HttpRequest.Builder request = apiRequest(path, "operator");
    HttpResponse<String> answer =
        sender.send(
            request
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    return DescribedApi.asDescribed(answer, json);
  }

  /** Asks for a replay, and waits until it has taken up what it should and that is delivered. */
  public static void replay(String json) {
    HttpResponse<String> answer = api("/api/replays", json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    eventually().until(() -> number("select count(*) from replay where state = 'running'") == 0);
    untilQuiet();
  }

  /** A request to the operators' interface with any password. */
  public static HttpRequest.Builder apiRequest(String path, String password) {
    String login = Base64.getEncoder().encodeToString(("operator:" + password).getBytes());
    return HttpRequest.newBuilder(management.resolve(path))
        .header("Authorization", "Basic " + login);
  }

  /** Every row of every table there is, also of those that come later, as text. */
  public static Map<String, String> everyTable() {
    Map<String, String> tables = new TreeMap<>();
    database()
        .query(
            """
            select table_schema || '.' || quote_ident(table_name) as name
            from information_schema.tables
            where table_type = 'BASE TABLE'
              and table_schema not in ('pg_catalog', 'information_schema')
            """,
            row -> {
              String name = row.getString("name");
              tables.put(
                  name,
                  String.join(
                      "\n",
                      database().queryForList("select t::text from " + name + " t", String.class)));
            });
    assertThat(tables)
        .containsKeys(
            "public.event",
            "public.delivery",
            "public.audit",
            "public.rejected_webhook",
            "public.quote_request");
    return tables;
  }
}
