package io.commercewebhooks.intake;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;

/** Counts a request once: Spring tells three times of the end of one whose time was over. */
final class CountedOnce extends DefaultMeterObservationHandler {

  CountedOnce(MeterRegistry metrics) {
    super(metrics);
  }

  @Override
  public void onStop(Observation.Context request) {
    if (!request.containsKey(CountedOnce.class)) {
      request.put(CountedOnce.class, true);
      super.onStop(request);
    }
  }
}
