package io.commercewebhooks.sandbox;

import java.time.Duration;
import java.util.Map;

/** A way in which a call to Salesforce goes wrong. Nothing is written unless it says so. */
public sealed interface SalesforceFault {

  /** An answer given instead of the real one. */
  record Answer(int status, String contentType, String body, Map<String, String> headers)
      implements SalesforceFault {}

  /** No answer; the connection closes after that time, or earlier when the stand-in closes. */
  record Hang(Duration atMost) implements SalesforceFault {}

  /** The connection closes without an answer, before or after the write was done. */
  record Drop(boolean afterWriting) implements SalesforceFault {}

  /** The write is done, but the answer doesn't say so. */
  record AnswerAfterWriting(int status, String contentType, String body)
      implements SalesforceFault {}

  /** All sessions end before the call is looked at, so it is answered with 401. */
  record ExpiredSession() implements SalesforceFault {}

  static SalesforceFault answer(int status, String body) {
    return new Answer(status, "application/json;charset=UTF-8", body, Map.of());
  }

  /** An error in the shape of the REST API. */
  static SalesforceFault error(int status, String code, String message) {
    return answer(status, "[{\"message\":\"" + message + "\",\"errorCode\":\"" + code + "\"}]");
  }

  /** 503 without a body. */
  static SalesforceFault unavailable() {
    return answer(503, "");
  }

  /** 503 with the page that a browser would show. */
  static SalesforceFault maintenancePage() {
    return new Answer(
        503,
        "text/html;charset=UTF-8",
        "<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>",
        Map.of());
  }

  static SalesforceFault tooManyRequests(Duration retryAfter) {
    return new Answer(
        429,
        "application/json;charset=UTF-8",
        "[{\"message\":\"Too many requests\",\"errorCode\":\"TOO_MANY_REQUESTS\"}]",
        Map.of("Retry-After", String.valueOf(retryAfter.toSeconds())));
  }

  /** The daily budget of calls is used up. */
  static SalesforceFault requestLimitExceeded() {
    return error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
  }

  static SalesforceFault hang(Duration atMost) {
    return new Hang(atMost);
  }

  static SalesforceFault dropBeforeWriting() {
    return new Drop(false);
  }

  static SalesforceFault dropAfterWriting() {
    return new Drop(true);
  }

  /** An error in the shape of the REST API, though the write is done. */
  static SalesforceFault errorAfterWriting(int status, String code, String message) {
    Answer error = (Answer) error(status, code, message);
    return new AnswerAfterWriting(error.status(), error.contentType(), error.body());
  }

  /** 200 with a page of HTML where JSON was due. */
  static SalesforceFault unreadableAnswer() {
    return new AnswerAfterWriting(200, "text/html;charset=UTF-8", "<html><body>OK</body></html>");
  }

  /** 200 with nothing in it. */
  static SalesforceFault emptyAnswer() {
    return new AnswerAfterWriting(200, "application/json;charset=UTF-8", "");
  }

  static SalesforceFault expiredSession() {
    return new ExpiredSession();
  }
}
