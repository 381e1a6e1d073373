package io.commercewebhooks.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Outcomes of attempts that the ledger has not committed yet. Where the ledger has no room for
 * them, they are settled when the deliveries are claimed again, and the target hears nothing twice.
 * They are in the memory of this node, so a kill loses them.
 */
final class UncommittedOutcomes {

  /** Longer than a ledger is away. */
  private static final Duration REMEMBERED_FOR = Duration.ofDays(3);

  private final Map<Long, Made> byDelivery = new ConcurrentHashMap<>();

  /**
   * What came of an attempt; without the payload, since it may be remembered for long.
   *
   * @param event its id: a ledger that was restored gives numbers of deliveries a second time
   * @param attempts how many there were before
   */
  private record Made(String event, int attempts, Outcome outcome, Instant startedAt) {

    static Made of(Ledger.Settled one) {
      Delivery delivery = one.delivery();
      return new Made(delivery.event().id(), delivery.attempts(), one.outcome(), one.startedAt());
    }

    boolean isOf(Delivery delivery) {
      return event.equals(delivery.event().id()) && attempts == delivery.attempts();
    }
  }

  /**
   * What stays uncommitted for long was claimed by another node since, and isn't asked for again.
   */
  void remember(List<Ledger.Settled> settled, Instant now) {
    Instant longAgo = now.minus(REMEMBERED_FOR);
    byDelivery.values().removeIf(one -> one.startedAt().isBefore(longAgo));
    settled.forEach(one -> byDelivery.put(one.delivery().id(), Made.of(one)));
  }

  /**
   * What came of those of the deliveries that were attempted, unless it was committed after all.
   */
  List<Ledger.Settled> of(List<Delivery> deliveries) {
    List<Ledger.Settled> settled = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      Made one = byDelivery.get(delivery.id());
      if (one != null && one.isOf(delivery)) {
        settled.add(new Ledger.Settled(delivery, one.outcome(), one.startedAt()));
      }
    }
    return settled;
  }

  /** Forgets what is committed. */
  void forget(List<Ledger.Settled> settled) {
    settled.forEach(one -> byDelivery.remove(one.delivery().id()));
  }
}
