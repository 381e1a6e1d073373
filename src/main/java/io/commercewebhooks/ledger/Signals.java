package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes the workers of this node when there is work, so that nobody has to poll hard. */
class Signals {

  private final Map<String, Signal> signals = new ConcurrentHashMap<>();

  Signal of(String name) {
    return signals.computeIfAbsent(name, n -> new Signal());
  }

  /** A counter that can be waited for: a wake between a look and the wait is never missed. */
  static class Signal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long count;

    long count() {
      lock.lock();
      try {
        return count;
      } finally {
        lock.unlock();
      }
    }

    void wake() {
      lock.lock();
      try {
        count++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Waits until {@link #wake} was called after {@code seen} was read, or the time is over. */
    void await(long seen, Duration atMost) throws InterruptedException {
      long left = atMost.toNanos();
      lock.lock();
      try {
        while (count == seen && left > 0) {
          left = changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
