package io.commercewebhooks.intake;

import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in one line that an answer could not be given, because the sender is gone or has been told
 * to come back meanwhile. What the route did stays done; the sender's next try finds it there.
 */
class LateAnswers implements ExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(LateAnswers.class);

  @Override
  public void handleException(Throwable failure) {
    handleException("", null, failure);
  }

  @Override
  public void handleException(String message, Throwable failure) {
    handleException(message, null, failure);
  }

  @Override
  public void handleException(String message, Exchange exchange, Throwable failure) {
    LOG.info("intake: an answer came too late for its sender: {}", failure.getMessage());
    LOG.debug("intake: {}", message, failure);
  }
}
