package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/** The scheme {@code events:}, see {@link EventsEndpoint}. */
public class EventsComponent extends DefaultComponent {

  final Ledger ledger;
  final Signals signals;
  final LedgerSettings settings;
  final ObjectMapper json;

  /** The types that have routes of their own: what is left belongs to {@code events:*}. */
  final Set<String> routedTypes = ConcurrentHashMap.newKeySet();

  EventsComponent(Ledger ledger, Signals signals, LedgerSettings settings, ObjectMapper json) {
    this.ledger = ledger;
    this.signals = signals;
    this.settings = settings;
    this.json = json;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters)
      throws Exception {
    EventsEndpoint endpoint = new EventsEndpoint(uri, this, name);
    setProperties(endpoint, parameters);
    return endpoint;
  }
}
