package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Asked to stop (SIGTERM), the service finishes what is under way and ends. */
class CleanStopIT extends Trial {

  /** Far more than a stop takes; what used to hang did so for ever. */
  private static final Duration LIMIT = Duration.ofSeconds(100);

  private static final int TERMINATED = 143;
  private static final int PER_SECOND = 100;

  CleanStopIT() {
    super("clean stop", new Installation(), new Random(1));
  }

  @Test
  void an_idle_service_stops() {
    ServiceProcess service = installation.start();
    send();
    installation.awaitQuiet();

    stop(service, "idle");
  }

  @Test
  void a_service_under_load_stops_and_nothing_is_lost_or_doubled() {
    ServiceProcess service = installation.start();
    load.start(PER_SECOND);
    load.awaitAcknowledged(200);
    stop(service, "under load");
    load.pause();
    load.awaitAnswers();
    int unanswered = load.unanswered();

    installation.start();
    load.sendAgainUntilTaken();
    installation.awaitQuiet();

    Audit audit = Audit.of(installation, load.acknowledged());
    figures.add("%d webhooks to be sent again", unanswered);
    audit.holds(figures);
    assertThat(audit.repeatedWrites()).as("repeated writes").isZero();
    assertThat(audit.repeatedMails()).as("repeated mails").isZero();
    assertThat(load.surprises())
        .as("answers besides 200 and 503, refused: %s", installation.refused())
        .isEmpty();
  }

  @Test
  void a_service_that_salesforce_refuses_stops() {
    installation
        .servers()
        .salesforce()
        .failWhile(
            call -> call.kind() == Kind.LOGIN,
            SalesforceFault.answer(401, "{\"error\":\"invalid_client\"}"));
    ServiceProcess service = installation.start();
    send();

    stop(service, "while Salesforce refuses the login");
  }

  @Test
  void a_service_whose_session_was_ended_by_salesforce_stops() {
    ServiceProcess service = installation.start();
    send();
    installation.awaitQuiet();
    installation
        .servers()
        .salesforce()
        .failWhile(
            call -> call.kind() == Kind.LOGOUT,
            SalesforceFault.error(401, "INVALID_SESSION_ID", "Session expired or invalid"));

    stop(service, "with an ended session");
  }

  @Test
  void a_service_that_waits_for_salesforce_stops() {
    ServiceProcess service = installation.start();
    installation
        .servers()
        .salesforce()
        .failWhile(call -> true, SalesforceFault.hang(Duration.ofMinutes(5)));
    send();

    stop(service, "while Salesforce does not answer");
  }

  private void send() {
    load.start(PER_SECOND);
    load.awaitAcknowledged(60);
    load.pause();
    load.awaitAnswers();
  }

  private void stop(ServiceProcess service, String when) {
    Instant asked = Instant.now();
    service.terminate();
    int exitCode = service.exitCode(LIMIT);
    figures.add("%s, in %d ms", when, Duration.between(asked, Instant.now()).toMillis());
    assertThat(exitCode).as(() -> "exit code, after " + service.output()).isEqualTo(TERMINATED);
  }
}
