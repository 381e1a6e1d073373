package io.commercewebhooks.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.Sha256;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Seals what the ledger keeps of a payload, and hashes what names a person, so that sealed payloads
 * can be found.
 *
 * <p>A sealed text is {@code enc:<id of the key>:<base64 of nonce and AES-GCM ciphertext>}. It is
 * bound to its event and its column: moved to another row it can't be opened. Texts in the clear
 * are read as they are, so sealing can be switched on at any time; {@link ProtectionRenewal} seals
 * the rest.
 */
@Component
public class DataProtection {

  private static final String SEALED = "enc:";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int HASH_BYTES = 16;
  private static final int ID_DIGITS = 8;
  private static final String PAYLOAD = "payload";
  private static final String LOOK_UP = "look-up";

  /** Another word here, and everything kept is hashed anew: for when more is to be found by. */
  private static final String HASHED = "/names-and-texts";

  private final SecureRandom random = new SecureRandom();
  private final Map<String, SecretKey> payloadKeys = new LinkedHashMap<>();
  private final List<byte[]> lookUpKeys;
  private final String newest;
  private final String fingerprint;

  /**
   * Takes the keys of the environment; without one for look-ups, one that the ledger keeps itself.
   *
   * @throws CannotStartException when the ledger holds payloads that none of the keys opens
   */
  DataProtection(ProtectionSettings settings, JdbcTemplate ledger) {
    for (byte[] key : settings.keysOfPayloads()) {
      payloadKeys.put(idOf(key), new SecretKeySpec(key, "AES"));
    }
    List<byte[]> given = settings.keysOfLookUps();
    lookUpKeys = given.isEmpty() ? List.of(ownKey(ledger)) : given;
    newest = payloadKeys.isEmpty() ? null : payloadKeys.keySet().iterator().next();
    fingerprint = (newest == null ? "clear" : newest) + "/" + idOf(lookUpKeys.get(0)) + HASHED;
    checkKeys(ledger);
  }

  private byte[] ownKey(JdbcTemplate ledger) {
    byte[] made = new byte[32];
    random.nextBytes(made);
    ledger.update(
        "insert into protection_key (id, kind, secret) values ('own', ?, ?) on conflict do nothing",
        LOOK_UP,
        Base64.getEncoder().encodeToString(made));
    return Base64.getDecoder()
        .decode(
            ledger.queryForObject(
                "select secret from protection_key where id = 'own'", String.class));
  }

  /**
   * A key that was in use may be missing only when nothing is sealed with it any more. That is
   * asked of what each event says of itself: to read all payloads would take a large ledger
   * minutes.
   */
  private void checkKeys(JdbcTemplate ledger) {
    if (newest != null) {
      ledger.update(
          "insert into protection_key (id, kind) values (?, ?) on conflict do nothing",
          newest,
          PAYLOAD);
    }
    for (String id :
        ledger.queryForList(
            "select id from protection_key where kind = ?", String.class, PAYLOAD)) {
      if (payloadKeys.containsKey(id)) {
        continue;
      }
      Boolean used =
          ledger.queryForObject(
              "select exists (select 1 from event where protection like ?)",
              Boolean.class,
              id + "/%");
      if (Boolean.TRUE.equals(used)) {
        throw new CannotStartException(
            "LEDGER_PAYLOAD_KEYS lacks the key "
                + id
                + ", with which payloads of the ledger are sealed");
      }
      ledger.update("delete from protection_key where id = ?", id);
    }
  }

  /** Which keys protect what is written now. */
  String fingerprint() {
    return fingerprint;
  }

  /**
   * Seals a text, or gives it back as it is when there is no key.
   *
   * @param event id of the event it belongs to
   * @param column where it will be kept
   */
  String seal(String event, String column, String text) {
    if (newest == null) {
      return text;
    }
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = crypt(Cipher.ENCRYPT_MODE, newest, nonce, event, column, text.getBytes(UTF_8));
    byte[] kept = ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
    return SEALED + newest + ":" + Base64.getEncoder().encodeToString(kept);
  }

  /**
   * Opens what {@link #seal} gave; a text in the clear is given back as it is.
   *
   * @throws IllegalStateException when no key opens it, or it was sealed for another place
   */
  String open(String event, String column, String kept) {
    if (!kept.startsWith(SEALED)) {
      return kept;
    }
    String[] parts = kept.split(":", 3);
    byte[] bytes = Base64.getDecoder().decode(parts[2]);
    byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
    byte[] sealed = Arrays.copyOfRange(bytes, NONCE_BYTES, bytes.length);
    return new String(crypt(Cipher.DECRYPT_MODE, parts[1], nonce, event, column, sealed), UTF_8);
  }

  private byte[] crypt(
      int mode, String id, byte[] nonce, String event, String column, byte[] bytes) {
    SecretKey key = payloadKeys.get(id);
    if (key == null) {
      throw new IllegalStateException(
          "the payload of " + event + " is sealed with a key we lack: " + id);
    }
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD((column + ":" + event).getBytes(UTF_8));
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the payload of " + event + " can't be opened", e);
    }
  }

  /** The hash under which something that names a person is kept now. */
  String hash(String kind, String value) {
    return hash(lookUpKeys.get(0), kind, value);
  }

  /** All hashes under which it may have been kept, the newest key's first. */
  List<String> hashes(String kind, String value) {
    List<String> hashes = new ArrayList<>();
    lookUpKeys.forEach(key -> hashes.add(hash(key, kind, value)));
    return hashes;
  }

  private static String hash(byte[] key, String kind, String value) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] hash = mac.doFinal((kind + ":" + value).getBytes(UTF_8));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(Arrays.copyOf(hash, HASH_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Names a key without telling it. */
  static String idOf(byte[] key) {
    return Sha256.of(key).substring(0, ID_DIGITS);
  }
}
