package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** When a worker takes its next turn; the sweep is so long that nobody waits for one. */
class WorkersTest {

  private static final Duration SWEEP = Duration.ofHours(1);
  private static final Duration GATHER = Duration.ofMillis(100);
  private static final int BATCH = 10;

  private final Signals.Signal signal = new Signals().ofDeliveries("test");
  private final BlockingQueue<Long> turns = new LinkedBlockingQueue<>();

  @Test
  void who_had_a_bit_of_work_lets_more_gather_however_often_woken() throws Exception {
    long apart =
        betweenTurns(
            GATHER,
            () -> {
              signal.wake();
              return 1;
            });

    assertThat(Duration.ofNanos(apart)).isGreaterThanOrEqualTo(GATHER);
  }

  @Test
  void who_had_a_whole_batch_goes_on() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    long apart =
        betweenTurns(Duration.ofMinutes(10), () -> begun.incrementAndGet() == 1 ? BATCH : 0);

    assertThat(Duration.ofNanos(apart)).isLessThan(Duration.ofMinutes(10));
  }

  /** From the beginning of the first turn to that of the second one, in nanoseconds. */
  private long betweenTurns(Duration gather, IntSupplier turn) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Workers workers =
          new Workers(
              camel,
              "test",
              1,
              signal,
              new Sweep(SWEEP, () -> {}),
              new Workers.Rhythm(gather, BATCH),
              () -> {
                turns.add(System.nanoTime());
                return turn.getAsInt();
              });
      workers.start();
      long first = turns.poll(1, TimeUnit.MINUTES);
      long second = turns.poll(1, TimeUnit.MINUTES);
      workers.stop();
      return second - first;
    }
  }
}
