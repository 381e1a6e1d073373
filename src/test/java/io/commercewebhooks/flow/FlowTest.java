package io.commercewebhooks.flow;

import io.commercewebhooks.Application;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;

/**
 * The whole service with its shipped routes and config, between a real PostgreSQL, a Salesforce
 * over HTTP and a real SMTP server. Only addresses and retry clocks differ from production. All
 * tests of a run share one service; {@link Outside} is emptied before each.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Outside.Extension.class)
@CamelSpringBootTest
@SpringBootTest(
    classes = {Application.class, OutsideClock.Configuration.class},
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "intake.body-timeout=2s",
      "intake.answer-within=10s",
      "intake.max-in-flight=128",
      "intake.rejected-per-minute=100000",
      "intake.refusals-per-address=100000",
      "ledger.sweep=50ms",
      "ledger.gather=10ms",
      "ledger.targets.salesforce.gather=10ms",
      "salesforce.check-at-start=false",
      "salesforce.sign-in.first-pause=20ms",
      "salesforce.sign-in.longest-pause=100ms",
      "ledger.retry.initial-delay=20ms",
      "ledger.retry.max-delay=100ms",
      "ledger.retry.max-attempts=8",
      "ledger.clocks.slow.initial-delay=20ms",
      "ledger.clocks.slow.max-delay=50ms",
      "ledger.clocks.people.initial-delay=20ms",
      "ledger.clocks.people.max-delay=50ms",
      "ledger.clocks.once.initial-delay=20ms",
      "ledger.hold.try-after=100ms",
      "ledger.hold.look-again=20ms",
      "ledger.replay.tick=20ms",
      "ledger.slow-look=1h",
      "ledger.notices.look-each=1h",
      "ledger.balance.look-each=1h",
      "workbench.drift.look-each=1h",
      "ledger.metrics.look-each=1h",
      "management.prometheus.metrics.export.enabled=true",
      "mail.notifications=" + Outside.NOTIFICATIONS,
      "mail.notifications-look-each=20ms",
      "ledger.routing.initial-delay=20ms",
      "ledger.routing.max-delay=100ms",
      "retention.look-each=1h",
      "protection.renew-after=1h",
      "retention.types.order-status-changed.payload=10d",
      // the passwords are the names
      "console.users=vera:viewer:$2a$04$yQNhSdV/u.Vf/mwsncd2J.CCJR2tjGGBlZi8cn2Cf1wK0kZdBpSc2,"
          + "otto:operator:$2a$04$gTfvgVCTP0JZPGlPdfTYL.NK6J1SDGv0qsSUxcHyiRDpZPfmej5/6",
      "console.login.failures-per-address=1000"
    })
public @interface FlowTest {}
