package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ledger goes away under load, and the service that spools meanwhile is killed while it spools
 * and while it drains. It keeps every promise it made.
 */
class KillWhileSpoolingIT extends SeededTrial {

  private static final int OUTAGES = Integer.getInteger("failures.outages", 4);
  private static final int PER_SECOND = 100;
  private static final int FEWEST = 100;
  private static final int MOST = 400;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;

  KillWhileSpoolingIT() {
    super("kill while spooling", new Installation());
  }

  @Test
  void every_spooled_webhook_reaches_its_targets_although_the_service_is_killed() {
    installation.with("SPOOL_FOLDER", folder.toString());
    ServiceProcess service = installation.start();
    for (int outage = 1; outage <= OUTAGES; outage++) {
      load.start(PER_SECOND);
      load.awaitAcknowledged(FEWEST);
      installation.wayToTheLedger().cut();
      load.awaitAcknowledged(FEWEST + random.nextInt(MOST - FEWEST));
      service.kill();
      load.pause();
      load.awaitAnswers();
      int spooled = spooled().size();
      assertThat(spooled).as("events in the spool").isPositive();

      installation.wayToTheLedger().mend();
      ServiceProcess drains = installation.start();
      int enough = random.nextInt(spooled);
      Awaitility.await("some of the spool is in the ledger")
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> spooled().size() <= enough);
      drains.kill();
      figures.add("killed with %d events spooled, and with %d left", spooled, spooled().size());
      service = installation.start();
    }
    load.sendAgainUntilTaken();
    Awaitility.await("the spool is drained").atMost(LIMIT).until(() -> spooled().isEmpty());
    installation.awaitQuiet();

    Audit.of(installation, load.acknowledged()).holds(figures);
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.surprises()).as("answers besides 200 and 503").isEmpty();
    assertThat(files()).as("set aside, half written").isEmpty();
  }

  private List<Path> spooled() {
    return files(folder).stream().filter(file -> file.toString().endsWith(".event")).toList();
  }

  private List<Path> files() {
    return Stream.concat(files(folder).stream(), files(folder.resolve("set-aside")).stream())
        .filter(file -> !file.endsWith(".lock"))
        .toList();
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
