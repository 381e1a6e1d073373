package io.commercewebhooks.intake;

import com.fasterxml.jackson.core.JsonProcessingException;

/** A body is not the JSON object that a webhook must be. The message echoes nothing of it. */
public class MalformedWebhookException extends JsonProcessingException {

  private static final long serialVersionUID = 1L;

  MalformedWebhookException(String message) {
    super(message);
  }

  static void refuseEmpty(byte[] body) throws MalformedWebhookException {
    if (body == null || body.length == 0) {
      throw new MalformedWebhookException("the body is empty");
    }
  }
}
