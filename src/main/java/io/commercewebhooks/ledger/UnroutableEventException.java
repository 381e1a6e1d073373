package io.commercewebhooks.ledger;

/** A genuine event that no route knows what to do with: parked, visible, and routable later. */
public class UnroutableEventException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UnroutableEventException(String message) {
    super(message);
  }
}
