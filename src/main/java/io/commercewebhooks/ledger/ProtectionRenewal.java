package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings what was written under other keys under today's: seals what lies in the clear, seals anew
 * what an older key sealed, and hashes people anew. When it is done an older key is needed no more.
 */
@Component
public class ProtectionRenewal {

  private static final Logger LOG = LoggerFactory.getLogger(ProtectionRenewal.class);

  /** Sequences that are looked at together. */
  private static final int STRETCH = 20_000;

  private final JdbcTemplate ledger;
  private final TransactionTemplate transaction;
  private final DataProtection protection;
  private final PersonalData people;
  private final AtOnce atOnce;
  private final PacedBatches paced;

  ProtectionRenewal(
      JdbcTemplate ledger,
      TransactionTemplate transaction,
      DataProtection protection,
      PersonalData people,
      AtOnce atOnce,
      @Value("${protection.renew-batch}") int batch,
      @Value("${protection.renew-pause}") Duration pause) {
    this.ledger = ledger;
    this.transaction = transaction;
    this.protection = protection;
    this.people = people;
    this.atOnce = atOnce;
    this.paced = new PacedBatches(batch, pause);
  }

  /** Renews all that is not under today's keys. */
  @Scheduled(
      initialDelayString = "${protection.renew-after}",
      fixedDelayString = "${protection.renew-each}")
  @SchedulerLock(name = "protection-renewal", lockAtMostFor = "PT5M")
  public void renew() {
    Walk walk = new Walk();
    paced.repeat(() -> transaction.execute(status -> walk.step()) ? paced.batch() : 0);
    long renewed = walk.renewed;
    if (renewed > 0) {
      LOG.info(
          "the protection of {} events was renewed; what they keep is under the keys {}",
          renewed,
          protection.fingerprint());
    }
  }

  /** Once along all events, stretch by stretch: each is looked at once, and no look takes long. */
  private final class Walk {

    private long after;
    private long renewed;

    /** Whether there is more to look at. */
    private boolean step() {
      List<Map<String, Object>> events =
          ledger.queryForList(
              atOnce.of(
                  """
                  select sequence, id, attributes, body, mended_from from event
                  where sequence > ? and sequence <= ?
                    and protection is distinct from ? and payload_removed_at is null
                  order by sequence limit ?
                  for update skip locked
                  """,
                  "sequence"),
              after,
              after + STRETCH,
              protection.fingerprint(),
              paced.batch());
      events.forEach(ProtectionRenewal.this::renew);
      renewed += events.size();
      Map<String, Object> last = events.isEmpty() ? null : events.get(events.size() - 1);
      if (events.size() == paced.batch() || last != null && atOnce.isReachedBy(last)) {
        after = (Long) last.get("sequence");
        return true;
      }
      Long next =
          ledger.queryForObject(
              "select min(sequence) from event where sequence > ?", Long.class, after + STRETCH);
      after = next == null ? after : next - 1;
      return next != null;
    }
  }

  private void renew(Map<String, Object> event) {
    String id = (String) event.get("id");
    String body = protection.open(id, SealedEvent.BODY, (String) event.get("body"));
    String attributes =
        protection.open(id, SealedEvent.ATTRIBUTES, (String) event.get("attributes"));
    Set<String> named = new LinkedHashSet<>(people.peopleIn(body));
    String original = (String) event.get("mended_from");
    boolean isKnown = original == null || addPeopleOf(original, named);
    ledger.update(
        """
        update event
        set body = ?, attributes = ?, people = ? || case when ? then '{}' else people end,
            protection = ?
        where sequence = ?
        """,
        protection.seal(id, SealedEvent.BODY, body),
        protection.seal(id, SealedEvent.ATTRIBUTES, attributes),
        Ledger.texts(named),
        isKnown,
        protection.fingerprint(),
        event.get("sequence"));
  }

  /**
   * A copy names those too who were mended out of it.
   *
   * @return false when the original has no payload any more
   */
  private boolean addPeopleOf(String original, Set<String> named) {
    List<String> bodies =
        ledger.queryForList(
            "select body from event where id = ? and payload_removed_at is null",
            String.class,
            original);
    bodies.stream()
        .map(body -> protection.open(original, SealedEvent.BODY, body))
        .map(people::peopleIn)
        .forEach(named::addAll);
    return !bodies.isEmpty();
  }
}
