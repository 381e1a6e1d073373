package io.commercewebhooks;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says in one line why the service did not start; the details are there with debug logging. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class StartupFailureReporter implements SpringBootExceptionReporter {

  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  /** Spring Boot makes reporters with the context, which may be null. */
  StartupFailureReporter(ConfigurableApplicationContext context) {}

  @Override
  public boolean reportException(Throwable failure) {
    LOG.error("commerce-webhooks can't start: {}", reason(failure));
    LOG.debug("commerce-webhooks can't start", failure);
    return true;
  }

  /**
   * The words of the outermost to the innermost cause tell where (the route file and line) and
   * what; only those that add something are kept.
   */
  static String reason(Throwable failure) {
    List<String> words = new ArrayList<>();
    for (Throwable t = failure; t != null; t = t.getCause() == t ? null : t.getCause()) {
      if (t instanceof CannotStartException) {
        return t.getMessage();
      }
      String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
      words.removeIf(earlier -> earlier.contains(line) || line.contains(earlier));
      words.add(line);
    }
    String whole = String.join(": ", words);
    return whole.length() <= 600 ? whole : whole.substring(0, 600) + "…";
  }
}
