package io.commercewebhooks.ledger;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * OpenTelemetry, by its own variables ({@code OTEL_…}) where no setting of ours says otherwise.
 * Without a collector there is none of it.
 */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

  /** Stopping waits for the last spans, but not long for a collector that is away. */
  private static final String MILLIS_OF_AN_EXPORT = "3000";

  @Bean
  OpenTelemetry openTelemetry(
      TracingSettings settings, @Value("${spring.application.name}") String service) {
    if (!settings.isOn()) {
      return OpenTelemetry.noop();
    }
    Map<String, String> ours = new HashMap<>();
    ours.put("otel.exporter.otlp.endpoint", settings.endpoint());
    ours.put("otel.exporter.otlp.protocol", "http/protobuf");
    ours.put("otel.traces.exporter", "otlp");
    ours.put("otel.metrics.exporter", "none");
    ours.put("otel.logs.exporter", "none");
    if (!settings.headers().isBlank()) {
      ours.put("otel.exporter.otlp.headers", settings.headers());
    }
    return AutoConfiguredOpenTelemetrySdk.builder()
        .addPropertiesSupplier(
            () ->
                Map.of(
                    "otel.service.name", service,
                    "otel.exporter.otlp.timeout", MILLIS_OF_AN_EXPORT))
        .addPropertiesCustomizer(properties -> ours)
        .addSpanExporterCustomizer((exporter, properties) -> new SpansToCollector(exporter))
        .addSamplerCustomizer((any, properties) -> sampler(settings.sampled()))
        .disableShutdownHook()
        .build()
        .getOpenTelemetrySdk();
  }

  /** A sender's own word on whether it takes its trace says nothing about ours. */
  static Sampler sampler(double share) {
    Sampler sampler = Sampler.traceIdRatioBased(share);
    return Sampler.parentBasedBuilder(sampler)
        .setRemoteParentSampled(sampler)
        .setRemoteParentNotSampled(sampler)
        .build();
  }

  @Bean
  Traces traces(OpenTelemetry openTelemetry, TracingSettings settings) {
    return new Traces(openTelemetry.getTracer("io.commercewebhooks"), settings.isOn());
  }
}
