package io.commercewebhooks.console;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.mapping.GrantedAuthoritiesMapper;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;

/**
 * The one provider that people may sign in with. What it says of itself is asked for when somebody
 * first signs in: a provider that is down never keeps the service from starting.
 */
class OpenIdConnect implements ClientRegistrationRepository, GrantedAuthoritiesMapper {

  static final String REGISTRATION = "oidc";

  private static final Logger LOG = LoggerFactory.getLogger(OpenIdConnect.class);

  /** Whoever signs in waits no longer for it; a later sign-in finds the answer if it came. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final ConsoleSettings.Oidc settings;
  private String clientSecret;
  private CompletableFuture<ClientRegistration> asked;

  OpenIdConnect(ConsoleSettings.Oidc settings) {
    this.settings = settings;
    this.clientSecret = settings.clientSecret();
  }

  /** Takes a changed client secret into use, for sign-ins to come. */
  synchronized void useSecret(String newer) {
    clientSecret = newer;
    asked = null;
  }

  /**
   * The provider, as it describes itself.
   *
   * @throws AuthenticationServiceException when it can't be asked, or doesn't answer in time
   */
  @Override
  public ClientRegistration findByRegistrationId(String id) {
    if (!REGISTRATION.equals(id)) {
      return null;
    }
    try {
      return asked().get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw away(e.getCause());
    } catch (TimeoutException e) {
      throw away(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(e);
    }
  }

  /** Its answer, once it is there: all who sign in wait for the same, and nobody for another. */
  private synchronized CompletableFuture<ClientRegistration> asked() {
    if (asked == null || asked.isCompletedExceptionally()) {
      String secret = clientSecret;
      asked = CompletableFuture.supplyAsync(() -> described(secret), OpenIdConnect::aside);
    }
    return asked;
  }

  private static void aside(Runnable work) {
    Thread thread = new Thread(work, "oidc-provider");
    thread.setDaemon(true);
    thread.start();
  }

  private ClientRegistration described(String secret) {
    return ClientRegistrations.fromIssuerLocation(settings.issuer())
        .registrationId(REGISTRATION)
        .clientId(settings.clientId())
        .clientSecret(secret)
        .scope(settings.scopes().split("\\s+"))
        .userNameAttributeName(settings.nameClaim())
        .redirectUri(settings.redirectUri())
        .build();
  }

  private AuthenticationServiceException away(Throwable why) {
    LOG.warn(
        "the OpenID Connect provider {} can't be asked: {}", settings.issuer(), why.toString());
    return new AuthenticationServiceException("the provider can't be asked", why);
  }

  /** The provider's groups or roles become ours; whoever has none of them may do nothing. */
  @Override
  public Collection<? extends GrantedAuthority> mapAuthorities(
      Collection<? extends GrantedAuthority> authorities) {
    Set<String> said = new HashSet<>();
    for (GrantedAuthority authority : authorities) {
      if (authority instanceof OidcUserAuthority oidc) {
        said.addAll(claim(oidc.getIdToken().getClaims()));
        if (oidc.getUserInfo() != null) {
          said.addAll(claim(oidc.getUserInfo().getClaims()));
        }
      }
    }
    return AuthorityUtils.createAuthorityList(
        Stream.of(Role.values())
            .filter(role -> valuesOf(role).stream().anyMatch(said::contains))
            .map(Role::authority)
            .toList());
  }

  private List<String> valuesOf(Role role) {
    return settings.roles().getOrDefault(role.word(), List.of());
  }

  private List<String> claim(Map<String, Object> claims) {
    Object value = claims.get(settings.rolesClaim());
    if (value == null) {
      value = claims;
      for (String part : settings.rolesClaim().split("\\.")) {
        value = value instanceof Map<?, ?> object ? object.get(part) : null;
      }
    }
    if (value instanceof Collection<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.toList());
    }
    return value instanceof String text ? List.of(text.split("[ ,]+")) : List.of();
  }
}
