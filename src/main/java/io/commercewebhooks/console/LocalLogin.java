package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Checks the passwords of local users, slows guessing down and keeps an account of failures. */
class LocalLogin implements AuthenticationProvider {

  /** Too many failures: the password was not looked at. */
  static final class TooManyLoginsException extends AuthenticationException {

    private static final long serialVersionUID = 1L;

    private final long retryAfter;

    TooManyLoginsException(long retryAfter) {
      super("too many failed logins");
      this.retryAfter = retryAfter;
    }

    long retryAfter() {
      return retryAfter;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(LocalLogin.class);
  private static final int LINES_A_MINUTE = 120;

  private final DaoAuthenticationProvider passwords;
  private final Set<String> names;
  private final LoginThrottle throttle;
  private final Audit audit;

  /** A check costs a core a tenth of a second, and no burst may outrun the counting. */
  private final Semaphore checks = new Semaphore(2);

  /** So that nobody can fill the audit with failures. */
  private final RateLimiter lines =
      RateLimiter.of(
          "failed-logins",
          RateLimiterConfig.custom()
              .limitForPeriod(LINES_A_MINUTE)
              .limitRefreshPeriod(Duration.ofMinutes(1))
              .timeoutDuration(Duration.ZERO)
              .build());

  LocalLogin(List<UserDetails> users, LoginThrottle throttle, Audit audit) {
    this.passwords = new DaoAuthenticationProvider(new InMemoryUserDetailsManager(users));
    this.names = users.stream().map(UserDetails::getUsername).collect(Collectors.toSet());
    this.throttle = throttle;
    this.audit = audit;
  }

  @Override
  public Authentication authenticate(Authentication login) {
    String address =
        login.getDetails() instanceof WebAuthenticationDetails details
            ? String.valueOf(details.getRemoteAddress())
            : "unknown";
    refuseWhenClosed(login.getName(), address);
    checks.acquireUninterruptibly();
    try {
      refuseWhenClosed(login.getName(), address);
      Authentication user = passwords.authenticate(login);
      throttle.succeeded(login.getName());
      return user;
    } catch (TooManyLoginsException closed) {
      throw closed;
    } catch (AuthenticationException wrong) {
      boolean closed = throttle.failed(login.getName(), address);
      account(login.getName(), address, closed);
      throw wrong;
    } finally {
      checks.release();
    }
  }

  private void refuseWhenClosed(String user, String address) {
    if (throttle.isClosed(user, address)) {
      throw new TooManyLoginsException(throttle.secondsClosed());
    }
  }

  /** What an unknown user typed as a name may be a password. */
  private void account(String user, String address, boolean closed) {
    if (!lines.acquirePermission()) {
      return;
    }
    String name = names.contains(user) ? user : "(unknown user)";
    LOG.warn("console: a login of {} from {} failed", name, address);
    try {
      audit.write(
          new Audit.Actor(name, address),
          "login-failed",
          "console",
          null,
          Map.of("closed", closed));
    } catch (DataAccessException e) {
      LOG.warn("console: a failed login could not be recorded");
    }
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }
}
