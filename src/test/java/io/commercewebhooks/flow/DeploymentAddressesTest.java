package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.apiRequest;
import static io.commercewebhooks.flow.Outside.sender;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.commercewebhooks.config.DeploymentFiles;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;

/** The addresses that config/deployment names are those that the running service serves. */
@FlowTest
class DeploymentAddressesTest {

  @LocalManagementPort private int managementPort;

  @Test
  void every_probe_is_answered_without_a_login() {
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      JsonNode asked = DeploymentFiles.container().path(probe).path("httpGet");
      assertThat(asked.path("port").asText()).isEqualTo("management");
      assertThat(statusOf(asked.path("path").asText())).as(probe).isEqualTo(200);
    }
    assertThat(statusOf("/actuator/health/no-such-probe")).isNotEqualTo(200);
  }

  private static int statusOf(String path) {
    HttpRequest signedIn = apiRequest(path, "operator").GET().build();
    return sender().send(HttpRequest.newBuilder(signedIn.uri()).GET().build()).statusCode();
  }

  @Test
  void the_image_looks_itself_whether_it_is_healthy() throws Exception {
    assertThat(healthy(managementPort, "liveness")).isTrue();
    assertThat(healthy(managementPort, "readiness")).isTrue();
    assertThat(healthy(managementPort, "no-such-probe")).isFalse();
    assertThat(healthy(1, "liveness")).isFalse();
  }

  private static boolean healthy(int port, String probe) throws IOException, InterruptedException {
    ProcessBuilder script =
        new ProcessBuilder(
            "bash", DeploymentFiles.FOLDER.resolve("image/healthy").toString(), probe);
    script.environment().put("MANAGEMENT_SERVER_PORT", Integer.toString(port));
    return script.start().waitFor() == 0;
  }

  @Test
  void the_proxy_asks_a_probe_that_is_answered() throws IOException {
    String uri =
        Files.readString(DeploymentFiles.FOLDER.resolve("Caddyfile"))
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("health_uri "))
            .map(line -> line.substring("health_uri ".length()))
            .findFirst()
            .orElseThrow();

    assertThat(statusOf(uri)).isEqualTo(200);
  }

  @Test
  void every_address_that_the_ingress_lets_in_takes_webhooks() {
    JsonNode paths = DeploymentFiles.manifest("Ingress").path("spec").at("/rules/0/http/paths");

    assertThat(paths).hasSize(7);
    for (JsonNode path : paths) {
      assertThat(unsigned(path.path("path").asText())).isEqualTo(401);
    }
    assertThat(unsigned("/webhooks/of-nobody")).isEqualTo(404);
  }

  private static int unsigned(String path) {
    return sender().send(path, Map.of("Content-Type", "application/json"), "{}").statusCode();
  }
}
