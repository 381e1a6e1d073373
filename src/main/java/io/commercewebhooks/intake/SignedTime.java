package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.FUTURE_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MALFORMED_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.STALE_TIMESTAMP;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/** The time that a sender signs, by which a webhook that is sent by somebody again is refused. */
final class SignedTime {

  private SignedTime() {}

  /**
   * Refuses what can't be a time.
   *
   * @param form digits, of a number that nothing can be added to
   */
  static void requireWritten(String timestamp, Pattern form) throws SignatureRefusedException {
    if (timestamp == null || timestamp.isEmpty()) {
      throw new SignatureRefusedException(MISSING_TIMESTAMP);
    }
    if (!form.matcher(timestamp).matches()) {
      throw new SignatureRefusedException(MALFORMED_TIMESTAMP);
    }
  }

  /**
   * Refuses what was signed too long ago, or in the future.
   *
   * @param tolerance how far the time may be off, either way
   */
  static void requireTimely(Instant signedAt, Clock clock, Duration tolerance)
      throws SignatureRefusedException {
    Duration age = Duration.between(signedAt, clock.instant());
    if (age.abs().compareTo(tolerance) > 0) {
      throw new SignatureRefusedException(age.isNegative() ? FUTURE_TIMESTAMP : STALE_TIMESTAMP);
    }
  }
}
