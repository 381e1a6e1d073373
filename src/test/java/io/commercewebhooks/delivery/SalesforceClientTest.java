package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.StandInSalesforce;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
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
import org.springframework.core.NestedExceptionUtils;

/** The limits on each test are there for what used to wait for ever. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SalesforceClientTest {

  private static final int WORKERS = 20;

  private final StandInSalesforce salesforce = StandInSalesforce.start();
  private final CamelContext camel = new DefaultCamelContext();
  private final AtomicReference<String> usage = new AtomicReference<>();

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
    SalesforceConfiguration.useOurClient(
        component,
        camel,
        new SalesforceSettings.SignIn(Duration.ofSeconds(20), Duration.ofSeconds(20)),
        headers -> usage.set(headers.get(SalesforceBudget.HEADER)));
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
    client().endPause();
    assertThat(query()).contains("totalSize");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html><body>OK</body></html>",
        "",
        "null",
        "[]",
        "{\"hello\": 1}",
        "{\"access_token\": \"00D!s\", \"instance_url\": \"https://org.example.invalid\"}",
        "{\"access_token\": \"00D!s\", \"instance_url\": \"https://org.example.invalid\", \"id\": \"\"}",
        "{\"access_token\": \"00D!s\", \"id\": \"https://x/id/00D000000000001/005000000000001\"}",
        "{\"access_token\": \"00D!s\", \"instance_url\": \"nowhere\", \"id\": \"https://x/id/00D000000000001/005000000000001\"}",
        "{\"access_token\": \"00D!s\", \"instance_url\": \"no where\", \"id\": \"https://x/id/00D000000000001/005000000000001\"}",
        "{\"instance_url\": \"https://org.example.invalid\", \"id\": \"https://x/id/00D000000000001/005000000000001\"}"
      })
  void a_sign_in_that_is_answered_with_no_session_is_a_failure_and_the_next_one_is_tried(
      String answer) {
    query();
    salesforce.expireSessions();
    salesforce.failNext(1, call -> call.kind() == Kind.LOGIN, SalesforceFault.answer(200, answer));

    assertThatThrownBy(this::query).hasRootCauseInstanceOf(JsonProcessingException.class);
    client().endPause();
    assertThat(query()).contains("totalSize");
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(3);
  }

  @Test
  void a_changed_secret_is_tried_at_once_however_the_last_sign_in_ended() {
    salesforce.requireClientSecret("changed");
    assertThatThrownBy(this::query).hasRootCauseInstanceOf(SalesforceException.class);

    SalesforceConfiguration.useSecret(
        camel.getComponent("salesforce", SalesforceComponent.class), "changed");

    assertThat(query()).contains("totalSize");
  }

  @Test
  void workers_that_all_need_a_first_session_share_one_sign_in() throws Exception {
    assertThat(queriesAtOnce()).allSatisfy(answer -> assertThat(answer).contains("totalSize"));
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(1);
  }

  @Test
  void workers_whose_session_expired_share_one_sign_in() throws Exception {
    query();
    salesforce.expireSessions();

    assertThat(queriesAtOnce()).allSatisfy(answer -> assertThat(answer).contains("totalSize"));
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(2);
  }

  @Test
  void workers_whose_sign_in_is_refused_share_the_refusal() throws Exception {
    query();
    salesforce.failWhile(
        call -> call.kind() == Kind.LOGIN,
        SalesforceFault.answer(400, "{\"error\":\"invalid_client\"}"));
    salesforce.expireSessions();

    assertThat(queriesAtOnce()).allSatisfy(answer -> assertThat(answer).contains("invalid_client"));
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(2);
  }

  @Test
  void a_call_is_made_once_more_with_a_new_session_and_no_oftener() {
    query();
    salesforce.failWhile(
        call -> call.kind() == Kind.QUERY,
        SalesforceFault.error(401, "INVALID_SESSION_ID", "Session expired or invalid"));

    assertThatThrownBy(this::query)
        .hasRootCauseInstanceOf(SalesforceException.class)
        .rootCause()
        .extracting("statusCode")
        .isEqualTo(401);
    assertThat(salesforce.calls(Kind.QUERY)).isEqualTo(3);
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(2);
  }

  @Test
  void an_org_that_has_moved_is_found_where_the_next_sign_in_says_it_is() {
    StandInSalesforce gone = StandInSalesforce.start();
    gone.close();
    salesforce.failNext(
        1,
        call -> call.kind() == Kind.LOGIN,
        SalesforceFault.answer(
            200,
            """
            {"access_token": "00D!former", "instance_url": "%1$s", "token_type": "Bearer",
             "id": "%1$s/id/00D000000000001/005000000000001"}
            """
                .formatted(gone.url())));
    assertThatThrownBy(this::query).hasRootCauseInstanceOf(ConnectException.class);

    assertThat(query()).contains("totalSize");
    assertThat(query()).contains("totalSize");
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(2);
  }

  @Test
  void a_session_is_not_told_to_an_org_that_a_sign_in_names_without_tls() {
    salesforce.failNext(
        1,
        call -> call.kind() == Kind.LOGIN,
        SalesforceFault.answer(
            200,
            """
            {"access_token": "00D!session", "instance_url": "http://org.example.invalid",
             "token_type": "Bearer",
             "id": "http://org.example.invalid/id/00D000000000001/005000000000001"}
            """));

    assertThatThrownBy(this::query)
        .rootCause()
        .hasMessageContaining("never goes over plain HTTP: org.example.invalid");
    assertThat(query()).as("after the next sign-in").contains("totalSize");
  }

  @Test
  void an_expired_password_is_not_signed_in_with_again() {
    query();
    salesforce.failNext(
        1,
        call -> call.kind() == Kind.QUERY,
        SalesforceFault.error(401, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "expired"));

    assertThatThrownBy(this::query).rootCause().hasMessageContaining("EXPIRED_PASSWORD");
    assertThat(salesforce.calls(Kind.LOGIN)).isEqualTo(1);
  }

  @Test
  void every_answer_tells_the_usage_of_the_orgs_calls() {
    salesforce.apiUsage(41, 5000);

    query();

    assertThat(usage).hasValue("api-usage=42/5000");
  }

  @Test
  void a_batch_is_sent_whole_with_the_new_session() {
    query();
    salesforce.expireSessions();
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      records
          .append(i == 0 ? "" : ",")
          .append("{\"attributes\":{\"type\":\"Zoom_Order__c\"},\"Zoom_Order_Id__c\":\"O-")
          .append(i)
          .append("\"}");
    }

    camel
        .createProducerTemplate()
        .requestBody(
            "salesforce:raw?rawMethod=PATCH&rawPath="
                + "/services/data/v62.0/composite/sobjects/Zoom_Order__c/Zoom_Order_Id__c",
            "{\"allOrNone\":false,\"records\":[" + records + "]}");

    assertThat(salesforce.records("Zoom_Order__c")).hasSize(200);
    assertThat(salesforce.logins()).isEqualTo(2);
  }

  /** The answers to many queries at the same time, or why there is none. */
  private List<String> queriesAtOnce() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    try {
      CyclicBarrier start = new CyclicBarrier(WORKERS);
      Callable<String> worker =
          () -> {
            start.await();
            try {
              return query();
            } catch (CamelExecutionException e) {
              return String.valueOf(NestedExceptionUtils.getMostSpecificCause(e));
            }
          };
      List<String> answers = new ArrayList<>();
      for (Future<String> answer : workers.invokeAll(Collections.nCopies(WORKERS, worker))) {
        answers.add(answer.get());
      }
      return answers;
    } finally {
      workers.shutdownNow();
    }
  }

  private SalesforceClient client() {
    return (SalesforceClient)
        camel.getComponent("salesforce", SalesforceComponent.class).getHttpClient();
  }

  private String query() {
    return camel
        .createProducerTemplate()
        .requestBodyAndHeader(
            "salesforce:query?rawPayload=true&apiVersion=62.0",
            null,
            "sObjectQuery",
            "SELECT Id FROM Opportunity",
            String.class);
  }
}
