package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.PasswordEncoder;

/** How often a password is looked at with all care. */
class RememberedPasswordsTest {

  private final AtomicLong time = new AtomicLong();
  private int looks;

  private final RememberedPasswords passwords =
      new RememberedPasswords(
          new PasswordEncoder() {
            @Override
            public String encode(CharSequence password) {
              return "hash of " + password;
            }

            @Override
            public boolean matches(CharSequence password, String encoded) {
              looks++;
              return encoded.equals(encode(password));
            }
          },
          time::get);

  @Test
  void one_that_was_right_is_not_looked_at_again_for_minutes() {
    assertThat(passwords.matches("secret", "hash of secret")).isTrue();
    assertThat(passwords.matches("secret", "hash of secret")).isTrue();
    assertThat(looks).isEqualTo(1);

    time.addAndGet(Duration.ofMinutes(5).toNanos());
    assertThat(passwords.matches("secret", "hash of secret")).isTrue();
    assertThat(looks).isEqualTo(2);
  }

  @Test
  void one_that_was_wrong_is_looked_at_each_time() {
    assertThat(passwords.matches("guess", "hash of secret")).isFalse();
    assertThat(passwords.matches("guess", "hash of secret")).isFalse();

    assertThat(looks).isEqualTo(2);
  }

  @Test
  void one_that_was_right_is_wrong_for_another_user_or_after_a_change() {
    assertThat(passwords.matches("secret", "hash of secret")).isTrue();

    assertThat(passwords.matches("secret", "hash of another")).isFalse();
    assertThat(passwords.matches("guess", "hash of secret")).isFalse();
  }
}
