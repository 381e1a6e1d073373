package io.commercewebhooks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Looks, before anything else starts, for what would keep the service from starting. */
class StartupCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  private static final List<String> REQUIRED =
      List.of(
          "ZOOM_COMMERCE_SECRETS",
          "ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS",
          "ORACLE_COMMERCE_RETURN_SECRETS",
          "LEDGER_URL",
          "SALESFORCE_LOGIN_URL",
          "SALESFORCE_CLIENT_ID",
          "SALESFORCE_CLIENT_SECRET",
          "SMTP_HOST",
          "MAIL_FROM",
          "CONSOLE_USERNAME",
          "CONSOLE_PASSWORD");

  private static final String ROUTE_FILE = ".camel.yaml";

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    Environment environment = context.getEnvironment();
    checkFolders(environment);
    checkSettings(environment);
    checkRoutes(environment);
    checkLedger(environment);
  }

  private static void checkFolders(Environment environment) {
    if (!environment.containsProperty("routes.directory")) {
      throw new CannotStartException(
          "config/application.yaml was not found in "
              + Path.of("").toAbsolutePath()
              + ": start the service beside its config/ and routes/ folders");
    }
  }

  private static void checkSettings(Environment environment) {
    List<String> missing =
        REQUIRED.stream()
            .filter(name -> !environment.containsProperty(name) || isBlank(environment, name))
            .toList();
    if (!missing.isEmpty()) {
      throw new CannotStartException(
          "not set, or empty: "
              + String.join(", ", missing)
              + " (environment variables, see config/README.md)");
    }
  }

  private static boolean isBlank(Environment environment, String name) {
    String value = environment.getProperty(name, "");
    return Stream.of(value.split(",")).allMatch(String::isBlank);
  }

  private static void checkRoutes(Environment environment) {
    Path folder = Path.of(environment.getRequiredProperty("routes.directory"));
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(file -> file.toString().endsWith(ROUTE_FILE)).sorted().toList();
    } catch (IOException e) {
      throw new CannotStartException(
          "no folder " + folder.toAbsolutePath() + " to read routes from", e);
    }
    if (files.isEmpty()) {
      throw new CannotStartException(
          "no route file (*" + ROUTE_FILE + ") in " + folder.toAbsolutePath());
    }
    files.forEach(StartupCheck::checkRouteFile);
  }

  private static void checkRouteFile(Path file) {
    try {
      new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    } catch (MarkedYAMLException e) {
      throw new CannotStartException(
          "%s, line %d: %s"
              .formatted(file, e.getProblemMark().getLine() + 1, e.getProblem().replace('\n', ' ')),
          e);
    } catch (IOException e) {
      throw new CannotStartException("route file " + file + " can't be read: " + e.getMessage(), e);
    }
  }

  private static void checkLedger(Environment environment) {
    String url = environment.getRequiredProperty("LEDGER_URL");
    Properties login = new Properties();
    login.setProperty("user", environment.getProperty("LEDGER_USERNAME", ""));
    login.setProperty("password", environment.getProperty("LEDGER_PASSWORD", ""));
    login.setProperty("loginTimeout", "5");
    login.setProperty("connectTimeout", "5");
    try (Connection connection = DriverManager.getConnection(url, login)) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < 15) {
        throw new CannotStartException(
            "the ledger at LEDGER_URL is PostgreSQL " + version + ", 15 or newer is needed");
      }
    } catch (SQLException e) {
      throw new CannotStartException(
          "the ledger at LEDGER_URL (" + withoutSecrets(url) + ") can't be used: " + e.getMessage(),
          e);
    }
  }

  private static String withoutSecrets(String url) {
    return url.replaceAll("\\?.*", "");
  }
}
