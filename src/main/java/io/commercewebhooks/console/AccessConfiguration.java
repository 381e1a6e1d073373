package io.commercewebhooks.console;

import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.console.LocalLogin.TooManyLoginsException;
import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.startup.ChangedSecrets;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.event.InteractiveAuthenticationSuccessEvent;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.annotation.web.configurers.oauth2.client.OAuth2LoginConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AndRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.context.support.WebApplicationContextUtils;

/**
 * Who may see and do what. Webhooks prove themselves by their signatures. On the management port,
 * scripts sign in with each request and get no session; people sign in once at the console, whose
 * forms carry a token. Health tells only up or down, to anybody; everything else wants a role.
 */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

  static final String SIGN_IN = "/console/login";

  private static final Logger LOG = LoggerFactory.getLogger(AccessConfiguration.class);

  private static final String PROVIDER_AWAY = SIGN_IN + "?away";

  private static final String VIEWER = Role.VIEWER.name();
  private static final String OPERATOR = Role.OPERATOR.name();
  private static final String ADMIN = Role.ADMIN.name();

  /** Nothing from elsewhere, no scripts in pages, in nobody's frame. */
  private static final String CONTENT =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self';"
          + " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  /** Watching each of the many filters of a request would cost more than they do. */
  @Bean
  SecurityObservationSettings filtersAreNotWatched() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  RoleHierarchy roles() {
    return RoleHierarchyImpl.withDefaultRolePrefix()
        .role(ADMIN)
        .implies(OPERATOR)
        .role(OPERATOR)
        .implies(VIEWER)
        .build();
  }

  @Bean
  AuthenticationProvider localLogin(ConsoleSettings settings, FailedLogins failures) {
    return new LocalLogin(
        ConsoleUsers.of(settings),
        new LoginThrottle(settings.login(), Ticker.systemTicker()),
        failures);
  }

  @Bean
  FailedLogins failedLogins(Audit audit) {
    return new FailedLogins(audit);
  }

  /** For people with a browser: signed in once, in a session. */
  @Bean
  @Order(1)
  SecurityFilterChain people(
      HttpSecurity http,
      ConsoleSettings settings,
      FailedLogins failures,
      ChangedSecrets changed,
      Pages pages)
      throws Exception {
    http.securityMatcher(onManagementPort("/console/**"))
        .authorizeHttpRequests(
            requests ->
                requests
                    .dispatcherTypeMatchers(DispatcherType.ERROR)
                    .permitAll()
                    .requestMatchers(SIGN_IN, "/console/assets/**", "/console/webjars/**")
                    .permitAll()
                    .requestMatchers("/console/audit/**")
                    .hasRole(ADMIN)
                    .requestMatchers(HttpMethod.POST, "/console/files/**")
                    .hasRole(ADMIN)
                    .requestMatchers("/console/preview/**")
                    .hasRole(OPERATOR)
                    // reads, but by a form, so that no address names a person
                    .requestMatchers(HttpMethod.POST, "/console/find")
                    .hasRole(VIEWER)
                    .requestMatchers(HttpMethod.GET, "/console/**")
                    .hasRole(VIEWER)
                    .anyRequest()
                    .hasRole(OPERATOR))
        .formLogin(
            form ->
                form.loginPage(SIGN_IN)
                    .defaultSuccessUrl("/console")
                    .failureHandler(backToSignIn()))
        .logout(logout -> logout.logoutUrl("/console/logout").logoutSuccessUrl(SIGN_IN + "?out"))
        .exceptionHandling(
            refused ->
                refused.accessDeniedHandler(
                    (request, response, why) -> ErrorPages.refuse(why, pages, request, response)))
        .headers(AccessConfiguration::harden);
    if (settings.oidc().isOn()) {
      OpenIdConnect provider = new OpenIdConnect(settings.oidc());
      changed.watch("console.oidc.client-secret", provider::useSecret);
      http.oauth2Login(login -> signInBy(provider, failures, login));
    }
    return http.build();
  }

  private static void signInBy(
      OpenIdConnect provider, FailedLogins failures, OAuth2LoginConfigurer<HttpSecurity> login) {
    DefaultOAuth2AuthorizationRequestResolver requests =
        new DefaultOAuth2AuthorizationRequestResolver(provider, "/console/oauth2");
    requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
    login
        .loginPage(SIGN_IN)
        .clientRegistrationRepository(provider)
        // the provider's tokens go with the session
        .authorizedClientRepository(new HttpSessionOAuth2AuthorizedClientRepository())
        .authorizationEndpoint(start -> start.authorizationRequestResolver(requests))
        .redirectionEndpoint(back -> back.baseUri("/console/oauth2/code/*"))
        .userInfoEndpoint(user -> user.userAuthoritiesMapper(provider))
        .defaultSuccessUrl("/console")
        .withObjectPostProcessor(providerIsAway())
        .failureHandler(
            (request, response, why) -> {
              if (why instanceof AuthenticationServiceException) {
                response.sendRedirect(PROVIDER_AWAY);
                return;
              }
              failures.account(
                  FailedLogins.UNKNOWN,
                  request.getRemoteAddr(),
                  Map.of("by", OpenIdConnect.REGISTRATION));
              response.sendRedirect(SIGN_IN + "?error");
            });
  }

  /** Who can't be sent to the provider is told so, where they may sign in otherwise. */
  private static ObjectPostProcessor<OAuth2AuthorizationRequestRedirectFilter> providerIsAway() {
    return new ObjectPostProcessor<>() {
      @Override
      public <F extends OAuth2AuthorizationRequestRedirectFilter> F postProcess(F filter) {
        filter.setAuthenticationFailureHandler(
            (request, response, why) -> response.sendRedirect(PROVIDER_AWAY));
        return filter;
      }
    };
  }

  private static AuthenticationFailureHandler backToSignIn() {
    return (request, response, why) ->
        response.sendRedirect(
            SIGN_IN + (why instanceof TooManyLoginsException ? "?closed" : "?error"));
  }

  /** For scripts: signed in with each request; no session, no cookie. */
  @Bean
  @Order(2)
  SecurityFilterChain scripts(HttpSecurity http) throws Exception {
    AccessProblems problems = new AccessProblems();
    return http.securityMatcher(onManagementPort("/**"))
        .authorizeHttpRequests(
            requests ->
                requests
                    .dispatcherTypeMatchers(DispatcherType.ERROR)
                    .permitAll()
                    .requestMatchers("/actuator/health/**")
                    .permitAll()
                    .requestMatchers(
                        "/actuator",
                        "/actuator/info/**",
                        "/actuator/metrics/**",
                        "/actuator/prometheus")
                    .hasRole(VIEWER)
                    .requestMatchers("/actuator/**", "/api/audit/**", "/api/erasures/**")
                    .hasRole(ADMIN)
                    .requestMatchers(HttpMethod.POST, "/api/reload", "/api/sets/**")
                    .hasRole(ADMIN)
                    .requestMatchers(HttpMethod.DELETE, "/api/rollback")
                    .hasRole(ADMIN)
                    // reads, but with a body, so that no address names a person
                    .requestMatchers(HttpMethod.POST, "/api/events/search")
                    .hasRole(VIEWER)
                    // reads, but by calls of which an org has so many a day
                    .requestMatchers("/api/targets/*/check")
                    .hasRole(OPERATOR)
                    .requestMatchers(HttpMethod.GET, "/api/**")
                    .hasRole(VIEWER)
                    .requestMatchers("/api/**")
                    .hasRole(OPERATOR)
                    .anyRequest()
                    .denyAll())
        .httpBasic(basic -> basic.authenticationEntryPoint(problems))
        .exceptionHandling(
            refused -> refused.authenticationEntryPoint(problems).accessDeniedHandler(problems))
        .addFilterBefore(new SameOriginOnly(), BasicAuthenticationFilter.class)
        .csrf(csrf -> csrf.disable())
        .requestCache(cache -> cache.disable())
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .headers(AccessConfiguration::harden)
        .build();
  }

  private static void harden(HeadersConfigurer<HttpSecurity> headers) {
    headers
        .contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT))
        .frameOptions(frame -> frame.deny())
        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
        .permissionsPolicyHeader(
            permissions ->
                permissions.policy("camera=(), geolocation=(), microphone=(), payment=()"))
        .crossOriginOpenerPolicy(opener -> opener.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
        .crossOriginResourcePolicy(
            resource -> resource.policy(CrossOriginResourcePolicy.SAME_ORIGIN));
  }

  /** The public port knows no operators: nobody can guess passwords there. */
  private static RequestMatcher onManagementPort(String path) {
    return new AndRequestMatcher(
        AccessConfiguration::isOnManagementPort,
        PathPatternRequestMatcher.withDefaults().matcher(path));
  }

  static boolean isOnManagementPort(HttpServletRequest request) {
    return WebServerApplicationContext.hasServerNamespace(
        WebApplicationContextUtils.getWebApplicationContext(request.getServletContext()),
        "management");
  }

  /** For senders, who sign what they send and have no other part in this: nothing but headers. */
  @Bean
  @Order(3)
  SecurityFilterChain webhooks(HttpSecurity http) throws Exception {
    return http.csrf(csrf -> csrf.disable())
        .requestCache(cache -> cache.disable())
        .anonymous(anonymous -> anonymous.disable())
        .logout(logout -> logout.disable())
        .securityContext(context -> context.disable())
        .servletApi(api -> api.disable())
        .sessionManagement(session -> session.disable())
        .exceptionHandling(handling -> handling.disable())
        .build();
  }

  /** A script signs in with each request, which is no news; a person's sign-in is. */
  @Bean
  ApplicationListener<InteractiveAuthenticationSuccessEvent> signInsAreAccounted(Audit audit) {
    return event -> {
      Authentication user = event.getAuthentication();
      String address = Actors.addressOf(user);
      try {
        Audit.Actor actor = new Audit.Actor(user.getName(), address);
        audit.write(new Audit.Deed(actor, "login", "console"), null);
      } catch (DataAccessException e) {
        // who comes to see why the ledger is away is let in: without it nothing can be done here
        LOG.warn("console: a sign-in of {} from {} could not be recorded", user.getName(), address);
      }
    };
  }
}
