package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.failures.Audit.Refusals;
import io.commercewebhooks.sandbox.Mailbox;
import io.commercewebhooks.sandbox.SalesforceCall;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Each target goes wrong in every way it knows while webhooks keep coming in, and refuses some of
 * them for good.
 */
class TargetFaultsIT extends Trial {

  private static final Duration FAULT = Duration.ofSeconds(12);
  private static final Duration OUTAGE = Duration.ofSeconds(20);
  private static final int PER_SECOND = 40;
  private static final String REFUSED = "refused";
  private static final int REFUSED_EACH = 40;

  TargetFaultsIT() {
    super("target faults", new Installation(), new Random(1));
  }

  @Test
  void salesforce_gets_all_but_what_it_refuses_for_good() {
    StandInSalesforce salesforce = installation.servers().salesforce();
    Map<String, SalesforceFault> faults = new LinkedHashMap<>();
    faults.put("503", SalesforceFault.unavailable());
    faults.put("429 with Retry-After", SalesforceFault.tooManyRequests(Duration.ofSeconds(2)));
    faults.put("no answer", SalesforceFault.hang(Duration.ofSeconds(10)));
    faults.put("reset", SalesforceFault.dropBeforeWriting());
    faults.put("written, then reset", SalesforceFault.dropAfterWriting());
    faults.put(
        "written, then 500",
        SalesforceFault.errorAfterWriting(
            500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"));
    faults.put("written, answer unreadable", SalesforceFault.unreadableAnswer());
    faults.put(
        "record lock",
        SalesforceFault.error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"));
    faults.put("budget of calls used up", SalesforceFault.requestLimitExceeded());
    AtomicReference<SalesforceFault> now = new AtomicReference<>();
    faults
        .values()
        .forEach(
            fault -> salesforce.failWhile(call -> now.get() == fault && isOfTheApi(call), fault));
    salesforce.failRecords(
        sent -> sent.key().startsWith(REFUSED),
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "An owner is missing");
    // Shorter than in production, so that calls without an answer end within this trial.
    installation.with("CAMEL_COMPONENT_SALESFORCE_HTTPREQUESTTIMEOUT", "2000").start();
    load.oddOnes(REFUSED, REFUSED_EACH).start(PER_SECOND);
    load.awaitAcknowledged(200);

    faults.forEach(
        (name, fault) ->
            fail("salesforce", name, FAULT, () -> now.set(fault), () -> now.set(null)));
    for (int i = 0; i < 5; i++) {
      salesforce.expireSessions();
      load.awaitAcknowledged(30);
    }
    figures.add(
        "salesforce, sessions ended 5 times: caught up after %d ms",
        installation.awaitCaughtUp("salesforce").toMillis());
    fail("salesforce", "off", OUTAGE, salesforce::switchOff, salesforce::switchOn);

    settle((webhook, target, a) -> target.equals("salesforce") && isRefused(webhook));
  }

  private static boolean isOfTheApi(SalesforceCall call) {
    return call.kind() != Kind.LOGIN && call.kind() != Kind.LOGOUT;
  }

  @Test
  void the_database_gets_all_but_what_it_refuses_for_good() {
    installation.start();
    for (String table : Audit.tables()) {
      installation
          .database()
          .execute(
              "alter table %s add constraint %s_takes_it check (key not like '%s-%%')"
                  .formatted(table, table, REFUSED));
    }
    load.oddOnes(REFUSED, REFUSED_EACH).start(PER_SECOND);
    load.awaitAcknowledged(200);

    for (int i = 0; i < 3; i++) {
      installation.wayToTheDatabase().cut();
      installation.wayToTheDatabase().mend();
      load.awaitAcknowledged(60);
    }
    figures.add(
        "database, connections cut 3 times: caught up after %d ms",
        installation.awaitCaughtUp("database").toMillis());
    fail(
        "database",
        "off",
        OUTAGE,
        installation.wayToTheDatabase()::cut,
        installation.wayToTheDatabase()::mend);

    settle((webhook, target, a) -> target.equals("database") && isRefused(webhook));
  }

  @Test
  void the_mail_server_gets_all_but_what_it_refuses_for_good() {
    Mailbox mailbox = installation.servers().mailbox();
    mailbox.refuseRecipient("sales-operations@example.com", "550 5.1.1 No such user");
    installation.start();
    load.warmUp();
    load.start(PER_SECOND);
    load.awaitAcknowledged(200);

    mailbox.refuseNextContents(20, "451 4.7.1 Greylisted, try again");
    load.awaitAcknowledged(120);
    figures.add(
        "email, 451 20 times: caught up after %d ms",
        installation.awaitCaughtUp("email").toMillis());
    mailbox.refuseNextRecipients(20, "421 4.3.2 Service not available");
    load.awaitAcknowledged(120);
    figures.add(
        "email, 421 20 times: caught up after %d ms",
        installation.awaitCaughtUp("email").toMillis());
    fail("email", "off", OUTAGE, mailbox::stop, mailbox::start);

    settle((webhook, target, audience) -> audience.equals("sales-operations"));
  }

  private static boolean isRefused(Load.Sent webhook) {
    return webhook.key().startsWith(REFUSED);
  }

  private void fail(String target, String how, Duration time, Runnable begin, Runnable end) {
    begin.run();
    load.goOnFor(time);
    end.run();
    figures.add(
        "%s, %s for %d ms: caught up after %d ms (goal: at most %d)",
        target,
        how,
        time.toMillis(),
        installation.awaitCaughtUp(target).toMillis(),
        time.dividedBy(4).toMillis());
  }

  private void settle(Refusals refusals) {
    load.pause();
    load.awaitAnswers();
    Instant end = Instant.now();
    load.sendAgainUntilTaken();
    installation.awaitQuiet();
    figures.add("quiet after %d ms", Duration.between(end, Instant.now()).toMillis());
    Audit.of(installation, load.acknowledged(), refusals).holds(figures);
    assertThat(load.unanswered()).as("not acknowledged in the end").isZero();
    assertThat(load.surprises())
        .as("answers besides 200 and 503, refused: %s", installation.refused())
        .isEmpty();
  }
}
