package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** When a worker takes its next turn; the sweep is so long that nobody waits for one. */
class WorkersTest {

  private static final Duration SWEEP = Duration.ofHours(1);
  private static final Duration GATHER = Duration.ofMillis(100);

  /** So much that a bit less of it is load, however slowly this machine comes to the next turn. */
  private static final int BATCH = 1_000_000;

  private final Signals.Signal signal = new Signals().ofDeliveries("test");
  private final BlockingQueue<Long> turns = new LinkedBlockingQueue<>();

  @Test
  void who_had_bits_of_work_lets_more_gather_however_often_woken() throws Exception {
    Duration apart =
        fromFirstToLastTurn(
            3,
            GATHER,
            () -> {
              signal.wake();
              return BATCH - 1;
            });

    assertThat(apart).isGreaterThanOrEqualTo(GATHER);
  }

  @Test
  void who_had_a_whole_batch_goes_on() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Duration apart =
        fromFirstToLastTurn(
            3, Duration.ofMinutes(10), () -> begun.incrementAndGet() < 3 ? BATCH : 0);

    assertThat(apart).isLessThan(Duration.ofMinutes(10));
  }

  @Test
  void the_first_bit_after_a_rest_lets_nothing_gather() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Duration apart =
        fromFirstToLastTurn(2, Duration.ofMinutes(10), () -> begun.incrementAndGet() == 1 ? 1 : 0);

    assertThat(apart).isLessThan(Duration.ofMinutes(10));
  }

  static List<IntSupplier> failures() {
    return List.of(
        () -> {
          throw new IllegalStateException("for the test");
        },
        () -> {
          throw new OutOfMemoryError("for the test");
        });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whose_turn_fails_takes_another_whatever_it_failed_by(IntSupplier failure) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Workers workers = workers(camel, Duration.ZERO, failure);
      workers.start();
      assertThat(turns.poll(1, TimeUnit.MINUTES)).isNotNull();

      await()
          .until(
              () -> {
                signal.wake();
                return turns.poll() != null;
              });
      workers.stop();
    }
  }

  @Test
  void a_turn_that_takes_longer_than_a_stop_waits_for_is_finished() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<String> end = new CompletableFuture<>();
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Workers workers =
          workers(
              camel,
              Duration.ZERO,
              () -> {
                try {
                  go.await();
                  end.complete("finished");
                } catch (InterruptedException e) {
                  end.complete("interrupted");
                }
                return 0;
              });
      workers.start();
      assertThat(turns.poll(1, TimeUnit.MINUTES)).isNotNull();

      workers.stop(Duration.ofMillis(1));
      go.countDown();

      assertThat(end.get(1, TimeUnit.MINUTES)).isEqualTo("finished");
      assertThat(turns).isEmpty();
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void a_failure_that_says_nothing_is_told_by_its_name(CapturedOutput log) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Workers workers =
          workers(
              camel,
              Duration.ZERO,
              () -> {
                throw new UncheckedIOException(new EOFException());
              });
      workers.start();

      await().until(() -> log.getAll().contains("can't work, will try each"));
      workers.stop();
    }
    assertThat(log).contains(": java.io.EOFException");
  }

  @ParameterizedTest
  @CsvSource({
    "1, PT0.1S, PT0.3S",
    "1, PT0.11S, PT0S",
    "1, P1D, PT0S",
    "3, PT0.3S, PT0.3S",
    "3, PT0.31S, PT0S",
    "9, PT0.001S, PT0.3S",
    "10, PT0.001S, PT0S"
  })
  void only_what_comes_often_and_is_no_whole_batch_gathers(
      int done, Duration sinceLast, Duration rest) {
    Workers.Rhythm rhythm = new Workers.Rhythm(Duration.ofMillis(300), 10, 10);

    assertThat(rhythm.rest(done, sinceLast)).isEqualTo(rest);
  }

  /** From the beginning of the first of some turns to that of the last. */
  private Duration fromFirstToLastTurn(int count, Duration gather, IntSupplier turn)
      throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Workers workers = workers(camel, gather, turn);
      workers.start();
      List<Long> begun = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        begun.add(turns.poll(1, TimeUnit.MINUTES));
      }
      workers.stop();
      return Duration.ofNanos(begun.get(count - 1) - begun.get(0));
    }
  }

  /** A single worker whose turns are noted. */
  private Workers workers(DefaultCamelContext camel, Duration gather, IntSupplier turn) {
    return new Workers(
        camel,
        "test",
        1,
        signal,
        new Sweep(SWEEP, () -> {}),
        new Workers.Rhythm(gather, 1, BATCH),
        () -> {
          turns.add(System.nanoTime());
          return turn.getAsInt();
        });
  }
}
