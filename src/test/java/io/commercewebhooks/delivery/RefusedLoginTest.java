package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.AuthenticationFailedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RefusedLoginTest {

  private static final AuthenticationFailedException NO = new AuthenticationFailedException("535");

  private Duration now = Duration.ZERO;

  private final RefusedLogin login = new RefusedLogin(() -> now.toNanos());

  @Test
  void workers_that_are_refused_at_the_same_time_are_one_refusal() throws Exception {
    long one = login.begin("secret");
    long two = login.begin("secret");
    login.refused("secret", one, NO);
    login.refused("secret", two, NO);

    assertThatThrownBy(() -> login.begin("secret")).hasMessage("535");
    now = now.plusSeconds(1);
    assertThatCode(() -> login.begin("secret")).doesNotThrowAnyException();
  }

  @Test
  void a_login_that_goes_well_is_followed_by_any_number() throws Exception {
    login.refused("secret", login.begin("secret"), NO);
    login.taken();

    assertThatCode(() -> login.begin("secret")).doesNotThrowAnyException();
  }
}
