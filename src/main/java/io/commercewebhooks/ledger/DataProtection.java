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
import java.util.Collection;
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

  /** What stands for the id of a key that the ledger keeps. */
  private static final String OWN = "own";

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
   * @throws CannotStartException when the ledger holds payloads that none of the keys opens, or
   *     events without payload in which none of them finds a person
   */
  DataProtection(ProtectionSettings settings, JdbcTemplate ledger) {
    for (byte[] key : settings.keysOfPayloads()) {
      payloadKeys.put(idOf(key), new SecretKeySpec(key, "AES"));
    }
    lookUpKeys = new ArrayList<>(settings.keysOfLookUps());
    if (lookUpKeys.isEmpty()) {
      makeOwnKey(ledger);
    } else {
      forgetOwnKey(ledger);
    }
    lookUpKeys.addAll(ownKey(ledger));
    newest = payloadKeys.isEmpty() ? null : payloadKeys.keySet().iterator().next();
    fingerprint = (newest == null ? "clear" : newest) + "/" + idOf(lookUpKeys.get(0)) + HASHED;
    checkKeys(ledger);
  }

  private void makeOwnKey(JdbcTemplate ledger) {
    byte[] made = new byte[32];
    random.nextBytes(made);
    ledger.update(
        "insert into protection_key (id, kind, secret) values (?, ?, ?) on conflict do nothing",
        OWN,
        LOOK_UP,
        Base64.getEncoder().encodeToString(made));
  }

  /** Where the environment gives a key, the ledger's own stays as long as it finds somebody. */
  private static void forgetOwnKey(JdbcTemplate ledger) {
    for (byte[] own : ownKey(ledger)) {
      ledger.update(
          """
          delete from protection_key where id = ?
          and not exists (select 1 from event
                          where protection like '%/' || ? || '/%' and people <> '{}')
          """,
          OWN, idOf(own));
    }
  }

  private static List<byte[]> ownKey(JdbcTemplate ledger) {
    return ledger
        .queryForList("select secret from protection_key where id = ?", String.class, OWN)
        .stream()
        .map(Base64.getDecoder()::decode)
        .toList();
  }

  /**
   * A key that was in use may be missing only when nothing is protected by it any more: no payload
   * is sealed with it, and no event without a payload, which can't be hashed anew, names people by
   * it. That is asked of what each event says of itself: to read all payloads would take a large
   * ledger minutes.
   */
  private void checkKeys(JdbcTemplate ledger) {
    if (newest != null) {
      note(ledger, PAYLOAD, newest);
    }
    note(ledger, LOOK_UP, idOf(lookUpKeys.get(0)));
    refuseWithout(
        ledger,
        PAYLOAD,
        payloadKeys.keySet(),
        "protection like ? || '/%' and payload_removed_at is null",
        "LEDGER_PAYLOAD_KEYS lacks the key %s, with which payloads of the ledger are sealed");
    refuseWithout(
        ledger,
        LOOK_UP,
        lookUpKeys.stream().map(DataProtection::idOf).toList(),
        "protection like '%/' || ? || '/%' and payload_removed_at is not null and people <> '{}'",
        "LEDGER_LOOK_UP_KEYS lacks the key %s, by which alone persons are found in events whose"
            + " payload is gone");
  }

  private static void note(JdbcTemplate ledger, String kind, String id) {
    ledger.update(
        "insert into protection_key (id, kind) values (?, ?) on conflict do nothing",
        noted(kind, id),
        kind);
  }

  /** One key may be given for both. */
  private static String noted(String kind, String id) {
    return kind.equals(PAYLOAD) ? id : kind + "/" + id;
  }

  private static void refuseWithout(
      JdbcTemplate ledger, String kind, Collection<String> there, String isUsed, String words) {
    for (String noted :
        ledger.queryForList(
            "select id from protection_key where kind = ? and secret is null",
            String.class,
            kind)) {
      String id = noted.substring(noted.indexOf('/') + 1);
      if (there.contains(id)) {
        continue;
      }
      Boolean used =
          ledger.queryForObject(
              "select exists (select 1 from event where " + isUsed + ")", Boolean.class, id);
      if (Boolean.TRUE.equals(used)) {
        throw new CannotStartException(words.formatted(id));
      }
      ledger.update("delete from protection_key where id = ?", noted);
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
