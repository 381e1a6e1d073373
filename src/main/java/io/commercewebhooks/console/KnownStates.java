package io.commercewebhooks.console;

import io.commercewebhooks.config.NearestWord;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import java.util.List;
import org.springframework.http.HttpStatus;

/** Refuses a state that nothing ever has: no rows would look as if all were well. */
final class KnownStates {

  private static final List<String> OF_EVENTS = List.of("received", "routed", "unroutable");
  private static final List<String> OF_DELIVERIES =
      List.of("waiting", "delivered", "superseded", "held", "dead");

  private KnownStates() {}

  static EventFilter in(EventFilter filter) {
    check(filter.state(), OF_EVENTS, "an event");
    return filter;
  }

  static DeliveryFilter in(DeliveryFilter filter) {
    check(filter.state(), OF_DELIVERIES, "a delivery");
    return filter;
  }

  private static void check(String state, List<String> known, String what) {
    if (state != null && !known.contains(state)) {
      throw ApiProblems.problem(
          HttpStatus.BAD_REQUEST,
          "\"%s\" is no state of %s%s".formatted(state, what, NearestWord.instead(state, known)));
    }
  }
}
