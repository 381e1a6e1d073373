package io.commercewebhooks.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.PathResource;

/** The settings of {@code config/application.yaml}, where a test doesn't say others. */
final class ShippedSettings {

  private ShippedSettings() {}

  /**
   * Those of the ledger.
   *
   * @param others like {@code ledger.sweep=1h}
   */
  static LedgerSettings ledger(String... others) {
    Map<String, Object> said = new HashMap<>();
    for (String other : others) {
      String[] parts = other.split("=", 2);
      said.put(parts[0], parts[1]);
    }
    List<PropertySource<?>> sources = new ArrayList<>();
    sources.add(new MapPropertySource("of the test", said));
    try {
      Path shipped = Path.of("config/application.yaml");
      sources.addAll(new YamlPropertySourceLoader().load("as shipped", new PathResource(shipped)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Binder(ConfigurationPropertySources.from(sources))
        .bind("ledger", LedgerSettings.class)
        .get();
  }
}
