package io.commercewebhooks.failures;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The service beside its own copy of config/ and routes/, which each test breaks in its way. */
abstract class FreshInstallation {

  static final Duration LIMIT = Duration.ofSeconds(60);
  static final LocalServers SERVERS = LocalServers.start();

  @TempDir Path folder;
  final Map<String, String> environment = SERVERS.environment();

  @BeforeEach
  void install() throws IOException {
    InstallationFolder.fill(folder);
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
  }

  /** Starts the service, which must end at once, and gives its only complaint. */
  String refusal() {
    try (ServiceProcess service = ServiceProcess.ofClasses(folder, environment)) {
      int exitCode = service.exitCode(LIMIT);

      assertThat(exitCode).as(() -> "exit code, after " + service.output()).isEqualTo(1);
      assertThat(service.output()).noneMatch(line -> line.matches("(\\s+at |Caused by:).*"));
      List<String> complaints = complaints(service);
      assertThat(complaints).hasSize(1);
      return complaints.get(0);
    }
  }

  static List<String> complaints(ServiceProcess service) {
    return service.output().stream().filter(line -> !line.contains(" INFO ")).toList();
  }

  /** What is said of the files; the exit code is 1 then. */
  List<String> mistakes() {
    try (ServiceProcess check = ServiceProcess.ofCheck(folder)) {
      int exitCode = check.exitCode(LIMIT);
      List<String> said = List.copyOf(check.output());
      assertThat(exitCode).as(said.toString()).isEqualTo(said.isEmpty() ? 0 : 1);
      return said;
    }
  }

  void remove(String part) {
    FileSystemUtils.deleteRecursively(folder.resolve(part).toFile());
  }

  void change(String file, String what, String replacement) throws IOException {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(what);
    int at = text.indexOf(what);
    Files.writeString(
        path, text.substring(0, at) + replacement + text.substring(at + what.length()));
  }

  static Set<Integer> answerToUnsigned(ServiceProcess service) {
    try {
      return Set.of(
          service
              .sender()
              .send(WebhookSender.ZOOM_COMMERCE, WebhookSender.json(), "{}")
              .statusCode());
    } catch (UncheckedIOException notYet) {
      return Set.of();
    }
  }
}
