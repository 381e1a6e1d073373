package io.commercewebhooks.ledger;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether this node's ledger takes what comes in. A ledger that only refuses to write, as without
 * room on its disk, looks well to whoever reads.
 */
@Component("keeping")
public class Keeping implements HealthIndicator {

  private final Clock clock;
  private volatile Trouble trouble;

  public Keeping(Clock clock) {
    this.clock = clock;
  }

  /**
   * Why events aren't kept.
   *
   * @param since when the first of them wasn't
   * @param why what the ledger said of the last one
   */
  public record Trouble(Instant since, String why) {}

  /** The trouble with the last event that came in, if there was any. */
  public Optional<Trouble> trouble() {
    return Optional.ofNullable(trouble);
  }

  void wentWell() {
    if (trouble != null) {
      trouble = null;
    }
  }

  /** A failure without words of the database says nothing new: one that is left alone, say. */
  void failed(RuntimeException failure) {
    Trouble before = trouble;
    Instant since = before == null ? clock.instant() : before.since();
    String why =
        LedgerTrouble.said(failure)
            .orElse(before == null ? String.valueOf(failure.getMessage()) : before.why());
    trouble = new Trouble(since, why);
  }

  /** The node stays in service: it answers that it keeps nothing, or spools. */
  @Override
  public Health health() {
    Trouble now = trouble;
    return now == null
        ? Health.up().build()
        : Health.status("DEGRADED")
            .withDetail("since", now.since())
            .withDetail("why", now.why())
            .build();
  }
}
