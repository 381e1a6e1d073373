package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * Proves that Zoom sent a webhook: {@code v0=} and the hex HMAC-SHA256 of {@code
 * v0:<timestamp>:<raw body>} with the app's secret token.
 */
public class ZoomCommerceSignature {

  private static final String HMAC = "HmacSHA256";
  private static final String VERSION = "v0";
  private static final Pattern SIGNATURE = Pattern.compile("v0=[0-9a-f]{64}");

  /** Ten digits exactly: anything longer would let bytes of the body be moved into the header. */
  private static final Pattern EPOCH_SECONDS = Pattern.compile("\\d{10}");

  private static final Pattern PLAIN_TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final String CHALLENGE = "endpoint.url_validation";

  private volatile Secrets secrets;
  private final Duration tolerance;
  private final Clock clock;
  private final AtomicLong answeredChallenges = new AtomicLong();

  ZoomCommerceSignature(String secrets, Duration tolerance, Clock clock) {
    this.tolerance = tolerance;
    this.clock = clock;
    use(secrets);
  }

  /**
   * Verifies with these secrets from now on.
   *
   * @throws IllegalArgumentException when they can't be used; the others stay in use
   */
  final void use(String secrets) {
    this.secrets = Secrets.of(secrets, text -> text.getBytes(UTF_8));
  }

  /**
   * Refuses a body whose signature is not Zoom's.
   *
   * @param body the bytes as received
   * @param timestamp header {@code x-zm-request-timestamp}: seconds since 1970, ten digits
   * @param signature header {@code x-zm-signature}
   * @throws SignatureRefusedException with the reason; a stale or a future timestamp only when the
   *     signature is right
   * @throws MalformedWebhookException when all is proved, but there is nothing to it
   */
  public void verify(
      @Body byte[] body,
      @Variable("timestamp") String timestamp,
      @Variable("signature") String signature)
      throws SignatureRefusedException, MalformedWebhookException {
    if (signature == null || signature.isEmpty()) {
      throw new SignatureRefusedException(MISSING_SIGNATURE);
    }
    SignedTime.requireWritten(timestamp, EPOCH_SECONDS);
    if (!SIGNATURE.matcher(signature).matches()) {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
    if (!secrets.match(HMAC, code(signature), prefix(timestamp), body)) {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
    Instant signedAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
    SignedTime.requireTimely(signedAt, clock, tolerance);
    MalformedWebhookException.refuseEmpty(body);
  }

  /** Whether a verified webhook is Zoom's question whether this address is ours. */
  public boolean isChallenge(@Body JsonNode webhook) {
    return CHALLENGE.equals(webhook.path("event").asText());
  }

  /**
   * Answers a verified challenge with the secret that it was signed with. Only plain tokens are
   * signed: anything else could be the text of an event that somebody wants signed.
   *
   * @param received the verified bytes
   * @param timestamp their verified timestamp
   * @param signature their verified signature
   * @return {@code {"plainToken": …, "encryptedToken": …}}
   * @throws MalformedWebhookException when the token is not a plain token
   */
  public String answerChallenge(
      @Body JsonNode webhook,
      @Variable("received") byte[] received,
      @Variable("timestamp") String timestamp,
      @Variable("signature") String signature)
      throws MalformedWebhookException {
    String token = webhook.path("payload").path("plainToken").asText("");
    if (!PLAIN_TOKEN.matcher(token).matches()) {
      throw new MalformedWebhookException("the challenge has no plain token");
    }
    byte[][] signed = {prefix(timestamp), received};
    byte[] answer = secrets.signLike(HMAC, code(signature), signed, token.getBytes(US_ASCII));
    answeredChallenges.incrementAndGet();
    return JsonNodeFactory.instance
        .objectNode()
        .put("plainToken", token)
        .put("encryptedToken", HexFormat.of().formatHex(answer))
        .toString();
  }

  /** How many challenges were answered since the start. */
  long answeredChallenges() {
    return answeredChallenges.get();
  }

  private static byte[] prefix(String timestamp) {
    return (VERSION + ":" + timestamp + ":").getBytes(US_ASCII);
  }

  private static byte[] code(String signature) {
    return HexFormat.of().parseHex(signature, VERSION.length() + 1, signature.length());
  }
}
