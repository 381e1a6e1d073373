package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads events as the ledger has written them. */
final class EventRows {

  private final ObjectMapper json;
  private final DataProtection protection;

  EventRows(ObjectMapper json, DataProtection protection) {
    this.json = json;
    this.protection = protection;
  }

  /** The event of a row, with its payload unsealed. */
  Event event(ResultSet row) throws SQLException {
    return new Event(
        row.getLong("sequence"),
        row.getString("id"),
        row.getString("sender"),
        row.getString("type"),
        row.getString("status"),
        row.getString("entity_kind"),
        row.getString("entity_key"),
        row.getTimestamp("occurred_at").toInstant(),
        row.getTimestamp("received_at").toInstant(),
        json(
            protection.open(
                row.getString("id"), SealedEvent.ATTRIBUTES, row.getString("attributes"))),
        row.getString("mapping"),
        protection.open(row.getString("id"), SealedEvent.BODY, row.getString("body")),
        row.getString("trace"));
  }

  /** A column that is JSON. */
  JsonNode json(String text) {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the ledger holds unreadable JSON", e);
    }
  }
}
