package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;

/** Says of a failure whether trying again can help. The one place where failures are told apart. */
public interface FailureClasses {

  /**
   * Classifies what a delivery route threw.
   *
   * @param failure the exception as the route threw it, with its causes
   * @return {@link Outcome.Kind#RETRY}, {@link Outcome.Kind#HOLD} or {@link Outcome.Kind#DEAD}
   */
  Outcome classify(Throwable failure);

  /**
   * Classifies one refused record in a target's answer.
   *
   * @param errors the record's errors as the target gave them: an array of objects with {@code
   *     statusCode} or {@code errorCode}, {@code message} and {@code fields}
   * @return {@link Outcome.Kind#RETRY}, {@link Outcome.Kind#HOLD} or {@link Outcome.Kind#DEAD}
   */
  Outcome classify(JsonNode errors);
}
