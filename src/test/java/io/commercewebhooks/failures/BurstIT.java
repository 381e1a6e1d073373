package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.failures.Load.Sent;
import io.commercewebhooks.failures.Load.Status;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Many business objects change several times at once; their webhooks overtake each other, come
 * twice, and meet targets that fail.
 */
class BurstIT extends SeededTrial {

  private static final List<String> TYPES =
      List.of(
          "account-status-changed",
          "quote-status-changed",
          "deal-registration-status-changed",
          "order-status-changed");
  private static final int OBJECTS_PER_TYPE = 150;
  private static final int CHANGES = 5;
  private static final int TWICE_EACH = 3;

  /** So often the two newest changes of an object bear the same time, and arrival decides. */
  private static final int EQUAL_TIMES_EACH = 6;

  BurstIT() {
    super("burst", new Installation());
  }

  @Test
  void every_business_object_ends_in_its_newest_state() {
    StandInSalesforce salesforce = installation.servers().salesforce();
    installation.start();
    List<Sent> webhooks = webhooks();
    Instant start = Instant.now();
    for (int i = 0; i < webhooks.size(); i++) {
      load.send(webhooks.get(i));
      if (i % TWICE_EACH == 0) {
        load.send(webhooks.get(i));
      }
    }
    List<Runnable> faults =
        List.of(
            () -> salesforce.failNext(2, SalesforceFault.dropAfterWriting()),
            () -> salesforce.failNextRecords(100, sent -> true, "UNABLE_TO_LOCK_ROW", "in use"),
            () -> salesforce.failNext(2, SalesforceFault.unavailable()),
            () -> installation.servers().mailbox().refuseNextContents(5, "451 4.3.0 Later"),
            () -> salesforce.expireSessions(),
            () -> {
              installation.wayToTheDatabase().cut();
              installation.wayToTheDatabase().mend();
            });
    for (int i = 0; i < 2 * faults.size(); i++) {
      faults.get(i % faults.size()).run();
      load.insistOnAcknowledged(webhooks.size() / (4 * faults.size()));
    }
    load.awaitAnswers();
    load.sendAgainUntilTaken();
    Duration taken = Duration.between(start, Instant.now());
    installation.awaitQuiet();

    figures.add(
        "%d objects with %d changes each: taken in %d ms; after that caught up: %s",
        TYPES.size() * OBJECTS_PER_TYPE,
        CHANGES,
        taken.toMillis(),
        installation.settledAfter(start.plus(taken)));
    figures.add(
        "superseded: Salesforce %d, database %d", superseded("salesforce"), superseded("database"));
    assertThat(load.acknowledged()).containsExactlyInAnyOrderElementsOf(webhooks);
    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.surprises())
        .as("answers besides 200 and 503, refused: %s", installation.refused())
        .isEmpty();
  }

  private List<Sent> webhooks() {
    Instant first = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<Sent> webhooks = new ArrayList<>();
    for (String type : TYPES) {
      for (int object = 0; object < OBJECTS_PER_TYPE; object++) {
        List<Status> changes = new ArrayList<>(load.statusesOf(type));
        Collections.shuffle(changes, random);
        for (int change = 0; change < CHANGES; change++) {
          boolean equal = change == CHANGES - 1 && object % EQUAL_TIMES_EACH == 0;
          webhooks.add(
              Load.webhook(
                  changes.get(change),
                  type + "-" + object,
                  first.plusMillis(equal ? change - 1 : change)));
        }
      }
    }
    Collections.shuffle(webhooks, random);
    return webhooks;
  }

  private long superseded(String target) {
    return installation.count(
        "select count(*) from delivery where state = 'superseded' and target = ?", target);
  }
}
