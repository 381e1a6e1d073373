package io.commercewebhooks.intake;

import static io.commercewebhooks.intake.SignatureRefusedException.Reason.MISSING_SIGNATURE;
import static io.commercewebhooks.intake.SignatureRefusedException.Reason.WRONG_SIGNATURE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.commercewebhooks.CannotStartException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * Proves that a sender of {@code intake.signed} sent a webhook: the HMAC, in one header, of the raw
 * body and perhaps a time, which stands in another.
 */
public class HmacSignature {

  private static final String TIME = "{timestamp}";
  private static final String BODY = "{body}";

  /** What follows the time is no digit: else bytes of the body could be moved into its header. */
  private static final Pattern TEXT =
      Pattern.compile("[^{}]*(\\{timestamp}[^{}0-9][^{}]*)?\\{body}");

  /** Seconds or milliseconds since 1970. */
  private static final Pattern EPOCH = Pattern.compile("\\d{10}(\\d{3})?");

  private static final Pattern ALGORITHM = Pattern.compile("HmacSHA(256|384|512)");

  private static final Map<String, Function<String, byte[]>> CODES =
      Map.of("hex", HexFormat.of()::parseHex, "base64", Base64.getDecoder()::decode);

  private final Map<String, Signed> senders = new HashMap<>();
  private final Clock clock;

  HmacSignature(Map<String, IntakeSettings.Signed> senders, Clock clock) {
    senders.forEach((name, settings) -> this.senders.put(name, new Signed(name, settings)));
    this.clock = clock;
  }

  private static final class Signed {

    private final IntakeSettings.Signed settings;
    private volatile Secrets secrets;

    Signed(String sender, IntakeSettings.Signed settings) {
      this.settings = settings;
      refuse(sender, "algorithm", !matches(ALGORITHM, settings.algorithm()), "HmacSHA256");
      refuse(sender, "code", settings.code() == null || !isCode(settings.code()), "hex or base64");
      refuse(sender, "text", !matches(TEXT, settings.text()), "\"{timestamp}.{body}\"");
      boolean tolerant = settings.timestampTolerance() != null;
      refuse(sender, "timestamp-tolerance", tolerant != isTimed(), "5m, where text has a time");
      use(settings.secrets());
    }

    private static boolean isCode(String name) {
      return CODES.containsKey(name);
    }

    private static boolean matches(Pattern pattern, String text) {
      return text != null && pattern.matcher(text).matches();
    }

    private static void refuse(String sender, String setting, boolean wrong, String instead) {
      if (wrong) {
        throw new CannotStartException(
            "config/application.yaml: intake.signed.%s.%s proves nothing; write it like %s"
                .formatted(sender, setting, instead));
      }
    }

    boolean isTimed() {
      return settings.text().contains(TIME);
    }

    final void use(String secrets) {
      this.secrets = Secrets.of(secrets, text -> text.getBytes(UTF_8));
    }

    boolean match(byte[] code, String timestamp, byte[] body) {
      String before = settings.text().replace(BODY, "").replace(TIME, timestamp);
      return secrets.match(settings.algorithm(), code, before.getBytes(UTF_8), body);
    }

    byte[] code(String signature) throws SignatureRefusedException {
      String prefix = settings.prefix() == null ? "" : settings.prefix();
      if (!signature.startsWith(prefix)) {
        throw new SignatureRefusedException(WRONG_SIGNATURE);
      }
      try {
        return CODES.get(settings.code()).apply(signature.substring(prefix.length()));
      } catch (IllegalArgumentException e) {
        throw new SignatureRefusedException(WRONG_SIGNATURE);
      }
    }
  }

  /**
   * Verifies with these secrets of a sender from now on.
   *
   * @throws IllegalArgumentException when they can't be used; the others stay in use
   */
  void use(String sender, String secrets) {
    senders.get(sender).use(secrets);
  }

  /**
   * Refuses a body whose signature is not the sender's.
   *
   * @param body the bytes as received
   * @param sender as {@code intake.signed} has it
   * @param timestamp what its header says: seconds or milliseconds since 1970; may be missing where
   *     none is signed
   * @param signature what its header says
   * @throws SignatureRefusedException with the reason; a stale or a future timestamp only when the
   *     signature is right
   * @throws MalformedWebhookException when all is proved, but there is nothing to it
   */
  public void verify(
      @Body byte[] body,
      @Variable("sender") String sender,
      @Variable("timestamp") String timestamp,
      @Variable("signature") String signature)
      throws SignatureRefusedException, MalformedWebhookException {
    Signed signed = senders.get(sender);
    if (signed == null) {
      throw new IllegalStateException(
          "there is no intake.signed.%s in config/application.yaml".formatted(sender));
    }
    if (signature == null || signature.isEmpty()) {
      throw new SignatureRefusedException(MISSING_SIGNATURE);
    }
    if (signed.isTimed()) {
      SignedTime.requireWritten(timestamp, EPOCH);
    }
    if (!signed.match(signed.code(signature), signed.isTimed() ? timestamp : "", body)) {
      throw new SignatureRefusedException(WRONG_SIGNATURE);
    }
    if (signed.isTimed()) {
      SignedTime.requireTimely(instant(timestamp), clock, signed.settings.timestampTolerance());
    }
    MalformedWebhookException.refuseEmpty(body);
  }

  private static Instant instant(String timestamp) {
    long number = Long.parseLong(timestamp);
    return timestamp.length() == 10 ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
  }
}
