package io.commercewebhooks.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What came of attempts and is not committed yet. Where the ledger has no room for it, it is noted
 * when the deliveries are claimed again, and the target hears nothing twice.
 */
final class Unnoted {

  private static final Duration REMEMBERED_FOR = Duration.ofHours(1);

  private final Map<Long, Ledger.Settled> byDelivery = new ConcurrentHashMap<>();

  /** What stays unnoted for long was claimed by another node since, and isn't asked for again. */
  void remember(List<Ledger.Settled> settled) {
    Instant longAgo = Instant.now().minus(REMEMBERED_FOR);
    byDelivery.values().removeIf(one -> one.startedAt().isBefore(longAgo));
    settled.forEach(one -> byDelivery.put(one.delivery().id(), one));
  }

  /** What came of those of the deliveries that were attempted, unless it was noted after all. */
  List<Ledger.Settled> of(List<Delivery> deliveries) {
    List<Ledger.Settled> settled = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      Ledger.Settled one = byDelivery.get(delivery.id());
      if (one != null && one.delivery().attempts() == delivery.attempts()) {
        settled.add(one);
      }
    }
    return settled;
  }

  /** Forgets what is committed. */
  void forget(List<Ledger.Settled> settled) {
    settled.forEach(one -> byDelivery.remove(one.delivery().id()));
  }
}
