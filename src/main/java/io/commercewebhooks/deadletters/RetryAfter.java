package io.commercewebhooks.deadletters;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.stereotype.Component;

/** What Salesforce said with {@code Retry-After}, in seconds or as a date. */
@Component
public class RetryAfter {

  /** An answer that is older belongs to another call. */
  private static final Duration FRESH = Duration.ofSeconds(5);

  /** Whoever says longer has made a mistake, which nobody is to pay for with years. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private record Said(Duration asked, Instant at) {}

  private final AtomicReference<Said> said = new AtomicReference<>();

  /** What the last answers asked for, once; null when nothing. */
  Duration take() {
    Said last = said.getAndSet(null);
    return last == null || last.at().plus(FRESH).isBefore(Instant.now()) ? null : last.asked();
  }

  /** Takes note of what an answer asked for; null and what can't be read change nothing. */
  public void hear(String header) {
    Duration wait = parse(header, Instant.now());
    if (wait != null) {
      said.set(new Said(wait, Instant.now()));
    }
  }

  /** Seconds, or an HTTP date; a day at most; null when it is neither, or over. */
  static Duration parse(String header, Instant now) {
    Duration asked = header == null ? null : read(header.strip(), now);
    return asked == null || asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
  }

  private static Duration read(String text, Instant now) {
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
