package io.commercewebhooks.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Body;

/**
 * Takes card data out of a webhook before it is written anywhere: by the name of the field, and in
 * any text by the look of a card number (length, issuer digit and Luhn check).
 */
public class Redactor {

  private static final String MASK = "************";

  /** 13 to 19 digits, spaced or hyphenated as people write them, not inside a longer number. */
  private static final Pattern CARD_LIKE = Pattern.compile("(?<!\\d)[2-6](?:[ -]?\\d){12,18}(?!\\d)");

  private final Set<String> drop;
  private final Set<String> lastFour;
  private final Set<String> mask;

  Redactor(RedactionSettings settings) {
    this.drop = names(settings.drop());
    this.lastFour = names(settings.lastFour());
    this.mask = names(settings.mask());
  }

  /**
   * Redacts in place.
   *
   * @param webhook a JSON object
   * @return its text, fit to be kept
   * @throws MalformedWebhookException when it is not an object, or holds half a character
   */
  public String redact(@Body JsonNode webhook) throws MalformedWebhookException {
    if (!webhook.isObject()) {
      throw new MalformedWebhookException("the body is not a JSON object");
    }
    redact((ObjectNode) webhook);
    String text = webhook.toString();
    if (hasHalfCharacter(text)) {
      throw new MalformedWebhookException("the body holds half a character");
    }
    return text;
  }

  private void redact(ObjectNode object) {
    List<String> dropped = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = normal(field.getKey());
      JsonNode value = field.getValue();
      if (drop.contains(name)) {
        dropped.add(field.getKey());
      } else if (lastFour.contains(name)) {
        field.setValue(lastFour(value));
      } else if (mask.contains(name)) {
        field.setValue(value.isNull() ? value : TextNode.valueOf("****"));
      } else {
        field.setValue(redactInside(value));
      }
    }
    object.remove(dropped);
  }

  private JsonNode redactInside(JsonNode value) {
    if (value instanceof ObjectNode object) {
      redact(object);
    } else if (value instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, redactInside(array.get(i)));
      }
    } else if (value.isTextual()) {
      String text = withoutCards(value.textValue());
      return text.equals(value.textValue()) ? value : TextNode.valueOf(text);
    }
    return value;
  }

  private static JsonNode lastFour(JsonNode value) {
    if (value.isNull() || value.isTextual() && value.textValue().isEmpty()) {
      return value;
    }
    String digits = value.asText("").replaceAll("[^0-9]", "");
    return TextNode.valueOf(
        digits.length() < 12 ? MASK : MASK + digits.substring(digits.length() - 4));
  }

  /** Replaces every card number in a text by its last four digits, and NUL by a visible mark. */
  static String withoutCards(String text) {
    String clean = text.indexOf('\u0000') < 0 ? text : text.replace('\u0000', '\uFFFD');
    Matcher matcher = CARD_LIKE.matcher(clean);
    if (!matcher.find()) {
      return clean;
    }
    return matcher.replaceAll(
        found -> {
          String digits = found.group().replaceAll("\\D", "");
          return passesLuhn(digits) ? MASK + digits.substring(digits.length() - 4) : found.group();
        });
  }

  private static boolean passesLuhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      if (i % 2 == 1) {
        digit = digit > 4 ? digit * 2 - 9 : digit * 2;
      }
      sum += digit;
    }
    return sum % 10 == 0;
  }

  private static boolean hasHalfCharacter(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))) {
        if (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(++i))) {
          return true;
        }
      } else if (Character.isLowSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static Set<String> names(List<String> names) {
    return names == null
        ? Set.of()
        : names.stream().map(Redactor::normal).collect(Collectors.toUnmodifiableSet());
  }

  private static String normal(String name) {
    return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
