package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Guessing gets slow, whoever's name is guessed and from wherever. */
class LoginThrottleTest {

  private final AtomicLong now = new AtomicLong();
  private final LoginThrottle throttle =
      new LoginThrottle(new ConsoleSettings.Login(3, 5, Duration.ofMinutes(15)), now::get);

  private void pass(long minutes) {
    now.addAndGet(TimeUnit.MINUTES.toNanos(minutes));
  }

  private void fail(int times, String user, String address) {
    for (int i = 0; i < times; i++) {
      throttle.failed(user, address);
    }
  }

  @Test
  void a_user_is_closed_after_a_few_failures_from_anywhere_and_others_are_not() {
    fail(2, "anna", "10.0.0.1");
    assertThat(throttle.isClosed("anna", "10.0.0.1")).isFalse();

    assertThat(throttle.failed("ANNA", "10.0.0.2")).isTrue();

    assertThat(throttle.isClosed("anna", "10.0.0.3")).isTrue();
    assertThat(throttle.isClosed("bob", "10.0.0.1")).isFalse();
  }

  @Test
  void an_address_is_closed_after_failures_of_many_users() {
    for (int i = 0; i < 4; i++) {
      assertThat(throttle.failed("user" + i, "10.0.0.1")).isFalse();
    }

    assertThat(throttle.failed("user4", "10.0.0.1")).isTrue();

    assertThat(throttle.isClosed("anna", "10.0.0.1")).isTrue();
    assertThat(throttle.isClosed("anna", "10.0.0.2")).isFalse();
  }

  @Test
  void of_a_name_that_is_made_up_to_fill_the_memory_only_the_beginning_is_kept() {
    String beginning = "a".repeat(100);
    fail(3, beginning + "x".repeat(8_000), "10.0.0.1");

    assertThat(throttle.isClosed(beginning + "y", "10.0.0.2")).isTrue();
  }

  @Test
  void it_opens_again_after_the_window() {
    fail(5, "anna", "10.0.0.1");
    pass(14);
    assertThat(throttle.isClosed("anna", "10.0.0.1")).isTrue();

    pass(2);

    assertThat(throttle.isClosed("anna", "10.0.0.1")).isFalse();
  }

  @Test
  void a_user_who_knows_the_password_starts_anew_but_the_address_does_not() {
    fail(2, "anna", "10.0.0.1");
    throttle.succeeded("Anna");
    fail(2, "anna", "10.0.0.1");
    assertThat(throttle.isClosed("anna", "10.0.0.1")).isFalse();

    throttle.succeeded("anna");
    throttle.failed("bob", "10.0.0.1");

    assertThat(throttle.isClosed("anna", "10.0.0.1")).isTrue();
  }
}
