package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks what is due, and wakes whose work it is, in case nobody did: another node's work, or a
 * retry whose time has come. The workers of a node that have nothing to do share it: whoever finds
 * that it is due makes it for all of them, so that an idle node asks the ledger once and not once
 * for each.
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
