package io.commercewebhooks.workbench;

import static io.commercewebhooks.workbench.CandidateSet.NOTIFICATIONS;
import static io.commercewebhooks.workbench.CandidateSet.REDACTION;
import static io.commercewebhooks.workbench.CandidateSet.SETTINGS;
import static io.commercewebhooks.workbench.CandidateSet.TEMPLATES;

import io.commercewebhooks.delivery.Notifications;
import io.commercewebhooks.intake.RedactionSettings;
import io.commercewebhooks.intake.Redactor;
import io.commercewebhooks.ledger.FileStamp;
import io.commercewebhooks.workbench.RouteSwap.Placed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.stereotype.Component;

/**
 * Takes the config of a set into use, as far as it isn't read anew with the routes that name it.
 */
@Component
class LiveConfig {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

  private static final String OBJECTS = "salesforce.objects.";

  private final FileStamp stamp;
  private final Redactor redactor;
  private final Notifications notifications;
  private final freemarker.template.Configuration mailTemplates;
  private final ConfigurableEnvironment environment;

  LiveConfig(
      FileStamp stamp,
      Redactor redactor,
      Notifications notifications,
      freemarker.template.Configuration mailTemplates,
      ConfigurableEnvironment environment) {
    this.stamp = stamp;
    this.redactor = redactor;
    this.notifications = notifications;
    this.mailTemplates = mailTemplates;
    this.environment = environment;
  }

  /** Of the set that the service starts with, what the service hasn't read by itself. */
  void useAtStart(Placed set) throws IOException {
    templates(set);
    stamp.is(set.set().hash(), set.folder());
  }

  /**
   * Takes a set into use.
   *
   * @param changed the names of the files that differ
   * @param onDisk the files as they stand, which are looked at on their own where they are the same
   */
  void use(Placed set, Set<String> changed, FileSet onDisk) throws IOException {
    if (changed.contains(REDACTION)) {
      redactor.use(redaction(set.set()));
    }
    if (changed.contains(SETTINGS)) {
      objects(set.set());
    }
    templates(set);
    notifications.readFrom(
        set.set().files().get(NOTIFICATIONS).equals(onDisk.files().get(NOTIFICATIONS))
            ? null
            : set.folder().resolve(NOTIFICATIONS));
    stamp.is(set.set().hash(), set.folder());
  }

  private void templates(Placed set) throws IOException {
    mailTemplates.setDirectoryForTemplateLoading(set.folder().resolve(TEMPLATES).toFile());
    mailTemplates.clearTemplateCache();
  }

  /** The Salesforce object of each type; all other settings are for the next start. */
  private void objects(FileSet set) throws IOException {
    Map<String, Object> objects = new LinkedHashMap<>();
    for (PropertySource<?> source : yaml(set, SETTINGS)) {
      if (source instanceof EnumerablePropertySource<?> named) {
        Stream.of(named.getPropertyNames())
            .filter(name -> name.startsWith(OBJECTS))
            .forEach(name -> objects.put(name, String.valueOf(named.getProperty(name))));
      }
    }
    environment.getPropertySources().remove(OBJECTS);
    environment.getPropertySources().addFirst(new MapPropertySource(OBJECTS, objects));
    LOG.info("of {} only {}* is taken up; the rest waits for the next start", SETTINGS, OBJECTS);
  }

  private static List<PropertySource<?>> yaml(FileSet set, String name) throws IOException {
    byte[] text = set.files().getOrDefault(name, "").getBytes(StandardCharsets.UTF_8);
    return new YamlPropertySourceLoader().load(name, new ByteArrayResource(text));
  }

  /** What a set says of redaction. */
  static RedactionSettings redaction(FileSet set) throws IOException {
    MutablePropertySources sources = new MutablePropertySources();
    yaml(set, REDACTION).forEach(sources::addLast);
    return new Binder(ConfigurationPropertySources.from(sources))
        .bindOrCreate("redaction", RedactionSettings.class);
  }
}
