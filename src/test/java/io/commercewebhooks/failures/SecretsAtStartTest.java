package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * A service whose secrets are missing or can be guessed says so in one line, shows none, and ends.
 */
class SecretsAtStartTest extends FreshInstallation {

  private static final String ACME =
      """
        signed:
          acme-billing:
            secrets: ${ACME_BILLING_SECRETS}
            algorithm: HmacSHA256
            code: hex
            text: "{timestamp}.{body}"
            timestamp-tolerance: 5m
      """;

  @Test
  void a_missing_secret_is_named() {
    environment.remove("ZOOM_COMMERCE_SECRETS");

    assertThat(refusal()).contains("not set, or empty: ZOOM_COMMERCE_SECRETS ");
  }

  @Test
  void a_secret_of_nothing_but_commas_and_blanks_is_none() {
    environment.put("ORACLE_COMMERCE_RETURN_SECRETS", " , ");

    assertThat(refusal()).contains("not set, or empty: ORACLE_COMMERCE_RETURN_SECRETS ");
  }

  @Test
  void one_empty_secret_among_good_ones_is_refused_too() {
    environment.put("ZOOM_COMMERCE_SECRETS", "good,,also-good");

    assertThat(refusal()).contains("ZOOM_COMMERCE_SECRETS").doesNotContain("also-good");
  }

  @Test
  void all_that_is_missing_is_named_at_once() {
    environment.remove("SALESFORCE_CLIENT_SECRET");
    environment.put("SMTP_HOST", "");
    environment.remove("CONSOLE_PASSWORD");

    assertThat(refusal()).contains("SALESFORCE_CLIENT_SECRET, SMTP_HOST, CONSOLE_PASSWORD");
  }

  @Test
  void an_oracle_secret_that_is_not_base64_is_named_and_not_shown() {
    environment.put("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", "c2VjcmV0,not*base64");

    assertThat(refusal())
        .contains("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", "base64")
        .doesNotContain("not*base64", "c2VjcmV0");
  }

  @Test
  void the_secrets_of_the_sandbox_are_refused_outside_of_it() {
    environment.remove("SANDBOX");

    assertThat(refusal()).contains("ZOOM_COMMERCE_SECRETS is a sample").doesNotContain("sandbox-");
  }

  @Test
  void the_sandbox_refuses_to_listen_on_the_open_network() {
    environment.put("SERVER_ADDRESS", "0.0.0.0");

    assertThat(refusal()).contains("the sandbox", "server.address must be 127.0.0.1");
  }

  @Test
  void a_salesforce_that_would_be_told_secrets_over_plain_http_is_refused() {
    environment.put("SALESFORCE_LOGIN_URL", "http://example.my.salesforce.com");

    assertThat(refusal()).contains("SALESFORCE_LOGIN_URL", "https://");
  }

  @Test
  void a_key_for_salesforce_that_is_not_there_is_named() {
    environment.remove("SALESFORCE_CLIENT_SECRET");
    environment.put("SALESFORCE_KEYSTORE", "nowhere.p12");
    environment.put("SALESFORCE_KEYSTORE_PASSWORD", "pw-of-the-key");
    environment.put("SALESFORCE_USERNAME", "integration@example.com");

    assertThat(refusal())
        .contains("SALESFORCE_KEYSTORE (nowhere.p12)")
        .doesNotContain("pw-of-the-key");
  }

  @Test
  void a_key_for_salesforce_needs_its_password_and_its_user() {
    environment.put("SALESFORCE_KEYSTORE", "nowhere.p12");

    assertThat(refusal()).contains("SALESFORCE_KEYSTORE_PASSWORD, SALESFORCE_USERNAME");
  }

  @Test
  void without_a_first_user_there_must_be_others_who_can_sign_in() {
    environment.remove("CONSOLE_USERNAME");
    environment.remove("CONSOLE_PASSWORD");
    environment.put("CONSOLE_USERS", "anna:admin:not-hashed");

    assertThat(refusal())
        .contains("CONSOLE_USERS", "name:role:hash")
        .doesNotContain("anna", "not-hashed");

    environment.remove("CONSOLE_USERS");

    assertThat(refusal()).contains("not set, or empty: CONSOLE_USERNAME, CONSOLE_PASSWORD ");
  }

  @Test
  void a_key_of_the_ledger_that_is_none_is_named_and_not_shown() {
    environment.put("LEDGER_PAYLOAD_KEYS", "dG9vLXNob3J0");
    assertThat(refusal()).contains("not set, or empty: LEDGER_LOOK_UP_KEYS ");
    environment.put("LEDGER_LOOK_UP_KEYS", "A".repeat(43) + "=");

    assertThat(refusal()).contains("LEDGER_PAYLOAD_KEYS", "32 bytes").doesNotContain("dG9v");
  }

  @Test
  void a_mail_server_elsewhere_is_not_talked_to_in_the_clear() {
    environment.put("SMTP_HOST", "192.0.2.1");

    assertThat(refusal()).contains("SMTP_TLS is false", "192.0.2.1");
  }

  @Test
  void a_secret_that_looks_like_the_name_of_a_setting_is_not_shown() {
    environment.put("LEDGER_PASSWORD", "pw${of}it");

    assertThat(refusal()).contains("holds ${of}").doesNotContain("pw$", "}it");
  }

  @Test
  void a_sender_of_the_settings_without_a_secret_of_its_own_is_named() throws IOException {
    change("config/application.yaml", "  signed: {}\n", ACME);

    assertThat(refusal()).contains("${ACME_BILLING_SECRETS}, and no setting has this name");
    environment.put("ACME_BILLING_SECRETS", "good, ");
    assertThat(refusal())
        .contains("intake.signed.acme-billing.secrets holds an empty secret")
        .doesNotContain("good");
    environment.put("ACME_BILLING_SECRETS", "good, changeme");
    environment.put("SANDBOX", "false");
    assertThat(refusal()).contains("is a sample that everybody knows");
  }

  @Test
  void a_signature_that_would_prove_nothing_is_named_with_its_setting() throws IOException {
    change("config/application.yaml", "  signed: {}\n", ACME.replace("{timestamp}.", "{time}."));
    environment.put("ACME_BILLING_SECRETS", "a-secret-of-its-own");

    assertThat(refusal())
        .contains(
            "config/application.yaml: intake.signed.acme-billing.text proves nothing;"
                + " write it like \"{timestamp}.{body}\"");
  }
}
