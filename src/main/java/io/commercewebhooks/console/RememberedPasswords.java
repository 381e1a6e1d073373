package io.commercewebhooks.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.Sha256;
import java.time.Duration;
import java.util.HexFormat;
import org.springframework.security.crypto.keygen.KeyGenerators;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Looks at a password with all care once in some minutes. A check costs a core a tenth of a second,
 * and scripts and Prometheus bring their password with each call. Of one that was right a salted
 * hash is kept in memory; one that was wrong is looked at each time.
 */
final class RememberedPasswords implements PasswordEncoder {

  private static final Duration GOOD_FOR = Duration.ofMinutes(5);
  private static final int MOST = 1_000;
  private static final int LENGTH_OF_SALT = 32;

  private final PasswordEncoder careful;
  private final String salt =
      HexFormat.of().formatHex(KeyGenerators.secureRandom(LENGTH_OF_SALT).generateKey());
  private final Cache<String, Boolean> right;

  RememberedPasswords(PasswordEncoder careful, Ticker ticker) {
    this.careful = careful;
    this.right =
        Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(GOOD_FOR).ticker(ticker).build();
  }

  @Override
  public String encode(CharSequence password) {
    return careful.encode(password);
  }

  @Override
  public boolean matches(CharSequence password, String encoded) {
    String pair = Sha256.of(salt + encoded + password);
    if (right.getIfPresent(pair) != null) {
      return true;
    }
    boolean matches = careful.matches(password, encoded);
    if (matches) {
      right.put(pair, true);
    }
    return matches;
  }
}
