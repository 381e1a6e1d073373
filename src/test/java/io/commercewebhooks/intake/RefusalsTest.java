package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class RefusalsTest {

  private static final IntakeSettings SETTINGS =
      new IntakeSettings(DataSize.ofKilobytes(1), 1, Duration.ofSeconds(30), 5, null, null);

  private final List<List<Object>> rows = new ArrayList<>();

  @Test
  void no_more_than_a_few_refusals_a_minute_are_recorded() {
    Refusals refusals = new Refusals(new RememberingLedger(), SETTINGS);

    for (int i = 0; i < 1_000; i++) {
      refusals.keep("", "/somewhere", 401, "missing-signature", "", "192.0.2.1");
    }

    assertThat(rows).hasSizeBetween(5, 10);
    assertThat(rows)
        .containsOnly(List.of("", "/somewhere", 401, "missing-signature", "", "192.0.2.1"));
  }

  @Test
  void a_refusal_that_cannot_be_recorded_is_still_a_refusal() {
    Refusals refusals = new Refusals(new BrokenLedger(), SETTINGS);

    assertThatCode(() -> refusals.keep("", "/somewhere", 401, "missing-signature", "", "192.0.2.1"))
        .doesNotThrowAnyException();
  }

  @Test
  void only_who_may_come_back_is_told_when() throws Exception {
    Refusals refusals = new Refusals(new RememberingLedger(), SETTINGS);
    MockHttpServletResponse busy = new MockHttpServletResponse();
    MockHttpServletResponse tooLarge = new MockHttpServletResponse();

    refusals.answer(busy, 503);
    refusals.answer(tooLarge, 413);

    assertThat(busy.getStatus()).isEqualTo(503);
    assertThat(busy.getHeader("Retry-After")).isEqualTo("30");
    assertThat(tooLarge.getStatus()).isEqualTo(413);
    assertThat(tooLarge.getHeader("Retry-After")).isNull();
    assertThat(tooLarge.getContentType()).isEqualTo("application/problem+json");
    assertThat(tooLarge.getContentAsString())
        .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Payload Too Large\",\"status\":413}");
  }

  private final class RememberingLedger extends JdbcTemplate {
    @Override
    public int update(String sql, Object... values) {
      rows.add(List.of(values));
      return 1;
    }
  }

  private static final class BrokenLedger extends JdbcTemplate {
    @Override
    public int update(String sql, Object... values) {
      throw new DataAccessResourceFailureException("gone");
    }
  }
}
