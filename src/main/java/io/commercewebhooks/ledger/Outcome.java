package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What came of one attempt to deliver.
 *
 * @param kind what the ledger does next
 * @param reference what the target calls the result, or null
 * @param code short code of the failure, the same for the same kind of failure; null on success
 * @param detail the failure in words, without secrets or payload; null on success
 * @param clock which retry clock times the next attempt; null for the target's own
 * @param hold why the target as a whole should wait, or null when only this delivery does
 * @param atLeast how long the target asked us to wait at least, or null
 * @param accepted what a partly successful attempt did already, e.g. addresses that took the mail
 * @param tooMuch whether it was too much for one call, and may go well in a smaller one
 */
public record Outcome(
    Kind kind,
    String reference,
    String code,
    String detail,
    String clock,
    Hold hold,
    Duration atLeast,
    List<String> accepted,
    boolean tooMuch) {

  /** What the ledger does with a delivery after an attempt. */
  public enum Kind {
    /** The target has it. */
    DELIVERED,
    /** The target already has something newer of the same entity. */
    SUPERSEDED,
    /** It may work later: wait and try again. */
    RETRY,
    /** The target as a whole can't take anything now: wait for it; the attempt doesn't count. */
    HOLD,
    /** It will never work as it is: a dead letter. */
    DEAD
  }

  /** Why a target is on hold; the words are those of the ledger, the API and the metrics. */
  public enum Hold {
    /** Too many attempts in a row found it unwell. */
    CIRCUIT,
    /** It refused our login: trying on could lock the account. */
    LOGIN,
    /** Its budget of calls is used up. */
    QUOTA,
    /** It asked us to come back later. */
    ASKED,
    /** An operator paused it. */
    PAUSED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static Outcome delivered(String reference) {
    return new Outcome(Kind.DELIVERED, reference, null, null, null, null, null, null, false);
  }

  public static Outcome superseded() {
    return new Outcome(Kind.SUPERSEDED, null, null, null, null, null, null, null, false);
  }

  /** Only this delivery has trouble. */
  public static Outcome retry(String code, String detail) {
    return new Outcome(Kind.RETRY, null, code, detail, null, null, null, null, false);
  }

  /** Only this delivery has trouble, and another clock than the target's own fits it. */
  public static Outcome retry(String code, String detail, String clock) {
    return new Outcome(Kind.RETRY, null, code, detail, clock, null, null, null, false);
  }

  /** It was too much for one call: smaller ones are made at once, what fails alone waits. */
  public static Outcome tooMuch(String code, String detail) {
    return new Outcome(Kind.RETRY, null, code, detail, null, null, null, null, true);
  }

  /** The target seems unwell: this delivery is tried again, and the circuit counts it. */
  public static Outcome unwell(String code, String detail) {
    return new Outcome(Kind.RETRY, null, code, detail, null, Hold.CIRCUIT, null, null, false);
  }

  /** The target takes nothing now. */
  public static Outcome hold(Hold reason, String code, String detail, Duration atLeast) {
    return new Outcome(Kind.HOLD, null, code, detail, null, reason, atLeast, null, false);
  }

  public static Outcome dead(String code, String detail) {
    return new Outcome(Kind.DEAD, null, code, detail, null, null, null, null, false);
  }

  /** The same outcome of an attempt that did a part of its work. */
  public Outcome withAccepted(List<String> parts) {
    return new Outcome(kind, reference, code, detail, clock, hold, atLeast, parts, tooMuch);
  }

  /** The same outcome in other words. */
  Outcome withDetail(String words) {
    return new Outcome(kind, reference, code, words, clock, hold, atLeast, accepted, tooMuch);
  }

  /**
   * A failure that may pass, met while its target was on hold: it tells nothing of the delivery.
   */
  Outcome withoutCounting() {
    return kind == Kind.RETRY
        ? new Outcome(Kind.HOLD, reference, code, detail, clock, hold, atLeast, accepted, tooMuch)
        : this;
  }

  boolean isDead() {
    return kind == Kind.DEAD;
  }

  /** Whether the target made up its mind about the delivery, or says what is in the way. */
  boolean isAnswer() {
    return clock != null || tooMuch || kind != Kind.RETRY && kind != Kind.HOLD;
  }

  /** Whether the target did not give a proper answer at all. */
  boolean isUnwell() {
    return hold != null;
  }
}
