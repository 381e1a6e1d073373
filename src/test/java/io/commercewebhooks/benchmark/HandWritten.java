package io.commercewebhooks.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.WebhookSender;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.http.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.TransactionAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.ServletWebServerFactoryAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.WebMvcAutoConfiguration;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * What a good engineer would write by hand in a week, to be compared with: an inbox table behind
 * the endpoints, and workers that take rows from it with {@code skip locked} and do for each event
 * one guarded upsert and one row of history in the database, one call of Salesforce and one mail of
 * text and HTML. It verifies signatures and keeps the order of a business object. What the service
 * does beyond that costs it nothing: redaction, finding people again, items of quotes and returns,
 * the account of every attempt, retries by a clock, words that can be edited.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  ServletWebServerFactoryAutoConfiguration.class,
  DispatcherServletAutoConfiguration.class,
  WebMvcAutoConfiguration.class,
  HttpMessageConvertersAutoConfiguration.class,
  JacksonAutoConfiguration.class,
  DataSourceAutoConfiguration.class,
  DataSourceTransactionManagerAutoConfiguration.class,
  TransactionAutoConfiguration.class,
  JdbcTemplateAutoConfiguration.class
})
@RestController
public class HandWritten implements CommandLineRunner {

  /** Where an event's object is in Salesforce. */
  private record Place(String object, String externalId) {}

  private record Row(
      long number, String id, String type, String key, String status, Instant at, String body) {}

  private static final Map<String, Place> PLACES =
      Map.of(
          "account-status-changed", new Place("Zoom_Account__c", "Zoom_Account_Id__c"),
          "quote-status-changed", new Place("Zoom_Quote__c", "Zoom_Quote_Id__c"),
          "deal-registration-status-changed",
              new Place("Zoom_Deal_Registration__c", "Zoom_Deal_Registration_Id__c"),
          "order-status-changed", new Place("Zoom_Order__c", "Zoom_Order_Id__c"),
          "quote-requested", new Place("Opportunity", "Oracle_Quote_Request_Id__c"),
          "return-updated", new Place("Case", "Oracle_Return_Id__c"));

  private static final Map<String, String> KEYS =
      Map.of(
          "account", "crm_account_number",
          "quote", "quote_reference_id",
          "deal_registration", "deal_reg_number",
          "order", "order_reference_id");

  private static final String SCHEMA =
      """
      create table if not exists inbox (
        number bigint generated always as identity primary key,
        id text not null unique, type text not null, key text not null, status text not null,
        occurred_at timestamptz not null, body text not null, done boolean not null default false);
      create index if not exists inbox_open on inbox (number) where not done;
      create table if not exists entity (
        type text, key text, status text not null, occurred_at timestamptz not null,
        primary key (type, key));
      create table if not exists history (
        event_id text primary key, type text not null, key text not null, status text not null,
        occurred_at timestamptz not null);
      """;

  private static final String TEXT =
      """
      Hello,

      the %s of %s says %s.
      It occurred at %s.
      """;

  private static final String HTML =
      """
      <html><body><p>Hello,</p>
      <table><tr><th>What</th><td>%s</td></tr><tr><th>Of</th><td>%s</td></tr>
      <tr><th>Status</th><td>%s</td></tr><tr><th>At</th><td>%s</td></tr></table>
      </body></html>
      """;

  private static final int AT_ONCE = 10;
  private static final long REST = Duration.ofMillis(50).toNanos();

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transactions;
  private final ObjectMapper json;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String salesforce;
  private final Session mail;
  private final String token;
  private final int workers;

