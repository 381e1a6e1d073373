package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the ledger's workers behave; {@code config/application.yaml} has every value and its meaning.
 *
 * @param sweep how often a node looks what is due, for all of its workers without work
 * @param gather how long a worker lets work gather that had some, but no whole batch, under load
 * @param gatherFrom how much work a second is load for a worker
 * @param turn how long a worker makes single deliveries of one type, before it looks for others
 * @param routing when to route an event again that could not be routed
 * @param retry when to try a delivery again
 * @param clocks retry clocks for failures that need another, by name
 * @param targets what differs for single targets
 * @param hold when a target on hold is tried
 * @param circuit when a target counts as unwell
 * @param backlog what counts as backlog, and how fast it is worked off beside live traffic
 * @param replay how fast replays are taken up
 * @param balance whose account must add up
 */
@ConfigurationProperties("ledger")
public record LedgerSettings(
    Duration sweep,
    Duration gather,
    int gatherFrom,
    Duration turn,
    RetryClock routing,
    RetryClock retry,
    Map<String, RetryClock> clocks,
    Map<String, Target> targets,
    HoldTimes hold,
    Circuit circuit,
    Backlog backlog,
    Replay replay,
    BalanceOf balance) {

  /**
   * What differs for one target; null: as for all.
   *
   * @param retry when to try its deliveries again
   * @param gather how long its workers let work gather
   */
  public record Target(RetryClock retry, Duration gather) {

    private static final Target LIKE_ALL = new Target(null, null);
  }

  /**
   * When a target on hold is tried.
   *
   * @param tryAfter the shortest time before a try
   * @param tryAtLeastEach the longest time between two tries, however long the outage
   * @param lookAgain how old a node's knowledge of a hold may be
   */
  public record HoldTimes(Duration tryAfter, Duration tryAtLeastEach, Duration lookAgain) {}

  /**
   * When a target counts as unwell.
   *
   * @param calls how many of the last calls are looked at
   * @param failureRate how many per cent of them must have failed
   */
  public record Circuit(int calls, float failureRate) {}

  /**
   * What counts as backlog.
   *
   * @param after deliveries due for longer than this give way to younger ones
   * @param perSecond how many of them a node delivers to a target each second
   */
  public record Backlog(Duration after, int perSecond) {}

  /**
   * How fast replays are taken up.
   *
   * @param perSecond dead letters or events each second
   * @param tick how often running replays are looked at
   */
  public record Replay(int perSecond, Duration tick) {}

  /**
   * Whose account must add up.
   *
   * @param targets those that hear of every event
   * @param mostEvents how many events of the last day are looked at, the newest first
   */
  public record BalanceOf(List<String> targets, int mostEvents) {}

  Workers.Rhythm rhythm(int batch) {
    return new Workers.Rhythm(gather, gatherFrom, batch);
  }

  Workers.Rhythm rhythmOf(String target, int batch) {
    Duration own = of(target).gather();
    return new Workers.Rhythm(own == null ? gather : own, gatherFrom, batch);
  }

  RetryClock retryOf(String target, String clock) {
    if (clock != null && clocks.containsKey(clock)) {
      return clocks.get(clock);
    }
    RetryClock own = of(target).retry();
    return own == null ? retry : own;
  }

  private Target of(String target) {
    return targets == null ? Target.LIKE_ALL : targets.getOrDefault(target, Target.LIKE_ALL);
  }
}
