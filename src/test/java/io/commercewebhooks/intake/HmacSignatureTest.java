package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.FUTURE_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MALFORMED_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.STALE_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class HmacSignatureTest {

  private static final String SENDER = "acme-billing";
  private static final String SECRET = "acme-secret";
  private static final String BODY = "{\"event\":\"invoice.paid\"}";
  private static final Instant NOW = Instant.ofEpochSecond(1764141420);
  private static final String TIMESTAMP = "1764141420";

  /** {@code printf '1764141420.{"event":"invoice.paid"}' | openssl dgst -sha256 -hmac …}. */
  private static final String CODE =
      "5de7826c7490aaf6c2f92e5b59291a6e8f8b5d67e35af43adbbf08cffb280520";

  private static final IntakeSettings.Signed TIMED =
      signed("HmacSHA256", "hex", "sha256=", "{timestamp}.{body}", Duration.ofMinutes(5));

  private static IntakeSettings.Signed signed(
      String algorithm, String code, String prefix, String text, Duration tolerance) {
    return new IntakeSettings.Signed(SECRET, algorithm, code, prefix, text, tolerance);
  }

  private static HmacSignature signature(IntakeSettings.Signed settings, Instant now) {
    return new HmacSignature(Map.of(SENDER, settings), Clock.fixed(now, ZoneOffset.UTC));
  }

  private static void accepted(HmacSignature signature, String timestamp, String code) {
    assertThatCode(() -> signature.verify(BODY.getBytes(UTF_8), SENDER, timestamp, code))
        .doesNotThrowAnyException();
  }

  private static void refused(
      SignatureRefusedException.Reason reason, String body, String timestamp, String code) {
    refused(reason, signature(TIMED, NOW), body, timestamp, code);
  }

  private static void refused(
      SignatureRefusedException.Reason reason,
      HmacSignature signature,
      String body,
      String timestamp,
      String code) {
    assertThatThrownBy(() -> signature.verify(body.getBytes(UTF_8), SENDER, timestamp, code))
        .isInstanceOfSatisfying(
            SignatureRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void a_signature_computed_by_another_tool_is_accepted() {
    accepted(signature(TIMED, NOW), TIMESTAMP, "sha256=" + CODE);
  }

  @Test
  void a_time_in_milliseconds_is_accepted() {
    accepted(
        signature(TIMED, NOW),
        "1764141420123",
        "sha256=7181d5675e96cf8e283c264ba5de5738f4ce37e5d6ac72e63682197e4fc0d4cc");
  }

  @Test
  void a_sender_that_signs_the_body_alone_in_base64_needs_no_time() {
    accepted(
        signature(signed("HmacSHA512", "base64", null, "{body}", null), NOW),
        null,
        "Yg9wZWyniTp7BncC0StFTbSU0EBzONPZdhQlTwL17YtSFJkkxbLcjFllgZjL7H9svMLyGgMhZOMKS8Df8+hfSg==");
  }

  @Test
  void secrets_are_changed_while_both_are_accepted() {
    HmacSignature signature = signature(signed("HmacSHA256", "hex", "", "{body}", null), NOW);
    String newer = "c5b2628bcc4c2ef31fe9f8aaca0984f184c2c9d89b58b63868920373457be491";
    refused(WRONG_SIGNATURE, signature, BODY, null, newer);

    signature.use(SENDER, "newer-secret," + SECRET);

    accepted(signature, null, newer);
  }

  @ParameterizedTest
  @NullAndEmptySource
  void what_is_missing_is_refused(String missing) {
    refused(MISSING_SIGNATURE, BODY, TIMESTAMP, missing);
    refused(MISSING_TIMESTAMP, BODY, missing, "sha256=" + CODE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "sha256=", "sha256", "sha1=" + CODE, CODE, "sha256=" + CODE + "0", "sha256=é"})
  void a_signature_of_another_form_is_refused(String code) {
    refused(code.isEmpty() ? MISSING_SIGNATURE : WRONG_SIGNATURE, BODY, TIMESTAMP, code);
  }

  @Test
  void the_signature_of_another_body_or_time_is_refused() {
    refused(WRONG_SIGNATURE, BODY + " ", TIMESTAMP, "sha256=" + CODE);
    refused(WRONG_SIGNATURE, BODY, "1764141421", "sha256=" + CODE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"176414142", "17641414201", "2025-11-26T07:17:00Z", "1764141420.1", "+764141420"})
  void a_time_that_is_none_is_refused(String timestamp) {
    refused(MALFORMED_TIMESTAMP, BODY, timestamp, "sha256=" + CODE);
  }

  @Test
  void a_right_signature_of_another_time_is_stale_or_of_the_future() {
    HmacSignature later = signature(TIMED, NOW.plusSeconds(301));
    HmacSignature sooner = signature(TIMED, NOW.minusSeconds(301));

    refused(STALE_TIMESTAMP, later, BODY, TIMESTAMP, "sha256=" + CODE);
    refused(FUTURE_TIMESTAMP, sooner, BODY, TIMESTAMP, "sha256=" + CODE);
    accepted(signature(TIMED, NOW.plusSeconds(300)), TIMESTAMP, "sha256=" + CODE);
  }

  @Test
  void a_proved_webhook_without_a_body_is_malformed() {
    String ofNothing = "sha256=6559e442d32499f13db2db404a9ed990a894c96bdb38b3c03ef76257f4411dba";

    assertThatThrownBy(
            () -> signature(TIMED, NOW).verify(new byte[0], SENDER, TIMESTAMP, ofNothing))
        .isInstanceOf(MalformedWebhookException.class);
  }

  @Test
  void nobody_is_believed_whose_settings_are_missing() {
    assertThatThrownBy(
            () -> signature(TIMED, NOW).verify(BODY.getBytes(UTF_8), "another", TIMESTAMP, CODE))
        .hasMessage("there is no intake.signed.another in config/application.yaml");
  }

  @ParameterizedTest
  @CsvSource({
    "HmacSHA1, hex, {timestamp}.{body}, 5m, algorithm",
    ", hex, {timestamp}.{body}, 5m, algorithm",
    "HmacSHA256, HEX, {timestamp}.{body}, 5m, code",
    "HmacSHA256, , {timestamp}.{body}, 5m, code",
    "HmacSHA256, hex, , 5m, text",
    "HmacSHA256, hex, {timestamp}{body}, 5m, text",
    "HmacSHA256, hex, {timestamp}0{body}, 5m, text",
    "HmacSHA256, hex, {body}.{timestamp}, 5m, text",
    "HmacSHA256, hex, {timestamp}., 5m, text",
    "HmacSHA256, hex, {time}.{body}, 5m, text",
    "HmacSHA256, hex, {body}, 5m, timestamp-tolerance",
    "HmacSHA256, hex, {timestamp}.{body}, , timestamp-tolerance",
  })
  void settings_that_would_prove_nothing_are_named(
      String algorithm, String code, String text, String tolerance, String setting) {
    Duration off = tolerance == null ? null : Duration.ofMinutes(5);

    assertThatThrownBy(() -> signature(signed(algorithm, code, "", text, off), NOW))
        .isInstanceOf(CannotStartException.class)
        .hasMessageStartingWith("config/application.yaml: intake.signed.acme-billing." + setting);
  }
}
