package io.commercewebhooks.startup;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Takes up secrets that were changed in their files ({@code spring.config.import=configtree:})
 * while the service runs. One that can't be used leaves the old one in use. No secret is ever
 * shown.
 */
@Component
public class ChangedSecrets {

  private static final Logger LOG = LoggerFactory.getLogger(ChangedSecrets.class);

  private final Environment environment;
  private final List<Watched> all = new CopyOnWriteArrayList<>();

  ChangedSecrets(Environment environment) {
    this.environment = environment;
  }

  private static final class Watched {

    private final String setting;
    private final Consumer<String> use;
    private String last;
    private boolean isUnreadable;

    Watched(String setting, Consumer<String> use, String last) {
      this.setting = setting;
      this.use = use;
      this.last = last;
    }
  }

  /**
   * Hands a changed secret on.
   *
   * @param setting its name in {@code application.yaml}
   * @param use takes the new value into use, or throws and leaves the old one
   */
  public void watch(String setting, Consumer<String> use) {
    all.add(new Watched(setting, use, environment.getProperty(setting, "")));
  }

  @Scheduled(fixedDelayString = "${secrets.look-each}")
  void look() {
    all.forEach(this::look);
  }

  private void look(Watched watched) {
    String now;
    try {
      now = environment.getProperty(watched.setting, "");
    } catch (RuntimeException e) {
      if (!watched.isUnreadable) {
        watched.isUnreadable = true;
        LOG.warn(
            "{} can't be read: its file is gone, or holds ${; the old value stays",
            watched.setting);
      }
      return;
    }
    watched.isUnreadable = false;
    if (now.equals(watched.last)) {
      return;
    }
    watched.last = now;
    try {
      if (now.isBlank()
          || StartupSecrets.isNoText(now)
          || StartupSecrets.isRefused(environment, now)) {
        throw new IllegalArgumentException("empty, no text, or a sample");
      }
      watched.use.accept(now);
      LOG.info("{} was changed, and the new value is in use", watched.setting);
    } catch (RuntimeException e) {
      LOG.warn(
          "{} was changed to what can't be used: it is empty, a sample, or in a wrong form; the old value stays",
          watched.setting);
    }
  }

  /** Has files of secrets read anew whenever they are asked for; as shipped they are read once. */
  static void readAnew(ConfigurableEnvironment environment) {
    MutablePropertySources sources = environment.getPropertySources();
    for (PropertySource<?> source : sources) {
      if (source instanceof ConfigTreePropertySource tree) {
        sources.replace(
            tree.getName(),
            new ConfigTreePropertySource(
                tree.getName(),
                tree.getSource(),
                ConfigTreePropertySource.Option.ALWAYS_READ,
                ConfigTreePropertySource.Option.AUTO_TRIM_TRAILING_NEW_LINE));
      }
    }
  }
}
