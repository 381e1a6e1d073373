package io.commercewebhooks.ledger;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What those who know the readers of a target make of the deliveries that routing asked for. Both
 * methods run while events are settled, in the same transaction.
 */
public interface BookingRules {

  /**
   * Who hears of an event in the end.
   *
   * @param asked what routing asked for
   */
  List<Booking> apply(Event event, List<Booking> asked);

  /**
   * Looks at what was booked beside what is in the ledger already.
   *
   * @param transaction the transaction in which it was booked
   * @param events the sequences of the events
   */
  void booked(JdbcTemplate transaction, List<Long> events);
}
