package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerSettingsTest {

  private static final Duration ALL = Duration.ofMillis(300);
  private static final Duration OWN = Duration.ofSeconds(1);
  private static final int LOAD = 10;
  private static final int BATCH = 200;
  private static final RetryClock CLOCK = new RetryClock(ALL, OWN, 1);

  private static LedgerSettings settings(Map<String, LedgerSettings.Target> targets) {
    return new LedgerSettings(
        null, ALL, LOAD, null, null, CLOCK, Map.of(), targets, null, null, null, null, null);
  }

  @Test
  void a_target_lets_work_gather_as_long_as_is_said_for_it_and_else_as_long_as_all() {
    LedgerSettings settings = settings(Map.of("salesforce", new LedgerSettings.Target(null, OWN)));

    assertThat(settings.rhythmOf("salesforce", BATCH))
        .isEqualTo(new Workers.Rhythm(OWN, LOAD, BATCH));
    assertThat(settings.rhythmOf("database", BATCH))
        .isEqualTo(new Workers.Rhythm(ALL, LOAD, BATCH));
    assertThat(settings(null).rhythmOf("salesforce", BATCH))
        .isEqualTo(new Workers.Rhythm(ALL, LOAD, BATCH));
  }

  @Test
  void what_is_said_of_one_target_leaves_the_rest_as_it_is_for_all() {
    RetryClock own = new RetryClock(OWN, OWN, 2);
    LedgerSettings settings =
        settings(
            Map.of(
                "salesforce", new LedgerSettings.Target(null, OWN),
                "email", new LedgerSettings.Target(own, null)));

    assertThat(settings.retryOf("salesforce", null)).isEqualTo(CLOCK);
    assertThat(settings.retryOf("email", null)).isEqualTo(own);
    assertThat(settings.rhythmOf("email", BATCH)).isEqualTo(new Workers.Rhythm(ALL, LOAD, BATCH));
  }
}
