package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.ledger.Keeping;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class RefusalsTest {

  private static final IntakeSettings SETTINGS =
      new IntakeSettings(
          DataSize.ofKilobytes(1),
          Duration.ofSeconds(5),
          1,
          DataSize.ofKilobytes(1),
          DataSize.ofKilobytes(1),
          Duration.ofSeconds(30),
          10_000,
          5,
          null,
          null,
          null);

  private final List<List<Object>> rows = new ArrayList<>();
  private final MeterRegistry metrics = new SimpleMeterRegistry();

  @Test
  void no_more_than_a_few_refusals_a_minute_are_recorded() {
    Refusals refusals = refusals(new RememberingLedger(), 10_000);

    for (int i = 0; i < 1_000; i++) {
      refuse(refusals, "missing-signature", "192.0.2.1");
    }

    assertThat(rows).hasSizeBetween(5, 10);
    assertThat(rows)
        .containsOnly(List.of("", "/somewhere", 401, "missing-signature", "", "192.0.2.1"));
  }

  @Test
  void a_refusal_that_cannot_be_recorded_is_still_a_refusal() {
    Refusals refusals = refusals(new BrokenLedger(), 10_000);

    assertThatCode(() -> refuse(refusals, "missing-signature", "192.0.2.1"))
        .doesNotThrowAnyException();
  }

  @Test
  void only_who_may_come_back_is_told_when() throws Exception {
    Refusals refusals = refusals(new RememberingLedger(), 10_000);
    MockHttpServletResponse busy = new MockHttpServletResponse();
    MockHttpServletResponse tooLarge = new MockHttpServletResponse();

    refusals.answer(busy, HttpStatus.SERVICE_UNAVAILABLE);
    refusals.answer(tooLarge, HttpStatus.PAYLOAD_TOO_LARGE);

    assertThat(busy.getStatus()).isEqualTo(503);
    assertThat(busy.getHeader("Retry-After")).isEqualTo("30");
    assertThat(tooLarge.getStatus()).isEqualTo(413);
    assertThat(tooLarge.getHeader("Retry-After")).isNull();
    assertThat(tooLarge.getContentType()).isEqualTo("application/problem+json");
    assertThat(tooLarge.getContentAsString())
        .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Payload Too Large\",\"status\":413}");
  }

  @Test
  void a_flood_of_one_reason_hides_no_other() {
    Refusals refusals = refusals(new RememberingLedger(), 10_000);

    for (int i = 0; i < 1_000; i++) {
      refuse(refusals, "missing-signature", "192.0.2.1");
    }
    refuse(refusals, "stale-timestamp", "198.51.100.1");

    assertThat(rows).last().asString().contains("stale-timestamp");
  }

  @Test
  void an_address_that_is_refused_too_often_is_told_to_slow_down_and_no_longer_recorded() {
    Refusals refusals = refusals(new RememberingLedger(), 3);

    assertThat(refuse(refusals, "missing-signature", "192.0.2.1", 6))
        .containsExactly(401, 401, 401, 429, 429, 429);
    assertThat(refuse(refusals, "missing-signature", "192.0.2.2", 1)).containsExactly(401);
    assertThat(rows)
        .extracting(row -> row.get(2) + " " + row.get(3) + " " + row.get(5))
        .containsExactly(
            "401 missing-signature 192.0.2.1",
            "401 missing-signature 192.0.2.1",
            "401 missing-signature 192.0.2.1",
            "429 too-many-refusals 192.0.2.1",
            "401 missing-signature 192.0.2.2");
  }

  @Test
  void what_is_proved_but_untimely_is_recorded_however_much_was_refused_before() {
    Refusals refusals = refusals(new RememberingLedger(), 3);
    refuse(refusals, "wrong-signature", "192.0.2.1", 50);

    refuse(refusals, "future-timestamp", "192.0.2.1");

    assertThat(rows).last().asString().contains("future-timestamp");
  }

  @Test
  void who_is_refused_too_often_is_told_when_to_come_back() throws Exception {
    Refusals refusals = refusals(new RememberingLedger(), 1);
    MockHttpServletResponse last = new MockHttpServletResponse();
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/somewhere");

    refusals.answer(request, new MockHttpServletResponse(), HttpStatus.NOT_FOUND);
    refusals.answer(request, last, HttpStatus.NOT_FOUND);

    assertThat(last.getStatus()).isEqualTo(429);
    assertThat(last.getHeader("Retry-After")).isEqualTo("60");
    assertThat(last.getContentAsString())
        .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Too Many Requests\",\"status\":429}");
  }

  @Test
  void refusals_are_counted_by_sender_reason_and_status() {
    Refusals refusals = refusals(new RememberingLedger(), 2);
    refuse(refusals, "wrong-signature", "192.0.2.1", 3);
    refuse(refusals, "stale-timestamp", "192.0.2.2", 1);

    assertThat(counted("wrong-signature", "401")).isEqualTo(2);
    assertThat(counted("wrong-signature", "429")).isEqualTo(1);
    assertThat(counted("stale-timestamp", "401")).isEqualTo(1);
  }

  private double counted(String reason, String status) {
    return metrics
        .get("commerce.webhooks.refused")
        .tags("sender", "", "reason", reason, "status", status)
        .counter()
        .count();
  }

  private Refusals refusals(JdbcTemplate ledger, int perAddress) {
    return new Refusals(
        ledger,
        metrics,
        new RefusalLimit(perAddress, Ticker.systemTicker()),
        new Keeping(Clock.systemUTC()),
        SETTINGS);
  }

  private static int refuse(Refusals refusals, String reason, String address) {
    return refusals.refuse("", "/somewhere", HttpStatus.UNAUTHORIZED, reason, "", address).value();
  }

  private static List<Integer> refuse(Refusals refusals, String reason, String address, int times) {
    return IntStream.range(0, times).mapToObj(i -> refuse(refusals, reason, address)).toList();
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
