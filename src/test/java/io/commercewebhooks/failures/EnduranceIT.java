package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.WebhookSender;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The same day again and again: load, each target and the ledger away for a while, operators at the
 * console, files taken anew. After each such day the service has nothing in hand, and should hold
 * no more than after the day before.
 */
class EnduranceIT extends SeededTrial {

  private static final int DAYS = Integer.getInteger("failures.days", 6);

  /** Until then runtimes, caches and pools still fill themselves. */
  private static final int FIRST_TO_COMPARE = 3;

  private static final int PER_SECOND = 60;
  private static final Duration FAULT = Duration.ofSeconds(4);
  private static final int LOOKS = 5;
  private static final List<String> ADDRESSES =
      List.of(
          "/api/events?limit=200",
          "/api/deliveries?state=dead",
          "/api/causes",
          "/api/causes?state=waiting",
          "/api/targets",
          "/api/rejected",
          "/api/route-map",
          "/api/drift",
          "/api/sets",
          "/api/audit",
          "/actuator/health",
          "/actuator/prometheus");
  private static final Path FOLDER = Path.of("target", "endurance");

  private static final List<String> CHANGED =
      List.of(
          "routes/delivery/salesforce.camel.yaml",
          "config/mappings/quote-status-changed-to-email.jslt",
          "config/advice.yaml");

  private final WebhookSender browser = new WebhookSender(URI.create("http://127.0.0.1"));

  EnduranceIT() {
    super("endurance", new Installation(1, FOLDER));
  }

  @Test
  void a_node_holds_no_more_after_many_days_than_after_a_few() throws IOException {
    InstallationFolder.fill(FOLDER);
    ServiceProcess service = installation.start();
    Footprint early = null;
    Footprint late = null;
    for (int day = 1; day <= DAYS; day++) {
      liveThroughADay();
      late = service.footprint();
      figures.add("day %d: %s", day, late);
      if (day == FIRST_TO_COMPARE) {
        early = late;
      }
    }

    assertThat(load.surprises()).as("answers besides 200 and 503").isEmpty();
    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(late.exceeds(early)).as("%s after %s", late, early).isFalse();
  }

  private void liveThroughADay() throws IOException {
    StandInSalesforce salesforce = installation.servers().salesforce();
    load.start(PER_SECOND);
    load.goOnFor(FAULT);
    salesforce.switchOff();
    load.goOnFor(FAULT);
    salesforce.switchOn();
    salesforce.expireSessions();
    salesforce.failNext(1, SalesforceFault.dropAfterWriting());
    installation.wayToTheDatabase().cut();
    load.goOnFor(FAULT);
    installation.wayToTheDatabase().mend();
    installation.servers().mailbox().refuseNextContents(5, "451 4.3.0 Later");
    operate();
    installation.wayToTheLedger().cut();
    load.goOnFor(FAULT);
    installation.wayToTheLedger().mend();
    load.goOnFor(FAULT);
    load.pause();
    load.sendAgainUntilTaken();
    operate();
    installation.awaitQuiet();
  }

  /** Looks at everything and takes changed routes, mappings and settings live. */
  private void operate() throws IOException {
    for (int look = 0; look < LOOKS; look++) {
      ADDRESSES.forEach(address -> ask(address, "GET"));
    }
    for (String file : CHANGED) {
      Files.writeString(FOLDER.resolve(file), "\n", StandardOpenOption.APPEND);
    }
    ask("/api/reload", "POST");
  }

  private void ask(String path, String method) {
    URI address = installation.management().resolve(path);
    HttpResponse<String> answer =
        browser.send(
            HttpRequest.newBuilder(address)
                .header("Authorization", LocalServers.OPERATORS_LOGIN)
                .method(method, BodyPublishers.noBody())
                .build());
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
  }
}
