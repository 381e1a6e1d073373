package io.commercewebhooks.intake;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.ledger.Keeping;
import io.commercewebhooks.startup.ChangedSecrets;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.boot.task.ThreadPoolTaskExecutorCustomizer;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;

/** The beans that intake routes name. */
@Configuration(proxyBeanMethods = false)
// The scan leaves controllers out; this one is the public port's.
@Import(Problems.class)
class IntakeConfiguration {

  @Bean(defaultCandidate = false)
  ObjectMapper strictJson() {
    return StrictJson.mapper();
  }

  /** What a sender wrote is read again to be shown. */
  @Bean
  Jackson2ObjectMapperBuilderCustomizer namesAreNotRemembered() {
    return json -> json.factory(StrictJson.builder(StreamReadConstraints.defaults()).build());
  }

  @Bean
  ZoomCommerceSignature zoomCommerceSignature(
      IntakeSettings settings, ChangedSecrets changed, MeterRegistry metrics) {
    ZoomCommerceSignature signature =
        new ZoomCommerceSignature(
            settings.zoomCommerce().secrets(),
            settings.zoomCommerce().timestampTolerance(),
            Clock.systemUTC());
    changed.watch("intake.zoom-commerce.secrets", signature::use);
    FunctionCounter.builder(
            "commerce.webhooks.zoom.validations",
            signature,
            ZoomCommerceSignature::answeredChallenges)
        .description("Questions of Zoom whether this address is ours that were answered")
        .register(metrics);
    return signature;
  }

  @Bean
  OracleCommerceSignature oracleCommerceRequestQuoteSignature(
      IntakeSettings settings, ChangedSecrets changed) {
    OracleCommerceSignature signature =
        new OracleCommerceSignature(
            settings.oracleCommerce().requestQuoteSecrets(), settings.oracleCommerce().sha1());
    changed.watch("intake.oracle-commerce.request-quote-secrets", signature::use);
    return signature;
  }

  @Bean
  OracleCommerceSignature oracleCommerceReturnSignature(
      IntakeSettings settings, ChangedSecrets changed) {
    OracleCommerceSignature signature =
        new OracleCommerceSignature(
            settings.oracleCommerce().returnSecrets(), settings.oracleCommerce().sha1());
    changed.watch("intake.oracle-commerce.return-secrets", signature::use);
    return signature;
  }

  @Bean
  HmacSignature hmacSignature(IntakeSettings settings, ChangedSecrets changed) {
    HmacSignature signature = new HmacSignature(settings.signed(), Clock.systemUTC());
    for (String sender : settings.signed().keySet()) {
      changed.watch(
          "intake.signed.%s.secrets".formatted(sender), secrets -> signature.use(sender, secrets));
    }
    return signature;
  }

  @Bean
  Redactor redactor(RedactionSettings settings) {
    return new Redactor(settings);
  }

  @Bean
  Refusals refusals(
      JdbcTemplate ledger, MeterRegistry metrics, Keeping keeping, IntakeSettings settings) {
    RefusalLimit limit = new RefusalLimit(settings.refusalsPerAddress(), Ticker.systemTicker());
    return new Refusals(ledger, metrics, limit, keeping, settings);
  }

  @Bean
  CountedOnce countedOnce(MeterRegistry metrics) {
    return new CountedOnce(metrics);
  }

  @Bean
  LateAnswers lateAnswers() {
    return new LateAnswers();
  }

  @Bean
  FilterRegistrationBean<FrontDoor> frontDoor(Refusals refusals, IntakeSettings settings) {
    FilterRegistrationBean<FrontDoor> filter =
        new FilterRegistrationBean<>(new FrontDoor(refusals, settings));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
    return filter;
  }

  /** The threads that work on webhooks are the only ones that do so for the door. */
  @Bean
  ThreadPoolTaskExecutorCustomizer workOfTheFrontDoor() {
    return threads -> threads.setTaskDecorator(FrontDoor.keepingThePlace());
  }

  /**
   * What the server itself refuses looks like what we refuse; who asks before sending a body
   * (Expect) is answered by the door; and the rest of a refused body is the door's to read.
   */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> serverOfTheFrontDoor() {
    return server -> {
      server.addContextCustomizers(
          context ->
              ((StandardHost) context.getParent())
                  .setErrorReportValveClass(ServerProblems.class.getName()));
      server.addConnectorCustomizers(
          connector -> {
            if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
              http.setContinueResponseTiming(
                  ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
              http.setMaxSwallowSize(0);
            }
          });
    };
  }
}
