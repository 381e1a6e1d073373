package io.commercewebhooks.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.camel.component.freemarker.springboot.FreemarkerComponentAutoConfiguration;
import org.apache.camel.component.platform.http.springboot.PlatformHttpComponentAutoConfiguration;
import org.apache.camel.component.salesforce.springboot.SalesforceComponentAutoConfiguration;
import org.apache.camel.language.property.springboot.ExchangePropertyLanguageAutoConfiguration;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.vault.AwsVaultAutoConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Settings of Camel's components reach them, and cost nothing where there are none. */
class CamelSettingsFilterTest {

  private final StandardEnvironment environment = new StandardEnvironment();

  @ParameterizedTest
  @ValueSource(
      classes = {
        FreemarkerComponentAutoConfiguration.class,
        SalesforceComponentAutoConfiguration.class,
        ExchangePropertyLanguageAutoConfiguration.class,
        AwsVaultAutoConfiguration.class
      })
  void what_has_no_settings_is_given_none(Class<?> handsOver) {
    assertThat(isTaken(handsOver)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "camel.component.freemarker.content-cache,"
        + "org.apache.camel.component.freemarker.springboot.FreemarkerComponentAutoConfiguration",
    "CAMEL_COMPONENT_SPRINGJDBC_BRIDGEERRORHANDLER,"
        + "org.apache.camel.component.spring.jdbc.springboot.SpringJdbcComponentAutoConfiguration",
    "camel.component.spring-jdbc.bridge-error-handler,"
        + "org.apache.camel.component.spring.jdbc.springboot.SpringJdbcComponentConverter",
    "camel.language.exchange-property.trim,"
        + "org.apache.camel.language.property.springboot.ExchangePropertyLanguageAutoConfiguration",
    "camel.vault.aws.region,org.apache.camel.spring.boot.vault.AwsVaultAutoConfiguration"
  })
  void what_somebody_has_set_is_handed_over(String setting, Class<?> handsOver) {
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of(setting, "true")));

    assertThat(isTaken(handsOver)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {CamelAutoConfiguration.class, PlatformHttpComponentAutoConfiguration.class})
  void what_does_more_than_hand_over_settings_always_takes_part(Class<?> needed) {
    assertThat(isTaken(needed)).isTrue();
  }

  private boolean isTaken(Class<?> configuration) {
    ConfigurationPropertySources.attach(environment);
    CamelSettingsFilter filter = new CamelSettingsFilter();
    filter.setEnvironment(environment);
    return filter.match(new String[] {configuration.getName()}, null)[0];
  }
}
