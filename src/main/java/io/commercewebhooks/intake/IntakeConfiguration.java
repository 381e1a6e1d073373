package io.commercewebhooks.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;

/** The beans that intake routes name. */
@Configuration(proxyBeanMethods = false)
class IntakeConfiguration {

  @Bean(defaultCandidate = false)
  ObjectMapper strictJson() {
    return StrictJson.mapper();
  }

  @Bean
  ZoomCommerceSignature zoomCommerceSignature(IntakeSettings settings) {
    return new ZoomCommerceSignature(
        settings.zoomCommerce().secrets(),
        settings.zoomCommerce().timestampTolerance(),
        Clock.systemUTC());
  }

  @Bean
  OracleCommerceSignature oracleCommerceRequestQuoteSignature(IntakeSettings settings) {
    return new OracleCommerceSignature(
        settings.oracleCommerce().requestQuoteSecrets(), settings.oracleCommerce().sha1());
  }

  @Bean
  OracleCommerceSignature oracleCommerceReturnSignature(IntakeSettings settings) {
    return new OracleCommerceSignature(
        settings.oracleCommerce().returnSecrets(), settings.oracleCommerce().sha1());
  }

  @Bean
  Redactor redactor(RedactionSettings settings) {
    return new Redactor(settings);
  }

  @Bean
  Refusals refusals(JdbcTemplate ledger, IntakeSettings settings) {
    return new Refusals(ledger, settings);
  }

  @Bean
  FilterRegistrationBean<FrontDoor> frontDoor(Refusals refusals, IntakeSettings settings) {
    FilterRegistrationBean<FrontDoor> filter =
        new FilterRegistrationBean<>(new FrontDoor(refusals, settings));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
    return filter;
  }
}
