package io.commercewebhooks.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.Application;
import io.commercewebhooks.ledger.Holds;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A service whose one worker for Salesforce would let work gather for an hour under load: two
 * deliveries a second are load. It has servers of its own.
 */
@SpringBootTest(
    classes = Application.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "ledger.sweep=50ms",
      "ledger.gather-from=2",
      "ledger.targets.salesforce.gather=1h",
      "salesforce.workers=1",
      "salesforce.check-at-start=false"
    })
@DirtiesContext
class BacklogTest {

  private static final LocalServers SERVERS = LocalServers.start();
  private static final JdbcTemplate DATABASE = SERVERS.database();
  private static final int OF_EACH_TYPE = 20;

  @LocalServerPort private int port;
  @Autowired private Holds holds;

  @DynamicPropertySource
  static void addresses(DynamicPropertyRegistry properties) {
    SERVERS.addTo(properties);
  }

  @Test
  void a_worker_takes_no_rest_before_the_backlog_of_every_type_is_worked_off() {
    holds.pause("salesforce", "the test");
    List<String> types =
        List.of(
            "account-status-changed",
            "deal-registration-status-changed",
            "order-status-changed",
            "quote-status-changed");
    for (String type : types) {
      for (int i = 0; i < OF_EACH_TYPE; i++) {
        sender().zoomCommerce(Webhooks.zoomCommerce(type, "late-" + i, "submitted"));
      }
    }
    untilWaiting(types.size() * OF_EACH_TYPE);
    DATABASE.update("update delivery set next_attempt_at = now() - interval '1 hour'");
    holds.resume("salesforce", "the test goes on");

    untilWaiting(0);
    assertThat(SERVERS.salesforce().writes()).hasSize(types.size() * OF_EACH_TYPE);
  }

  private static void untilWaiting(int deliveries) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                DATABASE.queryForObject(
                    "select count(*) from delivery where target = 'salesforce' and state = 'waiting'",
                    Integer.class),
            waiting -> waiting == deliveries);
  }

  private WebhookSender sender() {
    return new WebhookSender(URI.create("http://127.0.0.1:" + port));
  }
}
