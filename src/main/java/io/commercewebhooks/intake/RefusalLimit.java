package io.commercewebhooks.intake;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many requests of one source address were refused lately. It never decides about a webhook
 * that is proved: behind one address (a proxy, a sender's gateway) there may be both a forger and a
 * sender. Bounded memory: the addresses seen longest ago are forgotten first.
 */
class RefusalLimit {

  static final Duration WINDOW = Duration.ofMinutes(1);

  private static final int MOST_ADDRESSES = 10_000;
  private static final int NETWORK_GROUPS = 4;

  /** As some proxies write them: an IPv4 address as IPv6, and the port of the connection. */
  private static final Pattern IPV4 =
      Pattern.compile("\\[?(?:::ffff:)?(\\d+(?:\\.\\d+){3})]?(?::\\d+)?");

  private static final Pattern IPV6 = Pattern.compile("\\[([^]]*)](?::\\d+)?");

  private final int perWindow;
  private final Cache<String, AtomicInteger> refused;

  /**
   * @param perWindow refusals of an address within {@link #WINDOW}, which begins with the first
   */
  RefusalLimit(int perWindow, Ticker ticker) {
    this.perWindow = perWindow;
    this.refused =
        Caffeine.newBuilder()
            .maximumSize(MOST_ADDRESSES)
            .expireAfterWrite(WINDOW)
            .ticker(ticker)
            .build();
  }

  /**
   * Counts one more refusal.
   *
   * @return how many there are beyond the limit, 0 or less while there is room
   */
  int count(String remoteAddress) {
    return refused.get(network(remoteAddress), address -> new AtomicInteger()).incrementAndGet()
        - perWindow;
  }

  /** Whether an address has used up its refusals. */
  boolean isReached(String remoteAddress) {
    AtomicInteger count = refused.getIfPresent(network(remoteAddress));
    return count != null && count.get() >= perWindow;
  }

  long addresses() {
    refused.cleanUp();
    return refused.estimatedSize();
  }

  /** Whoever has one IPv6 address has the 64 bits behind its network as well. */
  private static String network(String remoteAddress) {
    String written = String.valueOf(remoteAddress);
    Matcher ipv4 = IPV4.matcher(written);
    if (ipv4.matches()) {
      return ipv4.group(1);
    }
    Matcher ipv6 = IPV6.matcher(written);
    String address = ipv6.matches() ? ipv6.group(1) : written;
    String[] groups = address.replaceFirst("::.*", ":0:0:0:0").split(":");
    StringBuilder network = new StringBuilder();
    for (int i = 0; i < NETWORK_GROUPS && i < groups.length; i++) {
      network.append(groups[i]).append(':');
    }
    return network.toString();
  }
}
