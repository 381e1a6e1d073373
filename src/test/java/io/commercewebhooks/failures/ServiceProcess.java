package io.commercewebhooks.failures;

import io.commercewebhooks.Application;
import io.commercewebhooks.sandbox.WebhookSender;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One run of the service as a process of its own, started beside a {@code routes/} and a {@code
 * config/} folder. Its environment is what it is given and nothing else, so that the settings of
 * whoever runs the tests don't matter. {@link #close} kills it if it still runs.
 */
public final class ServiceProcess implements AutoCloseable {

  /** The system property that says where the packaged service is. */
  public static final String JAR = "commerce-webhooks.jar";

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Set<String> INHERITED =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SystemRoot");

  private final Process process;
  private final Queue<String> output = new ConcurrentLinkedQueue<>();
  private final Thread reader = new Thread(this::read, "output of the service");
  private final WebhookSender sender;
  private final URI readiness;

  private ServiceProcess(List<String> command, Path directory, Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toAbsolutePath().toFile())
            .redirectErrorStream(true);
    builder.environment().keySet().retainAll(INHERITED);
    builder.environment().putAll(environment);
    sender = new WebhookSender(local(environment.getOrDefault("SERVER_PORT", "8080")));
    readiness =
        local(environment.getOrDefault("MANAGEMENT_SERVER_PORT", "8081"))
            .resolve("/actuator/health/readiness");
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts the packaged service, or its classes where the system property {@link #JAR} doesn't name
   * a package.
   *
   * @param directory holds {@code routes/} and {@code config/}
   */
  public static ServiceProcess of(Path directory, Map<String, String> environment) {
    String jar = System.getProperty(JAR);
    if (jar == null) {
      return ofClasses(directory, environment);
    }
    return ofJar(Path.of(jar), directory, environment);
  }

  /** Starts the service from a jar of it, {@link #unpacked} or not. */
  public static ServiceProcess ofJar(Path jar, Path directory, Map<String, String> environment) {
    String path = jar.toAbsolutePath().toString();
    return new ServiceProcess(List.of(java(), "-Xmx384m", "-jar", path), directory, environment);
  }

  /**
   * Unpacks the packaged service, which starts sooner with its libraries beside it.
   *
   * @return its jar in the folder
   */
  public static Path unpacked(Path folder) {
    String jar = Path.of(System.getProperty(JAR)).toAbsolutePath().toString();
    String to = folder.toAbsolutePath().toString();
    List<String> command =
        List.of(java(), "-Djarmode=tools", "-jar", jar, "extract", "--force", "--destination", to);
    try {
      if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
        throw new IllegalStateException(jar + " can't be unpacked");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return folder.resolve(Path.of(jar).getFileName());
  }

  /**
   * Starts another program of the classes of the tests, without those of the service, and with as
   * much memory as the packaged service has.
   */
  public static ServiceProcess ofProgram(
      Class<?> program, Path directory, Map<String, String> environment) {
    String others =
        Arrays.stream(classPath().split(File.pathSeparator))
            .filter(entry -> !entry.equals(classesOf(Application.class)))
            .collect(Collectors.joining(File.pathSeparator));
    return new ServiceProcess(
        List.of(java(), "-Xmx384m", "-cp", others, program.getName()), directory, environment);
  }

  /** Has the service look at the files of a folder, and start nothing. */
  public static ServiceProcess ofCheck(Path directory) {
    return new ServiceProcess(
        List.of(java(), "-cp", withoutTests(), Application.class.getName(), "--check"),
        directory,
        Map.of());
  }

  private static String classesOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts the service from the classes that this JVM runs with, without those of the tests. */
  public static ServiceProcess ofClasses(Path directory, Map<String, String> environment) {
    return new ServiceProcess(
        List.of(
            java(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-cp",
            withoutTests(),
            Application.class.getName()),
        directory,
        environment);
  }

  private static String withoutTests() {
    return Arrays.stream(classPath().split(File.pathSeparator))
        .filter(entry -> !entry.endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The processor time that it has used so far. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The most memory that it has had at once, in bytes; 0 where only Linux would tell. */
  public long peakMemory() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException elsewhereThanOnLinux) {
      return 0;
    }
  }

  /** What it holds now, after garbage has been collected. */
  Footprint footprint() {
    String proc = "/proc/" + process.pid();
    return new Footprint(
        number(ask("GC.class_histogram"), "(?m)^Total +\\d+ +(\\d+)"),
        number(ask("VM.classloader_stats"), "(?m)^Total = \\d+ +(\\d+)"),
        number(ask("PerfCounter.print"), "(?m)^java\\.threads\\.live=(\\d+)"),
        count(Path.of(proc, "fd")));
  }

  private String ask(String question) {
    try {
      Process jcmd =
          new ProcessBuilder(program("jcmd"), Long.toString(process.pid()), question)
              .redirectErrorStream(true)
              .start();
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException(pattern + " is not in " + text);
    }
    return Long.parseLong(matcher.group(1));
  }

  private static long count(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    } catch (IOException elsewhereThanOnLinux) {
      return 0;
    }
  }

  /** A port that nobody listens on. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until it says that it is ready for traffic, as a load balancer would.
   *
   * @throws IllegalStateException when it ends instead, or is not ready in time
   */
  public ServiceProcess awaitReady() {
    try {
      Awaitility.await("the service is ready")
          .atMost(START_LIMIT)
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                if (!process.isAlive()) {
                  throw new IllegalStateException("the service ended: " + output());
                }
                return isReady();
              });
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException("the service is not ready: " + output(), e);
    }
    return this;
  }

  private boolean isReady() {
    try {
      return sender.send(HttpRequest.newBuilder(readiness).GET().build()).statusCode() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Sends webhooks to this run of the service. */
  public WebhookSender sender() {
    return sender;
  }

  /** Ends it without warning, as a power cut would (SIGKILL), and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    exitCode(Duration.ofSeconds(10));
  }

  /** Asks it to stop (SIGTERM). */
  public void terminate() {
    process.destroy();
  }

  /**
   * Waits until it has ended by itself.
   *
   * @return its exit code
   * @throws IllegalStateException when it still runs after the limit
   */
  public int exitCode(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "the service still runs after " + limit.toSeconds() + " s: " + output());
      }
      reader.join();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What it has printed so far, line by line. */
  public List<String> output() {
    return List.copyOf(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // The process is gone, and with it the rest of its words.
    }
  }

  private static URI local(String port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  private static String java() {
    return program("java");
  }

  private static String program(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }
}
