package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When to try again: exponential with full jitter, so that many deliveries that failed together
 * don't come back together.
 *
 * @param initialDelay upper bound of the first wait
 * @param maxDelay upper bound of every wait
 * @param maxAttempts after so many failed attempts a delivery is a dead letter
 */
public record RetryClock(Duration initialDelay, Duration maxDelay, int maxAttempts) {

  public RetryClock {
    if (initialDelay == null || maxDelay == null || maxAttempts < 1) {
      throw new IllegalArgumentException(
          "a retry needs initial-delay, max-delay and max-attempts of at least 1");
    }
  }

  /**
   * Draws the wait before the next attempt.
   *
   * @param failedAttempts how many attempts failed so far, at least 1
   * @param atLeast what the target asked for, honoured in full; or null
   */
  Duration next(int failedAttempts, Duration atLeast) {
    double bound =
        Math.min(
            maxDelay.toMillis(),
            initialDelay.toMillis() * Math.pow(2, Math.max(0, failedAttempts - 1)));
    Duration drawn = Duration.ofMillis(ThreadLocalRandom.current().nextLong((long) bound + 1));
    return atLeast != null && atLeast.compareTo(drawn) > 0 ? atLeast : drawn;
  }

  boolean isLast(int failedAttempts) {
    return failedAttempts >= maxAttempts;
  }
}
