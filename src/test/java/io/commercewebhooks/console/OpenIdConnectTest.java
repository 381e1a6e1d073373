package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.AuthenticationServiceException;

/** What we know of the provider, and what of it changes while the service runs. */
class OpenIdConnectTest {

  private static OpenIdConnect providerAt(String issuer) {
    return new OpenIdConnect(
        new ConsoleSettings.Oidc(
            issuer,
            "console",
            "first",
            "openid",
            "preferred_username",
            "groups",
            Map.of(),
            "{baseUrl}/console/oauth2/code/{registrationId}"));
  }

  @Test
  void a_changed_client_secret_is_used_from_the_next_sign_in_on() {
    OpenIdConnect provider = providerAt(StandInIdentityProvider.start().issuer());
    assertThat(provider.findByRegistrationId("oidc").getClientSecret()).isEqualTo("first");

    provider.useSecret("second");

    assertThat(provider.findByRegistrationId("oidc").getClientSecret()).isEqualTo("second");
  }

  @Test
  void a_provider_that_is_away_is_no_wrong_password() {
    assertThatThrownBy(() -> providerAt("http://127.0.0.1:1").findByRegistrationId("oidc"))
        .isInstanceOf(AuthenticationServiceException.class);
  }

  @Test
  void who_signs_in_while_the_provider_hangs_waits_beside_the_others_and_not_behind_them()
      throws Exception {
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      OpenIdConnect provider = providerAt("http://127.0.0.1:" + hanging.getLocalPort());

      List<CompletableFuture<Object>> signIns =
          Stream.generate(
                  () ->
                      CompletableFuture.<Object>supplyAsync(
                          () -> provider.findByRegistrationId("oidc"),
                          work -> new Thread(work).start()))
              .limit(20)
              .toList();

      // one after the other they would take a hundred seconds
      for (CompletableFuture<Object> signIn : signIns) {
        assertThat(signIn)
            .failsWithin(Duration.ofSeconds(50))
            .withThrowableOfType(ExecutionException.class)
            .withCauseInstanceOf(AuthenticationServiceException.class);
      }
    }
  }
}
