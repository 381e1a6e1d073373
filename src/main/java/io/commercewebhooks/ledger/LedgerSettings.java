package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the ledger's workers behave; {@code config/application.yaml} has every value and its meaning.
 *
 * @param sweep how long an idle worker sleeps at most
 * @param routing when to route an event again that could not be routed
 * @param retry when to try a delivery again
 * @param targets what differs for single targets
 */
@ConfigurationProperties("ledger")
public record LedgerSettings(
    Duration sweep, RetryClock routing, RetryClock retry, Map<String, Target> targets) {

  /** What differs for one target. */
  public record Target(RetryClock retry) {}

  RetryClock retryOf(String target) {
    Target own = targets == null ? null : targets.get(target);
    return own == null || own.retry() == null ? retry : own.retry();
  }
}
