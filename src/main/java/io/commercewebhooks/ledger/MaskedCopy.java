package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A payload that can be edited without seeing persons: each masked value has a number, as {@code
 * [masked 3]}, and whatever is done to the rest, the value is put back where its number stands.
 */
final class MaskedCopy {

  static final String SHOWN = "a masked value may not stand in a field that is shown to everybody";

  private static final Pattern NUMBERED = Pattern.compile("\\[masked (\\d{1,6})]");

  private final PersonalData people;
  private final List<JsonNode> hidden = new ArrayList<>();
  private final JsonNode masked;

  /**
   * Makes a copy.
   *
   * @param payload is changed
   */
  MaskedCopy(JsonNode payload, PersonalData people) {
    this.people = people;
    this.masked = people.each(payload, false, this::hide);
  }

  /** What may be shown and edited. */
  JsonNode masked() {
    return masked;
  }

  private JsonNode hide(JsonNode leaf, boolean personal) {
    if (personal && !leaf.isNull() && !leaf.isBoolean() && !leaf.asText().isEmpty()) {
      return TextNode.valueOf(number(leaf));
    }
    if (!leaf.isTextual()) {
      return leaf;
    }
    // a sender's own "[masked 1]" would show somebody
    String text = NUMBERED.matcher(leaf.textValue()).replaceAll("[masked]");
    return TextNode.valueOf(
        people.replaceEmails(text, email -> number(TextNode.valueOf(email.group()))));
  }

  private String number(JsonNode value) {
    hidden.add(value);
    return "[masked %d]".formatted(hidden.size());
  }

  /**
   * Puts the hidden values back into an edited copy.
   *
   * @param edited is changed
   * @throws IllegalArgumentException when it names a number that there is not, or would show a
   *     hidden value by having it where values are not masked
   */
  JsonNode unmasked(JsonNode edited) {
    return people.each(edited, false, this::unmasked);
  }

  private JsonNode unmasked(JsonNode leaf, boolean personal) {
    Matcher whole = NUMBERED.matcher(leaf.asText());
    if (!leaf.isTextual() || !whole.find()) {
      return leaf;
    }
    if (personal && whole.matches()) {
      return value(whole);
    }
    if (!personal && !namesOnlyEmails(leaf.textValue())) {
      throw new IllegalArgumentException(SHOWN);
    }
    return TextNode.valueOf(
        NUMBERED
            .matcher(leaf.textValue())
            .replaceAll(m -> Matcher.quoteReplacement(value(m).asText())));
  }

  /** They are masked wherever they stand. */
  private boolean namesOnlyEmails(String text) {
    return NUMBERED
        .matcher(text)
        .results()
        .allMatch(m -> people.replaceEmails(value(m).asText(), email -> "").isEmpty());
  }

  private JsonNode value(MatchResult numbered) {
    int number = Integer.parseInt(numbered.group(1));
    if (number < 1 || number > hidden.size()) {
      throw new IllegalArgumentException(
          "there is no masked value of the number " + numbered.group(1));
    }
    return hidden.get(number - 1);
  }
}
