package io.commercewebhooks.ledger;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.MDC;

/**
 * What becomes of an event, as spans of one trace: its webhook, its routing, and each attempt to
 * deliver it, which may be days later and on another node. The trace is the sender's own where it
 * names one. Spans hold ids and words of ours; never anything of a payload.
 *
 * <p>Meanwhile lines of the log have the trace's id, as {@code trace_id}; a line about several
 * events has those of all.
 */
class Traces {

  private static final String IN_LINES = "trace_id";

  private static final AttributeKey<String> EVENT_ID = text("event.id");
  private static final AttributeKey<String> EVENT_TYPE = text("event.type");
  private static final AttributeKey<String> SENDER = text("sender");
  private static final AttributeKey<Boolean> REPEATED =
      AttributeKey.booleanKey("commerce.webhooks.repeated");
  private static final AttributeKey<String> TARGET = text("target");
  private static final AttributeKey<String> OUTCOME = text("outcome");
  private static final AttributeKey<String> CAUSE = text("cause");
  private static final AttributeKey<Long> ATTEMPT =
      AttributeKey.longKey("commerce.webhooks.attempt");
  private static final AttributeKey<Long> BATCH_SIZE =
      AttributeKey.longKey("commerce.webhooks.batch.size");

  /** Version 00 of W3C Trace Context, with ids that aren't all zeros. */
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

  private final Tracer tracer;
  private final boolean on;

  /**
   * @param on whether new events are traced at all
   */
  Traces(Tracer tracer, boolean on) {
    this.tracer = tracer;
    this.on = on;
  }

  private static AttributeKey<String> text(String name) {
    return AttributeKey.stringKey("commerce.webhooks." + name);
  }

  /**
   * The span of a proved webhook, from its first byte until its event is kept.
   *
   * @param exchange its variable {@code traceparent} is the sender's header, and may be anything
   * @param keep keeps the event, and says what became of it
   */
  Kept received(Exchange exchange, Event event, Function<Event, Kept> keep) {
    if (!on) {
      return keep.apply(event);
    }
    SpanContext sender = read(exchange.getVariable("traceparent", String.class));
    Span span =
        tracer
            .spanBuilder("receive")
            .setSpanKind(SpanKind.SERVER)
            .setParent(sender.isValid() ? Context.root().with(Span.wrap(sender)) : Context.root())
            .setStartTimestamp(exchange.getClock().getCreated(), TimeUnit.MILLISECONDS)
            .setAttribute(EVENT_ID, event.id())
            .setAttribute(EVENT_TYPE, event.type())
            .setAttribute(SENDER, event.sender())
            .startSpan();
    if (!span.isRecording()) {
      return keep.apply(event);
    }
    SpanContext context = span.getSpanContext();
    MDC.put(IN_LINES, context.getTraceId());
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange answered) {
                MDC.remove(IN_LINES);
              }
            });
    try {
      Kept kept =
          keep.apply(
              event.tracedAs("00-" + context.getTraceId() + "-" + context.getSpanId() + "-01"));
      span.setAttribute(REPEATED, kept == Kept.REPEATED);
      return kept;
    } catch (RuntimeException e) {
      span.setStatus(StatusCode.ERROR);
      throw e;
    } finally {
      span.end();
    }
  }

  /**
   * The span of routing an event.
   *
   * @param route gives null when it failed and will be tried again
   */
  Ledger.Routed routed(Event event, Supplier<Ledger.Routed> route) {
    if (event.trace() == null) {
      return route.get();
    }
    Span span = following(event, "route", SpanKind.INTERNAL).startSpan();
    try (MDC.MDCCloseable lines = MDC.putCloseable(IN_LINES, traceId(event))) {
      Ledger.Routed routed = route.get();
      if (routed == null) {
        span.setAttribute(OUTCOME, "retry").setStatus(StatusCode.ERROR);
      } else {
        span.setAttribute(OUTCOME, routed.unroutableBecause() == null ? "routed" : "unroutable");
      }
      return routed;
    } finally {
      span.end();
    }
  }

  /**
   * A span for each delivery of an attempt, in the trace of its event; those of one call begin and
   * end together.
   */
  List<Ledger.Settled> delivered(
      List<Delivery> deliveries, Supplier<List<Ledger.Settled>> attempt) {
    if (noneTraced(deliveries)) {
      return attempt.get();
    }
    try (MDC.MDCCloseable lines = linesOf(deliveries)) {
      List<Ledger.Settled> settled = attempt.get();
      Instant end = Instant.now();
      settled.stream()
          .filter(one -> one.delivery().event().trace() != null)
          .forEach(one -> record(one, deliveries.size(), end));
      return settled;
    }
  }

  private void record(Ledger.Settled settled, int size, Instant end) {
    Delivery delivery = settled.delivery();
    Outcome outcome = settled.outcome();
    Span span =
        following(delivery.event(), "deliver " + delivery.target(), SpanKind.CLIENT)
            .setStartTimestamp(settled.startedAt())
            .setAttribute(TARGET, delivery.target())
            .setAttribute(OUTCOME, outcome.kind().name().toLowerCase(Locale.ROOT))
            .setAttribute(ATTEMPT, (long) delivery.attempts() + 1)
            .setAttribute(BATCH_SIZE, (long) size)
            .startSpan();
    if (outcome.code() != null) {
      span.setAttribute(CAUSE, outcome.code()).setStatus(StatusCode.ERROR);
    }
    span.end(end);
  }

  /** Has the lines that are written meanwhile name the traces of the deliveries. */
  void saying(List<Delivery> deliveries, Runnable lines) {
    if (noneTraced(deliveries)) {
      lines.run();
      return;
    }
    try (MDC.MDCCloseable named = linesOf(deliveries)) {
      lines.run();
    }
  }

  private static boolean noneTraced(List<Delivery> deliveries) {
    return deliveries.stream().allMatch(delivery -> delivery.event().trace() == null);
  }

  private static MDC.MDCCloseable linesOf(List<Delivery> deliveries) {
    String ids =
        deliveries.stream()
            .map(Delivery::event)
            .filter(event -> event.trace() != null)
            .map(Traces::traceId)
            .distinct()
            .collect(Collectors.joining(","));
    return MDC.putCloseable(IN_LINES, ids);
  }

  private SpanBuilder following(Event event, String name, SpanKind kind) {
    SpanContext written = read(event.trace());
    // our own word that the trace is taken, unlike a sender's
    SpanContext own =
        SpanContext.create(
            written.getTraceId(),
            written.getSpanId(),
            TraceFlags.getSampled(),
            TraceState.getDefault());
    return tracer
        .spanBuilder(name)
        .setSpanKind(kind)
        .setParent(Context.root().with(Span.wrap(own)))
        .setAttribute(EVENT_ID, event.id())
        .setAttribute(EVENT_TYPE, event.type());
  }

  private static String traceId(Event event) {
    return read(event.trace()).getTraceId();
  }

  private static SpanContext read(String traceparent) {
    Matcher written = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
    return written.matches()
        ? SpanContext.createFromRemoteParent(
            written.group(1),
            written.group(2),
            TraceFlags.fromHex(written.group(3), 0),
            TraceState.getDefault())
        : SpanContext.getInvalid();
  }
}
