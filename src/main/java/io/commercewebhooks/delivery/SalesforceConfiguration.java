package io.commercewebhooks.delivery;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.deadletters.RetryAfter;
import io.commercewebhooks.startup.ChangedSecrets;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the Salesforce component its HTTP client; its settings are camel.component.salesforce. */
@Configuration(proxyBeanMethods = false)
class SalesforceConfiguration {

  /**
   * @throws CannotStartException when the key can't be used
   */
  @Bean
  ComponentCustomizer salesforceClientCustomizer(
      CamelContext context,
      SalesforceSettings settings,
      SalesforceBudget budget,
      RetryAfter retryAfter,
      ChangedSecrets changed) {
    checkKeyIfThere(settings.jwt());
    return ComponentCustomizer.builder(SalesforceComponent.class)
        .build(
            salesforce -> {
              useOurClient(
                  salesforce,
                  context,
                  settings.signIn(),
                  headers -> {
                    budget.hear(headers.get(SalesforceBudget.HEADER));
                    retryAfter.hear(headers.get(HttpHeader.RETRY_AFTER));
                  });
              useKeyIfThere(salesforce, settings.jwt());
              // not by camel.component.salesforce: a setting of Camel's own with {{ in it means
              // another one
              salesforce.setClientSecret(settings.clientSecret());
              changed.watch("salesforce.client-secret", secret -> useSecret(salesforce, secret));
            });
  }

  /** A component signs in with this secret from now on, at once if the last one was refused. */
  static void useSecret(SalesforceComponent salesforce, String secret) {
    salesforce.getLoginConfig().setClientSecret(secret);
    if (salesforce.getHttpClient() instanceof SalesforceClient client) {
      client.endPause();
    }
  }

  /** Makes a component that has not been started use a {@link SalesforceClient}. */
  static void useOurClient(
      SalesforceComponent salesforce,
      CamelContext context,
      SalesforceSettings.SignIn signIn,
      Consumer<HttpFields> answers) {
    SalesforceEndpointConfig config =
        salesforce.getConfig() == null ? new SalesforceEndpointConfig() : salesforce.getConfig();
    SSLContextParameters tls =
        salesforce.getSslContextParameters() == null
            ? new SSLContextParameters()
            : salesforce.getSslContextParameters();
    try {
      config.setHttpClient(
          new SalesforceClient(context, tls.createSSLContext(context), signIn, answers));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS for Salesforce: " + e.getMessage(), e);
    }
    salesforce.setConfig(config);
  }

  private static void checkKeyIfThere(SalesforceSettings.Jwt jwt) {
    if (jwt.keystore().isBlank()) {
      return;
    }
    long keys = 0;
    try {
      KeyStore store =
          KeyStore.getInstance(new File(jwt.keystore()), jwt.keystorePassword().toCharArray());
      for (String alias : Collections.list(store.aliases())) {
        keys += store.isKeyEntry(alias) ? 1 : 0;
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new CannotStartException(
          "SALESFORCE_KEYSTORE (%s) can't be opened with SALESFORCE_KEYSTORE_PASSWORD: %s"
              .formatted(jwt.keystore(), e.getMessage()),
          e);
    }
    if (keys != 1) {
      throw new CannotStartException(
          "SALESFORCE_KEYSTORE (%s) must hold one key, and holds %d"
              .formatted(jwt.keystore(), keys));
    }
  }

  /** A component with a key store signs in by its key (JWT bearer), one without by its secret. */
  static void useKeyIfThere(SalesforceComponent salesforce, SalesforceSettings.Jwt jwt) {
    if (jwt.keystore().isBlank()) {
      return;
    }
    KeyStoreParameters key = new KeyStoreParameters();
    key.setType("PKCS12");
    key.setResource("file:" + jwt.keystore());
    key.setPassword(jwt.keystorePassword());
    salesforce.setKeystore(key);
  }
}
