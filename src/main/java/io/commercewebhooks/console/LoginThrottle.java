package io.commercewebhooks.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts failed logins by user and by address. Failures count from the first one on for a window of
 * time; memory is bounded, whatever an attacker makes up.
 */
class LoginThrottle {

  private static final int MOST_REMEMBERED = 20_000;

  private final ConsoleSettings.Login settings;
  private final Cache<String, AtomicInteger> users;
  private final Cache<String, AtomicInteger> addresses;

  LoginThrottle(ConsoleSettings.Login settings, Ticker ticker) {
    this.settings = settings;
    this.users = failures(settings, ticker);
    this.addresses = failures(settings, ticker);
  }

  private static Cache<String, AtomicInteger> failures(
      ConsoleSettings.Login settings, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(MOST_REMEMBERED)
        .expireAfterWrite(settings.window())
        .ticker(ticker)
        .build();
  }

  /** Whether a try is not even looked at. */
  boolean isClosed(String user, String address) {
    return count(users, key(user)) >= settings.failuresPerUser()
        || count(addresses, address) >= settings.failuresPerAddress();
  }

  /**
   * Counts a failure.
   *
   * @return whether this one closed the door
   */
  boolean failed(String user, String address) {
    int ofUser = users.get(key(user), k -> new AtomicInteger()).incrementAndGet();
    int ofAddress = addresses.get(address, k -> new AtomicInteger()).incrementAndGet();
    return ofUser == settings.failuresPerUser() || ofAddress == settings.failuresPerAddress();
  }

  /**
   * A user who knows the password starts anew; an address does not, or one account would free it.
   */
  void succeeded(String user) {
    users.invalidate(key(user));
  }

  /** How long the door may stay closed. */
  long secondsClosed() {
    return settings.window().toSeconds();
  }

  private static int count(Cache<String, AtomicInteger> failures, String key) {
    AtomicInteger count = failures.getIfPresent(key);
    return count == null ? 0 : count.get();
  }

  /** A made-up name may be long. */
  private static String key(String user) {
    String name = user.toLowerCase(Locale.ROOT);
    return name.length() <= 100 ? name : name.substring(0, 100);
  }
}
