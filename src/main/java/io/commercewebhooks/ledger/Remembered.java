package io.commercewebhooks.ledger;

import com.github.benmanes.caffeine.cache.Ticker;
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

  private final Slow slow;
  private final Supplier<T> lookUp;
  private final Ticker ticker;
  private T answer;
  private long goodUntil;

  Remembered(Slow slow, Supplier<T> lookUp) {
    this(slow, lookUp, Ticker.systemTicker());
  }

  Remembered(Slow slow, Supplier<T> lookUp, Ticker ticker) {
    this.slow = slow;
    this.lookUp = lookUp;
    this.ticker = ticker;
  }

  /**
   * What is slow.
   *
   * @param from how long a lookup takes at least whose answer is remembered
   */
  record Slow(Duration from) {}

  /** The answer; {@code lookUp}'s exceptions are passed on, and nothing is remembered of them. */
  synchronized T get() {
    long start = ticker.read();
    if (answer == null || start - goodUntil >= 0) {
      answer = lookUp.get();
      long end = ticker.read();
      goodUntil = end - start < slow.from().toNanos() ? end : end + REST * (end - start);
    }
    return answer;
  }
}
