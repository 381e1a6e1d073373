package io.commercewebhooks.delivery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The mail server; {@code mail} in {@code config/application.yaml} says what each setting means.
 */
@ConfigurationProperties("mail")
record MailSettings(
    String host,
    int port,
    String username,
    String password,
    Oauth2 oauth2,
    String ehlo,
    boolean tls,
    boolean implicitTls,
    int connectTimeout,
    int readTimeout,
    int writeTimeout,
    int acceptTimeout,
    Connections connections) {

  /**
   * Connections that are kept for the next mail.
   *
   * @param atMost how many at a time, on each node
   * @param idle how long one without work is kept
   */
  record Connections(int atMost, Duration idle) {}

  /** Where access tokens come from; both empty: log in with the password. */
  record Oauth2(
      String tokenFile, String tokenUrl, String clientId, String clientSecret, String scope) {

    boolean isSet() {
      return !tokenFile.isEmpty() || !tokenUrl.isEmpty();
    }
  }
}
