package io.commercewebhooks.intake;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * How webhooks are received; {@code config/application.yaml} has every value and its meaning.
 *
 * @param maxBody the largest body that is read
 * @param bodyTimeout how long a whole body may take to arrive
 * @param maxInFlight how many requests are worked on at once; more are told to come back
 * @param maxInFlightSize how much all their bodies together may hold
 * @param maxAtWorkSize how much the bodies together may hold that are read and redacted at once;
 *     others take turns
 * @param retryAfter how long a sender is asked to wait when we are in trouble
 * @param refusalsPerAddress how many refusals a minute a source address gets before it gets 429
 * @param rejectedPerMinute how many refused webhooks are recorded a minute and reason, so that
 *     nobody can fill the ledger with them
 * @param zoomCommerce how Zoom's webhooks are verified
 * @param oracleCommerce how Oracle's webhooks are verified
 * @param signed how those of other senders are verified, by the name that their route gives them
 */
@ConfigurationProperties("intake")
public record IntakeSettings(
    DataSize maxBody,
    Duration bodyTimeout,
    int maxInFlight,
    DataSize maxInFlightSize,
    DataSize maxAtWorkSize,
    Duration retryAfter,
    int refusalsPerAddress,
    int rejectedPerMinute,
    ZoomCommerce zoomCommerce,
    OracleCommerce oracleCommerce,
    Map<String, Signed> signed) {

  public IntakeSettings {
    signed = signed == null ? Map.of() : Map.copyOf(signed);
  }

  /** Secrets comma separated, newest first. */
  public record ZoomCommerce(String secrets, Duration timestampTolerance) {
    @Override
    public String toString() {
      return "timestampTolerance=" + timestampTolerance;
    }
  }

  /** Secrets comma separated, newest first, base64 as Oracle's admin page shows them. */
  public record OracleCommerce(String requestQuoteSecrets, String returnSecrets, boolean sha1) {
    @Override
    public String toString() {
      return "sha1=" + sha1;
    }
  }

  /**
   * A sender that signs by an HMAC.
   *
   * @param secrets comma separated, newest first
   * @param algorithm as Java calls it
   * @param code how the signature is written: hex or base64
   * @param prefix what stands before it; may be missing
   * @param text what is signed, with {@code {timestamp}} and {@code {body}}
   * @param timestampTolerance how far the time may be off, either way; missing where none is signed
   */
  public record Signed(
      String secrets,
      String algorithm,
      String code,
      String prefix,
      String text,
      Duration timestampTolerance) {
    @Override
    public String toString() {
      return "algorithm=%s, text=%s".formatted(algorithm, text);
    }
  }
}
