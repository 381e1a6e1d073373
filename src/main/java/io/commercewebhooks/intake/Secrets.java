package io.commercewebhooks.intake;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secrets of one webhook, newest first: several at once, so that they can be changed. */
final class Secrets {

  private final List<byte[]> keys;

  private Secrets(List<byte[]> keys) {
    this.keys = keys;
  }

  /**
   * Reads a comma separated list.
   *
   * @param list the secrets as configured
   * @param decode how the text of a secret becomes its key
   * @throws IllegalArgumentException when there is none, or one is empty or can't be decoded
   */
  static Secrets of(String list, Function<String, byte[]> decode) {
    List<byte[]> keys =
        Stream.of(list == null ? new String[0] : list.split(",", -1))
            .map(String::strip)
            .map(decode)
            .toList();
    if (keys.isEmpty() || keys.stream().anyMatch(key -> key.length == 0)) {
      throw new IllegalArgumentException("an empty secret proves nothing");
    }
    return new Secrets(keys);
  }

  /** Whether any secret gives this code for these bytes; takes the same time whichever does. */
  boolean match(String algorithm, byte[] code, byte[]... parts) {
    return indexOf(algorithm, code, parts) >= 0;
  }

  /**
   * Signs with the secret that gave a code for some bytes, which while secrets are changed need not
   * be the newest.
   *
   * @throws IllegalArgumentException when none did
   */
  byte[] signLike(String algorithm, byte[] code, byte[][] parts, byte[] toSign) {
    int index = indexOf(algorithm, code, parts);
    if (index < 0) {
      throw new IllegalArgumentException("no secret gives this code");
    }
    return sign(algorithm, keys.get(index), toSign);
  }

  private int indexOf(String algorithm, byte[] code, byte[]... parts) {
    int index = -1;
    for (int i = 0; i < keys.size(); i++) {
      if (MessageDigest.isEqual(code, sign(algorithm, keys.get(i), parts))) {
        index = i;
      }
    }
    return index;
  }

  private static byte[] sign(String algorithm, byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return keys.size() + " secret(s)";
  }
}
