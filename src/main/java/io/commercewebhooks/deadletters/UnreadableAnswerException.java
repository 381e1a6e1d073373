package io.commercewebhooks.deadletters;

/** A target answered without an error, but not with what it was asked for: it seems unwell. */
public class UnreadableAnswerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UnreadableAnswerException(String message) {
    super(message);
  }
}
