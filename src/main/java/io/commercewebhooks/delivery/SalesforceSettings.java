package io.commercewebhooks.delivery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the Salesforce target is set to; {@code config/application.yaml} has every value and its
 * meaning.
 *
 * @param clientSecret of the External Client App; empty with a key
 * @param signIn the pause between sign-ins that failed
 * @param jwt signing in by a key instead of a secret
 * @param checkAtStart whether the connection is checked when the service starts
 * @param budget what may be used of the org's calls
 */
@ConfigurationProperties("salesforce")
record SalesforceSettings(
    String clientSecret, SignIn signIn, Jwt jwt, boolean checkAtStart, Budget budget) {

  /**
   * The pause between sign-ins that failed.
   *
   * @param firstPause after the first
   * @param longestPause the most that doubling makes of it
   */
  record SignIn(Duration firstPause, Duration longestPause) {}

  /**
   * Signing in by a key.
   *
   * @param keystore path of a PKCS12 file with one key; empty for client credentials
   * @param keystorePassword of the file and of the key
   */
  record Jwt(String keystore, String keystorePassword) {}

  /**
   * What may be used of the org's calls, in per cent of what it may make in 24 hours.
   *
   * @param liveOnlyAbove above it only live events go
   * @param holdAbove above it nothing goes
   * @param lookAgain how long knowledge of the usage counts
   */
  record Budget(int liveOnlyAbove, int holdAbove, Duration lookAgain) {}

  /**
   * Where the events of a type go.
   *
   * @param name API name of the object
   * @param externalId API name of the field by which a record is found again
   */
  record SObject(String name, String externalId) {}
}
