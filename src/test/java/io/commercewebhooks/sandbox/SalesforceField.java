package io.commercewebhooks.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One field of an object: what it accepts and how Salesforce keeps it.
 *
 * @param type the type as a describe call names it, such as {@code string} or {@code datetime}
 * @param length the longest text in characters; 0 where the type has no length
 * @param precision all digits of a number; 0 for other types
 * @param scale digits after the point
 * @param writable false for formulas, automatic numbers and system fields
 */
record SalesforceField(
    String name,
    String label,
    String type,
    int length,
    int precision,
    int scale,
    boolean externalId,
    boolean unique,
    boolean caseSensitive,
    boolean requiredOnCreate,
    boolean writable) {

  private static final Pattern LINE_BREAK = Pattern.compile("\\r\\n?|\\n");
  private static final DateTimeFormatter KEPT_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SENT_TIME =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter(Locale.ROOT);

  static SalesforceField text(String name, String type, int length) {
    return new SalesforceField(name, name, type, length, 0, 0, false, false, false, false, true);
  }

  static SalesforceField number(String name, String type, int precision, int scale) {
    return new SalesforceField(
        name, name, type, 0, precision, scale, false, false, false, false, true);
  }

  static SalesforceField plain(String name, String type) {
    return new SalesforceField(name, name, type, 0, 0, 0, false, false, false, false, true);
  }

  SalesforceField required() {
    return new SalesforceField(
        name,
        label,
        type,
        length,
        precision,
        scale,
        externalId,
        unique,
        caseSensitive,
        true,
        writable);
  }

  SalesforceField readOnly() {
    return new SalesforceField(
        name,
        label,
        type,
        length,
        precision,
        scale,
        externalId,
        unique,
        caseSensitive,
        false,
        false);
  }

  boolean indexed() {
    return externalId || unique;
  }

  /** The form of a value under which two values of this field count as equal. */
  String comparable(Object value) {
    String text = String.valueOf(value);
    return caseSensitive ? text : text.toLowerCase(Locale.ROOT);
  }

  /**
   * Checks a value as Salesforce does and gives it as Salesforce keeps it: texts as they are, times
   * in UTC to the second, numbers rounded to the scale.
   *
   * @return a String, BigDecimal or Boolean; null clears the field
   * @throws SalesforceError with the code that Salesforce answers to such a value
   */
  Object accept(JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    return switch (type) {
      case "double", "currency", "percent", "int" -> acceptNumber(value);
      case "boolean" -> {
        if (!value.isBoolean()) {
          throw wrongType("boolean", value);
        }
        yield value.booleanValue();
      }
      case "datetime" -> acceptTime(value);
      case "date" -> acceptDate(value);
      default -> acceptText(value);
    };
  }

  private Object acceptText(JsonNode value) {
    if (!value.isTextual()) {
      throw wrongType("string", value);
    }
    String text = value.textValue();
    if (length > 0 && counted(text) > length) {
      throw new SalesforceError(
          400,
          "STRING_TOO_LONG",
          label
              + ": data value too large: "
              + text.substring(0, Math.min(text.length(), 255))
              + " (max length="
              + length
              + ")",
          name);
    }
    return text.isEmpty() ? null : text;
  }

  /** Salesforce ends each line of a text area with two characters, and counts both. */
  private long counted(String text) {
    return type.equals("textarea")
        ? LINE_BREAK.matcher(text).replaceAll("\r\n").length()
        : text.length();
  }

  private Object acceptNumber(JsonNode value) {
    if (!value.isNumber()) {
      throw wrongType("double", value);
    }
    BigDecimal number = value.decimalValue();
    if (number.precision() - number.scale() > precision - scale && number.signum() != 0) {
      throw new SalesforceError(
          400,
          "NUMBER_OUTSIDE_VALID_RANGE",
          label + ": value outside of valid range on numeric field: " + number.toPlainString(),
          name);
    }
    return number.scale() > scale ? number.setScale(scale, RoundingMode.HALF_UP) : number;
  }

  private Object acceptTime(JsonNode value) {
    if (!value.isTextual()) {
      throw wrongType("datetime", value);
    }
    try {
      OffsetDateTime time = OffsetDateTime.parse(value.textValue(), SENT_TIME);
      return kept(time.toInstant());
    } catch (DateTimeException e) {
      throw wrongType("datetime", value);
    }
  }

  private Object acceptDate(JsonNode value) {
    if (!value.isTextual()) {
      throw wrongType("date", value);
    }
    try {
      return LocalDate.parse(value.textValue()).toString();
    } catch (DateTimeException e) {
      throw wrongType("date", value);
    }
  }

  static String kept(Instant time) {
    return KEPT_TIME.format(Instant.ofEpochSecond(time.getEpochSecond()));
  }

  private SalesforceError wrongType(String expected, JsonNode value) {
    String token =
        switch (value.getNodeType()) {
          case OBJECT -> "START_OBJECT";
          case ARRAY -> "START_ARRAY";
          case STRING -> "VALUE_STRING";
          case BOOLEAN -> value.booleanValue() ? "VALUE_TRUE" : "VALUE_FALSE";
          default -> value.isIntegralNumber() ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT";
        };
    String shown = value.isValueNode() ? " value " + value.asText() : " value";
    return new SalesforceError(
        400,
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of "
            + expected
            + " from "
            + token
            + shown
            + " or request may be missing a required field at "
            + name,
        name);
  }
}
