package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.LocalServers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Secrets that everybody knows, and the open network: one or the other, never both. */
class SampleSecretsTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final LocalServers SERVERS = LocalServers.start(0, 0, 0);

  @TempDir private Path folder;
  private final Map<String, String> environment = SERVERS.environment();

  @BeforeEach
  void install() throws IOException {
    for (String part : List.of("routes", "config")) {
      FileSystemUtils.copyRecursively(Path.of(part), folder.resolve(part));
    }
  }

  @Test
  void the_secrets_of_the_sandbox_are_refused_outside_of_it() {
    environment.remove("SANDBOX");

    assertThat(refusal()).contains("ZOOM_COMMERCE_SECRETS is a sample").doesNotContain("sandbox-");
  }

  @Test
  void the_sandbox_refuses_to_listen_on_the_open_network() {
    environment.put("SERVER_ADDRESS", "0.0.0.0");

    assertThat(refusal()).contains("the sandbox", "server.address must be 127.0.0.1");
  }

  private String refusal() {
    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment)) {
      assertThat(service.exitCode(LIMIT)).as(() -> "" + service.output()).isEqualTo(1);
      assertThat(service.output()).hasSize(1);
      return service.output().get(0);
    }
  }
}
