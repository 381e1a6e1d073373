package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks the ledger what is due and wakes the workers of that: what another node booked, or a retry
 * whose time has come, for which nobody on this node woke them. The idle workers of a node share
 * the sweep: the first that finds it due asks for all of them, so that an idle node asks the ledger
 * once and not once for each worker.
 */
class Sweep {

  private final Duration each;
  private final Runnable wakeWhoHasWork;
  private final AtomicLong next = new AtomicLong(System.nanoTime());

  /**
   * A sweep that is due at once.
   *
   * @param each how far two sweeps are apart
   * @param wakeWhoHasWork looks what is due; fails when the ledger doesn't answer
   */
  Sweep(Duration each, Runnable wakeWhoHasWork) {
    this.each = each;
    this.wakeWhoHasWork = wakeWhoHasWork;
  }

  Duration each() {
    return each;
  }

  /** How long it is until the next one is due; nothing or less when it is. */
  Duration untilDue() {
    return Duration.ofNanos(next.get() - System.nanoTime());
  }

  /** Makes the sweep, if it is due and nobody else is at it. */
  void makeIfDue() {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due >= 0 && next.compareAndSet(due, now + each.toNanos())) {
      wakeWhoHasWork.run();
    }
  }
}
