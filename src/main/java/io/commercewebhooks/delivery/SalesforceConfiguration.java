package io.commercewebhooks.delivery;

import java.io.IOException;
import java.security.GeneralSecurityException;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the Salesforce component its HTTP client; its settings are camel.component.salesforce. */
@Configuration(proxyBeanMethods = false)
class SalesforceConfiguration {

  @Bean
  ComponentCustomizer salesforceClientCustomizer(
      CamelContext context, SalesforceSettings settings) {
    return ComponentCustomizer.builder(SalesforceComponent.class)
        .build(
            salesforce -> {
              useOurClient(salesforce, context, settings.signIn());
              useKeyIfThere(salesforce, settings.jwt());
            });
  }

  /** Makes a component that has not been started use a {@link SalesforceClient}. */
  static void useOurClient(
      SalesforceComponent salesforce, CamelContext context, SalesforceSettings.SignIn signIn) {
    SalesforceEndpointConfig config =
        salesforce.getConfig() == null ? new SalesforceEndpointConfig() : salesforce.getConfig();
    SSLContextParameters tls =
        salesforce.getSslContextParameters() == null
            ? new SSLContextParameters()
            : salesforce.getSslContextParameters();
    try {
      config.setHttpClient(new SalesforceClient(context, tls.createSSLContext(context), signIn));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS for Salesforce: " + e.getMessage(), e);
    }
    salesforce.setConfig(config);
  }

  /** With a key store the service signs in by its key (JWT bearer) instead of a secret. */
  static void useKeyIfThere(SalesforceComponent salesforce, SalesforceSettings.Jwt jwt) {
    if (jwt.keystore().isBlank()) {
      return;
    }
    KeyStoreParameters key = new KeyStoreParameters();
    key.setType("PKCS12");
    key.setResource("file:" + jwt.keystore());
    key.setPassword(jwt.keystorePassword());
    salesforce.setKeystore(key);
    salesforce.setAuthenticationType(AuthenticationType.JWT);
  }
}
