package io.commercewebhooks.delivery;

import io.commercewebhooks.ChangedSecrets;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the Salesforce component its HTTP client; its settings are camel.component.salesforce. */
@Configuration(proxyBeanMethods = false)
class SalesforceConfiguration {

  @Bean
  ComponentCustomizer salesforceClientCustomizer(CamelContext context, ChangedSecrets changed) {
    return ComponentCustomizer.builder(SalesforceComponent.class)
        .build(
            salesforce -> {
              useOurClient(salesforce, context);
              changed.watch(
                  "camel.component.salesforce.client-secret",
                  secret -> salesforce.getLoginConfig().setClientSecret(secret));
            });
  }

  /** Makes a component that has not been started use a {@link SalesforceClient}. */
  static void useOurClient(SalesforceComponent salesforce, CamelContext context) {
    SalesforceEndpointConfig config =
        salesforce.getConfig() == null ? new SalesforceEndpointConfig() : salesforce.getConfig();
    SSLContextParameters tls =
        salesforce.getSslContextParameters() == null
            ? new SSLContextParameters()
            : salesforce.getSslContextParameters();
    try {
      config.setHttpClient(new SalesforceClient(context, tls.createSSLContext(context)));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS for Salesforce: " + e.getMessage(), e);
    }
    salesforce.setConfig(config);
  }
}
