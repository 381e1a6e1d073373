package io.commercewebhooks.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.FailureSettings.Codes;
import io.commercewebhooks.ledger.Outcome;
import io.commercewebhooks.ledger.Outcome.Hold;
import io.commercewebhooks.ledger.Outcome.Kind;
import io.commercewebhooks.sandbox.ShippedSettings;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.InternetAddress;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.dto.RestError;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

class TargetFailuresTest {

  private static final Codes CODES =
      new Codes(
          List.of("510"),
          List.of("570"),
          Map.of("520", "slow"),
          List.of("530", "57"),
          List.of("540"),
          List.of("550"),
          List.of("560", "57014"));

  private final TargetFailures failures =
      new TargetFailures(
          new FailureSettings(CODES, CODES, CODES, CODES), new RetryAfter(), new ObjectMapper());

  private static final TargetFailures SHIPPED =
      new TargetFailures(
          ShippedSettings.of("failures", FailureSettings.class),
          new RetryAfter(),
          new ObjectMapper());

  private static Stream<Exception> ofEachTarget(String code) {
    return Stream.of(
        new SalesforceException(List.of(new RestError(code, "words")), 400),
        new SQLException("words", code),
        new SMTPAddressFailedException(
            new InternetAddress(), "RCPT TO", Integer.parseInt(code), "words"));
  }

