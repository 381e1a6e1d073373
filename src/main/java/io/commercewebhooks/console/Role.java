package io.commercewebhooks.console;

import java.util.Arrays;
import java.util.Locale;

/**
 * What somebody may do, which {@link AccessConfiguration} says; each role may do what those before
 * it may.
 */
enum Role {
  VIEWER,
  OPERATOR,
  ADMIN;

  /** The role of a name as people write it, or null. */
  static Role named(String name) {
    return Arrays.stream(values())
        .filter(role -> role.word().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(null);
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String authority() {
    return "ROLE_" + name();
  }

  /** Whether a role may all that this one may. */
  boolean isWithin(Role other) {
    return other.ordinal() >= ordinal();
  }
}
