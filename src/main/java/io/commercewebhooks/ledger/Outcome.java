package io.commercewebhooks.ledger;

import java.time.Duration;

/**
 * What came of one attempt to deliver.
 *
 * @param kind what the ledger does next
 * @param reference what the target calls the result, or null
 * @param code short code of the failure, the same for the same kind of failure; null on success
 * @param detail the failure in words, without secrets or payload; null on success
 * @param retryAfter how long the target asked us to wait at least, or null
 */
public record Outcome(Kind kind, String reference, String code, String detail, Duration retryAfter) {

  /** What the ledger does with a delivery after an attempt. */
  public enum Kind {
    /** The target has it. */
    DELIVERED,
    /** The target already has something newer of the same entity. */
    SUPERSEDED,
    /** It may work later: wait and try again. */
    RETRY,
    /** It will never work as it is: a dead letter. */
    DEAD
  }

  public static Outcome delivered(String reference) {
    return new Outcome(Kind.DELIVERED, reference, null, null, null);
  }

  public static Outcome superseded() {
    return new Outcome(Kind.SUPERSEDED, null, null, null, null);
  }

  public static Outcome retry(String code, String detail) {
    return new Outcome(Kind.RETRY, null, code, detail, null);
  }

  public static Outcome retry(String code, String detail, Duration retryAfter) {
    return new Outcome(Kind.RETRY, null, code, detail, retryAfter);
  }

  public static Outcome dead(String code, String detail) {
    return new Outcome(Kind.DEAD, null, code, detail, null);
  }

  boolean isDead() {
    return kind == Kind.DEAD;
  }
}
