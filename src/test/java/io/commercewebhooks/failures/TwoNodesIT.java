package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes on one ledger. */
class TwoNodesIT extends SeededTrial {

  private static final int NODES = 2;
  private static final int KILLS = Integer.getInteger("failures.node-kills", 10);
  private static final int SHARED = Integer.getInteger("failures.shared", 600);
  private static final int PER_SECOND = 30;

  TwoNodesIT() {
    super("two nodes", new Installation(NODES).with("SALESFORCE_CHECKATSTART", "false"));
  }

  @BeforeEach
  void start() {
    for (int node = 0; node < NODES; node++) {
      installation.start(node);
    }
  }

  @Test
  void share_the_work_and_none_is_lost_or_done_twice_although_one_is_killed_again_and_again() {
    load.start(PER_SECOND);
    load.awaitAcknowledged(SHARED);
    load.pause();
    load.awaitAnswers();
    installation.awaitQuiet();
    Audit both = Audit.of(installation, load.acknowledged());
    long delivering = installation.servers().salesforce().logins();
    figures.add(
        "while both live: acknowledged events %d, nodes that delivered to Salesforce %d,"
            + " repeated writes %d, repeated mails %d",
        both.acknowledged(), delivering, both.repeatedWrites(), both.repeatedMails());
    assertThat(delivering).as("nodes that delivered").isEqualTo(NODES);
    assertThat(both.repeatedWrites()).as("deliveries done twice").isZero();
    assertThat(both.repeatedMails()).as("mails sent twice").isZero();

    load.start(PER_SECOND);
    for (int kill = 0; kill < KILLS; kill++) {
      load.awaitAcknowledged(10 + random.nextInt(100));
      int victim = random.nextInt(NODES);
      installation.node(victim).kill();
      installation.start(victim);
      load.sendAgain();
    }
    load.pause();
    load.awaitAnswers();
    Instant last = Instant.now();
    load.sendAgainUntilTaken();
    installation.awaitQuiet();
    figures.add(
        "%d kills of one of two, caught up after the last in %d ms",
        KILLS, Duration.between(last, Instant.now()).toMillis());

    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.surprises())
        .as("answers besides 200 and 503, refused: %s", installation.refused())
        .isEmpty();
  }
}
