package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is woken by what. */
class SignalsTest {

  private final Signals signals = new Signals();

  @Test
  void whoever_routes_a_type_is_woken_for_it_and_whoever_routes_all_others_too() {
    Signals.Signal own = signals.ofEvents("quote-status-changed");

    signals.wake(List.of(new Ledger.Due(Ledger.Due.Work.EVENTS, "quote-status-changed")));

    assertThat(own.count()).isEqualTo(1);
    assertThat(signals.ofEvents(EventsConsumer.ANY).count()).isEqualTo(1);
  }

  @Test
  void nothing_is_kept_of_a_type_that_a_sender_made_up() {
    signals.wake(List.of(new Ledger.Due(Ledger.Due.Work.EVENTS, "made up")));

    assertThat(signals.ofEvents(EventsConsumer.ANY).count()).isEqualTo(1);
    assertThat(signals.ofEvents("made up").count()).isZero();
  }
}
