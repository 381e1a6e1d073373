package io.commercewebhooks.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Sends webhooks and signs them as each of the two senders does. */
public final class WebhookSender {

  /** What any answer to a sender may carry; whatever else there is would come from within. */
  public static final Set<String> OUTER_HEADERS =
      Set.of(
          "allow",
          "cache-control",
          "connection",
          "content-length",
          "content-type",
          "date",
          "expires",
          "keep-alive",
          "pragma",
          "retry-after",
          "transfer-encoding",
          "vary",
          "x-content-type-options",
          "x-frame-options",
          "x-xss-protection");

  public static final String ZOOM_COMMERCE_SECRET = "sandbox-zoom-secret";
  public static final String REQUEST_QUOTE_SECRET = base64("sandbox-request-quote-secret");
  public static final String RETURN_SECRET = base64("sandbox-return-secret");

  public static final String ZOOM_COMMERCE = "/webhooks/zoom-commerce";
  public static final String REQUEST_QUOTE = "/ccadmin/v1/webhook/requestQuote";
  public static final String RETURN = "/ccadmin/v1/webhook/return";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI service;

  public WebhookSender(URI service) {
    this.service = service;
  }

  /** Sends a body as Zoom Commerce would now. */
  public HttpResponse<String> zoomCommerce(String body) {
    return send(
        ZOOM_COMMERCE, zoomCommerceHeaders(body, Instant.now(), ZOOM_COMMERCE_SECRET), body);
  }

  /** Sends a body as Zoom Commerce would now, and doesn't wait for the answer. */
  public CompletableFuture<HttpResponse<String>> zoomCommerceLater(String body) {
    Map<String, String> headers = zoomCommerceHeaders(body, Instant.now(), ZOOM_COMMERCE_SECRET);
    return http.sendAsync(
        request(ZOOM_COMMERCE, headers, body.getBytes(UTF_8)),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Sends a quote request as Oracle Commerce would. */
  public HttpResponse<String> quoteRequest(String body) {
    return send(REQUEST_QUOTE, oracleCommerceHeaders(body, REQUEST_QUOTE_SECRET), body);
  }

  /** Sends a return as Oracle Commerce would. */
  public HttpResponse<String> returnUpdate(String body) {
    return send(RETURN, oracleCommerceHeaders(body, RETURN_SECRET), body);
  }

  /** Zoom's headers for a body signed at a time. */
  public static Map<String, String> zoomCommerceHeaders(String body, Instant time, String secret) {
    String timestamp = Long.toString(time.getEpochSecond());
    byte[] signed = ("v0:" + timestamp + ":" + body).getBytes(UTF_8);
    byte[] code = hmac("HmacSHA256", secret.getBytes(UTF_8), signed);
    Map<String, String> headers = json();
    headers.put("x-zm-request-timestamp", timestamp);
    headers.put("x-zm-signature", "v0=" + HexFormat.of().formatHex(code));
    return headers;
  }

  /** Oracle's headers for a body. */
  public static Map<String, String> oracleCommerceHeaders(String body, String secret) {
    Map<String, String> headers = json();
    headers.put(
        "X-Oracle-CC-WebHook-Signature-SHA512",
        oracleCommerceSignature("HmacSHA512", body, secret));
    return headers;
  }

  /** Oracle's signature of a body: the key is the decoded secret. */
  public static String oracleCommerceSignature(String algorithm, String body, String secret) {
    return Base64.getEncoder()
        .encodeToString(hmac(algorithm, Base64.getDecoder().decode(secret), body.getBytes(UTF_8)));
  }

  /** Sends a body with exactly these headers. */
  public HttpResponse<String> send(String path, Map<String, String> headers, String body) {
    return send(path, headers, body.getBytes(UTF_8));
  }

  /** Sends bytes with exactly these headers. */
  public HttpResponse<String> send(String path, Map<String, String> headers, byte[] body) {
    return send(request(path, headers, body));
  }

  private HttpRequest request(String path, Map<String, String> headers, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return request.build();
  }

  /** Sends any request to the service. */
  public HttpResponse<String> send(HttpRequest request) {
    return send(http, request);
  }

  /** Sends any request anywhere. */
  public static HttpResponse<String> send(HttpClient http, HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The headers of a JSON body, to be added to. */
  public static Map<String, String> json() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json; charset=utf-8");
    return headers;
  }

  /** The code of some bytes, in parts. */
  public static byte[] hmac(String algorithm, byte[] key, byte[]... parts) {
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

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
