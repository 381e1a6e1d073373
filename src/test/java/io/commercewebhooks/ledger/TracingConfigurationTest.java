package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many events are traced, whatever senders say. */
class TracingConfigurationTest {

  private static final int MANY = 20_000;

  private final SplittableRandom random = new SplittableRandom(1);

  private boolean isTaken(double share, TraceFlags ofTheSender) {
    String trace = "%016x%016x".formatted(random.nextLong(), random.nextLong() | 1);
    SpanContext sender =
        SpanContext.createFromRemoteParent(
            trace, "00f067aa0ba902b7", ofTheSender, TraceState.getDefault());
    Sampler sampler = TracingConfiguration.sampler(share);
    return sampler
            .shouldSample(
                Context.root().with(Span.wrap(sender)),
                trace,
                "receive",
                SpanKind.SERVER,
                Attributes.empty(),
                List.of())
            .getDecision()
        == SamplingDecision.RECORD_AND_SAMPLE;
  }

  @Test
  void the_share_counts_and_not_whether_the_sender_takes_its_trace() {
    for (TraceFlags flags : List.of(TraceFlags.getDefault(), TraceFlags.getSampled())) {
      assertThat(Stream.generate(() -> isTaken(0, flags)).limit(MANY)).containsOnly(false);
      assertThat(Stream.generate(() -> isTaken(1, flags)).limit(MANY)).containsOnly(true);
      assertThat(
              Stream.generate(() -> isTaken(0.1, flags)).limit(MANY).filter(taken -> taken).count())
          .isBetween(MANY / 12L, MANY / 8L);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void a_share_is_from_0_to_1(double share) {
    assertThatThrownBy(() -> new TracingSettings("", "", share)).hasMessageContaining("0 to 1");
  }
}
