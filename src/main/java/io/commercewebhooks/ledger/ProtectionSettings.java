package io.commercewebhooks.ledger;

import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The keys of the ledger, base64 of 32 random bytes each, comma separated, newest first.
 *
 * @param payloadKeys what payloads are sealed with; empty: they lie in the clear
 * @param lookUpKeys what the e-mail addresses and ids of people are hashed with
 */
@ConfigurationProperties("protection")
public record ProtectionSettings(String payloadKeys, String lookUpKeys) {

  private static final int KEY_BYTES = 32;

  List<byte[]> keysOfPayloads() {
    return keys(payloadKeys);
  }

  List<byte[]> keysOfLookUps() {
    return keys(lookUpKeys);
  }

  /** Whether each of comma separated texts is a key. */
  public static boolean areKeys(String text) {
    try {
      return keys(text).stream().allMatch(key -> key.length == KEY_BYTES);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<byte[]> keys(String text) {
    if (text == null || text.isBlank()) {
      return List.of();
    }
    return Stream.of(text.split(",", -1))
        .map(String::strip)
        .map(Base64.getDecoder()::decode)
        .toList();
  }

  @Override
  public String toString() {
    return "keys";
  }
}
