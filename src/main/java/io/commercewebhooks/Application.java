package io.commercewebhooks;

import io.commercewebhooks.config.VainVariables;
import io.commercewebhooks.workbench.FilesCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationExcludeFilter;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.stereotype.Controller;

/**
 * Receives commerce webhooks, keeps them in the ledger and delivers them to every target.
 *
 * <p>Controllers are left out of the scan: they belong to the management port alone (see {@code
 * io.commercewebhooks.console}).
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@ConfigurationPropertiesScan
@ComponentScan(
    excludeFilters = {
      @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class),
      @ComponentScan.Filter(
          type = FilterType.CUSTOM,
          classes = AutoConfigurationExcludeFilter.class),
      @ComponentScan.Filter(
          type = FilterType.ANNOTATION,
          classes = {ManagementContextConfiguration.class, Controller.class})
    })
public class Application {

  /** What starts nothing and looks at the files in this folder. */
  private static final String CHECK = "--check";

  public static void main(String[] args) throws IOException {
    // Numbers in statements and JSON are for machines, wherever the service runs.
    Locale.setDefault(Locale.ENGLISH);
    if (List.of(args).contains(CHECK)) {
      LoggingSystem.get(Application.class.getClassLoader()).beforeInitialize();
      Optional<String> mistake = FilesCheck.firstMistake(Path.of(""));
      mistake.ifPresent(System.err::println);
      System.exit(mistake.isPresent() ? 1 : 0);
    }
    // An empty one counts as missing: it would be the root of all files.
    if ("".equals(System.getenv(VainVariables.SECRETS_FOLDER))) {
      System.setProperty(VainVariables.SECRETS_FOLDER, "secrets");
    }
    SpringApplication service = new SpringApplication(Application.class);
    // Said here because a start away from config/ knows no settings, and still owes one clear line.
    service.setBannerMode(Banner.Mode.OFF);
    service.run(args);
  }
}
