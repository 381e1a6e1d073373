package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.failures.Load.Sent;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.Webhooks;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Webhooks as large as the front door lets in wait for targets that are away, more of them than go
 * into a batch: read together they would be more than the heap of a node.
 */
class LargeWebhooksIT extends Trial {

  private static final int COUNT = 300;
  private static final int ALMOST_A_MEGABYTE = 1_000_000;
  private static final String TYPE = "return-updated";

  LargeWebhooksIT() {
    super("large webhooks", new Installation(), new Random(1));
  }

  @Test
  void a_node_works_off_more_of_them_than_its_heap_holds() {
    StandInSalesforce salesforce = installation.servers().salesforce();
    AtomicBoolean away = new AtomicBoolean(true);
    salesforce.failWhile(call -> away.get(), SalesforceFault.unavailable());
    ServiceProcess service = installation.start();
    installation.wayToTheDatabase().cut();
    List<Sent> webhooks = IntStream.range(0, COUNT).mapToObj(LargeWebhooksIT::webhook).toList();
    webhooks.forEach(load::send);
    load.awaitAnswers();
    load.sendAgainUntilTaken();
    Instant back = Instant.now();
    away.set(false);
    installation.wayToTheDatabase().mend();
    installation.awaitQuiet();

    figures.add(
        "%d webhooks of %d KB, the process holds %d MB at most; caught up: %s",
        COUNT,
        ALMOST_A_MEGABYTE / 1000,
        service.peakMemory() >> 20,
        installation.settledAfter(back));
    assertThat(load.acknowledged()).containsExactlyInAnyOrderElementsOf(webhooks);
    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.surprises()).as("answers besides 200 and 503").isEmpty();
    assertThat(service.output()).doesNotContain("OutOfMemoryError");
  }

  private static Sent webhook(int number) {
    Sent small =
        Load.webhook(
            new Load.Status(TYPE, "FULL_RETURN", List.of("customer-service")),
            "large-" + number,
            Instant.now().truncatedTo(ChronoUnit.MILLIS));
    ObjectNode body = Webhooks.object(small.body());
    Webhooks.fill(body.withObject("/return"), body, ALMOST_A_MEGABYTE);
    return new Sent(
        small.type(),
        small.key(),
        small.status(),
        small.occurredAt(),
        small.audiences(),
        body.toString());
  }
}
