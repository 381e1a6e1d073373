package io.commercewebhooks.delivery;

import com.github.benmanes.caffeine.cache.Ticker;
import jakarta.mail.AuthenticationFailedException;
import java.time.Duration;

/**
 * A login that the mail server refused is not tried again at once, by whomever: each refusal in a
 * row doubles the pause, and who comes meanwhile gets the refusal that was. Mail servers lock an
 * account, or an address, after a few. Another secret is tried at once.
 */
final class RefusedLogin {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final Ticker ticker;
  private String refused;
  private String words;
  private long since;
  private int refusals;

  /**
   * @param ticker the time that passes, whatever a clock is set to
   */
  RefusedLogin(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Somebody wants to log in by this secret.
   *
   * @return when that began, for {@link #refused}
   * @throws AuthenticationFailedException as the server said, not long ago
   */
  synchronized long begin(String secret) throws AuthenticationFailedException {
    long now = ticker.read();
    if (secret.equals(refused)
        && now - since < SignInPause.afterRefusals(refusals, FIRST, LONGEST).toNanos()) {
      throw new AuthenticationFailedException(words);
    }
    return now;
  }

  /** The server refused it. Of several who began before they knew of a refusal one counts. */
  synchronized void refused(String secret, long begun, AuthenticationFailedException refusal) {
    boolean again = secret.equals(refused);
    if (again && begun - since <= 0) {
      return;
    }
    refusals = again ? refusals + 1 : 1;
    refused = secret;
    words = refusal.getMessage();
    since = ticker.read();
  }

  /** The server took us. */
  synchronized void taken() {
    refused = null;
  }
}
