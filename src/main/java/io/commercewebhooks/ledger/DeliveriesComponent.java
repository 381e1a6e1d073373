package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/** The scheme {@code deliveries:}, see {@link DeliveriesEndpoint}. */
@Component("deliveries")
public class DeliveriesComponent extends DefaultComponent {

  final Ledger ledger;
  final Holds holds;
  final Signals signals;
  final Sweep sweep;
  final LedgerSettings settings;
  final ObjectMapper json;
  final Clock clock;
  final PersonalData people;
  final LedgerMetrics metrics;
  final Traces traces;

  DeliveriesComponent(
      Ledger ledger,
      Holds holds,
      Signals signals,
      Sweep sweep,
      LedgerSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      Clock clock,
      PersonalData people,
      LedgerMetrics metrics,
      Traces traces) {
    this.ledger = ledger;
    this.holds = holds;
    this.signals = signals;
    this.sweep = sweep;
    this.settings = settings;
    this.json = json;
    this.clock = clock;
    this.people = people;
    this.metrics = metrics;
    this.traces = traces;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String target, Map<String, Object> parameters)
      throws Exception {
    DeliveriesEndpoint endpoint = new DeliveriesEndpoint(uri, this, target);
    setProperties(endpoint, parameters);
    endpoint.keepSaid(parameters);
    return endpoint;
  }
}
