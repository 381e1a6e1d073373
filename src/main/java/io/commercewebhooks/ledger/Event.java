package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * A verified, redacted webhook as the ledger keeps it.
 *
 * @param sequence order of arrival, given by the ledger; 0 until it is kept
 * @param id stable id; the same webhook sent again has the same id
 * @param sender who called, e.g. {@code zoom-commerce}
 * @param type what happened, e.g. {@code quote-status-changed}
 * @param status as the sender wrote it; empty when there was none
 * @param entityKind kind of the business object, e.g. {@code quote}
 * @param entityKey key of the business object, or null when the webhook named none
 * @param occurredAt when it happened; the time of receipt when the sender didn't say, and null
 *     until it is kept
 * @param receivedAt when it was kept; null until then
 * @param attributes JSON object of the facts that routing decides by
 * @param mapping the file that read the payload, without its ending; or null
 * @param body JSON object: the payload after redaction
 * @param trace the span of its webhook as a W3C {@code traceparent}, or null when it isn't traced
 */
public record Event(
    long sequence,
    String id,
    String sender,
    String type,
    String status,
    String entityKind,
    String entityKey,
    Instant occurredAt,
    Instant receivedAt,
    JsonNode attributes,
    String mapping,
    String body,
    String trace) {

  /** The same event, whose webhook is a span of a trace. */
  Event tracedAs(String traceparent) {
    return new Event(
        sequence,
        id,
        sender,
        type,
        status,
        entityKind,
        entityKey,
        occurredAt,
        receivedAt,
        attributes,
        mapping,
        body,
        traceparent);
  }

  /** The lane of the order guard: events of one entity never overtake each other backwards. */
  public String entity() {
    return entityKind + "/" + entityKey;
  }
}
