package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.function.IntSupplier;
import net.javacrumbs.shedlock.core.LockExtender;

/**
 * Large work in small transactions with rests between them, so that live traffic hardly notices. It
 * is done under a lock of the scheduler, which each batch extends by some minutes: so a node that
 * crashes keeps others from it for minutes only.
 *
 * @param batch how many rows go together
 * @param pause how long to rest before the next
 */
record PacedBatches(int batch, Duration pause) {

  private static final Duration LONGEST_BATCH = Duration.ofMinutes(5);

  /**
   * Repeats a batch until it finds less than a whole one to do.
   *
   * @param work does up to {@link #batch} rows and says how many it did
   * @return how many were done in all
   */
  long repeat(IntSupplier work) {
    long total = 0;
    int done;
    do {
      LockExtender.extendActiveLock(LONGEST_BATCH, Duration.ZERO);
      done = work.getAsInt();
      total += done;
    } while (done >= batch && rested());
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
