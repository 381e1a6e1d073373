package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/** The ledger and its two schemes. A bean's name is the scheme. */
@Configuration(proxyBeanMethods = false)
class LedgerConfiguration {

  @Bean
  Ledger ledger(DataSource dataSource, @Qualifier("strictJson") ObjectMapper json) {
    return new Ledger(dataSource, json);
  }

  @Bean
  Signals ledgerSignals() {
    return new Signals();
  }

  @Bean
  LedgerAccount ledgerAccount(NamedParameterJdbcTemplate jdbc, Signals signals) {
    return new LedgerAccount(jdbc, signals);
  }

  @Bean("events")
  EventsComponent eventsComponent(
      Ledger ledger, Signals signals, LedgerSettings settings, @Qualifier("strictJson") ObjectMapper json) {
    return new EventsComponent(ledger, signals, settings, json);
  }

  @Bean("deliveries")
  DeliveriesComponent deliveriesComponent(
      Ledger ledger, Signals signals, LedgerSettings settings, @Qualifier("strictJson") ObjectMapper json) {
    return new DeliveriesComponent(ledger, signals, settings, json);
  }
}
