package io.commercewebhooks.deadletters;

import jakarta.mail.MessagingException;

/** Whoever gives the access tokens for the mail server has none for us now; nobody refused us. */
public class NoAccessTokenException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public NoAccessTokenException(String message) {
    super(message);
  }

  public NoAccessTokenException(String message, Exception cause) {
    super(message, cause);
  }
}