  HandWritten(
      JdbcTemplate jdbc,
      TransactionTemplate transactions,
      ObjectMapper json,
      @Value("${SALESFORCE_LOGIN_URL}") String salesforce,
      @Value("${SALESFORCE_CLIENT_ID}") String client,
      @Value("${SALESFORCE_CLIENT_SECRET}") String secret,
      @Value("${SMTP_PORT}") String smtpPort,
      @Value("${WORKERS}") int workers)
      throws IOException, InterruptedException {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.json = json;
    this.salesforce = salesforce;
    this.workers = workers;
    Properties smtp = new Properties();
    smtp.setProperty("mail.smtp.host", "127.0.0.1");
    smtp.setProperty("mail.smtp.port", smtpPort);
    this.mail = Session.getInstance(smtp);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(salesforce + "/services/oauth2/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "grant_type=client_credentials&client_id="
                            + client
                            + "&client_secret="
                            + secret))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    token = json.readTree(answer.body()).path("access_token").asText();
  }

  public static void main(String[] arguments) {
    // The server closes what is idle for half a minute; this must be sooner.
    System.setProperty("jdk.httpclient.keepalive.timeout", "20");
    SpringApplication.run(HandWritten.class, arguments);
  }

  @GetMapping("/actuator/health/readiness")
  String readiness() {
    return "ready";
  }

  /** The least that an endpoint can do. */
  @PostMapping("/nothing")
  ResponseEntity<Void> nothing(@RequestBody byte[] body) {
    return ResponseEntity.ok().build();
  }

  @PostMapping(WebhookSender.ZOOM_COMMERCE)
  ResponseEntity<Void> zoomCommerce(
      @RequestHeader("x-zm-signature") String signature,
      @RequestHeader("x-zm-request-timestamp") String timestamp,
      @RequestBody byte[] body)
      throws IOException, GeneralSecurityException {
    String text = new String(body, StandardCharsets.UTF_8);
    Mac mac =
        mac("HmacSHA256", WebhookSender.ZOOM_COMMERCE_SECRET.getBytes(StandardCharsets.UTF_8));
    byte[] due = mac.doFinal(("v0:" + timestamp + ":" + text).getBytes(StandardCharsets.UTF_8));
    String expected = "v0=" + HexFormat.of().formatHex(due);
    boolean stale =
        Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), Instant.now())
                .abs()
                .compareTo(Duration.ofMinutes(5))
            > 0;
    if (stale || !MessageDigest.isEqual(expected.getBytes(), signature.getBytes())) {
      return ResponseEntity.status(401).build();
    }
    JsonNode webhook = json.readTree(text);
    String kind = webhook.path("payload").fieldNames().next();
    for (String any : KEYS.keySet()) {
      kind = webhook.path("payload").has(any) ? any : kind;
    }
    JsonNode object = webhook.path("payload").path(kind);
    keep(
        webhook.path("event_id").asText(),
        kind.replace('_', '-') + "-status-changed",
        object.path(KEYS.get(kind)).asText(),
        object.path("status").asText(),
        Instant.ofEpochMilli(webhook.path("event_ts").asLong()),
        text);
    return ResponseEntity.ok().build();
  }

  @PostMapping(WebhookSender.REQUEST_QUOTE)
  ResponseEntity<Void> quoteRequest(
      @RequestHeader("X-Oracle-CC-WebHook-Signature-SHA512") String signature,
      @RequestBody byte[] body)
      throws IOException, GeneralSecurityException {
    if (!isSigned(body, signature, WebhookSender.REQUEST_QUOTE_SECRET)) {
      return ResponseEntity.status(401).build();
    }
    JsonNode order = json.readTree(body).path("order");
    keep(
        order.path("id").asText() + order.path("quoteInfo").path("requestDate").asText(),
        "quote-requested",
        order.path("id").asText(),
        "requested",
        Instant.parse(order.path("quoteInfo").path("requestDate").asText()),
        new String(body, StandardCharsets.UTF_8));
    return ResponseEntity.ok().build();
  }

  @PostMapping(WebhookSender.RETURN)
  ResponseEntity<Void> returnUpdate(
      @RequestHeader("X-Oracle-CC-WebHook-Signature-SHA512") String signature,
      @RequestBody byte[] body)
      throws IOException, GeneralSecurityException {
    if (!isSigned(body, signature, WebhookSender.RETURN_SECRET)) {
      return ResponseEntity.status(401).build();
    }
    JsonNode update = json.readTree(body).path("return");
    long changed = update.path("originatingOrder").path("lastModifiedTime").asLong();
    keep(
        update.path("authorizationNumber").asText() + " " + changed,
        "return-updated",
        update.path("authorizationNumber").asText(),
        update.path("state").asText(),
        Instant.ofEpochMilli(changed),
        new String(body, StandardCharsets.UTF_8));
    return ResponseEntity.ok().build();
  }

  private static boolean isSigned(byte[] body, String signature, String secret)
      throws GeneralSecurityException {
    byte[] due = mac("HmacSHA512", Base64.getDecoder().decode(secret)).doFinal(body);
    return MessageDigest.isEqual(
        Base64.getEncoder().encode(due), signature.getBytes(StandardCharsets.US_ASCII));
  }

  private static Mac mac(String algorithm, byte[] key) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(algorithm);
    mac.init(new SecretKeySpec(key, algorithm));
    return mac;
  }

  private void keep(String id, String type, String key, String status, Instant at, String body) {
    jdbc.update(
        """
        insert into inbox (id, type, key, status, occurred_at, body) values (?, ?, ?, ?, ?, ?)
        on conflict (id) do nothing
        """,
        id,
        type,
        key,
        status,
        Timestamp.from(at),
        body);
  }

  @Override
  public void run(String... arguments) {
    jdbc.execute(SCHEMA);
    for (int i = 0; i < workers; i++) {
      Thread worker = new Thread(this::work, "worker-" + i);
      worker.setDaemon(true);
      worker.start();
    }
  }

  private void work() {
    while (true) {
      try {
        Integer done = transactions.execute(any -> deliverSome());
        if (done == null || done == 0) {
          LockSupport.parkNanos(REST);
        }
      } catch (RuntimeException e) {
        e.printStackTrace();
        LockSupport.parkNanos(REST);
      }
    }
  }

  private int deliverSome() {
    List<Row> rows =
        jdbc.query(
            """
            select number, id, type, key, status, occurred_at, body from inbox where not done
            order by number limit ? for update skip locked
            """,
            (row, n) ->
                new Row(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getTimestamp(6).toInstant(),
                    row.getString(7)),
            AT_ONCE);
    // Two workers that lock the same objects do so in the same order.
    rows.sort(Comparator.comparing(Row::type).thenComparing(Row::key).thenComparing(Row::number));
    List<Long> done = new ArrayList<>();
    try {
      for (Row row : rows) {
        deliver(row);
        done.add(row.number());
      }
    } catch (IOException | MessagingException e) {
      // The rest comes again; what went out before it must not.
      e.printStackTrace();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!done.isEmpty()) {
      jdbc.update(
          "update inbox set done = true where number = any (?)",
          new Object[] {done.toArray(Long[]::new)});
    }
    return done.size();
  }

  private void deliver(Row row) throws IOException, InterruptedException, MessagingException {
    int applied =
        jdbc.update(
            """
            insert into entity as e (type, key, status, occurred_at) values (?, ?, ?, ?)
            on conflict (type, key) do update
            set status = excluded.status, occurred_at = excluded.occurred_at
            where e.occurred_at <= excluded.occurred_at
            """,
            row.type(),
            row.key(),
            row.status(),
            Timestamp.from(row.at()));
    jdbc.update(
        """
        insert into history (event_id, type, key, status, occurred_at) values (?, ?, ?, ?, ?)
        on conflict do nothing
        """,
        row.id(),
        row.type(),
        row.key(),
        row.status(),
        Timestamp.from(row.at()));
    if (applied > 0) {
      upsert(row);
    }
    tell(row);
  }

  private void upsert(Row row) throws IOException, InterruptedException {
    Place place = PLACES.get(row.type());
    ObjectNode fields = json.createObjectNode();
    fields.put("Source_Event_Id__c", row.id());
    switch (place.object()) {
      case "Opportunity" ->
          fields
              .put("Name", "Quote request " + row.key())
              .put("StageName", "Prospecting")
              .put("CloseDate", LocalDate.now().plusDays(30).toString());
      case "Case" -> fields.put("Subject", "Return " + row.key()).put("Status", "New");
      default -> fields.put("Status__c", row.status());
    }
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        salesforce
                            + "/services/data/v62.0/sobjects/"
                            + place.object()
                            + "/"
                            + place.externalId()
                            + "/"
                            + URLEncoder.encode(row.key(), StandardCharsets.UTF_8)))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(fields.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException("Salesforce answered " + answer.statusCode() + " " + answer.body());
    }
  }

  private void tell(Row row) throws MessagingException {
    MimeMessage message =
        new MimeMessage(mail) {
          @Override
          protected void updateMessageID() throws MessagingException {
            String id = UUID.nameUUIDFromBytes(row.id().getBytes(StandardCharsets.UTF_8)) + "";
            setHeader("Message-ID", "<" + id + "@example.com>");
          }
        };
    message.setFrom(new InternetAddress("commerce-webhooks@example.com"));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress("sales@example.com"));
    message.setSubject(row.type() + " " + row.key() + ": " + row.status());
    MimeBodyPart text = new MimeBodyPart();
    text.setText(TEXT.formatted(row.type(), row.key(), row.status(), row.at()), "UTF-8");
    MimeBodyPart html = new MimeBodyPart();
    html.setText(HTML.formatted(row.type(), row.key(), row.status(), row.at()), "UTF-8", "html");
    message.setContent(new MimeMultipart("alternative", text, html));
    Transport.send(message);
  }
}
