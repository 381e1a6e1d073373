package io.commercewebhooks.ledger;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/** Says once that the collector takes no spans, and once that it takes them again. */
final class SpansToCollector implements SpanExporter {

  private static final Logger LOG = LoggerFactory.getLogger(SpansToCollector.class);

  private final SpanExporter exporter;
  private final AtomicBoolean failing = new AtomicBoolean();

  SpansToCollector(SpanExporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> tell(result));
  }

  private void tell(CompletableResultCode result) {
    if (result.isSuccess()) {
      if (failing.getAndSet(false)) {
        LOG.info("traces: the collector takes them again");
      }
    } else if (!failing.getAndSet(true)) {
      LOG.warn("traces: the collector takes none, and they are lost meanwhile: {}", why(result));
    }
  }

  private static String why(CompletableResultCode result) {
    Throwable failure = result.getFailureThrowable();
    return failure == null ? "" : NestedExceptionUtils.getMostSpecificCause(failure).toString();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }

  @Override
  public String toString() {
    return exporter.toString();
  }
}
