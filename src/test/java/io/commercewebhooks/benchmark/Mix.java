package io.commercewebhooks.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Webhooks as shops send them: of twenty, fifteen changes of a status (0.3 KB), four quote requests
 * (5 KB) and a return (60 KB). Each is of a kind that one audience hears of, so one mail. A third
 * of the statuses is of a business object that changed before, so that who writes them in the wrong
 * order leaves a stale state.
 */
final class Mix {

  /**
   * A signed webhook, ready to be sent.
   *
   * @param request its HTTP request, byte for byte
   */
  record Webhook(String type, String key, String status, byte[] request) {}

  private record Status(String type, String name) {}

  private static final List<Status> STATUSES =
      List.of(
          new Status("account-status-changed", "success"),
          new Status("quote-status-changed", "approved"),
          new Status("order-status-changed", "failedToSubmit"),
          new Status("deal-registration-status-changed", "approved"),
          new Status("quote-status-changed", "rejected"));

  private static final List<Status> LATER =
      List.of(
          new Status("account-status-changed", "failure"),
          new Status("quote-status-changed", "completed"),
          new Status("order-status-changed", "failed"),
          new Status("deal-registration-status-changed", "closed-won"),
          new Status("quote-status-changed", "canceled"));

  private static final int OF = 20;
  private static final int QUOTE_REQUESTS_FROM = 15;
  private static final int RETURN_AT = 19;
  private static final int QUOTE_REQUEST_SIZE = 5_000;
  private static final int RETURN_SIZE = 60_000;

  private final String name;
  private Instant occurredAt = Instant.now().truncatedTo(ChronoUnit.MILLIS).minusSeconds(60);

  /**
   * @param name is part of every key, so that no two trials share a business object
   */
  Mix(String name) {
    this.name = name;
  }

  /** So many webhooks, signed now; senders refuse themselves after five minutes. */
  List<Webhook> webhooks(int count) {
    List<Webhook> webhooks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      occurredAt = occurredAt.plusMillis(1);
      int place = i % OF;
      if (place == RETURN_AT) {
        webhooks.add(returnUpdate(i));
      } else if (place >= QUOTE_REQUESTS_FROM) {
        webhooks.add(quoteRequest(i));
      } else {
        webhooks.add(status(i, place));
      }
    }
    return webhooks;
  }

  /** The state in which each business object must be in the end: by type and key. */
  static Map<String, String> lastStates(List<Webhook> webhooks) {
    return webhooks.stream()
        .collect(
            Collectors.toMap(
                webhook -> webhook.type() + " " + webhook.key(),
                Webhook::status,
                (earlier, later) -> later,
                LinkedHashMap::new));
  }

  private Webhook status(int number, int place) {
    boolean again = place >= 2 * STATUSES.size();
    int of = place % STATUSES.size();
    Status status = again ? LATER.get(of) : STATUSES.get(of);
    String key = key(again ? number - STATUSES.size() : number);
    String body = Webhooks.zoomCommerce(status.type(), key, status.name(), occurredAt);
    return new Webhook(
        status.type(),
        key,
        status.name(),
        request(
            WebhookSender.ZOOM_COMMERCE,
            WebhookSender.zoomCommerceHeaders(
                body, Instant.now(), WebhookSender.ZOOM_COMMERCE_SECRET),
            body));
  }

  private Webhook quoteRequest(int number) {
    ObjectNode webhook =
        Webhooks.object(Webhooks.file("oracle-commerce/quote-request-wrapped.json"));
    ObjectNode order = webhook.withObject("/order");
    order.put("id", key(number));
    order.withObject("/quoteInfo").put("requestDate", occurredAt.toString());
    Webhooks.fill(order.withObject("/shoppingCart"), webhook, QUOTE_REQUEST_SIZE);
    String body = webhook.toString();
    return new Webhook(
        "quote-requested",
        key(number),
        "requested",
        request(
            WebhookSender.REQUEST_QUOTE,
            WebhookSender.oracleCommerceHeaders(body, WebhookSender.REQUEST_QUOTE_SECRET),
            body));
  }

  private Webhook returnUpdate(int number) {
    ObjectNode webhook = Webhooks.object(Webhooks.file("oracle-commerce/return-full.json"));
    ObjectNode update = webhook.withObject("/return");
    update.put("authorizationNumber", key(number)).put("state", "FULL_RETURN");
    update.withObject("/originatingOrder").put("lastModifiedTime", occurredAt.toEpochMilli());
    Webhooks.fill(update, webhook, RETURN_SIZE);
    String body = webhook.toString();
    return new Webhook(
        "return-updated",
        key(number),
        "FULL_RETURN",
        request(
            WebhookSender.RETURN,
            WebhookSender.oracleCommerceHeaders(body, WebhookSender.RETURN_SECRET),
            body));
  }

  private String key(int number) {
    return name + "-" + number;
  }

  private static byte[] request(String path, Map<String, String> headers, String body) {
    byte[] content = body.getBytes(UTF_8);
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    headers.forEach((header, value) -> head.append(header + ": " + value + "\r\n"));
    head.append("Content-Length: " + content.length + "\r\n\r\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + content.length);
    bytes.writeBytes(head.toString().getBytes(UTF_8));
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }
}
