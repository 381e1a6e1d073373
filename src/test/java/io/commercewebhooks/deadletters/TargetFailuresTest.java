package io.commercewebhooks.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.FailureSettings.Codes;
import io.commercewebhooks.ledger.Outcome;
import io.commercewebhooks.ledger.Outcome.Hold;
import io.commercewebhooks.ledger.Outcome.Kind;
import jakarta.mail.internet.InternetAddress;
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
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

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
  @CsvSource({"25006, CIRCUIT", "25P03, ", "25P04, "})
  void a_database_that_only_reads_for_now_or_ended_a_transaction_is_tried_again_as_shipped(
      String state, Hold hold) {
    new ApplicationContextRunner()
        .withInitializer(new ConfigDataApplicationContextInitializer())
        .withPropertyValues("spring.config.location=file:config/failures.yaml")
        .withUserConfiguration(OfFailures.class)
        .run(
            start -> {
              Outcome outcome =
                  new TargetFailures(
                          start.getBean(FailureSettings.class),
                          new RetryAfter(),
                          new ObjectMapper())
                      .classify(new SQLException("words", state));
              assertThat(outcome.kind()).isEqualTo(Kind.RETRY);
              assertThat(outcome.hold()).isEqualTo(hold);
            });
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
