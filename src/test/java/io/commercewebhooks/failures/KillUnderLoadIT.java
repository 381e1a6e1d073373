package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service is killed under load, again and again, and keeps every promise it made. */
class KillUnderLoadIT {

  private static final int KILLS = Integer.getInteger("failures.kills", 3);
  private static final int PER_SECOND = 100;
  private static final int FEWEST = 100;
  private static final int MOST = 300;

  private final long seed = Long.getLong("failures.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Installation installation = new Installation();
  private final Load load = new Load(installation.sender(), random);

  @AfterEach
  void end() {
    load.close();
    installation.close();
  }

  @Test
  void every_acknowledged_webhook_reaches_its_targets_although_the_service_is_killed() {
    System.out.printf("kill under load: seed %d%n", seed);
    for (int kill = 1; kill <= KILLS; kill++) {
      Instant started = Instant.now();
      ServiceProcess service = installation.start();
      Duration back = Duration.between(started, Instant.now());
      load.sendAgain();
      int webhooks = FEWEST + random.nextInt(MOST - FEWEST);
      load.start(PER_SECOND);
      load.awaitAcknowledged(webhooks);
      service.kill();
      load.pause();
      load.awaitAnswers();
      System.out.printf(
          "kill under load: kill %d, up after %d ms, killed after %d acknowledged webhooks, %d not acknowledged%n",
          kill, back.toMillis(), webhooks, load.unanswered());
    }
    Instant started = Instant.now();
    installation.start();
    Instant ready = Instant.now();
    installation.awaitQuiet();
    Duration caughtUp = Duration.between(ready, Instant.now());
    load.sendAgain();
    load.awaitAnswers();
    installation.awaitQuiet();

    Audit audit = Audit.of(installation, load.acknowledged());
    audit.print("kill under load, " + KILLS + " kills");
    System.out.printf(
        "kill under load: up after %d ms, caught up after %d ms more%n",
        Duration.between(started, ready).toMillis(), caughtUp.toMillis());
    assertThat(audit.missing()).isEmpty();
    assertThat(audit.dead()).as("given up").isZero();
    assertThat(audit.unroutable()).as("parked").isZero();
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.surprises()).as("answers besides 200 and 503").isEmpty();
  }
}
