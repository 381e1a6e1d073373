package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Component;

/** Wakes the workers of this node when there is work, so that nobody has to poll hard. */
@Component
class Signals {

  private static final String EVENTS = "events:";

  private final Map<String, Signal> signals = new ConcurrentHashMap<>();

  /** For whoever routes events of a type; {@code *} for those of all types without a route. */
  Signal ofEvents(String type) {
    return of(EVENTS + type);
  }

  /** For whoever delivers to a target. */
  Signal ofDeliveries(String target) {
    return of("deliveries:" + target);
  }

  /** For whoever delivers digests to a target. */
  Signal ofDigests(String target) {
    return of("digests:" + target);
  }

  /** Wakes everyone whose work is due. */
  void wake(List<Ledger.Due> due) {
    due.forEach(
        any -> {
          switch (any.work()) {
            case EVENTS -> wakeRoutingOf(any.name());
            case DELIVERIES -> ofDeliveries(any.name()).wake();
            case DIGESTS -> ofDigests(any.name()).wake();
          }
        });
  }

  /**
   * Wakes whoever routes events of a type, whether or not it has a route of its own. A sender can
   * make up any number of types, so nothing is kept of one that has none.
   */
  void wakeRoutingOf(String type) {
    Signal own = signals.get(EVENTS + type);
    if (own != null) {
      own.wake();
    }
    ofEvents(EventsConsumer.ANY).wake();
  }

  private Signal of(String name) {
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
