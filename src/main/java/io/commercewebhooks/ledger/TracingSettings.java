package io.commercewebhooks.ledger;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Whether and how events are traced, see {@code config/application.yaml}.
 *
 * @param endpoint base address of a collector that takes OTLP over HTTP; empty: none are traced
 * @param headers what the collector wants to see besides, as {@code name=value,…}; or empty
 * @param sampled the share of events that is traced, from 0 to 1
 */
@ConfigurationProperties("tracing")
record TracingSettings(String endpoint, String headers, double sampled) {

  TracingSettings {
    if (!(sampled >= 0 && sampled <= 1)) {
      throw new IllegalArgumentException("tracing.sampled is a share, from 0 to 1");
    }
  }

  boolean isOn() {
    return !endpoint.isBlank();
  }
}
