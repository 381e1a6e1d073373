package io.commercewebhooks.flow;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** The clock by which mails wait for their time; it goes on as clocks do, or is set. */
final class OutsideClock extends Clock {

  static final OutsideClock CLOCK = new OutsideClock();

  private volatile Duration ahead = Duration.ZERO;

  private OutsideClock() {}

  /** Makes the service use it. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Configuration {

    @Bean
    @Primary
    Clock outsideClock() {
      return CLOCK;
    }
  }

  /** Sets it to a time from which it goes on. */
  void set(Instant now) {
    ahead = Duration.between(Instant.now(), now);
  }

  /** Lets so much time pass at once. */
  void pass(Duration time) {
    ahead = ahead.plus(time);
  }

  void reset() {
    ahead = Duration.ZERO;
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
