package io.commercewebhooks.sandbox;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * One call as it reached the stand-in.
 *
 * @param path path and query as sent
 */
public record SalesforceCall(Kind kind, String method, String path, byte[] bytes, Instant at) {

  /** What a call is for. */
  public enum Kind {
    LOGIN,
    LOGOUT,
    UPSERT,
    UPSERT_COLLECTION,
    COMPOSITE,
    READ,
    QUERY,
    DESCRIBE,
    LIMITS,
    OTHER;

    /** Whether such a call needs a session and counts against the daily limit. */
    boolean ofTheApi() {
      return this != LOGIN && this != LOGOUT;
    }
  }

  public String body() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
