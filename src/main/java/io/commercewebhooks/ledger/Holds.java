package io.commercewebhooks.ledger;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Which targets are on hold. The state is a row of the ledger, so it is the same on all nodes and
 * survives a restart; each node looks at it a few times a second at most.
 *
 * <p>While a target is on hold its deliveries wait and no attempt is counted. From time to time one
 * delivery is tried, by one worker of one node, to see whether the target is well again. How long
 * between two tries grows with the outage, so that catching up begins soon after its end.
 */
public class Holds {

  private static final Logger LOG = LoggerFactory.getLogger(Holds.class);

  /** A try each eighth of the outage so far. */
  private static final int PART_OF_OUTAGE = 8;

  /** A delivery fails no more often than this while its target falls ill. */
  private static final int FAILURES_OF_AN_ILLNESS = 8;

  private final JdbcTemplate ledger;
  private final LedgerSettings.HoldTimes times;
  private final Signals signals;
  private final Ticker ticker;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  /**
   * @param ticker the time that passes on this node, whatever its clock is set to
   */
  Holds(JdbcTemplate ledger, LedgerSettings.HoldTimes times, Signals signals, Ticker ticker) {
    this.ledger = ledger;
    this.times = times;
    this.signals = signals;
    this.ticker = ticker;
  }

  /** What was found, and when by the ticker. */
  private record Seen(boolean held, long at) {
    boolean isAfter(Seen other) {
      return at - other.at > 0;
    }
  }

  /** Whether deliveries to a target have to wait now; may be as old as {@code look-again}. */
  boolean isHeld(String target) {
    Seen last = seen.get(target);
    if (last != null && ticker.read() - last.at() < times.lookAgain().toNanos()) {
      return last.held();
    }
    long asked = ticker.read();
    List<String> states =
        ledger.queryForList("select state from target where name = ?", String.class, target);
    Seen answer = new Seen(states.contains("held"), asked);
    // somebody may have held or resumed it since the question was put
    return seen.merge(target, answer, (a, b) -> a.isAfter(b) ? a : b).held();
  }

  /**
   * Whether the caller may try one delivery to a target on hold; nobody else may until the next.
   */
  boolean mayTry(String target) {
    return ledger.update(
            """
            update target
            set until = now() + least(greatest((now() - since) / ?, ? * interval '1 millisecond'),
                                      ? * interval '1 millisecond')
            where name = ? and state = 'held' and until <= now()
            """,
            PART_OF_OUTAGE,
            times.tryAfter().toMillis(),
            times.tryAtLeastEach().toMillis(),
            target)
        == 1;
  }

  /**
   * Puts a target on hold, or keeps it there. An operator's pause is never shortened, nor is what
   * is left until the next try.
   *
   * @param wait how long to wait before the first try, or null for the usual
   */
  void hold(String target, Outcome.Hold reason, String detail, Duration wait) {
    Duration first = wait == null ? times.tryAfter() : wait;
    int changed =
        ledger.update(
            """
            insert into target as t (name, state, reason, detail, since, until)
            values (?, 'held', ?, ?, now(), now() + ? * interval '1 millisecond')
            on conflict (name) do update
            set state = 'held', reason = excluded.reason, detail = excluded.detail,
                since = case when t.state = 'held' then t.since else now() end,
                until = greatest(t.until, excluded.until)
            where t.state = 'active' or t.reason <> 'paused'
            """,
            target,
            reason.word(),
            detail,
            first.toMillis());
    Seen last = seen.get(target);
    if (changed > 0 && (last == null || !last.held())) {
      LOG.warn("{} is on hold ({}): {}", target, reason.word(), detail);
    }
    see(target, true);
  }

  /** An operator's pause: nothing is tried until somebody resumes. */
  public void pause(String target, String by) {
    ledger.update(
        """
        insert into target (name, state, reason, detail, since, until)
        values (?, 'held', 'paused', ?, now(), null)
        on conflict (name) do update
        set state = 'held', reason = 'paused', detail = excluded.detail, since = now(), until = null
        """,
        target,
        "paused by " + by);
    see(target, true);
    LOG.warn("{} is on hold: paused by {}", target, by);
  }

  /** Ends any hold, by an operator's word. */
  public void resume(String target, String why) {
    resume(target, why, "");
  }

  /** Ends a hold after a try that went well; an operator's pause stays. */
  void resumeAfterTry(String target) {
    resume(target, "a try went well", "and reason <> 'paused'");
  }

  private void resume(String target, String why, String unless) {
    int changed =
        ledger.update(
            """
            update target set state = 'active', reason = '', detail = ?, since = now(), until = null
            where name = ? and state = 'held' %s
            """
                .formatted(unless),
            why,
            target);
    if (changed > 0) {
      see(target, false);
      tryAgainNow(target);
      LOG.info("{} is taken off hold: {}", target, why);
    }
    onceCommitted(() -> signals.ofDeliveries(target).wake());
  }

  /**
   * What failed as the target fell ill waits by its retry clock: no need any more. What had failed
   * often before has a trouble of its own, and keeps its clock.
   */
  private void tryAgainNow(String target) {
    ledger.update(
        """
        update delivery set next_attempt_at = now()
        where id in (select id from delivery
                     where target = ? and state = 'waiting' and failures between 1 and ?
                       and next_attempt_at > now()
                     for update skip locked)
        """,
        target,
        FAILURES_OF_AN_ILLNESS);
  }

  /**
   * What this node did itself: it counts at once, and from the commit on whatever was read before.
   */
  private void see(String target, boolean held) {
    seen.put(target, new Seen(held, ticker.read()));
    onceCommitted(() -> seen.put(target, new Seen(held, ticker.read())));
  }

  private static void onceCommitted(Runnable action) {
    if (!TransactionSynchronizationManager.isSynchronizationActive()) {
      action.run();
      return;
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            action.run();
          }
        });
  }
}
