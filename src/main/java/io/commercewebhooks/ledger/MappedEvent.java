package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.Sha256;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;

/** What a mapping of {@code config/mappings} made of a payload, as an event. */
final class MappedEvent {

  /** What can stand in an address as it is. */
  private static final Pattern PLAIN_ID = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  private static final String AMOUNT = "amount";

  /**
   * Clocks may differ by minutes; one that is off by more is in another time zone, or never set.
   */
  private static final Duration FURTHEST_AHEAD = Duration.ofHours(1);

  private MappedEvent() {}

  /**
   * Reads what the mapping before this step gave: the body, and the variables {@code payload} and
   * {@code mapping}.
   */
  static Event read(Exchange exchange, String sender, ObjectMapper json)
      throws JsonProcessingException, InvalidPayloadException {
    return read(
        json.readTree(exchange.getMessage().getMandatoryBody(String.class)),
        exchange.getVariable("payload", String.class),
        sender,
        exchange.getVariable("mapping", String.class),
        Instant.now(),
        json);
  }

  /**
   * Reads what a mapping gave.
   *
   * @param mapped the mapping's object, see {@link EventsEndpoint}
   * @param payload the text that the mapping read; kept where the object has no body of its own
   * @param sender who called
   * @param mapping the mapping's file without its ending, or null
   * @param receivedAt when the webhook came, also where it is read again
   * @throws IllegalArgumentException when there is neither a body nor a payload
   * @return the event; without a key when the payload names no business object
   */
  static Event read(
      JsonNode mapped,
      String payload,
      String sender,
      String mapping,
      Instant receivedAt,
      ObjectMapper json)
      throws JsonProcessingException {
    String body = mapped.has("body") ? json.writeValueAsString(mapped.get("body")) : payload;
    if (body == null) {
      throw new IllegalArgumentException("an event needs a body, or a variable named payload");
    }
    JsonNode entity = mapped.path("entity");
    return new Event(
        0,
        id(sender, mapped.path("senderEventId").asText(""), body),
        sender,
        mapped.path("type").asText(""),
        mapped.path("status").asText(""),
        entity.path("kind").asText("entity"),
        entity.path("key").isMissingNode() ? null : entity.path("key").asText(),
        instant(mapped.path("occurredAt").asText(""), receivedAt),
        null,
        withAmountAsNumber(mapped.path("attributes")),
        mapping,
        body,
        null);
  }

  /**
   * The same webhook always gets the same id: the sender's own, else a hash of the body, so that
   * the same key with another body is another event.
   */
  private static String id(String sender, String senderEventId, String body) {
    String own = PLAIN_ID.matcher(senderEventId).matches() ? senderEventId : null;
    String hashed = senderEventId.isBlank() ? body : senderEventId;
    return sender + ":" + (own != null ? own : Sha256.of(hashed));
  }

  /**
   * A clock far ahead of ours would keep every later event of the entity out, so it isn't believed.
   */
  private static Instant instant(String text, Instant receivedAt) {
    try {
      Instant said = text.isEmpty() ? null : Instant.parse(text);
      return said == null || said.isAfter(receivedAt.plus(FURTHEST_AHEAD)) ? null : said;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Senders write amounts as text too; routing compares them, so they are kept as numbers. */
  private static JsonNode withAmountAsNumber(JsonNode attributes) {
    if (!(attributes instanceof ObjectNode object)) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (object.path(AMOUNT).isTextual()) {
      try {
        object.put(AMOUNT, new BigDecimal(object.path(AMOUNT).textValue()));
      } catch (NumberFormatException e) {
        object.remove(AMOUNT);
      }
    }
    return object;
  }
}
