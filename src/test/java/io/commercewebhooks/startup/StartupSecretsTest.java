package io.commercewebhooks.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

/** Secrets that everybody knows, and the open network: one or the other, never both. */
class StartupSecretsTest {

  private final MockEnvironment environment =
      new MockEnvironment()
          .withProperty("ZOOM_COMMERCE_SECRETS", "kq83,kq84")
          .withProperty("ORACLE_COMMERCE_RETURN_SECRETS", "b3duZWQtYnktbm9ib2R5")
          .withProperty("CONSOLE_PASSWORD", "kq83")
          .withProperty("SALESFORCE_LOGIN_URL", "https://example.my.salesforce.com");

  @Test
  void secrets_of_ones_own_are_fine_on_any_address() {
    environment.setProperty("server.address", "0.0.0.0");

    assertThatCode(() -> StartupSecrets.check(environment)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "ZOOM_COMMERCE_SECRETS, sandbox-zoom-secret",
    "ZOOM_COMMERCE_SECRETS, 'kq83, Sandbox-zoom-secret'",
    "ORACLE_COMMERCE_RETURN_SECRETS, 'b3duZWQtYnktbm9ib2R5,c2FuZGJveC1yZXR1cm4tc2VjcmV0'",
    "ORACLE_COMMERCE_RETURN_SECRETS, 'b3duZWQtYnktbm9ib2R5, c2FuZGJveC1yZXR1cm4tc2VjcmV0'",
    "SALESFORCE_CLIENT_SECRET, stand-in-secret",
    "CONSOLE_PASSWORD, operator",
    "CONSOLE_PASSWORD, ChangeMe",
    "SALESFORCE_KEYSTORE_PASSWORD, changeit",
    "SMTP_CLIENT_SECRET, your-secret",
    "OIDC_CLIENT_SECRET, example",
    "LEDGER_PASSWORD, secret",
    "DATABASE_PASSWORD, …",
    "SMTP_PASSWORD, changeit"
  })
  void one_sample_among_real_secrets_is_refused(String name, String value) {
    environment.setProperty(name, value);

    assertThatThrownBy(() -> StartupSecrets.check(environment))
        .isInstanceOf(CannotStartException.class)
        .hasMessage(name + " is a sample that everybody knows: set a secret of your own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uFEFFkq83", "\uFFFD\uFFFDk\0q\0", "k\0q\08\0", "kq83\uFFFD"})
  void a_secret_that_an_editor_saved_in_another_way_is_named_and_not_shown(String value) {
    environment.setProperty("SMTP_PASSWORD", value);

    assertThatThrownBy(() -> StartupSecrets.check(environment))
        .hasMessageStartingWith("SMTP_PASSWORD isn't UTF-8")
        .hasMessageNotContaining("q8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"kq83\"", "'kq83'"})
  void quotes_that_would_belong_to_the_secret_of_a_signature_are_told(String value) {
    environment.setProperty("ZOOM_COMMERCE_SECRETS", value);

    assertThatThrownBy(() -> StartupSecrets.check(environment))
        .hasMessageStartingWith("ZOOM_COMMERCE_SECRETS stands in quotes")
        .hasMessageNotContaining("kq83");
  }

  @Test
  void a_password_may_have_quotes_around_it() {
    environment.setProperty("SMTP_PASSWORD", "\"kq83\"");

    assertThatCode(() -> StartupSecrets.check(environment)).doesNotThrowAnyException();
  }

  @Test
  void a_secret_that_becomes_a_sample_later_is_not_taken_into_use() {
    List<String> used = new ArrayList<>();
    ChangedSecrets changed = new ChangedSecrets(environment);
    changed.watch("ZOOM_COMMERCE_SECRETS", used::add);

    for (String value : List.of("kq85, changeme", "kq85", "\uFEFFkq86", "")) {
      environment.setProperty("ZOOM_COMMERCE_SECRETS", value);
      changed.look();
    }

    assertThat(used).containsExactly("kq85");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
  void the_sandbox_may_have_samples_on_this_machine(String address) {
    environment.setProperty("sandbox", "true");
    environment.setProperty("ZOOM_COMMERCE_SECRETS", "sandbox-zoom-secret");
    environment.setProperty("server.address", address);
    environment.setProperty("management.server.address", "127.0.0.1");

    assertThatCode(() -> StartupSecrets.check(environment)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "server.address, 0.0.0.0",
    "server.address, ''",
    "server.address, 192.0.2.7",
    "management.server.address, 0.0.0.0",
    "management.server.address, ::"
  })
  void the_sandbox_listens_on_no_other_address(String setting, String address) {
    environment.setProperty("sandbox", "true");
    environment.setProperty("server.address", "127.0.0.1");
    environment.setProperty("management.server.address", "127.0.0.1");
    environment.setProperty(setting, address);

    assertThatThrownBy(() -> StartupSecrets.check(environment))
        .hasMessageContaining("the sandbox")
        .hasMessageContaining(setting + " must be 127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SALESFORCE_LOGIN_URL", "SMTP_TOKEN_URL", "OIDC_ISSUER"})
  void no_secret_is_sent_in_clear_text(String name) {
    environment.setProperty(name, "http://192.0.2.1");

    assertThatThrownBy(() -> StartupSecrets.check(environment))
        .hasMessageContaining(name + " must begin with https://");

    environment.setProperty(name, "http://127.0.0.1:8990");

    assertThatCode(() -> StartupSecrets.check(environment)).doesNotThrowAnyException();
  }
}
