package io.commercewebhooks.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.FailureSettings.Codes;
import io.commercewebhooks.ledger.Outcome;
import io.commercewebhooks.ledger.Outcome.Hold;
import io.commercewebhooks.ledger.Outcome.Kind;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.dto.RestError;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;

class TargetFailuresTest {

  private static final Codes CODES =
      new Codes(
          List.of("510"),
          Map.of("520", "slow"),
          List.of("530", "57"),
          List.of("540"),
          List.of("550"),
          List.of("560", "57014"));

  private final TargetFailures failures =
      new TargetFailures(
          new FailureSettings(CODES, CODES, CODES), new RetryAfter(), new ObjectMapper());

  private static final TargetFailures SHIPPED =
      new TargetFailures(shipped(), new RetryAfter(), new ObjectMapper());

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

  @Test
  void a_state_of_the_database_counts_before_its_class() {
    assertThat(failures.classify(new SQLException("words", "57014")).kind()).isEqualTo(Kind.DEAD);
    assertThat(failures.classify(new SQLException("words", "57P01")).hold())
        .isEqualTo(Hold.CIRCUIT);
  }

  @ParameterizedTest
  @CsvSource({
    "ALL_OR_NONE_OPERATION_ROLLED_BACK, RETRY, , ",
    "INVALID_SESSION_ID, RETRY, , ",
    "PROCESSING_HALTED, RETRY, , ",
    "QUERY_TIMEOUT, RETRY, , ",
    "REQUEST_RUNNING_TOO_LONG, RETRY, , ",
    "SERVER_UNAVAILABLE, RETRY, , ",
    "UNABLE_TO_LOCK_ROW, RETRY, , ",
    "UNKNOWN_EXCEPTION, RETRY, , ",
    "DUPLICATE_VALUE, RETRY, , once",
    "FOREIGN_KEY_NOT_FOUND, RETRY, , slow",
    "API_DISABLED_FOR_ORG, HOLD, LOGIN, ",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD, HOLD, LOGIN, ",
    "LOGIN_RATE_EXCEEDED, HOLD, LOGIN, ",
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
    "08006, RETRY, CIRCUIT",
    "53300, RETRY, CIRCUIT",
    "57P01, RETRY, CIRCUIT",
    "40001, RETRY, ",
    "55P03, RETRY, ",
    "58030, RETRY, ",
    "XX000, RETRY, ",
    "28P01, HOLD, LOGIN",
    "22001, DEAD, ",
    "42703, DEAD, "
  })
  void a_state_of_the_database_means_what_is_shipped(String state, Kind kind, Hold hold) {
    assertShipped(new SQLException("words", state), kind, hold, null);
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

  private static void assertShipped(Exception failure, Kind kind, Hold hold, String clock) {
    Outcome outcome = SHIPPED.classify(failure);

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.hold()).isEqualTo(hold);
    assertThat(outcome.clock()).isEqualTo(clock);
  }

  private static FailureSettings shipped() {
    StandardEnvironment environment = new StandardEnvironment();
    try {
      new YamlPropertySourceLoader()
          .load("failures", new FileSystemResource("config/failures.yaml"))
          .forEach(environment.getPropertySources()::addLast);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Binder.get(environment).bind("failures", FailureSettings.class).get();
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
