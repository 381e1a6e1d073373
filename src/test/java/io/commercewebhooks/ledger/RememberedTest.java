package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RememberedTest {

  private final AtomicLong passed = new AtomicLong();
  private int lookedUp;
  private Duration takes = Duration.ZERO;
  private boolean fails;

  private final Remembered<Integer> remembered =
      new Remembered<>(
          new Remembered.Slow(Duration.ofMillis(250)),
          () -> {
            passed.addAndGet(takes.toNanos());
            if (fails) {
              throw new IllegalStateException("away");
            }
            return ++lookedUp;
          },
          passed::get);

  private void pass(Duration time) {
    passed.addAndGet(time.toNanos());
  }

  @Test
  void what_is_looked_up_quickly_is_never_old() {
    takes = Duration.ofMillis(249);

    assertThat(remembered.get()).isEqualTo(1);
    assertThat(remembered.get()).isEqualTo(2);
  }

  @Test
  void what_took_long_is_given_again_for_twenty_times_as_long() {
    takes = Duration.ofMillis(250);

    assertThat(remembered.get()).isEqualTo(1);
    pass(Duration.ofMillis(4999));
    assertThat(remembered.get()).isEqualTo(1);
    pass(Duration.ofMillis(1));
    assertThat(remembered.get()).isEqualTo(2);
  }

  @Test
  void of_a_lookup_that_failed_nothing_is_remembered() {
    takes = Duration.ofSeconds(5);
    fails = true;
    assertThatThrownBy(remembered::get).hasMessage("away");

    fails = false;
    assertThat(remembered.get()).isEqualTo(1);
  }
}
