package io.commercewebhooks.ledger;

import java.util.List;

/**
 * An event as the ledger writes it, and the spool before it.
 *
 * @param occurredAt as ISO 8601; null for when it is kept
 * @param attributes sealed, where payloads are
 * @param body sealed, where payloads are
 * @param people hashes of what names a person in it
 * @param protection which keys protect it
 * @param files the set of files that it was read by
 */
record SealedEvent(
    String id,
    String sender,
    String type,
    String status,
    String entityKind,
    String entityKey,
    String occurredAt,
    String attributes,
    String mapping,
    String body,
    List<String> people,
    String protection,
    String files,
    String trace) {

  /** The columns that texts are sealed for. */
  static final String ATTRIBUTES = "attributes";

  static final String BODY = "body";

  /** The same event; when its sender didn't say when it happened, it did at a time. */
  SealedEvent orOccurredAt(String time) {
    return occurredAt != null
        ? this
        : new SealedEvent(
            id,
            sender,
            type,
            status,
            entityKind,
            entityKey,
            time,
            attributes,
            mapping,
            body,
            people,
            protection,
            files,
            trace);
  }
}
