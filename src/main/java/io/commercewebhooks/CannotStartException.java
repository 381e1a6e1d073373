package io.commercewebhooks;

/**
 * The service can't start as it is set up; the message says in one line what is wrong and where.
 */
public class CannotStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CannotStartException(String message) {
    super(message);
  }

  public CannotStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
