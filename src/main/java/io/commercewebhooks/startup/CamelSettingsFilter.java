package io.commercewebhooks.startup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out what would hand settings to a component or language of Camel, a vault or a cloud,
 * where nobody has set any: some sixty classes that each start would read, for nothing. Camel finds
 * a component that a route names by itself, with the same defaults.
 */
class CamelSettingsFilter implements AutoConfigurationImportFilter, EnvironmentAware {

  /** Group 1 is a component, 2 a language, 3 the section of all that is alike. */
  private static final Pattern HANDS_OVER_SETTINGS =
      Pattern.compile(
          "org\\.apache\\.camel\\..*(?:"
              + "\\.springboot\\.(?:(\\w+)Component|(\\w+)Language)(?:AutoConfiguration|Converter)"
              + "|\\.boot\\.(vault|cloud)\\.\\w+)");

  /** Its starter needs what hands over its settings, even if there are none. */
  private static final String ALWAYS = "PlatformHttp";

  private Environment environment;

  @Override
  public void setEnvironment(Environment environment) {
    this.environment = environment;
  }

  @Override
  public boolean[] match(String[] classes, AutoConfigurationMetadata metadata) {
    boolean[] needed = new boolean[classes.length];
    for (int i = 0; i < classes.length; i++) {
      needed[i] = classes[i] == null || isNeeded(classes[i]);
    }
    return needed;
  }

  private boolean isNeeded(String name) {
    Matcher handsOver = HANDS_OVER_SETTINGS.matcher(name);
    if (!handsOver.matches() || ALWAYS.equals(handsOver.group(1))) {
      return true;
    }
    if (handsOver.group(1) != null) {
      return isSet("camel.component." + handsOver.group(1));
    }
    if (handsOver.group(2) != null) {
      return isSet("camel.language." + handsOver.group(2));
    }
    return isSet("camel." + handsOver.group(3));
  }

  /** Dashes and capitals of a setting count for nothing. */
  private boolean isSet(String section) {
    ConfigurationPropertyName name = ConfigurationPropertyName.adapt(section, '.');
    return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
        .anyMatch(
            source -> source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT);
  }
}
