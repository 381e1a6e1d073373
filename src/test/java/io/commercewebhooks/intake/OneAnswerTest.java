package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletResponse;

/** Whether the work or the clock answers, when both come at the same time. */
@Timeout(60)
class OneAnswerTest {

  private final MockHttpServletResponse response = new MockHttpServletResponse();
  private final OneAnswer answer = new OneAnswer(response);

  @Test
  void work_answers_as_long_as_there_is_time() {
    answer.workedOut(() -> answer.setStatus(201));

    assertThat(response.getStatus()).isEqualTo(201);
  }

  @Test
  void work_whose_time_is_over_answers_no_more_and_the_server_does() {
    answer.workedOut(
        () -> {
          answer.timeIsOver();

          assertThatThrownBy(() -> answer.setStatus(200)).hasMessageContaining("time");
          assertThatThrownBy(() -> answer.sendError(500)).hasMessageContaining("time");
          assertThatThrownBy(() -> answer.sendError(500, "broken")).hasMessageContaining("time");
        });
    answer.setStatus(503);

    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(response.isCommitted()).isFalse();
  }

  @Test
  void an_answer_that_is_being_given_goes_out_whole_before_the_server_may_answer()
      throws Exception {
    Thread clock = new Thread(answer::timeIsOver);
    AtomicBoolean cutOff = new AtomicBoolean();
    answer.workedOut(
        () -> {
          answer.setStatus(200);
          clock.start();
          while (clock.getState() != Thread.State.TIMED_WAITING && clock.isAlive()) {
            Thread.onSpinWait();
          }
          cutOff.set(response.isCommitted());
          write("kept");
        });
    clock.join();

    assertThat(cutOff).isFalse();
    assertThat(response.isCommitted()).isTrue();
    assertThat(response.getStatus()).isEqualTo(200);
    assertThat(response.getContentAsString()).isEqualTo("kept");
  }

  private void write(String body) {
    try {
      answer.getWriter().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
