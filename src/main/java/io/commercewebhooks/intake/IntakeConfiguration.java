package io.commercewebhooks.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
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
  Refusals refusals(JdbcTemplate ledger, MeterRegistry metrics, IntakeSettings settings) {
    RefusalLimit limit = new RefusalLimit(settings.refusalsPerAddress(), Ticker.systemTicker());
    return new Refusals(ledger, metrics, limit, settings);
  }

  @Bean
  FilterRegistrationBean<FrontDoor> frontDoor(Refusals refusals, IntakeSettings settings) {
    FilterRegistrationBean<FrontDoor> filter =
        new FilterRegistrationBean<>(new FrontDoor(refusals, settings));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
    return filter;
  }

  /** What the server itself refuses looks like what we refuse. */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsOfTheServer() {
    return server ->
        server.addContextCustomizers(
            context ->
                ((StandardHost) context.getParent())
                    .setErrorReportValveClass(ServerProblems.class.getName()));
  }
}
