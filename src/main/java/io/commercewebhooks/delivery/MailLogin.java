package io.commercewebhooks.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.deadletters.NoAccessTokenException;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactorySettings;
import org.springframework.http.MediaType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.HttpStatusCodeException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * What proves to the mail server who we are: a password, or an access token (XOAUTH2) that another
 * program keeps in a file or that a token endpoint gives for our client credentials (RFC 6749,
 * 4.4).
 */
class MailLogin {

  /** A token that ends so soon is not used any more. */
  private static final Duration MARGIN = Duration.ofSeconds(60);

  /** How long a token is good for when its endpoint doesn't say. */
  private static final long USUAL_SECONDS = 300;

  /** What Jakarta Mail takes for an answer where the connection ended without one. */
  private static final String END_OF_CONNECTION = "[EOF]";

  private final MailSettings settings;
  private final RefusedLogin refused;
  private final Supplier<RestClient> http = SingletonSupplier.of(this::client);
  private volatile String password;
  private volatile String clientSecret;
  private String token;
  private Instant goodUntil = Instant.MIN;

  /** A way to log in, by what the server is shown as the password. */
  interface Way {
    void logIn(String proof) throws MessagingException;
  }

  MailLogin(MailSettings settings, Ticker ticker) {
    this.settings = settings;
    this.refused = new RefusedLogin(ticker);
    this.password = settings.password();
    this.clientSecret = settings.oauth2().clientSecret();
  }

  private RestClient client() {
    return RestClient.builder()
        .requestFactory(
            ClientHttpRequestFactoryBuilder.jdk()
                .build(
                    ClientHttpRequestFactorySettings.defaults()
                        .withConnectTimeout(Duration.ofMillis(settings.connectTimeout()))
                        .withReadTimeout(Duration.ofMillis(settings.readTimeout()))))
        .build();
  }

  /** The user name, null when the server wants no login. */
  String username() {
    return settings.username().isEmpty() ? null : settings.username();
  }

  /**
   * Logs in by the password or by a token that is good now; not by what was refused a moment ago.
   *
   * @throws AuthenticationFailedException when we are refused, or were a moment ago
   * @throws MessagingException when no token is to be had at the moment
   */
  void by(Way way) throws MessagingException {
    String secret = secret();
    long begun = refused.begin(secret);
    try {
      way.logIn(proof());
      refused.taken();
    } catch (AuthenticationFailedException e) {
      forgetToken();
      if (e.getCause() == null
          && !END_OF_CONNECTION.equals(String.valueOf(e.getMessage()).strip())) {
        refused.refused(secret, begun, e);
      }
      throw e;
    }
  }

  /** What a person changes when we are refused. */
  private String secret() throws MessagingException {
    if (!settings.oauth2().isSet()) {
      return password;
    }
    return settings.oauth2().tokenFile().isEmpty() ? clientSecret : read();
  }

  private String proof() throws MessagingException {
    if (!settings.oauth2().isSet()) {
      return settings.username().isEmpty() ? null : password;
    }
    return settings.oauth2().tokenFile().isEmpty() ? granted() : read();
  }

  /** Takes a changed password into use, for connections to come. */
  void usePassword(String newer) {
    password = newer;
  }

  /** Takes a changed client secret into use, for tokens to come. */
  void useClientSecret(String newer) {
    clientSecret = newer;
  }

  private synchronized void forgetToken() {
    goodUntil = Instant.MIN;
  }

  private String read() throws MessagingException {
    try {
      return Files.readString(Path.of(settings.oauth2().tokenFile())).strip();
    } catch (IOException e) {
      throw new NoAccessTokenException("the access token can't be read", e);
    }
  }

  private synchronized String granted() throws MessagingException {
    if (goodUntil.isAfter(Instant.now())) {
      return token;
    }
    MailSettings.Oauth2 oauth2 = settings.oauth2();
    LinkedMultiValueMap<String, String> form = new LinkedMultiValueMap<>();
    form.add("grant_type", "client_credentials");
    form.add("client_id", oauth2.clientId());
    form.add("client_secret", clientSecret);
    if (!oauth2.scope().isEmpty()) {
      form.add("scope", oauth2.scope());
    }
    JsonNode answer;
    try {
      answer =
          http.get()
              .post()
              .uri(oauth2.tokenUrl())
              .contentType(MediaType.APPLICATION_FORM_URLENCODED)
              .accept(MediaType.APPLICATION_JSON)
              .body(form)
              .retrieve()
              .body(JsonNode.class);
    } catch (HttpStatusCodeException e) {
      String said = "the token endpoint answered " + e.getStatusCode().value();
      throw e.getStatusCode().is4xxClientError() && e.getStatusCode().value() != 429
          ? new AuthenticationFailedException(said)
          : new NoAccessTokenException(said);
    } catch (ResourceAccessException e) {
      throw new NoAccessTokenException("the token endpoint does not answer", e);
    } catch (RestClientException e) {
      throw new NoAccessTokenException("the token endpoint answered with something else than JSON");
    }
    if (answer == null || !answer.path("access_token").isTextual()) {
      throw new NoAccessTokenException("the token endpoint gave no access_token");
    }
    token = answer.path("access_token").asText();
    goodUntil =
        Instant.now().plusSeconds(answer.path("expires_in").asLong(USUAL_SECONDS)).minus(MARGIN);
    return token;
  }
}
