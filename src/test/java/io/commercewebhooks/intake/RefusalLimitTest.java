package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalLimitTest {

  private final AtomicLong clock = new AtomicLong();
  private final RefusalLimit limit = new RefusalLimit(2, clock::get);

  @Test
  void each_address_has_its_own_count() {
    limit.count("192.0.2.1");
    limit.count("192.0.2.1");

    assertThat(limit.isReached("192.0.2.1")).isTrue();
    assertThat(limit.isReached("192.0.2.2")).isFalse();
    assertThat(limit.count("192.0.2.1")).isEqualTo(1);
  }

  @Test
  void after_a_minute_all_is_forgiven() {
    limit.count("192.0.2.1");
    clock.addAndGet(RefusalLimit.WINDOW.toNanos() / 2);
    limit.count("192.0.2.1");
    assertThat(limit.isReached("192.0.2.1")).isTrue();

    clock.addAndGet(RefusalLimit.WINDOW.toNanos() / 2 + 1);

    assertThat(limit.isReached("192.0.2.1")).isFalse();
  }

  @Test
  void no_number_of_addresses_fills_the_memory() {
    for (int i = 0; i < 50_000; i++) {
      limit.count("10.%d.%d.1".formatted(i / 250, i % 250));
    }

    assertThat(limit.addresses()).isLessThanOrEqualTo(10_000);
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:9:9:9:9, true",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:3:3:4:5:6, false",
    "2001:db8::1, 2001:db8::2, true",
    "2001:db8::1, 2001:db8:0:0:1:0:0:1, true",
    "192.0.2.1, 192.0.2.2, false",
    "::ffff:192.0.2.1, ::ffff:192.0.2.2, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "192.0.2.1:4711, 192.0.2.1:4712, true",
    "192.0.2.1:4711, 192.0.2.2:4711, false",
    "[2001:db8::1]:4711, [2001:db8::2]:4712, true",
    "[2001:db8::1]:4711, [2001:db9::1]:4711, false"
  })
  void an_address_counts_however_a_proxy_writes_it_and_with_its_ipv6_network(
      String one, String other, boolean same) {
    limit.count(one);
    limit.count(one);

    assertThat(limit.isReached(other)).isEqualTo(same);
  }
}
