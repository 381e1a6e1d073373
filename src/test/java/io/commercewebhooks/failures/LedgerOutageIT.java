package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.failures.Load.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ledger goes away under load, and comes back. */
class LedgerOutageIT extends Trial {

  private static final Duration OUTAGE = Duration.ofSeconds(30);
  private static final int PER_SECOND = 30;
  private static final int TAKEN = 200;
  private static final int SENT_AWAY = 503;

  LedgerOutageIT() {
    super("ledger outage", new Installation(), new Random(1));
  }

  @Test
  void webhooks_are_sent_away_at_once_and_all_get_in_when_they_come_again() {
    installation.start();
    load.warmUp();
    installation.awaitQuiet();
    load.start(PER_SECOND);
    load.awaitAcknowledged(100);
    int before = load.answers().size();
    installation.wayToTheLedger().cut();
    load.goOnFor(OUTAGE);
    List<Answer> during = load.answers().subList(before, load.answers().size());
    Instant back = Instant.now();
    installation.wayToTheLedger().mend();
    load.awaitAcknowledged(1);
    Duration again = Duration.between(back, Instant.now());
    load.pause();
    load.awaitAnswers();
    int waiting = load.unanswered();
    load.sendAgainUntilTaken();
    installation.awaitQuiet();

    List<Duration> times =
        during.stream()
            .filter(answer -> answer.status() == SENT_AWAY)
            .map(Answer::after)
            .sorted()
            .toList();
    assertThat(times).as("webhooks sent away").isNotEmpty();
    figures.add(
        "%d s without the ledger, %d webhooks sent away, after %d ms at the median, %d ms at the"
            + " 99th percentile, %d ms at most",
        OUTAGE.toSeconds(),
        times.size(),
        times.get(times.size() / 2).toMillis(),
        times.get(times.size() * 99 / 100).toMillis(),
        times.get(times.size() - 1).toMillis());
    figures.add(
        "taken again after %d ms; %d webhooks sent again, caught up: %s (goal: at most %d ms)",
        again.toMillis(), waiting, installation.settledAfter(back), OUTAGE.dividedBy(4).toMillis());
    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.answers())
        .extracting(Answer::status)
        .as("answers besides 200 and 503")
        .containsOnly(TAKEN, SENT_AWAY);
  }
}
