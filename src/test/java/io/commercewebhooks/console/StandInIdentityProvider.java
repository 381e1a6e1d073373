package io.commercewebhooks.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An OpenID Connect provider on this machine: authorization code flow with PKCE, tokens signed by
 * RS256. Whoever is sent to it is signed in at once, as {@link #signIn} says.
 */
final class StandInIdentityProvider {

  static final String CLIENT_ID = "console";
  static final String CLIENT_SECRET = "stand-in-oidc-secret";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final RSAKey key;
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private volatile String name;
  private volatile List<String> roles = List.of();
  private volatile boolean forging;

  private StandInIdentityProvider(HttpServer server, RSAKey key) {
    this.server = server;
    this.key = key;
  }

  static StandInIdentityProvider start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      StandInIdentityProvider provider =
          new StandInIdentityProvider(server, new RSAKeyGenerator(2048).keyID("k").generate());
      server.createContext("/.well-known/openid-configuration", provider::metadata);
      server.createContext("/authorize", provider::authorize);
      server.createContext("/token", provider::token);
      server.createContext(
          "/jwks",
          exchange -> answer(exchange, 200, new JWKSet(provider.key.toPublicJWK()).toJSONObject()));
      server.start();
      return provider;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Who comes next. */
  void signIn(String name, String... roles) {
    this.name = name;
    this.roles = List.of(roles);
    this.forging = false;
  }

  /** The next tokens are signed with a key that is not the provider's. */
  void forge() {
    this.forging = true;
  }

  private void metadata(HttpExchange exchange) throws IOException {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("issuer", issuer());
    metadata.put("authorization_endpoint", issuer() + "/authorize");
    metadata.put("token_endpoint", issuer() + "/token");
    metadata.put("jwks_uri", issuer() + "/jwks");
    metadata.put("response_types_supported", List.of("code"));
    metadata.put("subject_types_supported", List.of("public"));
    metadata.put("id_token_signing_alg_values_supported", List.of("RS256"));
    metadata.put("scopes_supported", List.of("openid", "profile", "email"));
    metadata.put("token_endpoint_auth_methods_supported", List.of("client_secret_basic"));
    answer(exchange, 200, metadata);
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> asked = form(exchange.getRequestURI().getRawQuery());
    String code = UUID.randomUUID().toString();
    codes.put(code, asked);
    exchange
        .getResponseHeaders()
        .add(
            "Location",
            asked.get("redirect_uri")
                + "?code="
                + code
                + "&state="
                + java.net.URLEncoder.encode(asked.get("state"), UTF_8));
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    Map<String, String> asked = codes.remove(form.getOrDefault("code", ""));
    String login =
        "Basic "
            + Base64.getEncoder().encodeToString((CLIENT_ID + ":" + CLIENT_SECRET).getBytes(UTF_8));
    boolean proved =
        asked != null
            && login.equals(exchange.getRequestHeaders().getFirst("Authorization"))
            && challenge(form.getOrDefault("code_verifier", ""))
                .equals(asked.get("code_challenge"));
    if (!proved) {
      answer(exchange, 400, Map.of("error", "invalid_grant"));
      return;
    }
    Map<String, Object> tokens = new HashMap<>();
    tokens.put("access_token", UUID.randomUUID().toString());
    tokens.put("token_type", "Bearer");
    tokens.put("expires_in", 300);
    tokens.put("id_token", idToken(asked));
    answer(exchange, 200, tokens);
  }

  private String idToken(Map<String, String> asked) {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .subject("subject-of-" + name)
            .audience(CLIENT_ID)
            .issueTime(new Date())
            .expirationTime(Date.from(Instant.now().plusSeconds(300)))
            .claim("nonce", asked.get("nonce"))
            .claim("preferred_username", name)
            .claim("realm_access", Map.of("roles", roles))
            .build();
    try {
      RSAKey signing = forging ? new RSAKeyGenerator(2048).keyID("k").generate() : key;
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k").build(), claims);
      token.sign(new RSASSASigner(signing));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String challenge(String verifier) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> form(String text) {
    Map<String, String> form = new HashMap<>();
    for (String pair : text.split("&")) {
      String[] parts = pair.split("=", 2);
      form.put(
          URLDecoder.decode(parts[0], UTF_8),
          parts.length == 2 ? URLDecoder.decode(parts[1], UTF_8) : "");
    }
    return form;
  }

  private static void answer(HttpExchange exchange, int status, Map<String, ?> json)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(json);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
