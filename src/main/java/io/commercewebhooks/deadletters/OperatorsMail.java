package io.commercewebhooks.deadletters;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.commercewebhooks.ledger.FailureClasses;
import io.commercewebhooks.ledger.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * A mail to the operators, which is no delivery of the ledger. Whom a try does not reach gets it at
 * another; who has it doesn't get it once more, and an address that can never have it is given up.
 */
@Component
public class OperatorsMail {

  private static final Logger LOG = LoggerFactory.getLogger(OperatorsMail.class);
  private static final String ROUTE = "direct:dead-letters-tell-operators";

  private final ProducerTemplate camel;
  private final FailureClasses failures;

  /** Who has a mail that not all have. */
  private final Cache<String, List<String>> reached =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofDays(1)).build();

  OperatorsMail(ProducerTemplate camel, FailureClasses failures) {
    this.camel = camel;
    this.failures = failures;
  }

  /**
   * Sends one.
   *
   * @param template notice or daily-summary
   * @param identity the same however often the mail is tried
   * @param letter puts in what it tells of
   * @return why it is to be tried again, or null when all have it who can
   */
  public Exception send(String template, String identity, Consumer<Exchange> letter) {
    List<String> before = reached.get(identity, any -> List.of());
    Exchange sent =
        camel.send(
            ROUTE,
            exchange -> {
              letter.accept(exchange);
              exchange.setVariable("template", template);
              exchange.setVariable("eventId", identity);
              exchange.setVariable("accepted", before);
            });
    Exception failure = sent.getException();
    if (failure == null) {
      return done(identity);
    }
    Outcome outcome = failures.classify(failure);
    List<String> all =
        outcome.accepted() == null
            ? before
            : Stream.concat(before.stream(), outcome.accepted().stream()).toList();
    if (outcome.kind() == Outcome.Kind.DEAD && !all.isEmpty()) {
      LOG.warn("not all operators can be told: {}", outcome.code());
      return done(identity);
    }
    reached.put(identity, all);
    return failure;
  }

  private Exception done(String identity) {
    reached.invalidate(identity);
    return null;
  }
}
