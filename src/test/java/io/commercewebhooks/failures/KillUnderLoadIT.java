package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.ShippedNotifications;
import java.time.Duration;
import java.time.Instant;
import java.util.LongSummaryStatistics;
import org.junit.jupiter.api.Test;

/** The service is killed under load, again and again, and keeps every promise it made. */
class KillUnderLoadIT extends SeededTrial {

  private static final int KILLS = Integer.getInteger("failures.kills", 20);
  private static final int PER_SECOND = 100;
  private static final int FEWEST = 20;
  private static final int MOST = 200;
  private static final int SINGLY = 2;
  private static final String GATHERED_FOR = "2s";

  KillUnderLoadIT() {
    super("kill under load", new Installation());
  }

  @Test
  void every_acknowledged_webhook_reaches_its_targets_although_the_service_is_killed() {
    killAgainAndAgain();
  }

  @Test
  void mails_that_are_gathered_tell_of_each_event_once_although_the_service_is_killed() {
    installation.with(
        "MAIL_NOTIFICATIONS", ShippedNotifications.gathered(SINGLY, GATHERED_FOR).toString());
    killAgainAndAgain();

    long digests =
        installation.count("select count(distinct digest) from delivery where digest is not null");
    figures.add("mails of several events %d", digests);
    assertThat(digests).isPositive();
  }

  private void killAgainAndAgain() {
    LongSummaryStatistics starts = new LongSummaryStatistics();
    for (int kill = 1; kill <= KILLS; kill++) {
      Instant started = Instant.now();
      ServiceProcess service = installation.start();
      starts.accept(Duration.between(started, Instant.now()).toMillis());
      load.sendAgain();
      load.start(PER_SECOND);
      load.awaitAcknowledged(FEWEST + random.nextInt(MOST - FEWEST));
      service.kill();
      load.pause();
      load.awaitAnswers();
    }
    installation.start();
    Instant ready = Instant.now();
    load.sendAgainUntilTaken();
    installation.awaitQuiet();
    figures.add(
        "%d kills, each up again after %.0f ms on average, caught up after the last in %d ms",
        KILLS, starts.getAverage(), Duration.between(ready, Instant.now()).toMillis());

    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.surprises())
        .as("answers besides 200 and 503, refused: %s", installation.refused())
        .isEmpty();
  }
}
