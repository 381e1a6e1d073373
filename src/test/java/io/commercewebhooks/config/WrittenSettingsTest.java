package io.commercewebhooks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.sandbox.InstallationFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class WrittenSettingsTest {

  @TempDir private Path folder;

  @BeforeEach
  void install() throws IOException {
    InstallationFolder.fill(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "refusals-per-address: 120 | refusal-per-address: 120 | write intake.refusals-per-address",
        "'\nintake:'              | '\nintke:'              | write intake.max-body",
        "maximum-pool-size: 32    | maximum-pol-size: 32    | write"
            + " spring.datasource.hikari.maximum",
        "gather: 2s               | gathr: 2s               | write"
            + " ledger.targets.salesforce.gather",
        "types: {}                | 'types: {return-updated: {payloads: 9d}}' | write"
            + " retention.types.return-updated.payload",
        "retry-after: 30s         | retry-after: 30         | retry-after is no time with its unit",
        "retry-after: 30s         | retry-after: 30 s       | write it like 30s",
        "retry-after: 30s         | retry-after: -30s       | write it like 30s",
        "retry-after: 30s         | 'retry-after:'          | write it like 30s",
        "max-body: 1MB            | max-body: 1             | max-body is no size with its unit",
        "types: {}                | 'types: {return-updated: {payload: 30}}' | write it like 90d",
        "max-in-flight-size: 64MB | max-in-flight-size: 64 MB | max-in-flight-size is no size with"
            + " its unit",
        "calls: 6                 | calls: six              | calls is no whole number; write it"
            + " like 6",
        "sha1: false              | sha1: never             | sha1 is no true or false",
        "'  workers: 4'           | '  workers: 0'          | mail.workers can't be 0; write it"
            + " like 4",
        "sweep: 1s                | sweep: 0s               | ledger.sweep can't be 0; write it"
            + " like 1s",
        "failure-rate: 60         | failure-rate: 600       | is 100 at most; write less",
        "max-in-flight-size: 64MB | max-in-flight-size: 9KB | more than intake.max-in-flight-size,"
            + " which",
        "initial-delay: 30s       | initial-delay: 2h       | more than ledger.retry.max-delay,"
            + " which is",
        "return-path: /ccadmin/v1/webhook/return | return-path: /ccadmin/v1/webhook/requestQuote |"
            + " is that of",
        "path: /webhooks/zoom-commerce | path: https://example.com/zoom | written like"
            + " /webhooks/zoom-commerce",
        "'api-version: \"62.0\"'   | api-version: v62.0      | written like 62.0",
        "name: Zoom_Order__c      | 'name:'                 | order-status-changed.name is not"
            + " written like",
        "'console: \"\"'          | console: javascript:x   | written like"
            + " https://commerce.example.com/con",
        "message-id-domain: commerce-webhooks.local | message-id-domain: my domain | is not written"
            + " like",
        "maximum-pool-size: 4     | maximum-pool-size: 1    | more than"
            + " database.pool.maximum-pool-size",
        "'      max-attempts: 40' | ''                      | ledger.clocks.slow.max-attempts is"
            + " missing",
      })
  void what_nobody_reads_or_what_cannot_be_is_named_with_its_place_and_what_to_write(
      String good, String bad, String told) throws IOException {
    change(good, bad == null ? "" : bad);

    assertThatThrownBy(this::check)
        .isInstanceOf(CannotStartException.class)
        .hasMessageMatching("(?s).*config/application.yaml, line [1-9]\\d*, column [1-9].*")
        .hasMessageContaining(told);
  }

  @Test
  void a_file_of_an_older_version_is_told_what_it_lacks() throws IOException {
    change("  slow-look: 250ms", "");
    change("  digest-size: 100", "");

    assertThatThrownBy(this::check)
        .hasMessageContaining("as shipped ledger.slow-look: 250ms, mail.digest-size: 100");
  }

  @Test
  void mails_may_link_to_a_sender_whose_name_begins_like_that_of_another_link() throws IOException {
    change(
        "    zoom-commerce: \"\"",
        "    salesforce-commerce: https://shop.example.com\n    console-shop: \"\"");
    assertThatCode(this::check).doesNotThrowAnyException();

    change("    operators: \"\"\n", "");
    assertThatThrownBy(this::check).hasMessageContaining("as shipped mail.links.operators: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "types: {return-updated: {payload: 0d}}",
        "types: {order-status-changed: {payload: 30d}}",
      })
  void what_has_a_meaning_or_is_read_by_a_route_may_be_written(String good) throws IOException {
    change("types: {}", good);
    change(
        "\nrouting:",
        "\nchat:\n  host: chat.example.com\n  address: http://${chat.host}\nrouting:");
    Files.writeString(
        folder.resolve("routes/delivery/chat.camel.yaml"),
        "- route: {id: delivery-chat, from: {uri: direct:chat, steps: [to: '{{chat.address}}']}}");

    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void settings_of_spring_camel_and_the_pool_may_be_others_than_those_that_are_shipped()
      throws IOException {
    change("\nrouting:", "\ndebug-of-ours: ${spring.main.banner-mode:off}\nrouting:");

    assertThatThrownBy(this::check).hasMessageContaining("debug-of-ours");

    InstallationFolder.fill(folder);
    change("    pool-name: database", "    pool-name: database\n    max-lifetime: 600000");
    change("    accept-count: 100", "    processor-cache: 100\n    maxSwallowSize: 2MB");
    change("      raw-payload: true", "      raw-payload: true\n      http-proxy-port: 3128");
    change("    org.flywaydb.core", "    org.flywaydb.elsewhere: WARN\n    org.flywaydb.core");
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void the_settings_of_a_profile_are_looked_at_too_and_need_not_be_all() throws IOException {
    Path profile = folder.resolve("config/application-production.yaml");
    Files.writeString(profile, "intake:\n  max-body: 2MB\n");
    assertThatCode(this::check).doesNotThrowAnyException();

    Files.writeString(profile, "intake:\n  max-boddy: 2MB\n");
    assertThatThrownBy(this::check)
        .hasMessageContaining("application-production.yaml, line 2")
        .hasMessageContaining("write intake.max-body");
  }

  @ParameterizedTest
  @CsvSource({
    "mail.port,          geheim, SMTP_PORT (mail.port) is no whole number; write it like 587",
    "mail.tls,           ture,   SMTP_TLS (mail.tls) is no true or false; write it like true",
    "retention.payload,  90,     RETENTION_PAYLOAD (retention.payload) is no time with its unit",
    "routing.batch-size, 0,      ROUTING_BATCHSIZE (routing.batch-size) can't be 0",
    "server.port,        99999,  SERVER_PORT (server.port) is 65535 at most",
    "mail.port,          '',     SMTP_PORT (mail.port) is no whole number",
    "camel.component.salesforce.login-url, https://u:geheim@example.com, SALESFORCE_LOGIN_URL"
        + " (camel.",
    "camel.component.salesforce.login-url, https://example.com/, SALESFORCE_LOGIN_URL (camel.",
    "tracing.headers,    geheim, OTEL_EXPORTER_OTLP_HEADERS (tracing.headers) is not written like",
    "tracing.endpoint, collector:4318, OTEL_EXPORTER_OTLP_ENDPOINT (tracing.endpoint) is not"
        + " written",
    "server.forward-headers-strategy, true, FORWARD_HEADERS (server.forward-headers-strategy) is"
        + " not",
    "server.tomcat.remoteip.internal-proxies, 10.0.0.0/8, TRUSTED_PROXIES (server.tomcat.remoteip",
    "console.oidc.issuer, https://example.com/.well-known/openid-configuration, OIDC_ISSUER"
        + " (console",
  })
  void what_a_variable_says_is_named_by_it_and_not_shown(String name, String value, String told) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(name, value)));

    assertThatThrownBy(() -> WrittenSettings.check(environment))
        .isInstanceOf(CannotStartException.class)
        .hasMessageStartingWith(told)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("geheim", "ture,");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api-key=geheim", "a=b,c=ZGQ=", "a=b, c=d", ""})
  void what_a_collector_wants_to_see_may_be_one_or_more(String headers) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("test", Map.of("tracing.headers", headers)));

    assertThatCode(() -> WrittenSettings.check(environment)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "mail.port, 65536, 65535",
    "salesforce.batch-size, 201, 200",
    "salesforce.budget.hold-above, 101, 100",
    "intake.max-body, 1025MB, 1024MB",
    "intake.max-at-work-size, 2048MB, 2047MB",
    "tracing.sampled, 1.5, 1",
  })
  void of_what_others_take_no_more_of_the_most_may_be_said_and_no_more(
      String name, String more, String most) {
    assertThatThrownBy(() -> checkSaid(name, more))
        .hasMessageEndingWith("(" + name + ") is " + most + " at most; write less");
    assertThatCode(() -> checkSaid(name, most)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "ledger.gather, 0s",
    "mail.per-minute, 0",
    "tracing.sampled, 0",
    "server.port, 0",
    "mail.tls, NO",
    "camel.component.salesforce.api-version, 62.0",
  })
  void what_has_a_meaning_may_be_said_by_a_variable(String name, String value) {
    assertThatCode(() -> checkSaid(name, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "mail.host, smtp example",
    "mail.links.operators, commerce.example.com",
    "camel.component.salesforce.api-version, 61.0",
  })
  void a_text_that_nobody_else_would_notice_is_told(String name, String value) {
    assertThatThrownBy(() -> checkSaid(name, value)).hasMessageContaining("is not written like");
  }

  private static void checkSaid(String name, String value) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(name, value)));
    WrittenSettings.check(environment);
  }

  private void check() {
    WrittenSettings.checkAll(folder, folder.resolve("routes"));
  }

  private void change(String good, String bad) throws IOException {
    Path settings = folder.resolve("config/application.yaml");
    String text = Files.readString(settings);
    assertThat(text).contains(good);
    Files.writeString(
        settings,
        text.replaceFirst(
            java.util.regex.Pattern.quote(good), java.util.regex.Matcher.quoteReplacement(bad)));
  }
}
