package io.commercewebhooks;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * JSON as people read it: a value on a line, each level further in. Deep below, that makes a
 * hundred megabytes of blanks of one of values; then it stays on one line.
 */
public final class ReadableJson {

  private static final int WIDTH = 2;
  private static final long MOST_BLANKS = 2 << 20;

  private ReadableJson() {}

  /** Writes it. */
  public static String of(JsonNode json) {
    return blanks(json, 0) > MOST_BLANKS ? json.toString() : json.toPrettyString();
  }

  private static long blanks(JsonNode json, int level) {
    int inside = json.isObject() ? level + 1 : level;
    long blanks = json.isObject() ? (long) WIDTH * inside * json.size() : 0;
    for (JsonNode child : json) {
      blanks += blanks(child, inside);
    }
    return blanks;
  }
}
