package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WEAK_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.sandbox.WebhookSender;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class OracleCommerceSignatureTest {

  private static final byte[] KEY = {0, (byte) 0xff, 7, 'k', 'e', 'y', (byte) 0x80};
  private static final String SECRET = Base64.getEncoder().encodeToString(KEY);
  private static final String OTHER_SECRET = Base64.getEncoder().encodeToString(bytes("another"));
  private static final String BODY = "{\"id\":\"o90419\",\"note\":\"é ☕\"}";

  private final OracleCommerceSignature signature = new OracleCommerceSignature(SECRET, false);
  private final OracleCommerceSignature withSha1 = new OracleCommerceSignature(SECRET, true);

  @Test
  void a_sha_512_signature_is_accepted_in_its_own_header_and_in_the_old_one() {
    accepted(signature, BODY, null, sha512(KEY, BODY));
    accepted(signature, BODY, sha512(KEY, BODY), null);
  }

  @Test
  void a_signature_computed_by_another_tool_is_accepted() {
    // printf '{"id":"o1"}' | openssl dgst -sha512 -mac HMAC -macopt key:oracle-key -binary | base64
    OracleCommerceSignature both = new OracleCommerceSignature("b3JhY2xlLWtleQ==", true);
    accepted(
        both,
        "{\"id\":\"o1\"}",
        null,
        "eW36bbXddKSg5gmanv3qOl4TyRam39okz6BT4s016xM7"
            + "zEKpAg6KiCYeBoca2QDwNObkSc2uN05tLxhnmjyOQQ==");
    accepted(both, "{\"id\":\"o1\"}", "dqX5KtvbQrpMbYC/X48EKBITa+s=", null);
  }

  @ParameterizedTest
  @NullAndEmptySource
  void a_missing_signature_is_refused(String missing) {
    refused(signature, MISSING_SIGNATURE, BODY, missing, null);
    refused(withSha1, MISSING_SIGNATURE, BODY, missing, null);
  }

  @Test
  void the_signature_of_another_secret_is_refused() {
    refused(signature, WRONG_SIGNATURE, BODY, null, sha512(bytes("another"), BODY));
    refused(signature, WRONG_SIGNATURE, BODY, sha512(bytes("another"), BODY), null);
    refused(withSha1, WRONG_SIGNATURE, BODY, sha1(bytes("another"), BODY), null);
  }

  @Test
  void the_signature_of_another_body_is_refused() {
    refused(signature, WRONG_SIGNATURE, BODY + "\n", null, sha512(KEY, BODY));
    refused(signature, WRONG_SIGNATURE, "", null, sha512(KEY, BODY));
    refused(withSha1, WRONG_SIGNATURE, BODY + "\n", sha1(KEY, BODY), null);
  }

  @Test
  void bytes_count_and_not_the_characters_they_may_mean() throws Exception {
    byte[] latin = "{\"name\":\"é\"}".getBytes(ISO_8859_1);
    String code = code("HmacSHA512", KEY, latin);

    signature.verify(latin, null, code);
    refused(signature, WRONG_SIGNATURE, new String(latin, UTF_8), null, code);
  }

  @Test
  void the_key_is_the_decoded_secret_and_not_its_text() {
    refused(signature, WRONG_SIGNATURE, BODY, null, sha512(bytes(SECRET), BODY));
  }

  @Test
  void a_mangled_signature_is_refused() {
    String right = sha512(KEY, BODY);
    byte[] code = Base64.getDecoder().decode(right);
    for (String mangled :
        new String[] {
          right.substring(1),
          right.substring(0, right.length() - 4),
          right + "AAAA",
          right + right,
          " " + right,
          right + "\n",
          "sha512=" + right,
          "[" + right + ", " + right + "]",
          right.replace('=', '.'),
          HexFormat.of().formatHex(code),
          Base64.getEncoder().encodeToString(new byte[64]),
          "none",
          "é"
        }) {
      refused(signature, WRONG_SIGNATURE, BODY, null, mangled);
      refused(signature, WRONG_SIGNATURE, BODY, mangled, null);
    }
  }

  @Test
  void sha_1_is_accepted_only_where_it_is_switched_on() {
    refused(signature, WEAK_SIGNATURE, BODY, sha1(KEY, BODY), null);
    accepted(withSha1, BODY, sha1(KEY, BODY), null);
  }

  @Test
  void the_strong_header_takes_no_sha_1_even_where_it_is_switched_on() {
    refused(withSha1, WRONG_SIGNATURE, BODY, null, sha1(KEY, BODY));
    refused(withSha1, WRONG_SIGNATURE, BODY, sha1(KEY, BODY), sha1(KEY, BODY));
  }

  @Test
  void the_strong_header_alone_decides_where_it_is_there() {
    accepted(signature, BODY, sha1(bytes("another"), BODY), sha512(KEY, BODY));
    accepted(signature, BODY, "nonsense", sha512(KEY, BODY));
    refused(withSha1, WRONG_SIGNATURE, BODY, sha1(KEY, BODY), sha512(bytes("another"), BODY));
    refused(withSha1, WRONG_SIGNATURE, BODY, sha512(KEY, BODY), "nonsense");
    refused(withSha1, MISSING_SIGNATURE, BODY, sha512(KEY, BODY), "");
  }

  @Test
  void a_sha_512_code_in_the_old_header_is_never_tried_as_sha_1() {
    refused(withSha1, WRONG_SIGNATURE, BODY, sha512(bytes("another"), BODY), null);
  }

  @Test
  void a_code_of_any_other_length_is_refused() {
    for (String algorithm : new String[] {"HmacSHA256", "HmacSHA384", "HmacMD5"}) {
      refused(withSha1, WRONG_SIGNATURE, BODY, code(algorithm, KEY, bytes(BODY)), null);
      refused(withSha1, WRONG_SIGNATURE, BODY, null, code(algorithm, KEY, bytes(BODY)));
    }
  }

  @Test
  void an_empty_body_is_malformed_even_if_signed() {
    assertThatThrownBy(() -> signature.verify(new byte[0], null, sha512(KEY, "")))
        .isInstanceOf(MalformedWebhookException.class)
        .hasMessage("the body is empty");
  }

  @Test
  void while_secrets_are_changed_both_are_accepted() {
    OracleCommerceSignature rotating =
        new OracleCommerceSignature(OTHER_SECRET + ", " + SECRET, true);

    accepted(rotating, BODY, null, sha512(KEY, BODY));
    accepted(rotating, BODY, null, sha512(bytes("another"), BODY));
    accepted(rotating, BODY, sha1(KEY, BODY), null);
    refused(rotating, WRONG_SIGNATURE, BODY, null, sha512(bytes("a third"), BODY));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", ",", "a2V5,", ",a2V5", "a2V5,,a2V5"})
  void an_empty_secret_is_refused_at_the_start(String secrets) {
    assertThatThrownBy(() -> new OracleCommerceSignature(secrets, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an empty secret proves nothing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"not base64!", "a2V5,plain text", "a"})
  void a_secret_that_is_not_base64_is_refused_at_the_start(String secrets) {
    assertThatThrownBy(() -> new OracleCommerceSignature(secrets, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void accepted(
      OracleCommerceSignature signature, String body, String old, String strong) {
    assertThatCode(() -> signature.verify(bytes(body), old, strong)).doesNotThrowAnyException();
  }

  private static void refused(
      OracleCommerceSignature signature,
      SignatureRefusedException.Reason reason,
      String body,
      String old,
      String strong) {
    assertThatThrownBy(() -> signature.verify(bytes(body), old, strong))
        .as("old %s, strong %s", old, strong)
        .isInstanceOfSatisfying(
            SignatureRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(reason.word());
  }

  private static String sha512(byte[] key, String body) {
    return code("HmacSHA512", key, bytes(body));
  }

  private static String sha1(byte[] key, String body) {
    return code("HmacSHA1", key, bytes(body));
  }

  private static String code(String algorithm, byte[] key, byte[] body) {
    return Base64.getEncoder().encodeToString(WebhookSender.hmac(algorithm, key, body));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
