package io.commercewebhooks.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * Which events are meant; null means any.
 *
 * @param ids ids of events
 * @param entity key of the business object
 * @param from received at or after
 * @param to received before
 * @param before a sequence: only older events
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventFilter(
    List<String> ids,
    String type,
    String status,
    String state,
    String entity,
    Instant from,
    Instant to,
    Long before,
    Integer limit) {

  /** The same of another object. */
  public EventFilter of(String other) {
    return new EventFilter(ids, type, status, state, other, from, to, before, limit);
  }

  static EventFilter of(List<String> ids) {
    return new EventFilter(ids, null, null, null, null, null, null, null, null);
  }
}
