package io.commercewebhooks.intake;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Answers what is refused at the door with a short problem (RFC 9457) that echoes nothing, and
 * keeps a record of it without its body.
 */
public class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();

  private final JdbcTemplate ledger;
  private final Duration retryAfter;
  private final int perMinute;
  private final AtomicLong minute = new AtomicLong();
  private final AtomicInteger recorded = new AtomicInteger();

  Refusals(JdbcTemplate ledger, IntakeSettings settings) {
    this.ledger = ledger;
    this.retryAfter = settings.retryAfter();
    this.perMinute = settings.rejectedPerMinute();
  }

  /**
   * Answers a refusal in a route. The header {@code CamelHttpResponseCode} says which.
   *
   * @param sender whose webhook it claimed to be
   * @param remoteAddress who called
   * @param path which address was called
   */
  public void answer(
      Exchange exchange,
      @Variable("sender") String sender,
      @Variable("remoteAddress") String remoteAddress,
      @Variable("path") String path) {
    int status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    exchange
        .getMessage()
        .setHeader(Exchange.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (status == HttpStatus.SERVICE_UNAVAILABLE.value()) {
      LOG.warn(
          "intake: {} webhook not kept, the sender is asked to try again: {}",
          sender,
          oneLine(cause));
      exchange.getMessage().setHeader("Retry-After", retryAfter.toSeconds());
    } else {
      keep(sender, path, status, reason(cause), detail(cause), remoteAddress);
    }
    exchange.getMessage().setBody(problem(status));
  }

  /** Answers a refusal outside of any route. */
  void answer(HttpServletResponse response, int status) throws IOException {
    byte[] problem = problem(status).getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (status == HttpStatus.SERVICE_UNAVAILABLE.value()) {
      response.setHeader("Retry-After", Long.toString(retryAfter.toSeconds()));
    }
    response.setContentLength(problem.length);
    response.getOutputStream().write(problem);
  }

  /** Keeps the record of a refused webhook; never fails, and never more than a few a minute. */
  void keep(
      String sender, String path, int status, String reason, String detail, String remoteAddress) {
    long now = System.currentTimeMillis() / MINUTE;
    if (minute.getAndSet(now) != now) {
      recorded.set(0);
    }
    if (recorded.incrementAndGet() > perMinute) {
      return;
    }
    LOG.info(
        "intake: refused a webhook to {} from {}: {} ({})", path, remoteAddress, reason, status);
    try {
      ledger.update(
          """
          insert into rejected_webhook (sender, path, status, reason, detail, remote_address)
          values (?, ?, ?, ?, ?, ?)
          """,
          sender,
          path,
          status,
          reason,
          detail,
          remoteAddress);
    } catch (DataAccessException e) {
      LOG.warn("intake: a refused webhook could not be recorded: {}", oneLine(e));
    }
  }

  private static String problem(int status) {
    return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}"
        .formatted(HttpStatus.valueOf(status).getReasonPhrase(), status);
  }

  private static String reason(Exception cause) {
    return cause instanceof SignatureRefusedException refused
        ? refused.reason().word()
        : "malformed-body";
  }

  /** The words of our own exceptions are safe; a parser's may quote the body. */
  private static String detail(Exception cause) {
    return cause instanceof SignatureRefusedException || cause instanceof MalformedWebhookException
        ? cause.getMessage()
        : cause == null ? "" : cause.getClass().getSimpleName();
  }

  private static String oneLine(Exception cause) {
    return cause == null ? "" : String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }
}
