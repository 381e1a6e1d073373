package io.commercewebhooks.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.function.IntSupplier;

/**
 * Large work in small transactions with rests between them, so that live traffic hardly notices.
 */
record Paced(int batch, Duration pause, Duration atMost) {

  /**
   * Repeats a batch until it finds less than a whole one to do, or the time is over.
   *
   * @param work does up to {@link #batch} rows and says how many it did
   * @return how many were done in all
   */
  long repeat(IntSupplier work) {
    Instant end = Instant.now().plus(atMost);
    long total = 0;
    int done;
    do {
      done = work.getAsInt();
      total += done;
    } while (done >= batch && Instant.now().isBefore(end) && rested());
    return total;
  }

  private boolean rested() {
    try {
      Thread.sleep(pause.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
