package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What came of an attempt, until the ledger has it. */
class UncommittedOutcomesTest {

  private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();
  private static final Instant THEN = Instant.parse("2026-11-30T12:00:00Z");

  private final UncommittedOutcomes uncommitted = new UncommittedOutcomes();

  /** The delivery of the one number there is. */
  private static Delivery delivery(String event, int attempts) {
    return new Delivery(
        1,
        new Event(
            1, event, "s", "t", "draft", "order", "O-1", THEN, THEN, NOTHING, null, "{}", null),
        "email",
        "sales",
        NOTHING,
        attempts,
        0,
        null,
        null,
        null);
  }

  private static Ledger.Settled delivered(String event) {
    return new Ledger.Settled(delivery(event, 0), Outcome.delivered("sent"), THEN);
  }

  @BeforeEach
  void deliver() {
    uncommitted.remember(List.of(delivered("e-1")), THEN);
  }

  @Test
  void is_noted_at_the_next_claim_and_then_forgotten() {
    List<Ledger.Settled> settled = uncommitted.of(List.of(delivery("e-1", 0)));

    assertThat(settled).extracting(one -> one.outcome().reference()).containsExactly("sent");
    uncommitted.forget(settled);
    assertThat(uncommitted.of(List.of(delivery("e-1", 0)))).isEmpty();
  }

  @Test
  void is_not_taken_for_what_came_of_a_later_attempt() {
    assertThat(uncommitted.of(List.of(delivery("e-1", 1)))).isEmpty();
  }

  @Test
  void is_not_taken_for_what_came_of_another_event_by_a_ledger_that_gives_its_number_again() {
    assertThat(uncommitted.of(List.of(delivery("e-2", 0)))).isEmpty();
  }

  @Test
  void is_not_remembered_for_ever_where_another_node_claimed_it_since() {
    uncommitted.remember(List.of(), THEN.plus(Duration.ofDays(4)));

    assertThat(uncommitted.of(List.of(delivery("e-1", 0)))).isEmpty();
  }
}
