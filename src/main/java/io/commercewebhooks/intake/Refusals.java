package io.commercewebhooks.intake;

import io.commercewebhooks.ledger.Keeping;
import io.commercewebhooks.ledger.LedgerTrouble;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Answers what is refused at the door with a short problem (RFC 9457) that echoes nothing, counts
 * it ({@code commerce.webhooks.refused}, tagged with sender, reason and status) and keeps a record
 * of it without its body. A source address that is refused too often gets 429 instead, and no
 * record.
 */
public class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final int LONGEST_PATH = 200;
  private static final int PART = 8192;

  private final JdbcTemplate ledger;
  private final MeterRegistry metrics;
  private final RefusalLimit limit;
  private final Keeping keeping;
  private final Duration retryAfter;
  private final int perMinute;
  private final long maxBody;
  private final Duration bodyTimeout;
  private final AtomicLong minute = new AtomicLong();

  /** By reason, so that no flood of one keeps another from being seen. The reasons are few. */
  private final Map<String, AtomicInteger> recorded = new ConcurrentHashMap<>();

  Refusals(
      JdbcTemplate ledger,
      MeterRegistry metrics,
      RefusalLimit limit,
      Keeping keeping,
      IntakeSettings settings) {
    this.ledger = ledger;
    this.metrics = metrics;
    this.limit = limit;
    this.keeping = keeping;
    this.retryAfter = settings.retryAfter();
    this.perMinute = settings.rejectedPerMinute();
    this.maxBody = settings.maxBody().toBytes();
    this.bodyTimeout = settings.bodyTimeout();
  }

  /**
   * Answers a refusal in a route. Its variables {@code sender}, {@code remoteAddress} and {@code
   * path} say whose webhook it claimed to be, who called, and which address.
   *
   * @param code the status to answer; whoever was refused too often gets 429 instead
   */
  public void answer(Exchange exchange, int code) {
    String sender = exchange.getVariable("sender", String.class);
    HttpStatus status = HttpStatus.valueOf(code);
    Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    if (status == HttpStatus.SERVICE_UNAVAILABLE) {
      LOG.warn(
          "intake: {} webhook not kept, the sender is asked to try again: {}",
          sender,
          whyNotKept(cause));
    } else {
      status =
          refuse(
              sender,
              exchange.getVariable("path", String.class),
              status,
              reason(cause),
              detail(cause),
              exchange.getVariable("remoteAddress", String.class));
    }
    Message answer = exchange.getMessage();
    answer.removeHeaders("*");
    answer.setHeader(Exchange.HTTP_RESPONSE_CODE, status.value());
    answer.setHeader(Exchange.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (comeBackAfter(status) != null) {
      answer.setHeader(HttpHeaders.RETRY_AFTER, comeBackAfter(status));
    }
    answer.setBody(problem(status));
  }

  /** Refuses a request outside of any route, for a reason that is recorded. */
  void answer(
      HttpServletRequest request, HttpServletResponse response, HttpStatus status, String reason)
      throws IOException {
    answer(
        response, refuse("", request.getRequestURI(), status, reason, "", request.getRemoteAddr()));
  }

  /** Answers a refusal that only counts against its source, such as a wrong address. */
  void answer(HttpServletRequest request, HttpServletResponse response, HttpStatus status)
      throws IOException {
    boolean tooMany = status.is4xxClientError() && limit.count(request.getRemoteAddr()) > 0;
    answer(response, tooMany ? HttpStatus.TOO_MANY_REQUESTS : status);
  }

  /** Answers as told. */
  void answer(HttpServletResponse response, HttpStatus status) throws IOException {
    byte[] problem = problem(status).getBytes(StandardCharsets.UTF_8);
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (comeBackAfter(status) != null) {
      response.setHeader(HttpHeaders.RETRY_AFTER, comeBackAfter(status));
    }
    response.setContentLength(problem.length);
    response.getOutputStream().write(problem);
  }

  /** Tells a sender whose body was not read to come back. */
  void sendAway(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.setHeader(HttpHeaders.CONNECTION, "close");
    answer(response, HttpStatus.SERVICE_UNAVAILABLE);
    readRest(request, response);
  }

  /**
   * Reads what is left of the body of a refused request: a sender that is still writing when the
   * connection closes may never see its answer, which goes out first. The server itself would read
   * on for as long as something drips in; here it is no more than a webhook has of size and time.
   * Whoever was refused too often is not waited for.
   */
  void readRest(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.flushBuffer();
    if (request.getHeader(HttpHeaders.EXPECT) != null || isSuspect(request.getRemoteAddr())) {
      return;
    }
    long start = System.nanoTime();
    byte[] part = new byte[PART];
    try {
      InputStream in = request.getInputStream();
      long left = 2 * maxBody;
      for (int length = 0; length >= 0 && left > 0; length = in.read(part)) {
        left -= length;
        if (System.nanoTime() - start > bodyTimeout.toNanos()) {
          return;
        }
      }
    } catch (IOException e) {
      LOG.debug("a refused sender is gone", e);
    }
  }

  /** Whether so much of an address was refused lately that more of it is an attack. */
  boolean isSuspect(String remoteAddress) {
    return limit.isReached(remoteAddress);
  }

  /**
   * Counts and records a refusal; never fails.
   *
   * @return what to answer: the status, or 429 for who was refused too often
   */
  HttpStatus refuse(
      String sender,
      String path,
      HttpStatus status,
      String reason,
      String detail,
      String remoteAddress) {
    int beyond = limit.count(remoteAddress);
    HttpStatus answered = beyond > 0 ? HttpStatus.TOO_MANY_REQUESTS : status;
    metrics
        .counter(
            "commerce.webhooks.refused",
            "sender",
            sender,
            "reason",
            reason,
            "status",
            Integer.toString(answered.value()))
        .increment();
    if (beyond == 1) {
      keep(sender, path, answered.value(), "too-many-refusals", "", remoteAddress);
    }
    // What bears a right signature is a sender's trouble or a replay, and never mere noise.
    if (beyond <= 0 || SignatureRefusedException.UNTIMELY.contains(reason)) {
      keep(sender, path, answered.value(), reason, detail, remoteAddress);
    }
    return answered;
  }

  /** Keeps the record of a refused webhook; never more than a few a minute. */
  private void keep(
      String sender, String asked, int status, String reason, String detail, String remoteAddress) {
    String path = asked.substring(0, Math.min(asked.length(), LONGEST_PATH));
    long now = System.currentTimeMillis() / MINUTE;
    if (minute.getAndSet(now) != now) {
      recorded.clear();
    }
    if (recorded.computeIfAbsent(reason, r -> new AtomicInteger()).incrementAndGet() > perMinute) {
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
      LOG.warn("intake: a refused webhook could not be recorded: {}", words(e));
    }
  }

  /** Seconds, for who may come back. */
  private String comeBackAfter(HttpStatus status) {
    return switch (status) {
      case SERVICE_UNAVAILABLE -> Long.toString(retryAfter.toSeconds());
      case TOO_MANY_REQUESTS -> Long.toString(RefusalLimit.WINDOW.toSeconds());
      default -> null;
    };
  }

  static String problem(HttpStatus status) {
    return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}"
        .formatted(status.getReasonPhrase(), status.value());
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

  /** While the ledger is left alone for a moment, what it said last. */
  private String whyNotKept(Exception cause) {
    String words = cause == null ? "" : words(cause);
    return cause instanceof CallNotPermittedException
        ? keeping.trouble().map(last -> "as a moment ago, " + last.why()).orElse(words)
        : words;
  }

  private static String words(Exception failure) {
    return LedgerTrouble.said(failure)
        .orElseGet(() -> String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
  }
}
