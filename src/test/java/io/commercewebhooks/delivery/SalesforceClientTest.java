package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits on each test are there for what used to wait for ever. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SalesforceClientTest {

  private final StandInSalesforce salesforce = StandInSalesforce.start();
  private final CamelContext camel = new DefaultCamelContext();

  @BeforeEach
  void start_camel() {
    SalesforceComponent component = new SalesforceComponent();
    component.setLoginUrl(salesforce.url());
    component.setClientId(StandInSalesforce.CLIENT_ID);
    component.setClientSecret(StandInSalesforce.CLIENT_SECRET);
    component.setAuthenticationType(AuthenticationType.CLIENT_CREDENTIALS);
    component.setLazyLogin(true);
    component.setHttpRequestTimeout(300_000);
    component.setHttpClientIdleTimeout(300_000);
    SalesforceConfiguration.useOurClient(component, camel);
    camel.addComponent("salesforce", component);
    camel.start();
  }

  @AfterEach
  void stop() {
    salesforce.recover();
    camel.stop();
    salesforce.close();
  }

  static Stream<Named<SalesforceFault>> answersToASignOut() {
    return Stream.of(
        Named.of("401", SalesforceFault.error(401, "INVALID_SESSION_ID", "expired")),
        Named.of("401 without a body", SalesforceFault.answer(401, "")),
        Named.of("400", SalesforceFault.answer(400, "{\"error\":\"invalid_token\"}")),
        Named.of("503", SalesforceFault.unavailable()),
        Named.of("a closed connection", SalesforceFault.dropBeforeWriting()),
        Named.of("nothing", SalesforceFault.hang(Duration.ofMinutes(5))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answersToASignOut")
  void a_stop_ends_whatever_the_sign_out_is_answered_with(SalesforceFault fault) {
    query();
    salesforce.failWhile(call -> call.kind() == Kind.LOGOUT, fault);

    camel.stop();

    assertThat(camel.isStopped()).isTrue();
    assertThat(salesforce.calls(Kind.LOGOUT)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{\"error\":\"invalid_client\",\"error_description\":\"no such client\"}"})
  void a_refused_sign_in_is_a_failure_with_its_status_and_the_next_one_is_tried(String body) {
    salesforce.failNext(1, call -> call.kind() == Kind.LOGIN, SalesforceFault.answer(401, body));

    assertThatThrownBy(this::query)
        .hasRootCauseInstanceOf(SalesforceException.class)
        .rootCause()
        .extracting("statusCode")
        .isEqualTo(401);
    assertThat(query()).contains("totalSize");
  }

  @Test
  void an_expired_session_is_still_renewed() {
    query();
    salesforce.expireSessions();

    assertThat(query()).contains("totalSize");
    assertThat(salesforce.logins()).isEqualTo(2);
  }

  private String query() {
    return camel
        .createFluentProducerTemplate()
        .to("salesforce:query?rawPayload=true&apiVersion=62.0")
        .withHeader("sObjectQuery", "SELECT Id FROM Opportunity")
        .request(String.class);
  }
}
