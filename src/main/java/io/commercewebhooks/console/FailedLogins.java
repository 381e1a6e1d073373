package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Keeps an account of failed logins, of so many a minute that nobody can fill the audit. */
class FailedLogins {

  static final String UNKNOWN = "(unknown user)";

  private static final Logger LOG = LoggerFactory.getLogger(FailedLogins.class);
  private static final int LINES_A_MINUTE = 120;

  private final Audit audit;
  private final RateLimiter lines =
      RateLimiter.of(
          "failed-logins",
          RateLimiterConfig.custom()
              .limitForPeriod(LINES_A_MINUTE)
              .limitRefreshPeriod(Duration.ofMinutes(1))
              .timeoutDuration(Duration.ZERO)
              .build());

  FailedLogins(Audit audit) {
    this.audit = audit;
  }

  void account(String user, String address, Map<String, ?> detail) {
    if (!lines.acquirePermission()) {
      return;
    }
    LOG.warn("console: a login of {} from {} failed", user, address);
    try {
      audit.write(
          new Audit.Deed(new Audit.Actor(user, address), "login-failed", "console", detail), null);
    } catch (DataAccessException e) {
      LOG.warn("console: a failed login could not be recorded");
    }
  }
}
