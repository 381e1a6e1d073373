package io.commercewebhooks.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Bodies of webhooks: the files of {@code src/test/resources/webhooks}, and variations of them. */
public final class Webhooks {

  /** Where each Zoom type has its business object, and the field that is its key. */
  private static final Map<String, String[]> ZOOM_COMMERCE =
      Map.of(
          "account-status-changed", new String[] {"account", "crm_account_number"},
          "quote-status-changed", new String[] {"quote", "quote_reference_id"},
          "deal-registration-status-changed", new String[] {"deal_registration", "deal_reg_number"},
          "order-status-changed", new String[] {"order", "order_reference_id"});

  private static final ObjectMapper JSON = new ObjectMapper();

  private Webhooks() {}

  /** A file of {@code src/test/resources/webhooks}, byte for byte. */
  public static String file(String path) {
    try (InputStream in = Webhooks.class.getResourceAsStream("/webhooks/" + path)) {
      if (in == null) {
        throw new IllegalArgumentException("no webhook " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Zoom webhook of a type, with an event id of its own, that occurred now. */
  public static String zoomCommerce(String type, String key, String status) {
    return zoomCommerce(type, key, status, Instant.now());
  }

  /** A Zoom webhook of a type, with an event id of its own, that occurred at a time. */
  public static String zoomCommerce(String type, String key, String status, Instant occurredAt) {
    ObjectNode webhook = object(file("zoom-commerce/" + type + ".json"));
    webhook.put("event_id", UUID.randomUUID().toString());
    webhook.put("event_ts", occurredAt.toEpochMilli());
    String[] place = ZOOM_COMMERCE.get(type);
    ObjectNode object = (ObjectNode) webhook.path("payload").path(place[0]);
    object.put(place[1], key);
    object.put("status", status);
    return webhook.toString();
  }

  /** A webhook as a tree that can be changed. */
  public static ObjectNode object(String webhook) {
    try {
      return (ObjectNode) JSON.readTree(webhook);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Makes a webhook large by what a shop put in of its own: the history of a part of it.
   *
   * @param part of the webhook
   * @param size of the whole webhook then, in characters: so many, or up to a hundred more
   */
  public static void fill(ObjectNode part, ObjectNode webhook, int size) {
    ArrayNode more = part.putArray("x_history");
    int left = size - webhook.toString().length();
    for (int i = 0; left > 0; i++) {
      ObjectNode entry = more.addObject();
      entry.put("step", i).put("by", "shop").put("text", "Item moved from shelf to parcel " + i);
      left -= entry.toString().length() + 1;
    }
  }
}
