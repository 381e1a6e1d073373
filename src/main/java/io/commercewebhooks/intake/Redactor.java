package io.commercewebhooks.intake;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.commercewebhooks.FieldName;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.Body;

/**
 * Takes card data out of a webhook before it is written anywhere: by the name of the field, and in
 * any text by the look of a card number or of a labelled security code. JSON inside a text is
 * treated like the rest.
 */
public class Redactor {

  private static final String MASK = "****";
  private static final int FEWEST_DIGITS = 12;
  private static final int MOST_DIGITS = 19;

  /** Each text inside a text doubles the backslashes before its quotes, so no body goes deeper. */
  private static final int DEEPEST_TEXT = 24;

  private static final int LARGEST_EXPONENT = 100;

  /** In one piece, as a system writes it and no person a sentence. */
  private static final Pattern BUSINESS_NUMBER = Pattern.compile("[A-Za-z0-9._/-]{1,40}");

  /** NUL, and half a character, as where a sender cut a text off in the middle of one. */
  private static final Pattern NEVER_KEPT = Pattern.compile("[\\x00\\p{Cs}]");

  /** Lenient, because a text that merely resembles JSON is no reason to refuse a webhook. */
  private static final ObjectMapper JSON_IN_TEXT =
      JsonMapper.builder(
              StrictJson.builder(
                      StreamReadConstraints.builder().maxNestingDepth(StrictJson.DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** What is done to the value of a field, for its name. */
  private enum Rule {
    DROP,
    LAST_FOUR,
    MASK,
    BUSINESS_NUMBER
  }

  private volatile Map<String, Rule> rules;
  private volatile LabelledCodes labelledCodes;

  Redactor(RedactionSettings settings) {
    use(settings);
  }

  /** Takes other settings into use; nobody may be redacting meanwhile. */
  public final void use(RedactionSettings settings) {
    Map<String, Rule> byName = new HashMap<>();
    add(byName, settings.drop(), Rule.DROP);
    add(byName, settings.lastFour(), Rule.LAST_FOUR);
    add(byName, settings.mask(), Rule.MASK);
    add(byName, settings.businessNumbers(), Rule.BUSINESS_NUMBER);
    this.rules = byName;
    this.labelledCodes = new LabelledCodes(settings.codeLabels());
  }

  /**
   * Redacts in place.
   *
   * @param webhook a JSON object
   * @return its text, fit to be kept
   * @throws MalformedWebhookException when it is not an object, or holds a number beyond all use
   */
  public String redact(@Body JsonNode webhook) throws MalformedWebhookException {
    if (webhook == null || !webhook.isObject()) {
      throw new MalformedWebhookException("the body is not a JSON object");
    }
    redact((ObjectNode) webhook, 0);
    return StrictJson.write(webhook);
  }

  /**
   * Redacts words of other origin, such as a target's answer, which may quote what it holds itself.
   */
  public String text(String words) {
    return redactText(words);
  }

  /** Nothing is built anew unless it holds card data, which hardly any part of a webhook does. */
  private void redact(ObjectNode object, int depthOfText) throws MalformedWebhookException {
    boolean nameHoldsSome = false;
    Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      Rule rule = rules.get(FieldName.plain(field.getKey()));
      if (rule == Rule.DROP) {
        fields.remove();
        continue;
      }
      field.setValue(redacted(rule, field.getValue(), depthOfText));
      nameHoldsSome |= !redactText(field.getKey()).equals(field.getKey());
    }
    if (nameHoldsSome) {
      redactNames(object);
    }
  }

  private JsonNode redacted(Rule rule, JsonNode value, int depthOfText)
      throws MalformedWebhookException {
    if (rule == Rule.LAST_FOUR) {
      return lastFour(value);
    }
    if (rule == Rule.MASK) {
      return value.isNull() ? value : TextNode.valueOf(MASK);
    }
    if (rule == Rule.BUSINESS_NUMBER
        && (value.isTextual() || value.isIntegralNumber())
        && BUSINESS_NUMBER.matcher(value.asText()).matches()) {
      return value;
    }
    return redactInside(value, depthOfText);
  }

  private void redactNames(ObjectNode object) {
    Map<String, JsonNode> renamed = new LinkedHashMap<>();
    Map<String, Integer> alike = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = FieldName.free(redactText(field.getKey()), renamed.keySet(), alike);
      renamed.put(name, field.getValue());
    }
    object.removeAll();
    object.setAll(renamed);
  }

  private JsonNode redactInside(JsonNode value, int depthOfText) throws MalformedWebhookException {
    if (value instanceof ObjectNode object) {
      redact(object, depthOfText);
    } else if (value instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, redactInside(array.get(i), depthOfText));
      }
    } else if (value.isTextual()) {
      String text = redactText(value.textValue(), depthOfText);
      return text.equals(value.textValue()) ? value : TextNode.valueOf(text);
    } else if (value.isInt()) {
      return value; // ten digits at most
    } else if (value.isIntegralNumber()) {
      String text = CardNumbers.mask(value.asText());
      return text.equals(value.asText()) ? value : TextNode.valueOf(text);
    } else if (value.isBigDecimal()) {
      boolean beyondAllUse = isBeyondAllUse(value);
      if (beyondAllUse && depthOfText == 0) {
        throw new MalformedWebhookException("the body holds a number beyond all use");
      }
      BigDecimal number = value.decimalValue();
      String whole = (beyondAllUse ? number.unscaledValue() : number.toBigInteger()).toString();
      String masked = CardNumbers.mask(whole);
      return masked.equals(whole) ? value : TextNode.valueOf(masked);
    }
    return value;
  }

  private String redactText(String text, int depthOfText) throws MalformedWebhookException {
    if (depthOfText >= DEEPEST_TEXT) {
      return redactText(text);
    }
    JsonNode inside = jsonIn(text);
    if (inside != null) {
      String before = inside.toString();
      String after = redactInside(inside, depthOfText + 1).toString();
      return after.equals(before) ? text : after;
    }
    int start = text.indexOf('{');
    int end = start < 0 ? -1 : text.lastIndexOf('}') + 1;
    JsonNode amidst =
        end > start && end - start < text.length() ? jsonIn(text.substring(start, end)) : null;
    return amidst == null
        ? redactText(text)
        : redactText(text.substring(0, start))
            + redactText(text.substring(start, end), depthOfText + 1)
            + redactText(text.substring(end));
  }

  /** Masks card numbers and labelled codes, and replaces what no database keeps. */
  private String redactText(String text) {
    String kept = canBeKept(text) ? text : NEVER_KEPT.matcher(text).replaceAll("\uFFFD");
    if (!CardNumbers.hasDigits(kept, LabelledCodes.FEWEST_DIGITS)) {
      return kept;
    }
    return labelledCodes.mask(CardNumbers.mask(kept));
  }

  private static boolean canBeKept(String text) {
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter == 0 || Character.isSurrogate(letter)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The object, list or quoted text that a text holds, or null when it holds none.
   *
   * @throws MalformedWebhookException when it holds too much to be looked at
   */
  public static JsonNode jsonIn(String text) throws MalformedWebhookException {
    String bare = text.strip();
    if (bare.isEmpty() || "{[\"".indexOf(bare.charAt(0)) < 0) {
      return null;
    }
    try {
      return JSON_IN_TEXT.readTree(StrictJson.bounded(JSON_IN_TEXT.createParser(bare)));
    } catch (MalformedWebhookException e) {
      throw e;
    } catch (IOException | ArithmeticException | NumberFormatException e) {
      // the last two: a number beyond all integers
      return null;
    }
  }

  private static JsonNode lastFour(JsonNode value) {
    if (value.isNull() || value.isTextual() && value.textValue().isEmpty()) {
      return value;
    }
    String text = value.asText("");
    String digits = text.replaceAll("[^0-9]", "");
    boolean number =
        digits.length() >= FEWEST_DIGITS
            && digits.length() <= MOST_DIGITS
            && text.chars().noneMatch(Character::isLetter);
    return TextNode.valueOf(
        number ? CardNumbers.MASK + digits.substring(digits.length() - 4) : CardNumbers.MASK);
  }

  /** A few bytes that would unfold to a number of a thousand million digits. */
  private static boolean isBeyondAllUse(JsonNode value) {
    return value.isBigDecimal() && Math.abs((long) value.decimalValue().scale()) > LARGEST_EXPONENT;
  }

  /** Of a name that is listed under several rules, the first counts. */
  private static void add(Map<String, Rule> byName, List<String> names, Rule rule) {
    if (names != null) {
      names.forEach(name -> byName.putIfAbsent(FieldName.plain(name), rule));
    }
  }
}
