package io.commercewebhooks.intake;

import java.util.Set;

/** A webhook is not proved to come from its sender. The message names the reason and no value. */
public class SignatureRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why a signature was refused; the words are those of records and metrics. */
  public enum Reason {
    MISSING_SIGNATURE("missing-signature"),
    MISSING_TIMESTAMP("missing-timestamp"),
    MALFORMED_TIMESTAMP("malformed-timestamp"),
    WRONG_SIGNATURE("wrong-signature"),
    WEAK_SIGNATURE("weak-signature"),
    /** The signature is right, so this is a replay or a clock that is wrong, not a forgery. */
    STALE_TIMESTAMP("stale-timestamp"),
    /** The signature is right, so a clock is wrong, ours or the sender's. */
    FUTURE_TIMESTAMP("future-timestamp");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** The reasons, in the words of records, that leave the signature right. */
  public static final Set<String> UNTIMELY =
      Set.of(Reason.STALE_TIMESTAMP.word(), Reason.FUTURE_TIMESTAMP.word());

  private final Reason reason;

  SignatureRefusedException(Reason reason) {
    super(reason.word());
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
