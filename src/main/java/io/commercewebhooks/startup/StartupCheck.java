package io.commercewebhooks.startup;

import static java.util.stream.Collectors.joining;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.NearestWord;
import io.commercewebhooks.config.RouteChecks;
import io.commercewebhooks.config.VainVariables;
import io.commercewebhooks.config.WrittenRoutes;
import io.commercewebhooks.config.WrittenSettings;
import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.deadletters.FailureSettings;
import io.commercewebhooks.intake.RedactionSettings;
import io.commercewebhooks.ledger.PersonalDataSettings;
import io.commercewebhooks.ledger.ProtectionSettings;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/** Looks, before anything else starts, for what would keep the service from starting. */
class StartupCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  static final String ROUTES = "routes.directory";

  private static final Path SETTINGS = Path.of("config/application.yaml");

  private static final String ROUTE_FILES = "routes.files";

  private static final String ZOOM_COMMERCE_SECRETS = "ZOOM_COMMERCE_SECRETS";

  /** Oracle's admin page shows these as base64. */
  private static final List<String> ORACLE_COMMERCE_SECRETS =
      List.of("ORACLE_COMMERCE_REQUEST_QUOTE_SECRETS", "ORACLE_COMMERCE_RETURN_SECRETS");

  private static final String SALESFORCE_SECRET = "SALESFORCE_CLIENT_SECRET";
  private static final String SALESFORCE_KEY = "SALESFORCE_KEYSTORE";
  private static final List<String> WITH_SALESFORCE_KEY =
      List.of("SALESFORCE_KEYSTORE_PASSWORD", "SALESFORCE_USERNAME");

  private static final List<String> REQUIRED =
      List.of(
          ZOOM_COMMERCE_SECRETS,
          ORACLE_COMMERCE_SECRETS.get(0),
          ORACLE_COMMERCE_SECRETS.get(1),
          "LEDGER_URL",
          "SALESFORCE_LOGIN_URL",
          "SALESFORCE_CLIENT_ID",
          SALESFORCE_SECRET,
          "SMTP_HOST",
          "MAIL_FROM");

  /** One of these has to be there, or nobody could sign in; a first user has a password. */
  private static final List<String> SIGN_IN = List.of("CONSOLE_USERS", "OIDC_ISSUER");

  private static final List<String> FIRST_USER = List.of("CONSOLE_USERNAME", "CONSOLE_PASSWORD");

  private static final String MAIL_USER = "SMTP_USERNAME";
  private static final String TOKEN_FILE = "SMTP_TOKEN_FILE";
  private static final String TOKEN_URL = "SMTP_TOKEN_URL";

  private static final List<String> SERVE_BY_TLS =
      List.of("server.ssl.enabled", "management.server.ssl.enabled");
  private static final List<String> CERTIFICATE = List.of("TLS_CERTIFICATE", "TLS_PRIVATE_KEY");
  private static final String YES = "(?i)true|on|yes";

  /** Without the quotes that belong to a file of variables and not to the address. */
  private static final Pattern PLAIN_ADDRESS =
      Pattern.compile("[\\p{ASCII}&&[^\\s\"<>@]]+@[\\p{ASCII}&&[^\\s\"<>@]]+");

  /** Addresses that documents have and nobody else, far from each other. */
  private static final List<String> ANYBODY = List.of("192.0.2.1", "198.51.100.2", "203.0.113.3");

  private static final List<String> KEYS = List.of("LEDGER_PAYLOAD_KEYS", "LEDGER_LOOK_UP_KEYS");

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    ConfigurableEnvironment environment = context.getEnvironment();
    checkFolders(environment);
    WrittenSettings.checkAll(Path.of(""), Path.of(environment.getProperty(ROUTES, "routes")));
    ChangedSecrets.readAnew(environment);
    checkSettings(environment);
    WrittenSettings.check(environment);
    checkPorts(environment);
    checkSecrets(environment);
    checkSigned(environment);
    checkKeys(environment);
    checkMailServer(environment);
    checkSender(environment);
    checkProxies(environment);
    StartupSecrets.check(environment);
    WrittenRoutes routes = WrittenRoutes.in(Path.of(environment.getRequiredProperty(ROUTES)));
    nameFiles(environment, routes);
    RouteChecks checks = new RouteChecks(routes);
    checks.check();
    checks.checkConfigFiles(Path.of(""));
    Advice.check(Path.of("config/advice.yaml"));
    FailureSettings.check(Path.of("config/failures.yaml"));
    checkRetention(environment, routes.types());
    checkTargets(environment, routes.targets());
    checkClocks(environment);
    RedactionSettings.check(Path.of("config/redaction.yaml"));
    PersonalDataSettings.check(Path.of("config/personal-data.yaml"));
    VainVariables.tell(environment);
    StartupDatabases.check(environment);
  }

  private static void checkFolders(Environment environment) {
    if (!environment.containsProperty(ROUTES) && !Files.exists(SETTINGS)) {
      throw new CannotStartException(
          "config/application.yaml was not found in "
              + Path.of("").toAbsolutePath()
              + ": start the service beside its config/ and routes/ folders");
    }
  }

  /** Camel looks behind no link to a folder, so it is told which files there are. */
  private static void nameFiles(ConfigurableEnvironment environment, WrittenRoutes routes) {
    String files = routes.files().stream().map(file -> "file:" + file).collect(joining(","));
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource(ROUTE_FILES, Map.of(ROUTE_FILES, files)));
  }

  private static void checkSettings(Environment environment) {
    List<String> required = new ArrayList<>(REQUIRED);
    boolean others = SIGN_IN.stream().anyMatch(name -> isSet(environment, name));
    if (!others || FIRST_USER.stream().anyMatch(name -> isSet(environment, name))) {
      required.addAll(FIRST_USER);
    }
    if (isSet(environment, "OIDC_ISSUER")) {
      required.addAll(List.of("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"));
    }
    if (isSet(environment, KEYS.get(0))) {
      required.add(KEYS.get(1));
    }
    if (isSet(environment, SALESFORCE_KEY)) {
      required.remove(SALESFORCE_SECRET);
      required.addAll(WITH_SALESFORCE_KEY);
    }
    if (isSet(environment, TOKEN_FILE) || isSet(environment, TOKEN_URL)) {
      required.add(MAIL_USER);
    }
    if (isSet(environment, TOKEN_URL)) {
      required.addAll(List.of("SMTP_CLIENT_ID", "SMTP_CLIENT_SECRET"));
    }
    if (SERVE_BY_TLS.stream().anyMatch(name -> environment.getProperty(name, "").matches(YES))) {
      required.addAll(CERTIFICATE);
    }
    List<String> missing = required.stream().filter(name -> !isSet(environment, name)).toList();
    if (!missing.isEmpty()) {
      throw new CannotStartException(
          "not set, or empty: "
              + String.join(", ", missing)
              + " (environment variables, see config/README.md)");
    }
  }

  private static void checkPorts(Environment environment) {
    String port = environment.getProperty("server.port", "");
    if (!port.equals("0") && port.equals(environment.getProperty("management.server.port"))) {
      throw new CannotStartException(
          "SERVER_PORT and MANAGEMENT_SERVER_PORT are both %s: webhooks and operators have a port each"
              .formatted(port));
    }
  }

  private static boolean isSet(Environment environment, String name) {
    return environment.containsProperty(name)
        && !secrets(environment, name).allMatch(String::isEmpty);
  }

  private static Stream<String> secrets(Environment environment, String name) {
    return Stream.of(environment.getProperty(name, "").split(",", -1)).map(String::strip);
  }

  private static void checkKeys(Environment environment) {
    KEYS.stream()
        .filter(name -> !ProtectionSettings.areKeys(environment.getProperty(name, "")))
        .findFirst()
        .ifPresent(
            name -> {
              throw new CannotStartException(
                  name + " holds something else than keys of 32 bytes in base64");
            });
  }

  /** The secrets themselves are never shown, not even wrong ones. */
  private static void checkSecrets(Environment environment) {
    Stream.concat(Stream.of(ZOOM_COMMERCE_SECRETS), ORACLE_COMMERCE_SECRETS.stream())
        .filter(name -> secrets(environment, name).anyMatch(String::isEmpty))
        .findFirst()
        .ifPresent(
            name -> {
              throw new CannotStartException(
                  name + " holds an empty secret, which would prove nothing: look for a comma");
            });
    ORACLE_COMMERCE_SECRETS.stream()
        .filter(name -> !secrets(environment, name).allMatch(StartupCheck::isBase64))
        .findFirst()
        .ifPresent(
            name -> {
              throw new CannotStartException(
                  name + " is not base64, as which Oracle's admin page shows its secrets");
            });
  }

  private static void checkSigned(Environment environment) {
    for (String sender : map(environment, "intake.signed").keySet()) {
      String setting = "intake.signed.%s.secrets".formatted(sender);
      if (secrets(environment, setting).anyMatch(String::isEmpty)) {
        throw new CannotStartException(
            setting + " holds an empty secret, or none, which would prove nothing");
      }
      if (StartupSecrets.isRefused(environment, environment.getProperty(setting))) {
        throw new CannotStartException(
            setting + " is a sample that everybody knows: set a secret of your own");
      }
    }
  }

  /** Mails, and the login, cross no network in the clear. */
  private static void checkMailServer(Environment environment) {
    boolean secure =
        environment.getRequiredProperty("mail.tls", boolean.class)
            || environment.getRequiredProperty("mail.implicit-tls", boolean.class);
    String host = environment.getRequiredProperty("mail.host");
    if (host.contains(":")) {
      throw new CannotStartException(
          "SMTP_HOST is %s: write the name of the mail server (localhost for this machine), and its port in SMTP_PORT"
              .formatted(host));
    }
    if (!secure && !StartupSecrets.isThisMachine(host)) {
      throw new CannotStartException(
          "SMTP_TLS is false, which is only for a mail server on this machine, and SMTP_HOST is "
              + host);
    }
  }

  /** From what can't be read as one address no mail would go out. */
  private static void checkSender(Environment environment) {
    String from = environment.getRequiredProperty("mail.from");
    try {
      InternetAddress[] read = InternetAddress.parse(from, true);
      if (read.length == 1
          && !read[0].isGroup()
          && PLAIN_ADDRESS.matcher(read[0].getAddress()).matches()) {
        return;
      }
    } catch (AddressException e) {
      // said below
    }
    throw new CannotStartException(
        "MAIL_FROM is not one address: %s; write it like Commerce <commerce@example.com>"
                .formatted(from)
            + ", a name with a comma in quotes, and a domain with other letters as xn--…");
  }

  /** Spring's own way believes every caller, who then has as many addresses as it likes. */
  private static void checkProxies(Environment environment) {
    if ("framework".equalsIgnoreCase(environment.getProperty("server.forward-headers-strategy"))) {
      throw new CannotStartException(
          "FORWARD_HEADERS is framework, which believes whatever a caller says of its address:"
              + " set native, and TRUSTED_PROXIES");
    }
    String trusted = environment.getProperty("server.tomcat.remoteip.internal-proxies", "");
    try {
      if (ANYBODY.stream().allMatch(address -> address.matches(trusted))) {
        throw new CannotStartException(
            "TRUSTED_PROXIES fits every address, so a caller could say that it has any: name the"
                + " proxies alone");
      }
    } catch (PatternSyntaxException e) {
      throw new CannotStartException(
          "TRUSTED_PROXIES is no regular expression: %s; write it like 10\\.0\\.0\\.[0-9]+"
              .formatted(e.getDescription()),
          e);
    }
  }

  private static boolean isBase64(String secret) {
    try {
      return Base64.getDecoder().decode(secret).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * What is said of a type, a target or a clock that isn't there would change nothing, and nobody
   * would notice.
   */
  private static void checkRetention(Environment environment, Set<String> types) {
    map(environment, "retention.types")
        .keySet()
        .forEach(type -> refuseUnknown("retention.types: no route knows the type", type, types));
  }

  private static void checkTargets(Environment environment, Set<String> targets) {
    map(environment, "ledger.targets")
        .keySet()
        .forEach(
            target -> refuseUnknown("ledger.targets: no route knows the target", target, targets));
    for (String target : list(environment, "ledger.balance.targets")) {
      refuseUnknown("ledger.balance.targets: no route knows the target", target, targets);
    }
  }

  private static void checkClocks(Environment environment) {
    Set<String> clocks = map(environment, "ledger.clocks").keySet();
    for (String target : map(environment, "failures").keySet()) {
      String setting = "failures." + target + ".clocks";
      map(environment, setting)
          .values()
          .forEach(
              clock ->
                  refuseUnknown(
                      setting + ": ledger.clocks has no clock", clock.toString(), clocks));
    }
  }

  private static Map<String, Object> map(Environment environment, String setting) {
    return Binder.get(environment)
        .bind(setting, Bindable.mapOf(String.class, Object.class))
        .orElse(Map.of());
  }

  private static List<String> list(Environment environment, String setting) {
    return Binder.get(environment).bind(setting, Bindable.listOf(String.class)).orElse(List.of(""));
  }

  static void refuseUnknown(String words, String name, Set<String> known) {
    if (!known.contains(name)) {
      throw new CannotStartException(
          "%s %s%s".formatted(words, name, NearestWord.instead(name, known)));
    }
  }
}
