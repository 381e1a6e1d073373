package io.commercewebhooks.console;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** Checks the passwords of local users, and slows guessing down. */
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

  private final DaoAuthenticationProvider passwords;

  /** By how a name is compared: in any case. */
  private final Map<String, String> names;

  private final LoginThrottle throttle;
  private final FailedLogins failures;

  /** No burst may outrun the counting. */
  private final Semaphore checks = new Semaphore(2);

  LocalLogin(List<UserDetails> users, LoginThrottle throttle, FailedLogins failures) {
    this.passwords = new DaoAuthenticationProvider(new InMemoryUserDetailsManager(users));
    this.passwords.setPasswordEncoder(
        new RememberedPasswords(
            PasswordEncoderFactories.createDelegatingPasswordEncoder(), Ticker.systemTicker()));
    this.names =
        users.stream()
            .map(UserDetails::getUsername)
            .collect(Collectors.toMap(LocalLogin::inAnyCase, name -> name, (one, other) -> one));
    this.throttle = throttle;
    this.failures = failures;
  }

  @Override
  public Authentication authenticate(Authentication login) {
    String address = Actors.addressOf(login);
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
      // what an unknown user typed as a name may be a password
      String name = names.getOrDefault(inAnyCase(login.getName()), FailedLogins.UNKNOWN);
      failures.account(name, address, Map.of("closed", closed));
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

  private static String inAnyCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
  }
}
