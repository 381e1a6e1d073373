package io.commercewebhooks.console;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Who may use the management port; {@code config/application.yaml} has every value and its meaning.
 *
 * @param username the first user, an admin; empty when there is none
 * @param password its password, or the BCrypt hash of it
 * @param users more users: {@code name:role:hash}, comma separated
 * @param atATime requests of operators that are worked on at once; more wait
 * @param sessions people who may be signed in, or have looked at the page for it, at once
 * @param login how guessing is slowed down
 * @param oidc signing in by an OpenID Connect provider
 */
@ConfigurationProperties("console")
public record ConsoleSettings(
    String username,
    String password,
    String users,
    int atATime,
    int sessions,
    Login login,
    Oidc oidc) {

  /**
   * How guessing is slowed down.
   *
   * @param failuresPerUser failed tries of one user in a window; then none is looked at
   * @param failuresPerAddress failed tries from one address in a window, whoever's
   * @param window how long failures count
   */
  public record Login(int failuresPerUser, int failuresPerAddress, Duration window) {}

  /**
   * Signing in by an OpenID Connect provider.
   *
   * @param issuer its address, from which the rest is learned; empty switches it off
   * @param scopes what is asked for, space separated
   * @param nameClaim the claim that names the user in the audit
   * @param rolesClaim the claim that lists the user's groups or roles; dots lead into objects
   * @param roles which of its values make a viewer, an operator, an admin
   * @param redirectUri where the provider sends the user back to
   */
  public record Oidc(
      String issuer,
      String clientId,
      String clientSecret,
      String scopes,
      String nameClaim,
      String rolesClaim,
      Map<String, List<String>> roles,
      String redirectUri) {

    boolean isOn() {
      return issuer != null && !issuer.isBlank();
    }

    @Override
    public String toString() {
      return "issuer=" + issuer;
    }
  }

  @Override
  public String toString() {
    return "login=" + login + ", oidc=" + oidc;
  }
}
