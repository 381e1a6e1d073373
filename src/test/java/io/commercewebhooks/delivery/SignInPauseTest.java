package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.client.ContentResponse;
import org.junit.jupiter.api.Test;

class SignInPauseTest {

  private Duration now = Duration.ofNanos(Long.MIN_VALUE);
  private int sent;

  private final SignInPause pause =
      new SignInPause(Duration.ofSeconds(1), Duration.ofSeconds(60), () -> now.toNanos());

  private int signIn(int status) throws Exception {
    return pause
        .answer(
            () -> {
              sent++;
              return answer(status);
            })
        .getStatus();
  }

  private static ContentResponse answer(int status) {
    return (ContentResponse)
        Proxy.newProxyInstance(
            SignInPauseTest.class.getClassLoader(),
            new Class<?>[] {ContentResponse.class},
            (proxy, method, arguments) -> method.getName().equals("getStatus") ? status : null);
  }

  @Test
  void each_refusal_in_a_row_doubles_the_pause_up_to_the_longest() throws Exception {
    for (int second = 0; second < 3600; second++) {
      assertThat(signIn(400)).isEqualTo(400);
      now = now.plusSeconds(1);
    }

    assertThat(sent).as("0, 1, 3, 7, 15, 31 and 63 s, then once a minute").isEqualTo(65);
  }

  @Test
  void a_sign_in_that_goes_well_ends_the_pause() throws Exception {
    signIn(400);
    now = now.plusSeconds(2);

    assertThat(signIn(200)).isEqualTo(200);
    assertThat(signIn(200)).isEqualTo(200);
    assertThat(sent).isEqualTo(3);
  }

  @Test
  void no_answer_is_given_again_for_a_moment_and_does_not_double() throws Exception {
    for (int second = 0; second < 10; second++) {
      assertThatThrownBy(
              () ->
                  pause.answer(
                      () -> {
                        sent++;
                        throw new ExecutionException(new ConnectException("refused"));
                      }))
          .hasCauseInstanceOf(ConnectException.class);
      assertThatThrownBy(() -> signIn(200)).hasCauseInstanceOf(ConnectException.class);
      now = now.plusSeconds(1);
    }

    assertThat(sent).isEqualTo(10);
  }

  @Test
  void somebody_who_wants_to_know_can_end_the_pause() throws Exception {
    signIn(400);
    pause.end();

    assertThat(signIn(200)).isEqualTo(200);
  }
}
