package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class AnsweredRequestTest {

  private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks");
  private final MockHttpServletResponse response = new MockHttpServletResponse();
  private final MockAsyncContext later = new MockAsyncContext(request, response);

  @Test
  void what_was_answered_does_not_pass_the_server_again() {
    AtomicBoolean over = new AtomicBoolean();
    OnceAnswered.run(later, () -> over.set(true));
    response.setCommitted(true);

    new AnsweredRequest(later, response).dispatch();

    assertThat(over).isTrue();
    assertThat(later.getDispatchedPath()).isNull();
  }

  @Test
  void what_was_not_answered_is_left_to_the_server() {
    new AnsweredRequest(later, response).dispatch();

    assertThat(later.getDispatchedPath()).isEqualTo("/webhooks");
  }
}
