package io.commercewebhooks.intake;

import static io.commercewebhooks.flow.Outside.database;
import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.sandbox.WebhookSender.OUTER_HEADERS;
import static io.commercewebhooks.sandbox.WebhookSender.REQUEST_QUOTE;
import static io.commercewebhooks.sandbox.WebhookSender.REQUEST_QUOTE_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.RETURN;
import static io.commercewebhooks.sandbox.WebhookSender.RETURN_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE;
import static io.commercewebhooks.sandbox.WebhookSender.ZOOM_COMMERCE_SECRET;
import static io.commercewebhooks.sandbox.WebhookSender.json;
import static io.commercewebhooks.sandbox.WebhookSender.oracleCommerceHeaders;
import static io.commercewebhooks.sandbox.WebhookSender.oracleCommerceSignature;
import static io.commercewebhooks.sandbox.WebhookSender.zoomCommerceHeaders;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;

@FlowTest
class FrontDoorTest {

  private static final int LARGEST = 1024 * 1024;

  @Value("${local.server.port}")
  private int port;

  // Proof

  @Test
  void a_zoom_webhook_that_is_not_proved_is_refused_and_recorded_without_its_body() {
    String webhook = zoomWebhook();
    Instant now = Instant.now();
    Map<String, String> right = zoomCommerceHeaders(webhook, now, ZOOM_COMMERCE_SECRET);
    String timestamp = right.get("x-zm-request-timestamp");
    String signature = right.get("x-zm-signature");

    refused(ZOOM_COMMERCE, json(), webhook, 401, "missing-signature");
    refused(ZOOM_COMMERCE, zoom(timestamp, null), webhook, 401, "missing-signature");
    refused(ZOOM_COMMERCE, zoom(null, signature), webhook, 401, "missing-timestamp");
    refused(ZOOM_COMMERCE, zoom(timestamp + "000", signature), webhook, 401, "malformed-timestamp");
    refused(ZOOM_COMMERCE, right, webhook + " ", 401, "wrong-signature");
    refused(ZOOM_COMMERCE, zoom(timestamp, signature + "0"), webhook, 401, "wrong-signature");
    refused(
        ZOOM_COMMERCE, zoomCommerceHeaders(webhook, now, "other"), webhook, 401, "wrong-signature");
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(webhook, now.minusSeconds(3600), ZOOM_COMMERCE_SECRET),
        webhook,
        401,
        "stale-timestamp");
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(webhook, now.plusSeconds(3600), ZOOM_COMMERCE_SECRET),
        webhook,
        401,
        "future-timestamp");
    refused(
        ZOOM_COMMERCE,
        oracleCommerceHeaders(webhook, REQUEST_QUOTE_SECRET),
        webhook,
        401,
        "missing-signature");
    for (String event : List.of("account", "quote", "deal_registration", "order")) {
      refused("/commerce." + event + "_status_changed", json(), webhook, 401, "missing-signature");
    }
    nothingWasKept();
  }

  @Test
  void an_oracle_webhook_that_is_not_proved_is_refused_and_recorded_without_its_body() {
    String webhook = Webhooks.file("oracle-commerce/quote-request-seed.json");
    String old = "X-Oracle-CC-WebHook-Signature";

    refused(REQUEST_QUOTE, json(), webhook, 401, "missing-signature");
    refused(
        REQUEST_QUOTE,
        oracleCommerceHeaders(webhook, REQUEST_QUOTE_SECRET),
        webhook + "\n",
        401,
        "wrong-signature");
    refused(
        REQUEST_QUOTE,
        oracleCommerceHeaders(webhook, RETURN_SECRET),
        webhook,
        401,
        "wrong-signature");
    refused(RETURN, json(), webhook, 401, "missing-signature");
    refused(
        RETURN,
        oracleCommerceHeaders(webhook, REQUEST_QUOTE_SECRET),
        webhook,
        401,
        "wrong-signature");
    refused(
        REQUEST_QUOTE,
        with(json(), old, oracleCommerceSignature("HmacSHA1", webhook, REQUEST_QUOTE_SECRET)),
        webhook,
        401,
        "weak-signature");
    refused(
        REQUEST_QUOTE,
        with(
            oracleCommerceHeaders(webhook, RETURN_SECRET),
            old,
            oracleCommerceSignature("HmacSHA512", webhook, REQUEST_QUOTE_SECRET)),
        webhook,
        401,
        "wrong-signature");
    refused(
        REQUEST_QUOTE,
        zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET),
        webhook,
        401,
        "missing-signature");
    nothingWasKept();
  }

  @Test
  void a_sha_512_signature_in_oracles_old_header_is_accepted() {
    String webhook = Webhooks.file("oracle-commerce/quote-request-seed.json");
    HttpResponse<String> answer =
        sender()
            .send(
                REQUEST_QUOTE,
                with(
                    json(),
                    "X-Oracle-CC-WebHook-Signature",
                    oracleCommerceSignature("HmacSHA512", webhook, REQUEST_QUOTE_SECRET)),
                webhook);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(number("select count(*) from event")).isEqualTo(1);
  }

  @Test
  void a_signature_in_the_address_proves_nothing() {
    String webhook = zoomWebhook();
    Map<String, String> right = zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET);
    String query =
        "?x-zm-request-timestamp=%s&x-zm-signature=%s"
            .formatted(right.get("x-zm-request-timestamp"), right.get("x-zm-signature"));

    assertThat(sender().send(ZOOM_COMMERCE + query, json(), webhook).statusCode()).isEqualTo(401);
    assertThat(sender().send(ZOOM_COMMERCE + query, right, webhook).statusCode()).isEqualTo(200);
  }

  // The challenge

  @Test
  void a_signed_challenge_is_answered_and_kept_nowhere() throws Exception {
    String challenge = challenge("qgg8vlvZRS6UYooatFL8Aw");

    HttpResponse<String> answer = sender().zoomCommerce(challenge);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode body = new ObjectMapper().readTree(answer.body());
    assertThat(body.path("plainToken").textValue()).isEqualTo("qgg8vlvZRS6UYooatFL8Aw");
    assertThat(body.path("encryptedToken").textValue()).isEqualTo(hmac("qgg8vlvZRS6UYooatFL8Aw"));
    assertThat(body).hasSize(2);
    nothingWasKept();
    assertThat(number("select count(*) from rejected_webhook")).isZero();
  }

  @Test
  void an_unsigned_challenge_is_refused() {
    refused(ZOOM_COMMERCE, json(), challenge("token"), 401, "missing-signature");
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(challenge("token"), Instant.now(), "other"),
        challenge("token"),
        401,
        "wrong-signature");
  }

  @Test
  void even_a_signed_challenge_gets_no_signature_of_an_event() {
    String event = "v0:%d:{}".formatted(Instant.now().getEpochSecond());
    for (String token : List.of(event, "", "two words", "a".repeat(129))) {
      String challenge = challenge(token);
      HttpResponse<String> answer =
          refused(
              ZOOM_COMMERCE,
              zoomCommerceHeaders(challenge, Instant.now(), ZOOM_COMMERCE_SECRET),
              challenge,
              400,
              "malformed-body");
      assertThat(answer.body()).doesNotContain(hmac(token));
    }
  }

  // The body

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{",
        "{}{}",
        "{\"event_id\":\"1\",\"event_id\":\"2\"}",
        "{\"event_ts\":NaN}",
        "{\"event_ts\":1E999999999}",
        "event=commerce.quote_status_changed",
        "<event/>"
      })
  void a_proved_body_that_is_no_json_object_is_malformed(String body) {
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(body, Instant.now(), ZOOM_COMMERCE_SECRET),
        body,
        400,
        "malformed-body");
    refused(RETURN, oracleCommerceHeaders(body, RETURN_SECRET), body, 400, "malformed-body");
    nothingWasKept();
  }

  @Test
  void a_body_in_another_encoding_is_malformed() {
    byte[] body = {'{', '"', (byte) 0xe9, '"', ':', '1', '}'};
    Map<String, String> headers = signed(body);

    HttpResponse<String> answer = sender().send(ZOOM_COMMERCE, headers, body);

    isProblem(answer, 400);
    isRecorded(ZOOM_COMMERCE, 400, "malformed-body");
  }

  @Test
  void the_refusal_of_a_malformed_body_tells_nothing_of_it() {
    String body = "{\"note\":\"marked-note\",\"card\":4111111111111111 marked}";
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(body, Instant.now(), ZOOM_COMMERCE_SECRET),
        body,
        400,
        "malformed-body");
    assertThat(database().queryForList("select * from rejected_webhook").toString())
        .doesNotContain("marked", "4111111111111111");
  }

  @Test
  void the_largest_body_is_kept_and_a_byte_more_is_refused() {
    String webhook = zoomWebhook();
    String largest = webhook + " ".repeat(LARGEST - webhook.length());

    assertThat(sender().zoomCommerce(largest).statusCode()).isEqualTo(200);
    refused(
        ZOOM_COMMERCE,
        zoomCommerceHeaders(largest + " ", Instant.now(), ZOOM_COMMERCE_SECRET),
        largest + " ",
        413,
        "too-large");
    assertThat(number("select count(*) from event")).isEqualTo(1);
  }

  @Test
  void a_body_in_chunks_is_kept_and_too_many_chunks_are_refused() {
    String webhook = zoomWebhook();

    assertThat(sendInChunks(webhook).statusCode()).isEqualTo(200);
    isProblem(sendInChunks(zoomWebhook() + " ".repeat(LARGEST)), 413);
    isRecorded(ZOOM_COMMERCE, 413, "too-large");
    assertThat(number("select count(*) from event")).isEqualTo(1);
  }

  @Test
  void a_length_that_is_too_large_is_refused_before_the_body_is_sent() throws IOException {
    String answer =
        sendRaw(
            """
            POST %s HTTP/1.1
            Host: localhost
            Content-Type: application/json
            Content-Length: 1000000000

            """
                .formatted(ZOOM_COMMERCE));

    assertThat(answer).startsWith("HTTP/1.1 413").contains("Payload Too Large");
  }

  // What it says it is

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset-utf-8",
        "application/json;charset=UTF-8; x=y",
        "APPLICATION/JSON",
        " application/json "
      })
  void json_is_accepted_however_zoom_spells_its_charset(String contentType) {
    String webhook = zoomWebhook();
    Map<String, String> headers = zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET);
    headers.put("Content-Type", contentType);

    assertThat(sender().send(ZOOM_COMMERCE, headers, webhook).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/x-java-serialized-object",
        "text/plain; application/json",
        "application/json, text/plain"
      })
  void whatever_is_not_json_is_refused(String contentType) {
    String webhook = zoomWebhook();
    Map<String, String> headers = zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET);
    headers.remove("Content-Type");
    if (!contentType.isEmpty()) {
      headers.put("Content-Type", contentType);
    }

    refused(ZOOM_COMMERCE, headers, webhook, 415, "not-json");
    nothingWasKept();
  }

  @Test
  void a_compressed_body_is_refused() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(zoomWebhook().getBytes(UTF_8));
    }
    Map<String, String> headers = signed(zipped.toByteArray());
    headers.put("Content-Encoding", "gzip");

    isProblem(sender().send(ZOOM_COMMERCE, headers, zipped.toByteArray()), 415);
    isRecorded(ZOOM_COMMERCE, 415, "not-json");
  }

  // Where and how

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "HEAD"})
  void any_method_but_post_is_refused(String method) {
    for (String path :
        List.of(ZOOM_COMMERCE, "/commerce.quote_status_changed", REQUEST_QUOTE, RETURN)) {
      HttpResponse<String> answer =
          sender().send(request(path).method(method, BodyPublishers.noBody()).build());

      assertThat(answer.statusCode()).as(path).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
      if (!method.equals("HEAD")) {
        isProblem(answer, 405);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/marked",
        ZOOM_COMMERCE + "/",
        ZOOM_COMMERCE + "/marked",
        REQUEST_QUOTE + "/",
        "/ccadmin/v1/webhook/requestquote",
        "/ccadmin/v1/webhook/",
        "/webhooks",
        "/commerce.quote_status_changed/",
        "/error"
      })
  void an_address_that_is_not_ours_is_not_found(String path) {
    String webhook = zoomWebhook();
    Map<String, String> headers = zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET);

    isProblem(sender().send(path, headers, webhook), 404);
    isProblem(sender().send(request(path).GET().build()), 404);
    nothingWasKept();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//webhooks/zoom-commerce",
        "/webhooks//zoom-commerce",
        "/webhooks/zoom-commerce;marked",
        "/webhooks/..;/webhooks/zoom-commerce",
        "/webhooks/zoom-commerce%0a",
        "/webhooks/zoom-commerce%00",
        "/webhooks/%2e%2e/webhooks/zoom-commerce",
        "/webhooks%2fzoom-commerce",
        "/webhooks/zoom-commerce<marked>"
      })
  void a_twisted_address_is_refused(String path) throws IOException {
    String webhook = zoomWebhook();
    StringBuilder request = new StringBuilder("POST " + path + " HTTP/1.1\nHost: localhost\n");
    zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET)
        .forEach((name, value) -> request.append(name + ": " + value + "\n"));
    request.append("Connection: close\nContent-Length: " + webhook.length() + "\n\n" + webhook);

    String answer = sendRaw(request.toString());

    assertThat(answer).startsWith("HTTP/1.1 400").doesNotContainIgnoringCase("tomcat");
    assertThat(answer).doesNotContain("marked", "Exception");
    nothingWasKept();
  }

  // Hostile names

  @Test
  void names_that_would_steer_a_later_step_have_no_effect() {
    Map<String, String> hostile = new LinkedHashMap<>();
    hostile.put("sObjectName", "User");
    hostile.put("sObjectIdName", "Evil__c");
    hostile.put("sObjectIdValue", "evil");
    hostile.put("sObjectQuery", "select Id from User");
    hostile.put("apexUrl", "evil");
    hostile.put("rawPath", "/evil");
    hostile.put("apiVersion", "1.0");
    hostile.put("allOrNone", "true");
    hostile.put("mail.smtp.from", "evil@example.com");
    hostile.put("mail.smtp.host", "evil.example.com");
    hostile.put("To", "evil@example.com");
    hostile.put("Cc", "evil@example.com");
    hostile.put("Bcc", "evil@example.com");
    hostile.put("Reply-To", "evil@example.com");
    hostile.put("From", "evil@example.com");
    hostile.put("Subject", "evil");
    hostile.put("Sender", "evil@example.com");
    hostile.put("CamelSqlQuery", "drop table event");
    hostile.put("CamelHttpResponseCode", "418");
    hostile.put("CamelHttpUri", "http://evil.example.com");
    hostile.put("CamelJsltString", "\"evil\"");
    hostile.put("CamelFreemarkerTemplate", "evil");
    hostile.put("CamelLanguageScript", "evil");
    hostile.put("CamelBeanMethodName", "evil");
    hostile.put("CamelFileName", "evil");
    hostile.put("JMSReplyTo", "evil");
    hostile.put("rows", "evil");
    hostile.put("type", "evil");
    hostile.put("audience", "evil");
    String quote = Webhooks.zoomCommerce("quote-status-changed", "Q-1", "approved");
    String request = Webhooks.file("oracle-commerce/quote-request-seed.json");

    List<HttpResponse<String>> answers =
        List.of(
            sender()
                .send(
                    ZOOM_COMMERCE + query(hostile),
                    with(zoomCommerceHeaders(quote, Instant.now(), ZOOM_COMMERCE_SECRET), hostile),
                    quote),
            sender()
                .send(
                    REQUEST_QUOTE + query(hostile),
                    with(oracleCommerceHeaders(request, REQUEST_QUOTE_SECRET), hostile),
                    request));
    untilQuiet();

    for (HttpResponse<String> answer : answers) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().toString()).doesNotContainIgnoringCase("evil");
      hasOuterHeadersOnly(answer);
    }
    assertThat(number("select count(*) from delivery where state <> 'delivered'")).isZero();
    assertThat(salesforce().writes())
        .extracting(StandInSalesforce.Write::object)
        .containsExactlyInAnyOrder("Zoom_Quote__c", "Opportunity");
    assertThat(salesforce().writes().toString()).doesNotContain("evil");
    assertThat(mailbox().received()).hasSize(2);
    assertThat(mailbox().received())
        .flatExtracting(MailboxMail::recipients)
        .containsOnly("sales@example.com");
    assertThat(mailbox().received())
        .flatExtracting(MailboxMail::headers)
        .extracting(Object::toString)
        .noneMatch(header -> header.contains("evil"));
    assertThat(mailbox().received())
        .extracting(MailboxMail::from)
        .containsOnly("Commerce Webhooks <commerce-webhooks@example.com>");
    for (String table : List.of("event", "delivery", "quote", "quote_request", "status_history")) {
      assertThat(database().queryForList("select * from " + table).toString())
          .as(table)
          .doesNotContain("evil");
    }
  }

  @Test
  void a_request_after_a_refusal_on_the_same_connection_is_answered_by_itself() {
    String webhook = zoomWebhook();

    for (int i = 0; i < 3; i++) {
      isProblem(sender().send(ZOOM_COMMERCE, json(), webhook), 401);
      assertThat(sender().zoomCommerce(zoomWebhook()).statusCode()).isEqualTo(200);
    }
    assertThat(number("select count(*) from event")).isEqualTo(3);
  }

  private HttpResponse<String> refused(
      String path, Map<String, String> headers, String body, int status, String reason) {
    HttpResponse<String> answer = sender().send(path, headers, body);
    isProblem(answer, status);
    isRecorded(path, status, reason);
    return answer;
  }

  /** A problem of one status and nothing else: no echo, no version, no cause. */
  private static void isProblem(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(answer.body())
        .matches(
            "\\{\"type\":\"about:blank\",\"title\":\"[A-Za-z ]{1,30}\",\"status\":%d}"
                .formatted(status));
    hasOuterHeadersOnly(answer);
  }

  private static void hasOuterHeadersOnly(HttpResponse<String> answer) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(answer.headers().map().keySet());
    names.removeIf(name -> OUTER_HEADERS.contains(name.toLowerCase(Locale.ROOT)));
    assertThat(names).isEmpty();
  }

  private static void isRecorded(String path, int status, String reason) {
    Map<String, Object> last =
        database().queryForMap("select * from rejected_webhook order by id desc limit 1");
    assertThat(last)
        .containsEntry("path", path)
        .containsEntry("status", status)
        .containsEntry("reason", reason)
        .containsEntry("remote_address", "127.0.0.1");
  }

  private static void nothingWasKept() {
    assertThat(number("select count(*) from event")).isZero();
    assertThat(number("select count(*) from delivery")).isZero();
    assertThat(salesforce().writes()).isEmpty();
    assertThat(mailbox().received()).isEmpty();
  }

  private static String zoomWebhook() {
    return Webhooks.zoomCommerce("quote-status-changed", "Q-1", "draft");
  }

  private static String challenge(String token) {
    return "{\"payload\":{\"plainToken\":\"%s\"},\"event_ts\":1763882221456,\"event\":\"endpoint.url_validation\"}"
        .formatted(token);
  }

  private static Map<String, String> zoom(String timestamp, String signature) {
    Map<String, String> headers = json();
    if (timestamp != null) {
      headers.put("x-zm-request-timestamp", timestamp);
    }
    if (signature != null) {
      headers.put("x-zm-signature", signature);
    }
    return headers;
  }

  private static Map<String, String> with(Map<String, String> headers, String name, String value) {
    return with(headers, Map.of(name, value));
  }

  private static Map<String, String> with(Map<String, String> headers, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return all;
  }

  private static String query(Map<String, String> parameters) {
    StringBuilder query = new StringBuilder("?a=b");
    parameters.forEach(
        (name, value) ->
            query.append('&').append(name).append('=').append(URLEncoder.encode(value, UTF_8)));
    return query.toString();
  }

  private static Map<String, String> signed(byte[] body) {
    String timestamp = Long.toString(Instant.now().getEpochSecond());
    return zoom(timestamp, "v0=" + hmac(("v0:" + timestamp + ":").getBytes(UTF_8), body));
  }

  private static String hmac(String text) {
    return hmac(text.getBytes(UTF_8));
  }

  private static String hmac(byte[]... parts) {
    return HexFormat.of()
        .formatHex(WebhookSender.hmac("HmacSHA256", ZOOM_COMMERCE_SECRET.getBytes(UTF_8), parts));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> sendInChunks(String webhook) {
    HttpRequest.Builder request =
        request(ZOOM_COMMERCE)
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(webhook.getBytes(UTF_8))));
    zoomCommerceHeaders(webhook, Instant.now(), ZOOM_COMMERCE_SECRET).forEach(request::header);
    return sender().send(request.build());
  }

  /** Sends a request as written, for what no client would send, and reads until the end. */
  private String sendRaw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(UTF_8));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
