package io.commercewebhooks.delivery;

import io.commercewebhooks.ledger.Budget;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * How many of the calls that the org may make in 24 hours are used, by all who call it. Every
 * answer of Salesforce tells it ({@code Sforce-Limit-Info}); as gauges {@code
 * commerce.webhooks.salesforce.calls.used} and {@code ….limit}.
 */
@Component
class SalesforceBudget implements Budget {

  static final String HEADER = "Sforce-Limit-Info";

  private static final Logger LOG = LoggerFactory.getLogger(SalesforceBudget.class);

  /** The header may go on with the usage of single apps, as {@code per-app-api-usage=…}. */
  private static final Pattern USAGE = Pattern.compile("(?<![\\w-])api-usage=(\\d+)/(\\d+)");

  private final SalesforceSettings.Budget settings;
  private final Clock clock;
  private volatile Usage usage;

  private record Usage(long used, long limit, Instant at) {}

  @Autowired
  SalesforceBudget(SalesforceSettings settings, MeterRegistry metrics) {
    this(settings.budget(), metrics, Clock.systemUTC());
  }

  SalesforceBudget(SalesforceSettings.Budget settings, MeterRegistry metrics, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    gauge(metrics, "used", "Calls of the org in the last 24 hours", Usage::used);
    gauge(metrics, "limit", "Calls that the org may make in 24 hours", Usage::limit);
  }

  private void gauge(
      MeterRegistry metrics, String name, String description, ToDoubleFunction<Usage> value) {
    Gauge.builder(
            "commerce.webhooks.salesforce.calls." + name,
            () -> isKnown() ? value.applyAsDouble(usage) : Double.NaN)
        .description(description)
        .register(metrics);
  }

  /** Takes note of what an answer told; null and what can't be read change nothing. */
  void hear(String header) {
    Matcher told = USAGE.matcher(header == null ? "" : header);
    if (!told.find() || Long.parseLong(told.group(2)) == 0) {
      return;
    }
    Left before = left();
    usage =
        new Usage(Long.parseLong(told.group(1)), Long.parseLong(told.group(2)), clock.instant());
    Left now = left();
    if (now == Left.LITTLE && before == Left.ENOUGH) {
      LOG.warn("salesforce: {}; only live events go", words());
    } else if (now == Left.ENOUGH && before == Left.LITTLE) {
      LOG.info("salesforce: {}; everything goes again", words());
    }
  }

  @Override
  public String target() {
    return "salesforce";
  }

  /** What was told too long ago counts no more: the next call tells it anew. */
  @Override
  public Left left() {
    if (!isKnown()) {
      return Left.ENOUGH;
    }
    Usage last = usage;
    double share = 100.0 * last.used() / last.limit();
    if (share > settings.holdAbove()) {
      return Left.NOTHING;
    }
    return share > settings.liveOnlyAbove() ? Left.LITTLE : Left.ENOUGH;
  }

  private boolean isKnown() {
    Usage last = usage;
    return last != null && !last.at().plus(settings.lookAgain()).isBefore(clock.instant());
  }

  @Override
  public String words() {
    Usage last = usage;
    return last == null
        ? "the usage of the org's calls is not known yet"
        : String.format(
            Locale.ROOT,
            "%,d of the org's %,d calls in 24 hours are used",
            last.used(),
            last.limit());
  }

  @Override
  public Duration lookAgain() {
    return settings.lookAgain();
  }
}
