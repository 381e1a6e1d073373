package io.commercewebhooks;

import java.net.URI;
import java.util.Set;

/** Where a secret may be sent. */
public final class SafeAddress {

  /** By their literal names: what another name means is for others to say, anew each time. */
  private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]");

  private SafeAddress() {}

  /** Whether an address may be told a secret: encrypted, or on this machine. */
  public static boolean isSafe(URI address) {
    return "https".equalsIgnoreCase(address.getScheme())
        || "http".equalsIgnoreCase(address.getScheme())
            && THIS_MACHINE.contains("" + address.getHost());
  }
}
