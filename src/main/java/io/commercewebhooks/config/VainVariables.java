package io.commercewebhooks.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/**
 * Tells at the start of variables and files of secrets that change nothing, since nobody reads
 * them, or not without another. Where the service runs there are others' too, so it starts.
 */
public final class VainVariables {

  /** Names the folder that has a secret in each file. */
  public static final String SECRETS_FOLDER = "SECRETS_FOLDER";

  private static final Logger LOG = LoggerFactory.getLogger(VainVariables.class);

  /** What others may have for themselves. */
  private static final Set<String> OF_OTHERS =
      Set.of("SERVER", "MANAGEMENT", "SPRING", "CAMEL", "LOGGING", "OTEL", "SANDBOX");

  /** What Kubernetes and Docker say of services that are called as a section of settings is. */
  private static final Pattern OF_SERVICES =
      Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_\\d+_.*)");

  private static final String PROXY = "CAMEL_COMPONENT_SALESFORCE_HTTPPROXY";

  private static final Map<String, String> WITH = new LinkedHashMap<>();

  static {
    WITH.put("SMTP_PASSWORD", "SMTP_USERNAME");
    WITH.put("OIDC_CLIENT_ID", "OIDC_ISSUER");
    WITH.put("SALESFORCE_KEYSTORE_PASSWORD", "SALESFORCE_KEYSTORE");
    WITH.put("TRUSTED_PROXIES", "FORWARD_HEADERS");
    WITH.put("FORWARD_HEADERS", "TRUSTED_PROXIES");
    WITH.put(PROXY + "HOST", PROXY + "PORT");
  }

  private VainVariables() {}

  /** Writes a warning about each to the log. */
  public static void tell(ConfigurableEnvironment environment) {
    WITH.forEach(
        (name, other) -> {
          if (isSet(environment, name) && !isSet(environment, other)) {
            LOG.warn("{} does nothing without {}: set both, or none", name, other);
          }
        });
    Set<String> references = WrittenSettings.references(Path.of("config"));
    Set<String> known = KnownSettings.asVariables();
    known.addAll(references);
    Set<String> words =
        known.stream().map(VainVariables::firstWord).collect(Collectors.toCollection(TreeSet::new));
    words.removeAll(OF_OTHERS);
    for (String name : new TreeSet<>(environment.getSystemEnvironment().keySet())) {
      if (words.contains(firstWord(name))
          && name.contains("_")
          && !known.contains(name)
          && !OF_SERVICES.matcher(name).matches()) {
        LOG.warn("nobody reads the variable {}{}", name, instead(name, known));
      }
    }
    String folder = environment.getProperty(SECRETS_FOLDER);
    if (folder != null && !Files.isDirectory(Path.of(folder))) {
      LOG.warn("{} is {}, and there is no such folder", SECRETS_FOLDER, folder);
    }
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof ConfigTreePropertySource files) {
        for (String name : files.getPropertyNames()) {
          if (!references.contains(name) && !name.contains(".")) {
            LOG.warn(
                "nobody reads the secret {} in {}{}",
                name,
                files.getSource(),
                instead(name, references));
          }
        }
      }
    }
  }

  private static boolean isSet(ConfigurableEnvironment environment, String name) {
    String value = environment.getProperty(name, "");
    return !value.isBlank() && !value.equalsIgnoreCase("none");
  }

  private static String firstWord(String name) {
    return name.replaceFirst("_.*", "");
  }

  private static String instead(String name, Set<String> known) {
    List<String> like =
        known.stream().filter(one -> firstWord(one).equals(firstWord(name))).toList();
    return like.isEmpty() ? "; take it away" : NearestWord.instead(name, like);
  }
}
