package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the metrics say of a ledger, and of what this node did. */
class LedgerMetricsTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final LedgerMetrics metrics =
      new LedgerMetrics(ledger, meters, LedgerTables.NOTHING_IS_SLOW);

  @BeforeEach
  void empty() {
    ledger.execute("truncate event, target, replay, notice cascade");
    metrics.of("fax");
  }

  private long event(String state, int minutes) {
    return ledger.queryForObject(
        """
        insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                           received_at, attributes, body, state)
        values (gen_random_uuid()::text, 's', 't', '', 'k', '1', now(),
                now() - ? * interval '1 minute', '{}', '{}', ?)
        returning sequence
        """,
        Long.class,
        minutes,
        state);
  }

  private void delivery(String state, int minutes, String digest) {
    ledger.update(
        """
        insert into delivery (event_sequence, target, type, entity, occurred_at, state, booked_at,
                              digest)
        values (?, 'fax', 't', 'k/1', now(), ?, now() - ? * interval '1 minute', ?)
        """,
        event("routed", minutes),
        state,
        minutes,
        digest);
  }

  private void hold(String state, String reason) {
    ledger.update("delete from target");
    ledger.update("insert into target (name, state, reason) values ('fax', ?, ?)", state, reason);
  }

  private double gauge(String name, String... tags) {
    metrics.look();
    return meters.get("commerce.webhooks." + name).tags(tags).gauge().value();
  }

  @Test
  void what_waits_for_a_target_on_hold_is_held_and_does_not_wait_besides() {
    delivery("waiting", 1, null);
    delivery("waiting", 1, null);
    delivery("dead", 1, null);

    assertThat(gauge("deliveries", "target", "fax", "state", "waiting")).isEqualTo(2);
    assertThat(gauge("deliveries", "target", "fax", "state", "held")).isZero();
    assertThat(gauge("target.held", "target", "fax", "reason", "none")).isZero();

    hold("held", "quota");
    assertThat(gauge("deliveries", "target", "fax", "state", "waiting")).isZero();
    assertThat(gauge("deliveries", "target", "fax", "state", "held")).isEqualTo(2);
    assertThat(gauge("deliveries", "target", "fax", "state", "dead")).isEqualTo(1);
    assertThat(gauge("target.held", "target", "fax", "reason", "quota")).isEqualTo(1);

    hold("active", "");
    assertThat(gauge("target.held", "target", "fax", "reason", "none")).isZero();
    assertThat(meters.find("commerce.webhooks.target.held").tag("reason", "quota").gauge())
        .as("what is over is told no more")
        .isNull();
  }

  @Test
  void what_is_collected_for_a_digest_makes_no_target_late() {
    delivery("waiting", 60, "sales");
    assertThat(gauge("deliveries.oldest", "target", "fax")).isZero();

    delivery("waiting", 10, null);
    assertThat(gauge("deliveries.oldest", "target", "fax")).isBetween(600.0, 660.0);
  }

  @Test
  void events_that_wait_or_that_somebody_has_to_see_to_are_told_apart() {
    event("received", 5);
    event("unroutable", 60);
    event("unroutable", 60);
    event("routed", 90);
    ledger.update(
        """
        update event set closed_at = now()
        where sequence = (select max(sequence) from event where state = 'unroutable')
        """);

    assertThat(gauge("events", "state", "to_route")).isEqualTo(1);
    assertThat(gauge("events", "state", "unroutable")).isEqualTo(1);
    assertThat(gauge("events.oldest")).isBetween(300.0, 360.0);
  }

  @Test
  void a_replay_has_left_what_it_has_not_taken_up_and_none_that_is_over() {
    for (Map.Entry<String, Integer> replay :
        List.of(Map.entry("running", 3), Map.entry("running", 12), Map.entry("done", 1))) {
      ledger.update(
          """
          insert into replay (created_by, kind, filter, state, total, done)
          values ('', 'events', '{}', ?, 10, ?)
          """,
          replay.getKey(),
          replay.getValue());
    }

    assertThat(gauge("replays.left")).isEqualTo(7);
  }

  @Test
  void a_trouble_is_untold_until_operators_were_told_or_it_is_gone() {
    for (String trouble : List.of("untold", "told", "gone")) {
      ledger.update(
          """
          insert into notice (subject, count, first_at) values (?, 1, now() - interval '1 hour')
          """,
          trouble);
    }
    ledger.update(
        """
        update notice set first_at = now() - interval '2 hours', told_at = now()
        where subject = 'told'
        """);
    ledger.update(
        """
        update notice set first_at = now() - interval '2 hours', gone_at = now()
        where subject = 'gone'
        """);

    assertThat(gauge("notices.untold")).isBetween(3600.0, 3660.0);

    ledger.update("update notice set told_at = now() where subject = 'untold'");
    assertThat(gauge("notices.untold")).isZero();
  }

  private Ledger.Settled delivered(String digest) {
    Event event =
        new Event(
            1, "1", "s", "t", "", "k", "1", Instant.now(), Instant.now(), null, null, "{}", null);
    Delivery delivery =
        new Delivery(
            1, event, "fax", "", JsonNodeFactory.instance.objectNode(), 0, 0, null, digest, null);
    return new Ledger.Settled(delivery, Outcome.delivered("1"), Instant.now());
  }

  @Test
  void a_mail_that_went_out_with_a_digest_says_nothing_of_how_quick_the_target_is() {
    metrics.of("fax").settled(List.of(delivered("sales"), delivered(null)));

    assertThat(meters.get("commerce.webhooks.delivery.latency").timer().count()).isEqualTo(1);
    assertThat(
            meters
                .get("commerce.webhooks.attempts")
                .tags("target", "fax", "outcome", "delivered")
                .counter()
                .count())
        .isEqualTo(2);
  }

  @Test
  void a_type_that_a_sender_makes_up_is_no_label() {
    metrics.received("s", "made-up", false, true);
    metrics.received("s", "known", true, false);

    assertThat(meters.get("commerce.webhooks.received").counters())
        .extracting(Meter::getId)
        .extracting(id -> id.getTag("type") + " " + id.getTag("repeated"))
        .containsExactlyInAnyOrder("unknown false", "known true");
  }
}
