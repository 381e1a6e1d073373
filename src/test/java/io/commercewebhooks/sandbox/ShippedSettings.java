package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;

/** What the files in {@code config/} say that hold settings of one kind each. */
public final class ShippedSettings {

  private ShippedSettings() {}

  /** The settings of {@code config/<name>.yaml}, which stand below its name. */
  public static <T> T of(String name, Class<T> type) {
    return Binder.get(environment(name)).bind(name, type).get();
  }

  /** An environment that knows {@code config/<name>.yaml}. */
  public static StandardEnvironment environment(String name) {
    StandardEnvironment environment = new StandardEnvironment();
    try {
      new YamlPropertySourceLoader()
          .load(name, new FileSystemResource("config/" + name + ".yaml"))
          .forEach(environment.getPropertySources()::addLast);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return environment;
  }
}
