package io.commercewebhooks.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * Which deliveries are meant; null means any.
 *
 * @param ids numbers of deliveries
 * @param audience of a target that has several
 * @param cause code of the last failure
 * @param from booked at or after
 * @param to booked before
 * @param before a number: only older deliveries
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeliveryFilter(
    List<Long> ids,
    String state,
    String target,
    String audience,
    String type,
    String status,
    String entity,
    String cause,
    Instant from,
    Instant to,
    Long before,
    Integer limit) {

  /** The same of another object. */
  public DeliveryFilter of(String other) {
    return new DeliveryFilter(
        ids, state, target, audience, type, status, other, cause, from, to, before, limit);
  }

  /** Whether what is in this state is done with: delivered, or overtaken by something newer. */
  public static boolean isDone(String state) {
    return "delivered".equals(state) || "superseded".equals(state);
  }

  /** Whether what is in this state still waits. */
  public static boolean isWaiting(String state) {
    return "waiting".equals(state) || "held".equals(state);
  }

  /** Whether what is done with is meant: to a replay that has to be said. */
  boolean asksForDone() {
    return isDone(state);
  }

  boolean asksForOvertaken() {
    return "superseded".equals(state);
  }

  /** Whether all is meant that is done with, mails too, and to no target by name. */
  public boolean asksForAllDone() {
    return asksForDone() && isOfAllTargets();
  }

  /** Whether what still waits is meant: to a discarding that has to be said. */
  public boolean asksForWaiting() {
    return isWaiting(state);
  }

  /** Whether all is meant that waits, whichever target for. */
  public boolean asksForAllWaiting() {
    return asksForWaiting() && isOfAllTargets();
  }

  private boolean isOfAllTargets() {
    return target == null && ids == null;
  }
}