  @ParameterizedTest
  @CsvSource({
    "510, RETRY, , ",
    "520, RETRY, , slow",
    "570, RETRY, , ",
    "530, RETRY, CIRCUIT, ",
    "540, HOLD, LOGIN, ",
    "550, HOLD, QUOTA, ",
    "560, DEAD, , ",
    "599, DEAD, , "
  })
  void each_word_holds_for_each_target(String code, Kind kind, Hold hold, String clock) {
    assertThat(ofEachTarget(code).map(failures::classify))
        .hasSize(3)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.kind()).isEqualTo(kind);
              assertThat(outcome.hold()).isEqualTo(hold);
              assertThat(outcome.clock()).isEqualTo(clock);
            });
  }

  private static HttpOperationFailedException answered(
      int status, String body, Map<String, String> headers) {
    return new HttpOperationFailedException(
        "https://chat.example.com/hooks/a-secret", status, "No", null, headers, body);
  }

  @ParameterizedTest
  @CsvSource({
    "400, DEAD, ",
    "401, HOLD, LOGIN",
    "404, RETRY, CIRCUIT",
    "408, RETRY, ",
    "413, DEAD, ",
    "429, RETRY, CIRCUIT",
    "500, RETRY, CIRCUIT",
    "503, RETRY, CIRCUIT"
  })
  void a_status_of_a_target_of_ones_own_means_what_is_shipped(int status, Kind kind, Hold hold) {
    assertShipped(answered(status, "", Map.of()), kind, hold, null);
  }

  @Test
  void a_target_of_ones_own_is_asked_again_when_it_says() {
    Outcome outcome = SHIPPED.classify(answered(429, "", Map.of("retry-after", "7")));

    assertThat(outcome.hold()).isEqualTo(Hold.ASKED);
    assertThat(outcome.code()).isEqualTo("HTTP_429");
  }

  @Test
  void the_address_of_a_target_of_ones_own_is_not_told_since_it_may_hold_a_secret() {
    assertThat(SHIPPED.classify(answered(400, "no_text", Map.of())).toString())
        .contains("HTTP_400", "no_text")
        .doesNotContain("a-secret");
  }

  @Test
  void a_target_of_ones_own_that_is_away_is_unwell() {
    Stream.of(
            new ConnectException("refused"),
            new SocketTimeoutException("nothing came"),
            new UnknownHostException("chat.example.com"),
            new SSLHandshakeException("the connection ended"))
        .forEach(
            away ->
                assertThat(SHIPPED.classify(new IllegalStateException(away)))
                    .extracting(Outcome::kind, Outcome::hold, Outcome::code)
                    .containsExactly(Kind.RETRY, Hold.CIRCUIT, "NO_ANSWER"));
  }

  @Test
  void a_certificate_that_is_not_trusted_is_told_from_no_answer() {
    SSLException ended =
        new SSLException("validity check failed", new CertificateException("NotAfter: Mon Nov 30"));

    assertThat(
            Stream.of(
                    new IllegalStateException(ended),
                    new SalesforceException("no sign-in", ended),
                    new SQLTransientConnectionException(
                        "no connection", "08006", new SQLException("SSL error", "08006", ended)))
                .map(SHIPPED::classify))
        .extracting(Outcome::kind, Outcome::hold, Outcome::code, Outcome::detail)
        .containsOnly(
            tuple(
                Kind.RETRY,
                Hold.CIRCUIT,
                "CERTIFICATE",
                "validity check failed: NotAfter: Mon Nov 30"));
  }

  @Test
  void a_state_of_the_database_counts_before_its_class() {
    assertThat(failures.classify(new SQLException("words", "57014")).kind()).isEqualTo(Kind.DEAD);
    assertThat(failures.classify(new SQLException("words", "57P01")).hold())
        .isEqualTo(Hold.CIRCUIT);
  }

  @ParameterizedTest
  @CsvSource({
    "ALL_OR_NONE_OPERATION_ROLLED_BACK, RETRY, , ",
    "INVALID_SESSION_ID, RETRY, CIRCUIT, ",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE, RETRY, CIRCUIT, ",
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE, RETRY, CIRCUIT, ",
    "ORG_IN_MAINTENANCE, RETRY, CIRCUIT, ",
    "ORG_IS_SIGNING_UP, RETRY, CIRCUIT, ",
    "ORG_NOT_OWNED_BY_INSTANCE, RETRY, CIRCUIT, ",
    "URL_NOT_RESET, RETRY, CIRCUIT, ",
    "PROCESSING_HALTED, RETRY, , ",
    "QUERY_TIMEOUT, RETRY, , ",
    "REQUEST_RUNNING_TOO_LONG, RETRY, , ",
    "SERVER_UNAVAILABLE, RETRY, CIRCUIT, ",
    "RECORD_IN_USE_BY_WORKFLOW, RETRY, , ",
    "TOO_MANY_APEX_REQUESTS, RETRY, , ",
    "TRIGGER_LIMIT, RETRY, , ",
    "UNABLE_TO_LOCK_ROW, RETRY, , ",
    "UNKNOWN_EXCEPTION, RETRY, , ",
    "DUPLICATE_VALUE, RETRY, , once",
    "ENTITY_IS_DELETED, RETRY, , once",
    "FOREIGN_KEY_NOT_FOUND, RETRY, , slow",
    "TERRITORY_REALIGN_IN_PROGRESS, RETRY, , slow",
    "ENTITY_IS_LOCKED, RETRY, , people",
    "UNSUPPORTED_API_VERSION, RETRY, CIRCUIT, ",
    "unknown_error, RETRY, CIRCUIT, ",
    "temporarily_unavailable, RETRY, CIRCUIT, ",
    "API_CURRENTLY_DISABLED, HOLD, LOGIN, ",
    "API_DISABLED_FOR_ORG, HOLD, LOGIN, ",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD, HOLD, LOGIN, ",
    "LOGIN_DURING_RESTRICTED_DOMAIN, HOLD, LOGIN, ",
    "LOGIN_DURING_RESTRICTED_TIME, HOLD, LOGIN, ",
    "LOGIN_RATE_EXCEEDED, HOLD, LOGIN, ",
    "ORG_LOCKED, HOLD, LOGIN, ",
    "PASSWORD_LOCKOUT, HOLD, LOGIN, ",
    "TRIAL_EXPIRED, HOLD, LOGIN, ",
    "REQUEST_LIMIT_EXCEEDED, HOLD, QUOTA, ",
    "STORAGE_LIMIT_EXCEEDED, HOLD, QUOTA, ",
    "REQUIRED_FIELD_MISSING, DEAD, , "
  })
  void a_code_of_salesforce_means_what_is_shipped(String code, Kind kind, Hold hold, String clock) {
    assertShipped(
        new SalesforceException(List.of(new RestError(code, "words")), 400), kind, hold, clock);
  }

  @ParameterizedTest
  @CsvSource({
    "08006, RETRY, CIRCUIT, ",
    "25006, RETRY, CIRCUIT, ",
    "25P03, RETRY, , ",
    "25P04, RETRY, , ",
    "26000, RETRY, CIRCUIT, ",
    "42P05, RETRY, CIRCUIT, ",
    "53300, RETRY, CIRCUIT, ",
    "57P01, RETRY, CIRCUIT, ",
    "40001, RETRY, , ",
    "55P03, RETRY, , ",
    "58030, RETRY, , ",
    "XX000, RETRY, , ",
    "28P01, HOLD, LOGIN, ",
    "23503, RETRY, , slow",
    "23505, DEAD, , ",
    "22001, DEAD, , ",
    "42703, DEAD, , "
  })
  void a_state_of_the_database_means_what_is_shipped(
      String state, Kind kind, Hold hold, String clock) {
    assertShipped(new SQLException("words", state), kind, hold, clock);
  }

  @ParameterizedTest
  @CsvSource({
    "421, RETRY, CIRCUIT",
    "450, RETRY, ",
    "454, HOLD, LOGIN",
    "530, HOLD, LOGIN",
    "534, HOLD, LOGIN",
    "535, HOLD, LOGIN",
    "538, HOLD, LOGIN",
    "550, DEAD, "
  })
  void a_reply_of_the_mail_server_means_what_is_shipped(int reply, Kind kind, Hold hold) {
    assertShipped(
        new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", reply, "words"),
        kind,
        hold,
        null);
  }

  @ParameterizedTest
  @CsvSource({
    "0, RETRY, CIRCUIT, NO_ANSWER",
    "400, DEAD, , HTTP_400",
    "401, RETRY, CIRCUIT, HTTP_401",
    "403, RETRY, CIRCUIT, HTTP_403",
    "301, RETRY, CIRCUIT, HTTP_301",
    "302, RETRY, CIRCUIT, HTTP_302",
    "307, RETRY, CIRCUIT, HTTP_307",
    "404, RETRY, CIRCUIT, HTTP_404",
    "407, RETRY, CIRCUIT, HTTP_407",
    "408, RETRY, CIRCUIT, HTTP_408",
    "410, RETRY, CIRCUIT, HTTP_410",
    "413, DEAD, , HTTP_413",
    "429, RETRY, CIRCUIT, HTTP_429",
    "500, RETRY, CIRCUIT, HTTP_500",
    "503, RETRY, CIRCUIT, HTTP_503"
  })
  void an_answer_of_salesforce_without_a_code_is_judged_by_its_status(
      int status, Kind kind, Hold hold, String cause) {
    Outcome outcome = SHIPPED.classify(new SalesforceException("words", status));

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.hold()).isEqualTo(hold);
    assertThat(outcome.code()).isEqualTo(cause);
  }

  @ParameterizedTest
  @CsvSource({
    "System.DmlException: UNABLE_TO_LOCK_ROW, RETRY, UNABLE_TO_LOCK_ROW",
    "System.LimitException: Too many SOQL queries: 101, RETRY, TRIGGER_LIMIT",
    "System.LimitException: Apex CPU time limit exceeded, RETRY, TRIGGER_LIMIT",
    "This error occurred when the flow tried to look up records: Too many SOQL, RETRY, TRIGGER_LIMIT",
    "The flow failed: Apex CPU time limit exceeded, RETRY, TRIGGER_LIMIT",
    "System.NullPointerException, DEAD, CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
  })
  void a_trigger_that_failed_is_judged_by_what_it_met(String met, Kind kind, String cause) {
    RestError error =
        new RestError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "OnOrder: execution of AfterUpdate caused by: " + met);

    Outcome outcome = SHIPPED.classify(new SalesforceException(List.of(error), 400));

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.code()).isEqualTo(cause);
  }

  @Test
  void what_is_too_much_for_one_call_may_go_well_in_a_smaller_one() {
    RestError limit = new RestError("CANNOT_EXECUTE_FLOW_TRIGGER", "Too many DML statements: 151");

    assertThat(SHIPPED.classify(new SalesforceException(List.of(limit), 400)).tooMuch()).isTrue();
    assertThat(SHIPPED.classify(new SalesforceException("words", 500)).tooMuch()).isFalse();
  }

  @Test
  void a_code_that_nobody_knows_is_dead_unless_salesforce_itself_is_unwell() {
    List<RestError> errors = List.of(new RestError("NEW_CODE", "words"));

    assertThat(SHIPPED.classify(new SalesforceException(errors, 400)).kind()).isEqualTo(Kind.DEAD);
    assertThat(SHIPPED.classify(new SalesforceException(errors, 500)).hold())
        .isEqualTo(Hold.CIRCUIT);
  }

  @Test
  void a_login_that_salesforce_refuses_holds_it_and_one_that_it_can_not_answer_is_tried_again() {
    assertThat(
            List.of(
                SHIPPED.classify(
                    new SalesforceException(List.of(new RestError("invalid_grant", "words")), 400)),
                SHIPPED.classify(new SalesforceException("Login error code:400", 400))))
        .allSatisfy(
            outcome -> {
              assertThat(outcome.kind()).isEqualTo(Kind.HOLD);
              assertThat(outcome.hold()).isEqualTo(Hold.LOGIN);
              assertThat(outcome.code()).isEqualTo("LOGIN_REFUSED");
            });
    assertThat(
            List.of(
                SHIPPED.classify(new SalesforceException("Login error code:503", 503)),
                SHIPPED.classify(new SalesforceException("Login error code:429", 429))))
        .allSatisfy(outcome -> assertThat(outcome.hold()).isEqualTo(Hold.CIRCUIT));
  }

  @ParameterizedTest
  @CsvSource({"429, ASKED", "503, ASKED", "500, CIRCUIT"})
  void salesforce_is_left_alone_as_long_as_it_asks_for(int status, Hold hold) {
    RetryAfter asked = new RetryAfter();
    TargetFailures shipped =
        new TargetFailures(
            ShippedSettings.of("failures", FailureSettings.class), asked, new ObjectMapper());
    asked.hear("90");

    Outcome outcome = shipped.classify(new SalesforceException("words", status));

    assertThat(outcome.hold()).isEqualTo(hold);
    assertThat(outcome.atLeast()).isEqualTo(hold == Hold.ASKED ? Duration.ofSeconds(90) : null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "90 | PT90S",
        "0 | PT0S",
        "Mon, 30 Nov 2026 12:01:00 GMT | PT1M",
        "999999999 | P1D",
        "Fri, 31 Dec 9999 23:59:59 GMT | P1D",
        "Mon, 30 Nov 2026 11:59:00 GMT |",
        "-5 |",
        "soon |"
      })
  void what_is_asked_for_is_seconds_or_a_date_and_a_day_at_most(String header, Duration asked) {
    assertThat(RetryAfter.parse(header, Instant.parse("2026-11-30T12:00:00Z"))).isEqualTo(asked);
  }

  @Test
  void another_call_that_fails_at_the_same_time_takes_no_word_away_from_one_that_is_sent_away() {
    RetryAfter asked = new RetryAfter();
    TargetFailures shipped =
        new TargetFailures(
            ShippedSettings.of("failures", FailureSettings.class), asked, new ObjectMapper());
    asked.hear("90");

    shipped.classify(new SalesforceException("words", 500));
    Outcome outcome = shipped.classify(new SalesforceException("words", 503));

    assertThat(outcome.atLeast()).isEqualTo(Duration.ofSeconds(90));
  }

  @ParameterizedTest
  @CsvSource({"450, RETRY, SMTP_450", "550, DEAD, SMTP_551"})
  void a_mail_that_one_reader_may_still_get_is_tried_again_before_it_is_dead(
      int other, Kind kind, String cause) throws Exception {
    SMTPAddressFailedException gone =
        new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", 551, "gone");
    gone.setNextException(
        new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", other, "words"));
    Address[] reached = {new InternetAddress("sales@example.com")};

    Outcome outcome = SHIPPED.classify(new SendFailedException("words", gone, reached, null, null));

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.code()).isEqualTo(cause);
    assertThat(outcome.accepted()).containsExactly("sales@example.com");
  }

  @Test
  void a_mail_that_one_reader_can_never_get_is_tried_again_for_the_others_when_the_server_is_gone()
      throws Exception {
    Address[] others = {new InternetAddress("sales@example.com")};
    SMTPAddressFailedException gone =
        new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", 550, "no such user");

    Outcome outcome =
        SHIPPED.classify(
            new SMTPSendFailedException("DATA", -1, "[EOF]", gone, null, others, null));

    assertThat(outcome.kind()).isEqualTo(Kind.RETRY);
    assertThat(outcome.hold()).isEqualTo(Hold.CIRCUIT);
    assertThat(outcome.accepted()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "535 5.7.8 wrong password, LOGIN, SMTP_LOGIN",
    "454 4.7.0 temporary, LOGIN, SMTP_454",
    "451 4.3.0 directory away, CIRCUIT, SMTP_451",
    "421 4.3.2 shutting down, CIRCUIT, SMTP_421",
    "[EOF], CIRCUIT, SMTP_NO_ANSWER",
    "the token endpoint answered 401, LOGIN, SMTP_LOGIN"
  })
  void a_login_that_the_mail_server_has_no_time_for_is_not_told_as_a_refused_one(
      String said, Hold hold, String code) {
    assertThat(SHIPPED.classify(new AuthenticationFailedException(said)))
        .extracting(Outcome::hold, Outcome::code)
        .containsExactly(hold, code);
    assertThat(
            SHIPPED.classify(
                new AuthenticationFailedException("250 AUTH", new SocketTimeoutException("late"))))
        .extracting(Outcome::hold, Outcome::code)
        .containsExactly(Hold.CIRCUIT, "SMTP_NO_ANSWER");
  }

  @Test
  void a_reader_who_got_a_mail_is_known_again_however_the_address_is_written() throws Exception {
    Address[] reached = {
      new InternetAddress("\"first last\"@example.com"), new InternetAddress("ann@[192.0.2.1]")
    };
    SMTPAddressFailedException later =
        new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", 450, "later");

    Outcome outcome =
        SHIPPED.classify(new SMTPSendFailedException(".", 250, "ok", later, reached, null, null));

    assertThat(outcome.accepted()).containsExactly("\"first last\"@example.com", "ann@[192.0.2.1]");
  }

  @Test
  void what_is_wrong_with_an_access_token_can_be_read() {
    String json = "{\"status\":\"400\",\"schemes\":\"Bearer\"}";
    String challenge = Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));

    assertThat(
            Stream.of(
                    new AuthenticationFailedException("334 " + challenge + "\n"),
                    new NoAccessTokenException(
                        "the token endpoint does not answer", new ConnectException("refused")),
                    new NoAccessTokenException(
                        "the access token can't be read", new NoSuchFileException("token")))
                .map(SHIPPED::classify)
                .map(Outcome::detail))
        .containsExactly(
            json,
            "the token endpoint does not answer: refused",
            "the access token can't be read: token");
  }

  @Test
  void who_gives_no_access_token_is_not_taken_for_the_mail_server() {
    assertThat(
            SHIPPED.classify(
                new NoAccessTokenException(
                    "the token endpoint does not answer", new SSLHandshakeException("expired"))))
        .extracting(Outcome::kind, Outcome::hold, Outcome::code)
        .containsExactly(Kind.RETRY, Hold.CIRCUIT, "SMTP_TOKEN");
  }

  @Test
  void a_full_mailbox_is_waited_for_and_a_mail_that_is_too_large_is_not() {
    assertThat(
            Stream.of(
                    new SMTPAddressFailedException(
                        new InternetAddress(), "RCPT TO", 552, "5.2.2 over quota"),
                    new SMTPSendFailedException(
                        ".", 552, "5.3.4 too large", null, null, null, null))
                .map(SHIPPED::classify)
                .map(Outcome::kind))
        .containsExactly(Kind.RETRY, Kind.DEAD);
  }

  @Test
  void a_mail_server_that_has_taken_the_readers_limits_us_and_does_not_refuse_our_login() {
    String words = "454 Throttling failure: Maximum sending rate exceeded.";

    assertThat(
            SHIPPED.classify(
                new MessagingException(
                    "not sent",
                    new SMTPSendFailedException(".", 454, words, null, null, null, null))))
        .extracting(Outcome::kind, Outcome::hold, Outcome::code, Outcome::detail)
        .containsExactly(Kind.HOLD, Hold.QUOTA, "SMTP_LIMIT", words);
  }

  @ParameterizedTest
  @CsvSource({
    "550 5.4.5 Daily user sending limit exceeded, HOLD, QUOTA, SMTP_5.4.5",
    "550-5.4.5 Daily user sending limit exceeded, HOLD, QUOTA, SMTP_5.4.5",
    "550 5.1.1 no such user, DEAD, , SMTP_550",
    "550 5 users of that name, DEAD, , SMTP_550"
  })
  void an_enhanced_code_of_the_mail_server_counts_before_its_reply(
      String words, Kind kind, Hold hold, String code) {
    assertThat(
            SHIPPED.classify(
                new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", 550, words)))
        .extracting(Outcome::kind, Outcome::hold, Outcome::code)
        .containsExactly(kind, hold, code);
  }

  @Test
  void a_connection_that_ends_at_a_reader_is_told_as_what_it_is() {
    Outcome outcome =
        SHIPPED.classify(
            new SMTPAddressFailedException(new InternetAddress(), "RCPT TO", -1, "[EOF]"));

    assertThat(outcome)
        .extracting(Outcome::hold, Outcome::code, Outcome::detail)
        .containsExactly(
            Hold.CIRCUIT, "SMTP_NO_ANSWER", "the connection was closed before the answer");
  }

  @Test
  void a_mail_server_without_tls_or_with_a_wrong_certificate_is_told_from_one_that_is_silent() {
    assertThat(
            Stream.of(
                    new MessagingException("STARTTLS is required but host does not support it"),
                    new MessagingException(
                        "Could not convert socket to TLS", new SSLHandshakeException("expired")),
                    new MessagingException("[EOF]"))
                .map(SHIPPED::classify)
                .map(Outcome::code))
        .containsExactly("SMTP_TLS", "SMTP_TLS", "SMTP_NO_ANSWER");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Got bad greeting from SMTP host: mx, port: 25, response: 554 no service | 554 no service",
        "501 5.5.4 Invalid domain name | 501 5.5.4 Invalid domain name"
      })
  void a_mail_server_that_sends_us_away_is_told_from_one_that_is_silent(String said, String words) {
    assertThat(SHIPPED.classify(new MessagingException(said)))
        .extracting(Outcome::kind, Outcome::hold, Outcome::code, Outcome::detail)
        .containsExactly(Kind.RETRY, Hold.CIRCUIT, "SMTP_GREETING", words);
  }

  @Test
  void a_connection_that_the_database_refuses_is_told_in_its_own_words() {
    SQLException refused = new SQLException("FATAL: sorry, too many clients already", "53300");

    Outcome outcome =
        SHIPPED.classify(
            new SQLTransientConnectionException(
                "database - Connection is not available, request timed out", "53300", refused));

    assertThat(outcome.code()).isEqualTo("SQL_53300");
    assertThat(outcome.detail()).isEqualTo("FATAL: sorry, too many clients already");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3D000", "42501", "0A000"})
  void whatever_keeps_us_from_a_connection_is_no_word_about_a_delivery(String state) {
    SQLException said = new SQLException("words", state);

    assertShipped(
        new CannotGetJdbcConnectionException(
            "none", new SQLTransientConnectionException("no connection", state, said)),
        Kind.RETRY,
        Hold.CIRCUIT,
        null);
    assertShipped(said, Kind.DEAD, null, null);
  }

  private static void assertShipped(Exception failure, Kind kind, Hold hold, String clock) {
    Outcome outcome = SHIPPED.classify(failure);

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.hold()).isEqualTo(hold);
    assertThat(outcome.clock()).isEqualTo(clock);
  }

  @Test
  void a_word_that_nobody_knows_is_refused_at_the_start() {
    new ApplicationContextRunner()
        .withUserConfiguration(OfFailures.class)
        .withPropertyValues("failures.database.retries[0]=40")
        .run(start -> assertThat(start).getFailure().rootCause().hasMessageContaining("retries"));
  }

  @EnableConfigurationProperties(FailureSettings.class)
  private static class OfFailures {}
}
