package io.commercewebhooks.delivery;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/** How tests reach a mail server on this machine. */
final class MailServers {

  private static final MailSettings.Oauth2 NO_TOKEN = new MailSettings.Oauth2("", "", "", "", "");
  private static final int TIMEOUT = 5_000;

  private MailServers() {}

  static PooledMailSender without(int port) {
    return withLogin(port, "", "");
  }

  /**
   * That gives a server up which is silent for so long, unless it has a whole mail, or takes
   * nothing.
   */
  static PooledMailSender without(int port, Duration silence) {
    return new PooledMailSender(
        settings(port, "", "", NO_TOKEN, "", false, Math.toIntExact(silence.toMillis())));
  }

  static PooledMailSender withLogin(int port, String username, String password) {
    return new PooledMailSender(settings(port, username, password, NO_TOKEN, false));
  }

  /** For which time passes by this ticker. */
  static PooledMailSender withLogin(int port, String username, String password, Ticker ticker) {
    return new PooledMailSender(settings(port, username, password, NO_TOKEN, false), ticker);
  }

  static PooledMailSender withToken(int port, String username, MailSettings.Oauth2 oauth2) {
    return withToken(port, username, oauth2, Ticker.systemTicker());
  }

  /** For which time passes by this ticker. */
  static PooledMailSender withToken(
      int port, String username, MailSettings.Oauth2 oauth2, Ticker ticker) {
    return new PooledMailSender(settings(port, username, "", oauth2, false), ticker);
  }

  static PooledMailSender withTls(int port) {
    return new PooledMailSender(settings(port, "", "", NO_TOKEN, true));
  }

  /** That greets the server by this name. */
  static PooledMailSender greetingAs(String name, int port) {
    return new PooledMailSender(settings(port, "", "", NO_TOKEN, name, false, TIMEOUT));
  }

  private static MailSettings settings(
      int port, String username, String password, MailSettings.Oauth2 oauth2, boolean tls) {
    return settings(port, username, password, oauth2, "", tls, TIMEOUT);
  }

  private static MailSettings settings(
      int port,
      String username,
      String password,
      MailSettings.Oauth2 oauth2,
      String ehlo,
      boolean tls,
      int silence) {
    return new MailSettings(
        "127.0.0.1",
        port,
        username,
        password,
        oauth2,
        ehlo,
        tls,
        false,
        TIMEOUT,
        silence,
        silence,
        TIMEOUT,
        new MailSettings.Connections(4, Duration.ofSeconds(30)));
  }
}
