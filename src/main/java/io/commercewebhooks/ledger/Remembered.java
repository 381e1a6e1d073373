package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * An answer that is looked up anew each time, as long as that is quick. One that took long, such as
 * the count of a backlog of millions, is given again for a while, so that looking at it takes a
 * small share of the ledger's time however many look.
 */
final class Remembered<T> {

  /** A lookup is followed by a rest of so many times as long as it took. */
  private static final int REST = 20;

  private static final long QUICK_NANOS = Duration.ofMillis(250).toNanos();

  private final Supplier<T> lookUp;
  private T answer;
  private long goodUntil = System.nanoTime();

  Remembered(Supplier<T> lookUp) {
    this.lookUp = lookUp;
  }

  /** The answer; {@code lookUp}'s exceptions are passed on, and nothing is remembered of them. */
  synchronized T get() {
    long start = System.nanoTime();
    if (answer == null || start - goodUntil >= 0) {
      answer = lookUp.get();
      long end = System.nanoTime();
      goodUntil = end - start < QUICK_NANOS ? end : end + REST * (end - start);
    }
    return answer;
  }
}
