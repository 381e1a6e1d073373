package io.commercewebhooks.sandbox;

import io.commercewebhooks.Application;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Runs the service on this machine with everything it needs: an embedded PostgreSQL, a stand-in
 * Salesforce and a mailbox. Sends one webhook of each kind, and says what came of it and where to
 * look.
 */
public final class Sandbox {

  /** Where the service listens. */
  static final String ADDRESS = "SERVER_ADDRESS";

  /** Said to Spring alone: a system property Camel would read as it stands, without the port. */
  private static final List<String> CONSOLE =
      List.of(
          "--mail.links.console=http://127.0.0.1:${management.server.port}/console/events/{id}",
          "--mail.links.operators=http://127.0.0.1:${management.server.port}/console");

  private static final int SALESFORCE_PORT = 8990;
  private static final int SMTP_PORT = 3025;
  private static final int MAILBOX_PORT = 8025;

  private final LocalServers servers;
  private final Environment environment;
  private final WebhookSender sender;
  private final JdbcTemplate database;

  private Sandbox(LocalServers servers, Environment environment) {
    this.servers = servers;
    this.environment = environment;
    this.sender = new WebhookSender(URI.create("http://127.0.0.1:" + port("local.server.port")));
    this.database = servers.database();
  }

  public static void main(String[] args) {
    LoggingSystem.get(Sandbox.class.getClassLoader()).beforeInitialize();
    LocalServers servers = startServers();
    Map<String, String> settings = servers.environment();
    // An address of one's own is not passed over: the service says why it can't have it.
    settings.keySet().removeIf(name -> name.equals(ADDRESS) && System.getenv(name) != null);
    settings.forEach(System::setProperty);
    System.setProperty("WATCH_FILES", "true");
    // Ctrl+C ends the servers and the service at once, which is nothing to complain about.
    Runtime.getRuntime().addShutdownHook(new Thread(Sandbox::beQuiet));
    try {
      SpringApplication.Running running =
          SpringApplication.from(Application::main)
              .run(Stream.concat(CONSOLE.stream(), Arrays.stream(args)).toArray(String[]::new));
      new Sandbox(servers, running.getApplicationContext().getEnvironment()).show();
    } catch (RuntimeException e) {
      // The reason is in the log; the servers' threads would keep a dead sandbox open.
      System.exit(1);
    }
  }

  private static void beQuiet() {
    LoggingSystem logging = LoggingSystem.get(Sandbox.class.getClassLoader());
    logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
    logging.setLogLevel(Application.class.getPackageName(), LogLevel.OFF);
  }

  private static LocalServers startServers() {
    try {
      return LocalServers.start(SALESFORCE_PORT, SMTP_PORT, MAILBOX_PORT);
    } catch (RuntimeException e) {
      System.err.printf(
          "The sandbox needs the ports %d, %d and %d of this machine, and one is taken: %s%n",
          SALESFORCE_PORT, SMTP_PORT, MAILBOX_PORT, e.getMessage());
      System.exit(1);
      throw e;
    }
  }

  /** A webhook to send, and where its business object is to be found afterwards. */
  private record Shown(
      String type,
      String status,
      String key,
      String object,
      String table,
      HttpResponse<String> answer) {}

  private void show() {
    List<Shown> shown = new ArrayList<>();
    shown.add(zoom("account-status-changed", "CRM-7041", "success", "Zoom_Account__c", "account"));
    shown.add(zoom("quote-status-changed", "Q-3248714941", "approved", "Zoom_Quote__c", "quote"));
    shown.add(
        zoom(
            "deal-registration-status-changed",
            "DR-135621",
            "approved",
            "Zoom_Deal_Registration__c",
            "deal_registration"));
    shown.add(
        zoom(
            "order-status-changed",
            "O-3248714941",
            "completed",
            "Zoom_Order__c",
            "commerce_order"));
    shown.add(
        new Shown(
            "quote-requested",
            "requested",
            "o90419",
            "Opportunity",
            "quote_request",
            sender.quoteRequest(Webhooks.file("oracle-commerce/quote-request-seed.json"))));
    String returned = Webhooks.file("oracle-commerce/return-partial.json");
    shown.add(
        new Shown(
            "return-updated",
            Webhooks.object(returned).at("/return/state").asText(),
            Webhooks.object(returned).at("/return/authorizationNumber").asText(),
            "Case",
            "return_request",
            sender.returnUpdate(returned)));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> count("select count(*) from delivery where state = 'waiting'") == 0);
    StringBuilder page =
        new StringBuilder("\ncommerce-webhooks sent itself one webhook of each kind:\n");
    shown.forEach(s -> describe(page, s));
    page.append(
        """

        Look at
          Salesforce  %s
          mailbox     %s
          all mails   %spreview/
          console     http://127.0.0.1:%d/console   (user operator, password operator)
          PostgreSQL  postgresql://postgres:postgres@127.0.0.1:%d/postgres   (ledger and database)
        and send another as README.md says. Stop with Ctrl+C.
        """
            .formatted(
                servers.salesforce().url(),
                servers.mailbox().page(),
                servers.mailbox().page(),
                port("local.management.port"),
                servers.postgres().getPort()));
    System.out.println(page);
  }

  private Shown zoom(String type, String key, String status, String object, String table) {
    HttpResponse<String> answer = sender.zoomCommerce(Webhooks.zoomCommerce(type, key, status));
    return new Shown(type, status, key, object, table, answer);
  }

  private void describe(StringBuilder page, Shown shown) {
    Map<String, Object> record = servers.salesforce().record(shown.object(), shown.key());
    List<Map<String, Object>> rows =
        database.queryForList("select * from " + shown.table() + " where key = ?", shown.key());
    String mails =
        database
            .queryForList(
                """
                select d.reference from delivery d join event e on e.sequence = d.event_sequence
                where d.target = 'email' and e.type = ? and e.entity_key = ?
                """,
                String.class,
                shown.type(),
                shown.key())
            .stream()
            .flatMap(
                id -> servers.mailbox().received().stream().filter(m -> m.messageId().equals(id)))
            .map(
                mail ->
                    "\"%s\" to %s".formatted(mail.subject(), String.join(", ", mail.recipients())))
            .collect(Collectors.joining("\n                "));
    page.append(
        """

          %s: %s (%s), answered %d
            Salesforce  %s %s
            database    %s: %s
            mail        %s
        """
            .formatted(
                shown.type(),
                shown.key(),
                shown.status(),
                shown.answer().statusCode(),
                shown.object(),
                brief(record),
                shown.table(),
                rows.isEmpty() ? "no row" : brief(rows.get(0)),
                mails.isEmpty() ? "none" : mails));
  }

  /** The first few fields that say something. */
  private static String brief(Map<String, Object> fields) {
    return fields.entrySet().stream()
        .filter(field -> field.getValue() != null && !field.getKey().equals("attributes"))
        .map(field -> field.getKey() + "=" + field.getValue())
        .map(text -> text.replace('\n', ' '))
        .map(text -> text.length() > 60 ? text.substring(0, 59) + "…" : text)
        .limit(5)
        .collect(Collectors.joining(", "));
  }

  private long count(String sql) {
    Long count = database.queryForObject(sql, Long.class);
    return count == null ? 0 : count;
  }

  private int port(String property) {
    return environment.getRequiredProperty(property, Integer.class);
  }
}
