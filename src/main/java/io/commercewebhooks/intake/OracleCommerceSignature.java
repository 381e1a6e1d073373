package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WEAK_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;

import java.util.Base64;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * Proves that Oracle Commerce sent a webhook: the base64 HMAC of the raw body, with the
 * base64-decoded secret as the key. SHA-512 by default; SHA-1, which old versions send, only where
 * it is switched on.
 */
public class OracleCommerceSignature {

  private static final int SHA_512_LENGTH = 64;
  private static final int SHA_1_LENGTH = 20;

  private volatile Secrets secrets;
  private final boolean sha1;

  OracleCommerceSignature(String secrets, boolean sha1) {
    this.sha1 = sha1;
    use(secrets);
  }

  /**
   * Verifies with these secrets from now on.
   *
   * @throws IllegalArgumentException when they can't be used; the others stay in use
   */
  final void use(String secrets) {
    this.secrets = Secrets.of(secrets, Base64.getDecoder()::decode);
  }

  /**
   * Refuses a body whose signature is not Oracle's. Where the SHA-512 header is there, even empty,
   * it alone decides; nothing falls back to a weaker check.
   *
   * @param body the bytes as received
   * @param signature header {@code X-Oracle-CC-WebHook-Signature}
   * @param sha512Signature header {@code X-Oracle-CC-WebHook-Signature-SHA512}
   * @throws SignatureRefusedException with the reason
   * @throws MalformedWebhookException when the signature is right, but there is nothing to it
   */
  public void verify(
      @Body byte[] body,
      @Variable("signature") String signature,
      @Variable("sha512Signature") String sha512Signature)
      throws SignatureRefusedException, MalformedWebhookException {
    boolean strong = sha512Signature != null;
    byte[] code = decode(strong ? sha512Signature : signature);
    if (code.length == SHA_512_LENGTH) {
      require(secrets.match("HmacSHA512", code, body));
    } else if (code.length == SHA_1_LENGTH && !strong) {
      if (!sha1) {
        throw new SignatureRefusedException(WEAK_SIGNATURE);
      }
      require(secrets.match("HmacSHA1", code, body));
    } else {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
    MalformedWebhookException.refuseEmpty(body);
  }

  private static void require(boolean matches) throws SignatureRefusedException {
    if (!matches) {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
  }

  private static byte[] decode(String signature) throws SignatureRefusedException {
    if (signature == null || signature.isEmpty()) {
      throw new SignatureRefusedException(MISSING_SIGNATURE);
    }
    try {
      return Base64.getDecoder().decode(signature);
    } catch (IllegalArgumentException e) {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
  }
}
