package io.commercewebhooks.startup;

import io.commercewebhooks.Application;
import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenFiles;
import io.commercewebhooks.config.WrittenRoutes;
import io.commercewebhooks.config.WrittenYaml;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.config.ConfigDataNotFoundException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.PlaceholderResolutionException;
import org.yaml.snakeyaml.error.YAMLException;

/** Says in one line why the service did not start; the details are there with debug logging. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class StartupFailureReporter implements SpringBootExceptionReporter {

  private static final Logger LOG = LoggerFactory.getLogger(Application.class);
  private static final int LONGEST_REASON = 600;
  private static final Path CONFIG = Path.of("config");

  private final ConfigurableApplicationContext context;

  /** Spring Boot makes reporters with the context, which may be null. */
  StartupFailureReporter(ConfigurableApplicationContext context) {
    this.context = context;
  }

  @Override
  public boolean reportException(Throwable failure) {
    LOG.error("commerce-webhooks can't start: {}", reason(failure));
    LOG.debug("commerce-webhooks can't start", failure);
    return true;
  }

  private String reason(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    for (int i = 0; i < causes.size(); i++) {
      List<Throwable> rest = causes.subList(i, causes.size());
      Optional<String> reason = known(causes.get(i)).or(() -> ofRoute(rest));
      if (reason.isPresent()) {
        return reason.get();
      }
    }
    return refusedSetting(causes).orElseGet(() -> words(causes));
  }

  /** A setting that whoever reads it doesn't take; where it is said, Spring knows. */
  private static Optional<String> refusedSetting(List<Throwable> causes) {
    return causes.stream()
        .filter(BindException.class::isInstance)
        .map(BindException.class::cast)
        .filter(refused -> refused.getProperty() != null)
        .reduce((outer, inner) -> inner)
        .map(
            refused -> {
              Class<?> type = refused.getTarget().getType().resolve(Object.class);
              return "%s (%s) can't be this: %s"
                  .formatted(
                      refused.getName(),
                      refused.getProperty().getOrigin(),
                      type.isEnum()
                          ? "write one of " + Arrays.toString(type.getEnumConstants())
                          : words(causes.subList(causes.size() - 1, causes.size())));
            });
  }

  /** What is said of a cause that needs no other words. */
  private static Optional<String> known(Throwable cause) {
    if (cause instanceof CannotStartException) {
      return Optional.of(oneLine(cause.getMessage()));
    }
    if (cause instanceof PlaceholderResolutionException placeholder) {
      // its message has the whole value, which may be a secret
      return Optional.of(
          "a setting or a secret holds ${%s}, and no setting has this name"
              .formatted(placeholder.getPlaceholder()));
    }
    if (cause instanceof ConfigDataNotFoundException missing) {
      return Optional.of(missing.getReferenceDescription() + " is missing; put it back");
    }
    if (cause instanceof PortInUseException taken) {
      return Optional.of(
          ("port %d of this machine is taken: end what listens on it, or set another in"
                  + " SERVER_PORT or MANAGEMENT_SERVER_PORT")
              .formatted(taken.getPort()));
    }
    if (cause instanceof java.net.BindException refused) {
      // the system's word, in the language of the machine, by which Spring would know a taken port
      return Optional.of(
          ("a port of this machine can't be listened on (%s): see SERVER_PORT, MANAGEMENT_SERVER_PORT"
                  + " and the addresses beside them")
              .formatted(refused.getMessage()));
    }
    if (cause instanceof AccessDeniedException denied) {
      return Optional.of(denied.getFile() + " can't be read by the user of the service");
    }
    return cause instanceof YAMLException
            || cause instanceof CharacterCodingException
            || cause instanceof FileNotFoundException
        ? brokenConfigFile()
        : Optional.empty();
  }

  /** What a route can't do whose name the first of the causes says. */
  private Optional<String> ofRoute(List<Throwable> causes) {
    List<Throwable> below = causes.subList(1, causes.size());
    return WrittenRoutes.routeNamedBy(causes.get(0))
        .map(id -> placeOf(id) + ": " + words(below.isEmpty() ? causes : below));
  }

  private String placeOf(String routeId) {
    String folder =
        context == null ? null : context.getEnvironment().getProperty(StartupCheck.ROUTES);
    return Optional.ofNullable(folder)
        .flatMap(routes -> WrittenRoutes.in(Path.of(routes)).placeOf(routeId))
        .orElse("route " + routeId);
  }

  /** Whoever reads the settings doesn't say in which file they are broken. */
  private static Optional<String> brokenConfigFile() {
    try {
      WrittenFiles.below(CONFIG).stream()
          .filter(file -> file.getParent().equals(CONFIG) && file.toString().endsWith(".yaml"))
          .map(WrittenYaml::read)
          .forEach(WrittenYaml::settings);
      return Optional.empty();
    } catch (CannotStartException broken) {
      return Optional.of(broken.getMessage());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * What the causes say, outermost first, without repetition. Camel's own words name the endpoint
   * and then repeat their cause; the words of others that do so only add how beans are wired.
   */
  private static String words(List<Throwable> causes) {
    List<String> words = new ArrayList<>();
    boolean detailed = false;
    for (Throwable cause : causes) {
      String message = cause.getMessage();
      String line = oneLine(message == null ? cause.getClass().getSimpleName() : message);
      boolean said = words.stream().anyMatch(earlier -> earlier.contains(line));
      if (!said || !detailed) {
        words.removeIf(earlier -> earlier.contains(line) || line.contains(earlier));
        words.add(line);
        detailed = cause.getClass().getPackageName().startsWith("org.apache.camel");
      }
    }
    String whole = String.join(": ", words);
    return whole.length() <= LONGEST_REASON ? whole : whole.substring(0, LONGEST_REASON) + "…";
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
