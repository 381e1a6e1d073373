package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.ledger.Budget.Left;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SalesforceBudgetTest {

  private Instant now = Instant.parse("2026-11-25T10:00:00Z");

  private final InstantSource time = () -> now;
  private final Clock clock = time.withZone(ZoneOffset.UTC);

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final SalesforceBudget budget =
      new SalesforceBudget(
          new SalesforceSettings.Budget(90, 98, Duration.ofMinutes(15)), metrics, clock);

  private double gauge(String name) {
    return metrics.get("commerce.webhooks.salesforce.calls." + name).gauge().value();
  }

  @ParameterizedTest
  @CsvSource({
    "0, ENOUGH",
    "9000, ENOUGH",
    "9001, LITTLE",
    "9800, LITTLE",
    "9801, NOTHING",
    "10000, NOTHING",
    "10050, NOTHING"
  })
  void the_share_that_is_used_says_what_may_go(long used, Left left) {
    budget.hear("api-usage=" + used + "/10000");

    assertThat(budget.left()).isEqualTo(left);
    assertThat(gauge("used")).isEqualTo(used);
    assertThat(gauge("limit")).isEqualTo(10_000);
  }

  @Test
  void before_the_first_answer_nothing_is_known_and_everything_may_go() {
    assertThat(budget.left()).isEqualTo(Left.ENOUGH);
    assertThat(gauge("used")).isNaN();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "api-usage=", "per-app-api-usage=99/100(appName=x)", "api-usage=9/0"})
  void what_tells_no_usage_of_the_org_changes_nothing(String header) {
    budget.hear("api-usage=99/100");
    budget.hear(header);

    assertThat(budget.left()).isEqualTo(Left.NOTHING);
  }

  @Test
  void the_usage_of_the_org_counts_and_not_that_of_an_app() {
    budget.hear("per-app-api-usage=17/250(appName=sample), api-usage=25/5000");

    assertThat(gauge("used")).isEqualTo(25);
    assertThat(gauge("limit")).isEqualTo(5000);
  }

  @Test
  void what_was_told_long_ago_counts_no_more() {
    budget.hear("api-usage=99/100");
    now = now.plus(Duration.ofMinutes(16));

    assertThat(budget.left()).isEqualTo(Left.ENOUGH);
    assertThat(gauge("used")).isNaN();
    assertThat(gauge("limit")).isNaN();
  }
}
