package io.commercewebhooks.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/** The bytes that a recipe puts on the wire. */
final class HostileRequest {

  private static final Map<String, String> PATHS =
      Map.of(
          "zoom-commerce", WebhookSender.ZOOM_COMMERCE,
          "zoom-commerce-documented", "/commerce.quote_status_changed",
          "request-quote", WebhookSender.REQUEST_QUOTE,
          "return", WebhookSender.RETURN,
          "operators", "/api/targets");

  private static final String CRLF = "\r\n";
  private static final int CHUNK = 1000;

  private final Recipe recipe;
  private final String to;
  private final byte[] body;

  /** By their names in any case, as they are sent: a list is sent as several lines. */
  private final Map<String, Object> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** What {@code {timestamp}}, {@code {signature}} and {@code {code}} stand for in headers. */
  private final Map<String, String> proof = new TreeMap<>();

  HostileRequest(Recipe recipe) {
    this.recipe = recipe;
    this.to = recipe.text("to", "zoom-commerce");
    this.body = recipe.has("body") ? bytes(recipe.keys().get("body")) : genuine(to).getBytes(UTF_8);
    headers.put("Host", "localhost");
    headers.put("Content-Type", "application/json; charset=utf-8");
    headers.put("Connection", "close");
    if (!"none".equals(recipe.keys().get("sign"))) {
      sign(recipe.fields("sign"));
    }
    recipe
        .fields("headers")
        .forEach(
            (name, value) -> {
              if (value == null) {
                headers.remove(name);
              } else {
                headers.put(name, value);
              }
            });
  }

  /** What a sender would send there in good faith, about a business object of its own. */
  private static String genuine(String to) {
    String key = "K-" + UUID.randomUUID();
    return switch (to) {
      case "request-quote" -> {
        ObjectNode request =
            Webhooks.object(Webhooks.file("oracle-commerce/quote-request-seed.json"));
        yield request.put("id", key).toString();
      }
      case "return" -> {
        ObjectNode update = Webhooks.object(Webhooks.file("oracle-commerce/return-partial.json"));
        ((ObjectNode) update.path("return")).put("authorizationNumber", key);
        yield update.toString();
      }
      case "operators" -> "";
      default -> Webhooks.zoomCommerce("quote-status-changed", key, "approved");
    };
  }

  boolean isForOperators() {
    return to.equals("operators");
  }

  /** Everything before the body. */
  byte[] head() {
    if (recipe.has("raw")) {
      return bytes(recipe.keys().get("raw"));
    }
    String method = recipe.text("method", "POST");
    StringBuilder head = new StringBuilder(method);
    head.append(' ').append(recipe.text("path", PATHS.get(to)));
    head.append(recipe.has("query") ? "?" + recipe.text("query", "") : "");
    head.append(' ').append(recipe.text("version", "HTTP/1.1")).append(CRLF);
    headers.forEach(
        (name, values) ->
            Recipe.list(values)
                .forEach(v -> head.append(name).append(": ").append(filled(v)).append(CRLF)));
    for (Object line : recipe.items("lines")) {
      head.append(new String(bytes(line), ISO_8859_1)).append(CRLF);
    }
    switch (recipe.text("framing", "length")) {
      case "length" -> head.append("Content-Length: ").append(wire().length).append(CRLF);
      case "chunked" -> head.append("Transfer-Encoding: chunked").append(CRLF);
      default -> {}
    }
    return head.append(CRLF).toString().getBytes(ISO_8859_1);
  }

  /** The body as it goes over the wire. */
  byte[] wire() {
    if (recipe.has("raw")) {
      return new byte[0];
    }
    byte[] sent = recipe.has("wire") ? bytes(recipe.keys().get("wire")) : body;
    return recipe.text("framing", "length").equals("chunked") ? chunked(sent) : sent;
  }

  private String filled(Object value) {
    String text = String.valueOf(value);
    for (Map.Entry<String, String> part : proof.entrySet()) {
      text = text.replace("{" + part.getKey() + "}", part.getValue());
    }
    return text;
  }

