package io.commercewebhooks.console;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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

  private final ConsoleSettings.Oidc settings;
  private String clientSecret;
  private ClientRegistration known;

  OpenIdConnect(ConsoleSettings.Oidc settings) {
    this.settings = settings;
    this.clientSecret = settings.clientSecret();
  }

  /** Takes a changed client secret into use, for sign-ins to come. */
  synchronized void useSecret(String newer) {
    clientSecret = newer;
    known = null;
  }

  /**
   * The provider, as it describes itself.
   *
   * @throws AuthenticationServiceException when it can't be asked
   */
  @Override
  public synchronized ClientRegistration findByRegistrationId(String id) {
    if (!REGISTRATION.equals(id)) {
      return null;
    }
    if (known == null) {
      known =
          described()
              .registrationId(REGISTRATION)
              .clientId(settings.clientId())
              .clientSecret(clientSecret)
              .scope(settings.scopes().split("\\s+"))
              .userNameAttributeName(settings.nameClaim())
              .redirectUri(settings.redirectUri())
              .build();
    }
    return known;
  }

  private ClientRegistration.Builder described() {
    try {
      return ClientRegistrations.fromIssuerLocation(settings.issuer());
    } catch (IllegalArgumentException | IllegalStateException e) {
      LOG.warn(
          "the OpenID Connect provider {} can't be asked: {}", settings.issuer(), e.toString());
      throw new AuthenticationServiceException("the provider can't be asked", e);
    }
  }

  /** The provider's groups or roles become ours; whoever has none of them may do nothing. */
  @Override
  public Collection<? extends GrantedAuthority> mapAuthorities(
      Collection<? extends GrantedAuthority> authorities) {
    Set<String> roles = new TreeSet<>();
    for (GrantedAuthority authority : authorities) {
      if (authority instanceof OidcUserAuthority oidc) {
        List<String> said = new ArrayList<>(claim(oidc.getIdToken().getClaims()));
        if (oidc.getUserInfo() != null) {
          said.addAll(claim(oidc.getUserInfo().getClaims()));
        }
        for (Role role : Role.values()) {
          if (settings.roles().getOrDefault(role.word(), List.of()).stream()
              .anyMatch(said::contains)) {
            roles.add(role.authority());
          }
        }
      }
    }
    return AuthorityUtils.createAuthorityList(roles);
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
