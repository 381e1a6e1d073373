package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.FUTURE_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MALFORMED_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.STALE_TIMESTAMP;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.WebhookSender;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZoomCommerceSignatureTest {

  private static final String SECRET = "the-secret-token";
  private static final String BODY = "{\"event\":\"commerce.quote_status_changed\",\"é\":\"☕\"}";
  private static final Instant NOW = Instant.parse("2026-11-23T07:17:00Z");
  private static final String TIMESTAMP = Long.toString(NOW.getEpochSecond());

  private final ZoomCommerceSignature signature = withSecrets(SECRET);

  @Test
  void the_signature_that_zoom_makes_is_accepted() {
    accepted(signature, BODY, TIMESTAMP, signed(SECRET, TIMESTAMP, BODY));
  }

  @Test
  void a_signature_computed_by_another_tool_is_accepted() {
    // printf 'v0:1764141420:{}' | openssl dgst -sha256 -hmac the-secret-token
    ZoomCommerceSignature then =
        new ZoomCommerceSignature(
            SECRET,
            Duration.ofMinutes(5),
            Clock.fixed(Instant.ofEpochSecond(1764141420), ZoneOffset.UTC));
    accepted(
        then,
        "{}",
        "1764141420",
        "v0=ef2d3f6ae8fee5bb2b9becb8bc7f33da640f56174d46dd09920e48ce955b85df");
  }

  @ParameterizedTest
  @NullAndEmptySource
  void a_missing_signature_is_refused(String missing) {
    refused(MISSING_SIGNATURE, BODY, TIMESTAMP, missing);
  }

  @ParameterizedTest
  @NullAndEmptySource
  void a_missing_timestamp_is_refused(String missing) {
    refused(MISSING_TIMESTAMP, BODY, missing, signed(SECRET, TIMESTAMP, BODY));
  }

  @Test
  void the_signature_of_another_secret_is_refused() {
    refused(WRONG_SIGNATURE, BODY, TIMESTAMP, signed("another-secret", TIMESTAMP, BODY));
  }

  @Test
  void the_signature_of_another_body_is_refused() {
    refused(WRONG_SIGNATURE, BODY + " ", TIMESTAMP, signed(SECRET, TIMESTAMP, BODY));
    refused(WRONG_SIGNATURE, "", TIMESTAMP, signed(SECRET, TIMESTAMP, BODY));
  }

  @Test
  void the_signature_of_another_timestamp_is_refused() {
    String aSecondLater = Long.toString(NOW.getEpochSecond() + 1);
    refused(WRONG_SIGNATURE, BODY, aSecondLater, signed(SECRET, TIMESTAMP, BODY));
  }

  @Test
  void bytes_count_and_not_the_characters_they_may_mean() throws Exception {
    byte[] latin = "{\"name\":\"é\"}".getBytes(ISO_8859_1);
    String code = signed(SECRET, TIMESTAMP, latin);

    signature.verify(latin, TIMESTAMP, code);
    refused(WRONG_SIGNATURE, new String(latin, UTF_8), TIMESTAMP, code);
  }

  @Test
  void a_mangled_signature_is_refused() {
    String right = signed(SECRET, TIMESTAMP, BODY);
    String hex = right.substring(3);
    for (String mangled :
        new String[] {
          hex,
          "v1=" + hex,
          "V0=" + hex,
          "v0:" + hex,
          "v0=",
          "v0=" + hex.substring(1),
          right + "0",
          right + "00",
          right + ",v0=" + hex,
          " " + right,
          right + " ",
          right + "\n",
          "v0=" + hex.toUpperCase(Locale.ROOT),
          "v0=" + "g".repeat(64),
          "v0=" + "0".repeat(64),
          "v0=" + hex.substring(0, 63) + (hex.endsWith("0") ? "1" : "0"),
          "v0=" + "\u0660".repeat(64),
          "[" + right + ", " + right + "]"
        }) {
      refused(WRONG_SIGNATURE, BODY, TIMESTAMP, mangled);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 299, 300, -299, -300})
  void a_signature_within_the_tolerance_is_accepted(long secondsAgo) {
    String then = Long.toString(NOW.getEpochSecond() - secondsAgo);
    accepted(signature, BODY, then, signed(SECRET, then, BODY));
  }

  @ParameterizedTest
  @ValueSource(longs = {301, 86_400})
  void a_right_signature_that_is_too_old_is_stale(long secondsAgo) {
    String then = Long.toString(NOW.getEpochSecond() - secondsAgo);
    refused(STALE_TIMESTAMP, BODY, then, signed(SECRET, then, BODY));
  }

  @ParameterizedTest
  @ValueSource(longs = {301, 86_400})
  void a_right_signature_that_is_too_new_is_of_the_future(long secondsAhead) {
    String then = Long.toString(NOW.getEpochSecond() + secondsAhead);
    refused(FUTURE_TIMESTAMP, BODY, then, signed(SECRET, then, BODY));
  }

  @Test
  void a_wrong_signature_is_wrong_however_old_it_is() {
    String yesterday = Long.toString(NOW.getEpochSecond() - 86_400);
    refused(WRONG_SIGNATURE, BODY, yesterday, signed("another-secret", yesterday, BODY));
  }

  @Test
  void a_timestamp_that_is_not_seconds_is_refused_even_if_signed() {
    for (String malformed :
        new String[] {
          Long.toString(NOW.toEpochMilli()),
          TIMESTAMP.substring(1),
          TIMESTAMP + "0",
          " " + TIMESTAMP,
          TIMESTAMP + "\n",
          TIMESTAMP + ".0",
          "+" + TIMESTAMP.substring(1),
          "-" + TIMESTAMP.substring(1),
          "0x" + TIMESTAMP.substring(2),
          "2026-11-23",
          NOW.toString(),
          "\u0661\u0667\u0666\u0664\u0661\u0664\u0661\u0664\u0662\u0660",
          "now"
        }) {
      refused(MALFORMED_TIMESTAMP, BODY, malformed, signed(SECRET, malformed, BODY));
    }
  }

  @Test
  void a_body_that_is_cut_anew_between_timestamp_and_body_is_refused() {
    String body = "{\"a\":1}:{\"event\":\"commerce.order_status_changed\"}";
    String code = signed(SECRET, TIMESTAMP, body);

    accepted(signature, body, TIMESTAMP, code);
    refused(
        MALFORMED_TIMESTAMP,
        "{\"event\":\"commerce.order_status_changed\"}",
        TIMESTAMP + ":{\"a\":1}",
        code);
  }

  @Test
  void an_empty_body_is_malformed_even_if_signed() {
    assertThatThrownBy(
            () -> signature.verify(new byte[0], TIMESTAMP, signed(SECRET, TIMESTAMP, "")))
        .isInstanceOf(MalformedWebhookException.class)
        .hasMessage("the body is empty");
  }

  @Test
  void while_secrets_are_changed_both_are_accepted() {
    ZoomCommerceSignature rotating = withSecrets("new-secret, " + SECRET);

    accepted(rotating, BODY, TIMESTAMP, signed("new-secret", TIMESTAMP, BODY));
    accepted(rotating, BODY, TIMESTAMP, signed(SECRET, TIMESTAMP, BODY));
    assertThatThrownBy(
            () -> rotating.verify(bytes(BODY), TIMESTAMP, signed("older", TIMESTAMP, BODY)))
        .hasMessage("wrong-signature");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", ",", "secret,", ",secret", "a,,b", "\t"})
  void an_empty_secret_is_refused_at_the_start(String secrets) {
    assertThatThrownBy(() -> withSecrets(secrets))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an empty secret proves nothing");
  }

  @Test
  void the_challenge_and_nothing_else_is_a_challenge() {
    assertThat(signature.isChallenge(json("{\"event\":\"endpoint.url_validation\"}"))).isTrue();
    assertThat(signature.isChallenge(json("{\"event\":\"commerce.quote_status_changed\"}")))
        .isFalse();
    assertThat(signature.isChallenge(json("{\"event\":{\"endpoint.url_validation\":1}}")))
        .isFalse();
    assertThat(signature.isChallenge(json("[\"endpoint.url_validation\"]"))).isFalse();
    assertThat(signature.isChallenge(json("null"))).isFalse();
  }

  @Test
  void a_challenge_is_answered_with_the_code_of_its_token() throws Exception {
    assertThat(answer(signature, SECRET, "qgg8vlvZRS6UYooatFL8Aw"))
        .isEqualTo(
            "{\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\",\"encryptedToken\":\"%s\"}",
            hmac(SECRET, bytes("qgg8vlvZRS6UYooatFL8Aw")));
  }

  @Test
  void while_secrets_are_changed_a_challenge_is_answered_with_the_secret_it_was_signed_with()
      throws Exception {
    ZoomCommerceSignature rotating = withSecrets("new-secret," + SECRET);

    assertThat(answer(rotating, SECRET, "token")).contains(hmac(SECRET, bytes("token")));
    assertThat(answer(rotating, "new-secret", "token"))
        .contains(hmac("new-secret", bytes("token")));
  }

  @Test
  void nothing_but_a_plain_token_is_ever_signed() {
    for (String token :
        new String[] {
          "",
          "v0:" + TIMESTAMP + ":{}",
          "with space",
          "new\nline",
          "token\n",
          "{}",
          "é",
          "a".repeat(129)
        }) {
      assertThatThrownBy(() -> answer(signature, SECRET, token))
          .as(token)
          .isInstanceOf(MalformedWebhookException.class)
          .hasMessage("the challenge has no plain token");
    }
    assertThatCode(() -> answer(signature, SECRET, "a".repeat(128))).doesNotThrowAnyException();
  }

  private static String answer(ZoomCommerceSignature signature, String secret, String token)
      throws Exception {
    JsonNode challenge = json("{\"payload\":{},\"event\":\"endpoint.url_validation\"}");
    ((ObjectNode) challenge.path("payload")).put("plainToken", token);
    String body = challenge.toString();
    return signature.answerChallenge(
        challenge, bytes(body), TIMESTAMP, signed(secret, TIMESTAMP, body));
  }

  private static ZoomCommerceSignature withSecrets(String secrets) {
    return new ZoomCommerceSignature(
        secrets, Duration.ofMinutes(5), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static void accepted(
      ZoomCommerceSignature signature, String body, String timestamp, String code) {
    assertThatCode(() -> signature.verify(bytes(body), timestamp, code)).doesNotThrowAnyException();
  }

  private void refused(
      SignatureRefusedException.Reason reason, String body, String timestamp, String code) {
    assertThatThrownBy(() -> signature.verify(bytes(body), timestamp, code))
        .as("timestamp %s, signature %s", timestamp, code)
        .isInstanceOfSatisfying(
            SignatureRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(reason.word());
  }

  private static String signed(String secret, String timestamp, String body) {
    return signed(secret, timestamp, bytes(body));
  }

  private static String signed(String secret, String timestamp, byte[] body) {
    return "v0=" + hmac(secret, bytes("v0:" + timestamp + ":"), body);
  }

  private static String hmac(String secret, byte[]... parts) {
    return HexFormat.of().formatHex(WebhookSender.hmac("HmacSHA256", bytes(secret), parts));
  }

  private static JsonNode json(String text) {
    try {
      return StrictJson.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
