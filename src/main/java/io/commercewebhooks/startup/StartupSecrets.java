package io.commercewebhooks.startup;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.SafeAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;

/**
 * Keeps sample secrets and the open network apart: outside the sandbox no secret may be one that
 * anybody could guess, and the sandbox, which has only such, is for this machine alone.
 */
final class StartupSecrets {

  static final String SANDBOX = "sandbox";

  private static final List<String> SECRETS =
      List.of(
          "ZOOM_COMMERCE_SECRETS",
          "ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS",
          "ORACLE_COMMERCE_RETURN_SECRETS",
          "SALESFORCE_CLIENT_SECRET",
          "SALESFORCE_KEYSTORE_PASSWORD",
          "SMTP_PASSWORD",
          "SMTP_CLIENT_SECRET",
          "CONSOLE_PASSWORD",
          "OIDC_CLIENT_SECRET",
          "LEDGER_PASSWORD",
          "DATABASE_PASSWORD");

  private static final Set<String> SAMPLES =
      Set.of(
          "…",
          "...",
          "change-me",
          "changeit",
          "changeme",
          "example",
          "operator",
          "password",
          "sample",
          "secret",
          "stand-in-secret",
          "your-secret");

  private static final Pattern IN_QUOTES = Pattern.compile("\\s*(?:\".*\"|'.*')\\s*");

  /** Signing in there would send the client's secret in clear text. */
  private static final List<String> TOLD_SECRETS =
      List.of("SALESFORCE_LOGIN_URL", "SMTP_TOKEN_URL", "OIDC_ISSUER");

  private static final List<String> ADDRESSES =
      List.of("server.address", "management.server.address");

  private StartupSecrets() {}

  static void check(Environment environment) {
    for (String name : SECRETS) {
      String secret = environment.getProperty(name, "");
      if (isNoText(secret)) {
        throw new CannotStartException(
            name
                + " isn't UTF-8, or begins with the mark of an editor: save its file as UTF-8"
                + " without");
      }
      if (!name.endsWith("PASSWORD") && IN_QUOTES.matcher(secret).matches()) {
        throw new CannotStartException(
            name + " stands in quotes, which would belong to the secret: take them away");
      }
    }
    if (isSandbox(environment)) {
      checkAddresses(environment);
    } else {
      checkSamples(environment);
    }
    TOLD_SECRETS.forEach(name -> checkAddress(name, environment.getProperty(name, "")));
  }

  private static void checkAddresses(Environment environment) {
    for (String setting : ADDRESSES) {
      if (!isThisMachine(environment.getProperty(setting, ""))) {
        throw new CannotStartException(
            "the sandbox has secrets that everybody knows, so it listens on this machine alone: "
                + setting
                + " must be 127.0.0.1");
      }
    }
  }

  private static void checkSamples(Environment environment) {
    for (String name : SECRETS) {
      if (holdsSample(environment.getProperty(name, ""))) {
        throw new CannotStartException(
            name + " is a sample that everybody knows: set a secret of your own");
      }
    }
  }

  private static boolean isSandbox(Environment environment) {
    return environment.getProperty(SANDBOX, Boolean.class, false);
  }

  /** Whether a secret, or one of several, is a sample, where none may be. */
  static boolean isRefused(Environment environment, String secrets) {
    return !isSandbox(environment) && holdsSample(secrets);
  }

  /** What a file in another encoding leaves, or one that Windows wrote. */
  static boolean isNoText(String secret) {
    return secret.chars().anyMatch(c -> c == 0 || c == 0xFEFF || c == 0xFFFD);
  }

  private static boolean holdsSample(String secrets) {
    return Stream.of(secrets.split(",", -1)).anyMatch(StartupSecrets::isSample);
  }

  private static boolean isSample(String secret) {
    return Stream.of(secret, decoded(secret))
        .map(text -> text.strip().toLowerCase(Locale.ROOT))
        .anyMatch(text -> SAMPLES.contains(text) || text.startsWith("sandbox-"));
  }

  /** What a secret says in base64, as Oracle's are written. */
  private static String decoded(String secret) {
    try {
      return new String(Base64.getDecoder().decode(secret.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static void checkAddress(String name, String written) {
    URI address;
    try {
      address = URI.create(written);
    } catch (IllegalArgumentException e) {
      throw new CannotStartException(name + " is no address");
    }
    if (!written.isBlank() && !SafeAddress.isSafe(address)) {
      throw new CannotStartException(
          name + " must begin with https://, or the client's secret could be read");
    }
  }

  /** Whether a host is this machine itself. */
  static boolean isThisMachine(String host) {
    try {
      return !host.isBlank() && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
