package io.commercewebhooks.deadletters;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceHttpClient;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;
import org.springframework.stereotype.Component;

/**
 * What Salesforce said with {@code Retry-After}, in seconds or as a date. Camel's component gives
 * an answer's headers away before a route sees a failure, so they are read on the way in.
 */
@Component
class RetryAfter implements CamelContextConfiguration {

  /** An answer that is older belongs to another call. */
  private static final Duration FRESH = Duration.ofSeconds(5);

  private record Said(Duration asked, Instant at) {}

  private final AtomicReference<Said> said = new AtomicReference<>();

  /** What the last answers asked for, once; null when nothing. */
  Duration take() {
    Said last = said.getAndSet(null);
    return last == null || last.at().plus(FRESH).isBefore(Instant.now()) ? null : last.asked();
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    // the component has its client only when it has started
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    if (context.hasComponent("salesforce") instanceof SalesforceComponent salesforce) {
      SalesforceHttpClient client = salesforce.getHttpClient();
      client
          .getRequestListeners()
          .addListener(
              new Request.Listener() {
                @Override
                public void onQueued(Request request) {
                  request.onResponseHeaders(
                      response -> hear(response.getHeaders().get(HttpHeader.RETRY_AFTER)));
                }
              });
    }
  }

  void hear(String header) {
    Duration wait = parse(header, Instant.now());
    if (wait != null) {
      said.set(new Said(wait, Instant.now()));
    }
  }

  /** Seconds, or an HTTP date; null when it is neither, or over. */
  static Duration parse(String header, Instant now) {
    if (header == null) {
      return null;
    }
    String text = header.strip();
    if (text.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