  private void sign(Map<String, Object> how) {
    byte[] signed = how.containsKey("body") ? bytes(how.get("body")) : body;
    String scheme =
        (String)
            how.getOrDefault(
                "as",
                to.startsWith("zoom") ? "zoom-commerce" : isForOperators() ? "operator" : "oracle");
    switch (scheme) {
      case "zoom-commerce" -> {
        long now = Instant.now().getEpochSecond();
        int age = (Integer) how.getOrDefault("age", 0);
        String timestamp = String.valueOf(how.getOrDefault("timestamp", now - age));
        byte[] key = text(how, "secret", WebhookSender.ZOOM_COMMERCE_SECRET).getBytes(UTF_8);
        String version = text(how, "version", "v0");
        byte[] prefix = (version + ":" + timestamp + ":").getBytes(UTF_8);
        proof.put("timestamp", timestamp);
        proof.put(
            "code",
            HexFormat.of().formatHex(WebhookSender.hmac("HmacSHA256", key, prefix, signed)));
        proof.put("signature", version + "=" + proof.get("code"));
        headers.put("x-zm-request-timestamp", timestamp);
        headers.put("x-zm-signature", proof.get("signature"));
      }
      case "oracle" -> {
        String secret =
            to.equals("return") ? WebhookSender.RETURN_SECRET : WebhookSender.REQUEST_QUOTE_SECRET;
        String algorithm = text(how, "algorithm", "HmacSHA512");
        byte[] key =
            how.containsKey("key")
                ? text(how, "key", "").getBytes(UTF_8)
                : Base64.getDecoder().decode(text(how, "secret", secret));
        byte[] code = WebhookSender.hmac(algorithm, key, signed);
        proof.put("code", HexFormat.of().formatHex(code));
        proof.put("signature", Base64.getEncoder().encodeToString(code));
        headers.put(
            text(how, "header", "X-Oracle-CC-WebHook-Signature-SHA512"), proof.get("signature"));
      }
      case "operator" -> headers.put("Authorization", LocalServers.OPERATORS_LOGIN);
      default -> throw new IllegalArgumentException("no way to sign: " + scheme);
    }
  }

  private static String text(Map<String, Object> fields, String key, String otherwise) {
    return String.valueOf(fields.getOrDefault(key, otherwise));
  }

  /** Text, a generator, or several of them one after the other. */
  private static byte[] bytes(Object part) {
    if (part instanceof List<?> parts) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      parts.forEach(p -> all.writeBytes(bytes(p)));
      return all.toByteArray();
    }
    if (!(part instanceof Map<?, ?>)) {
      return String.valueOf(part).getBytes(UTF_8);
    }
    Map<String, Object> generator = Recipe.map(part);
    String kind = generator.keySet().iterator().next();
    Object of = generator.get(kind);
    return switch (kind) {
      case "repeat" -> {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < (Integer) generator.get("times"); i++) {
          all.writeBytes(String.valueOf(of).replace("{n}", "" + i).getBytes(UTF_8));
        }
        yield all.toByteArray();
      }
      case "hex" -> HexFormat.ofDelimiter(" ").parseHex(String.valueOf(of));
      case "webhook" -> genuine(String.valueOf(of)).getBytes(UTF_8);
      case "gzip" -> gzip(bytes(of));
      case "text" -> bytes(of, (String) generator.get("in"));
      default -> throw new IllegalArgumentException("no generator " + kind);
    };
  }

  private static byte[] bytes(Object text, String charset) {
    return new String(bytes(text), UTF_8).getBytes(Charset.forName(charset));
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }

  private static byte[] chunked(byte[] content) {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; at += CHUNK) {
      int length = Math.min(CHUNK, content.length - at);
      chunks.writeBytes((Integer.toHexString(length) + CRLF).getBytes(UTF_8));
      chunks.write(content, at, length);
      chunks.writeBytes(CRLF.getBytes(UTF_8));
    }
    chunks.writeBytes(("0" + CRLF + CRLF).getBytes(UTF_8));
    return chunks.toByteArray();
  }
}
