package io.commercewebhooks.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.ShippedSettings;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Bodies, headers and card data that nobody thought of, against what reads them. A few hundred of
 * each in every build, many more with {@code ./mvnw test -Pfuzz}; a failure prints its seed.
 */
class IntakeFuzzTest {

  private static final ObjectMapper JSON = StrictJson.mapper();
  private static final Redactor REDACTOR =
      new Redactor(ShippedSettings.of("redaction", RedactionSettings.class));

  private static final Instant NOW = Instant.ofEpochSecond(1_763_882_221);
  private static final String TIMESTAMP = Long.toString(NOW.getEpochSecond());

  private static final List<byte[]> GENUINE =
      List.of(
          bytes("zoom-commerce/quote-status-changed.json"),
          bytes("oracle-commerce/quote-request-wrapped.json"),
          bytes("oracle-commerce/quote-request-list-cut.json"));

  /** What parsers trip over. */
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u",
          "\\ud800",
          "\\u0000",
          "null",
          "NaN",
          "-",
          "1e",
          "1E999999999",
          "1E99999999999999999999",
          "0x1",
          "//",
          "/*",
          "\uFEFF",
          "\u0000",
          "\"a\":1,",
          "'",
          "{}",
          "9999999999999999999999999999",
          ".5",
          "é",
          "😀",
          "\r\n",
          "4111111111111111");

  private static final List<String> CARDS =
      List.of("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117");

  private static final List<String> DROPPED = List.of("cardCVV", "cvc2", "pin", "IIN", "token");

  private final ZoomCommerceSignature zoom =
      new ZoomCommerceSignature(
          WebhookSender.ZOOM_COMMERCE_SECRET,
          Duration.ofMinutes(5),
          Clock.fixed(NOW, ZoneOffset.UTC));

  private final OracleCommerceSignature oracle =
      new OracleCommerceSignature(WebhookSender.RETURN_SECRET, false);

  // The parser

  @Property
  void any_bytes_are_json_or_malformed_and_what_is_json_can_be_written_and_read_again(
      @ForAll("bodies") byte[] body) throws IOException {
    JsonNode read;
    try {
      read = JSON.readTree(body);
    } catch (JsonProcessingException malformed) {
      return;
    }
    if (read != null && !read.isMissingNode() && isText(read)) {
      assertThat(JSON.readTree(read.toString().getBytes(UTF_8))).isEqualTo(read);
    }
  }

  @Property
  void any_bytes_can_be_redacted_or_are_malformed(@ForAll("bodies") byte[] body)
      throws IOException {
    String kept;
    try {
      kept = REDACTOR.redact(JSON.readTree(body));
    } catch (JsonProcessingException malformed) {
      return;
    }
    assertThat(JSON.readTree(kept.getBytes(UTF_8)).isObject()).isTrue();
  }

  // The verifiers

  @Property
  void what_is_not_exactly_what_zoom_signed_is_refused(
      @ForAll("bodies") byte[] body,
      @ForAll("headers") String timestamp,
      @ForAll("headers") String signature) {
    assertThat(catchThrowable(() -> zoom.verify(body, timestamp, signature)))
        .isInstanceOf(SignatureRefusedException.class);
  }

  @Property
  void one_changed_byte_breaks_zooms_signature(
      @ForAll("bodies") byte[] body, @ForAll Random random) {
    Map<String, String> right =
        WebhookSender.zoomCommerceHeaders(
            new String(body, UTF_8), NOW, WebhookSender.ZOOM_COMMERCE_SECRET);
    byte[] signed = new String(body, UTF_8).getBytes(UTF_8);
    String signature = right.get("x-zm-signature");

    assertThat(catchThrowable(() -> zoom.verify(changed(signed, random), TIMESTAMP, signature)))
        .isInstanceOf(SignatureRefusedException.class);
    assertThat(catchThrowable(() -> zoom.verify(signed, changed(TIMESTAMP, random), signature)))
        .isInstanceOf(SignatureRefusedException.class);
    assertThat(catchThrowable(() -> zoom.verify(signed, TIMESTAMP, changed(signature, random))))
        .isInstanceOf(SignatureRefusedException.class);
    Throwable whole = catchThrowable(() -> zoom.verify(signed, TIMESTAMP, signature));
    if (signed.length > 0) {
      assertThat(whole).isNull();
    }
  }

  @Property
  void what_is_not_exactly_what_oracle_signed_is_refused(
      @ForAll("bodies") byte[] body,
      @ForAll("headers") String one,
      @ForAll("headers") String other) {
    assertThat(catchThrowable(() -> oracle.verify(body, one, other)))
        .isInstanceOf(SignatureRefusedException.class);
    assertThat(catchThrowable(() -> oracle.verify(body, one, null)))
        .isInstanceOf(SignatureRefusedException.class);
  }

  @Property
  void one_changed_byte_breaks_oracles_signature(
      @ForAll("bodies") byte[] body, @ForAll Random random) {
    byte[] signed = new String(body, UTF_8).getBytes(UTF_8);
    String signature =
        WebhookSender.oracleCommerceSignature(
            "HmacSHA512", new String(signed, UTF_8), WebhookSender.RETURN_SECRET);

    assertThat(catchThrowable(() -> oracle.verify(changed(signed, random), null, signature)))
        .isInstanceOf(SignatureRefusedException.class);
  }

  // The redactor

  @Property
  void a_card_number_is_found_wherever_it_is_hidden(
      @ForAll("cards") String card, @ForAll Random random) throws JsonProcessingException {
    String written = written(card, random);
    ObjectNode webhook = hidden("note", JsonNodeFactory.instance.textNode(written), random);

    String kept = REDACTOR.redact(webhook);

    assertThat(kept).as(written).doesNotContain(card, written);
    assertThat(kept.replaceAll("[^0-9]", "")).doesNotContain(card.substring(0, card.length() - 4));
    assertThat(kept).contains(card.substring(card.length() - 4));
  }

  @Property
  void a_field_that_nobody_may_keep_is_dropped_wherever_it_is_hidden(@ForAll Random random)
      throws JsonProcessingException {
    String name = spelt(DROPPED.get(random.nextInt(DROPPED.size())), random);
    ObjectNode webhook = hidden(name, JsonNodeFactory.instance.textNode("marked"), random);

    assertThat(REDACTOR.redact(webhook)).doesNotContain("marked");
  }

  @Property
  void redacting_twice_changes_nothing_more(@ForAll("cards") String card, @ForAll Random random)
      throws IOException {
    ObjectNode webhook =
        hidden("note", JsonNodeFactory.instance.textNode(written(card, random)), random);
    String once = REDACTOR.redact(webhook);

    assertThat(REDACTOR.redact(JSON.readTree(once.getBytes(UTF_8)))).isEqualTo(once);
  }

  // What is thrown at them

  @Provide
  Arbitrary<byte[]> bodies() {
    return Arbitraries.randomValue(IntakeFuzzTest::body);
  }

  @Provide
  Arbitrary<String> cards() {
    return Arbitraries.of(CARDS);
  }

  @Provide
  Arbitrary<String> headers() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(200),
        Arbitraries.of("", TIMESTAMP, "v0=", "v0=" + "0".repeat(64), "A".repeat(88), "="),
        Arbitraries.strings().withChars("0123456789abcdefv=").ofMaxLength(70));
  }

  /** Noise, or a genuine webhook with a few bytes changed, left out, doubled or put in. */
  private static byte[] body(Random random) {
    if (random.nextInt(4) == 0) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] body = GENUINE.get(random.nextInt(GENUINE.size()));
    for (int i = random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(body.length + 1);
      int end = Math.min(body.length, at + random.nextInt(12));
      byte[] middle =
          switch (random.nextInt(4)) {
            case 0 -> new byte[] {(byte) random.nextInt(256)};
            case 1 -> new byte[0];
            case 2 -> concat(Arrays.copyOfRange(body, at, end), Arrays.copyOfRange(body, at, end));
            default -> PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8);
          };
      body = concat(Arrays.copyOf(body, at), middle, Arrays.copyOfRange(body, end, body.length));
    }
    return body;
  }

  private static byte[] concat(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static byte[] changed(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return new byte[] {1};
    }
    byte[] changed = bytes.clone();
    changed[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
    return changed;
  }

  private static String changed(String text, Random random) {
    int at = random.nextInt(text.length());
    return text.substring(0, at) + (char) (text.charAt(at) ^ 1) + text.substring(at + 1);
  }

  /** A card number as people write it, between words. */
  private static String written(String card, Random random) {
    String grouped =
        switch (random.nextInt(3)) {
          case 0 -> card;
          case 1 -> card.replaceAll("(.{4})(?=.)", "$1 ");
          default -> card.replaceAll("(.{4})(?=.)", "$1-");
        };
    List<String> around = List.of("", "card ", "(", "Visa: ", "no.", "\n", "é", "#");
    return around.get(random.nextInt(around.size()))
        + grouped
        + List.of("", ".", ")", " ok").get(random.nextInt(4));
  }

  private static String spelt(String name, Random random) {
    StringBuilder spelt = new StringBuilder();
    for (char c : name.toCharArray()) {
      spelt.append(random.nextBoolean() ? Character.toUpperCase(c) : Character.toLowerCase(c));
      spelt.append(List.of("", "", "", "_", "-", " ").get(random.nextInt(6)));
    }
    return spelt.toString();
  }

  /** In objects and lists, some of them written as JSON inside a text. */
  private static ObjectNode hidden(String name, JsonNode value, Random random) {
    ObjectNode object = JsonNodeFactory.instance.objectNode().put("before", "x");
    object.set(name, value);
    int textsLeft = 3;
    for (int i = random.nextInt(8); i > 0; i--) {
      ObjectNode outer = JsonNodeFactory.instance.objectNode();
      switch (random.nextInt(3)) {
        case 0 -> outer.set("inner", object);
        case 1 -> {
          ArrayNode list = outer.putArray("list");
          list.add(7).add(object);
        }
        default -> {
          if (textsLeft-- > 0) {
            outer.put("text", object.toString());
          } else {
            outer.set("inner", object);
          }
        }
      }
      object = outer.put("after", true);
    }
    return object;
  }

  /** Whether every text is made of whole characters; half ones are for the redactor to refuse. */
  private static boolean isText(JsonNode read) {
    return UTF_8.newEncoder().canEncode(read.toString());
  }

  private static byte[] bytes(String file) {
    return Webhooks.file(file).getBytes(UTF_8);
  }
}
