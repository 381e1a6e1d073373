package io.commercewebhooks.ledger;

/** An event in the spool that can never be kept: its file is damaged, or the ledger refuses it. */
public class SpoiledEventException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SpoiledEventException(String message) {
    super(message);
  }

  SpoiledEventException(String message, Throwable cause) {
    super(message, cause);
  }
}
