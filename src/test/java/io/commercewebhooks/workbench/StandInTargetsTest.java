package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.ExtendedPropertyConfigurerGetter;
import org.apache.camel.support.component.PropertyConfigurerSupport;
import org.junit.jupiter.api.Test;

class StandInTargetsTest {

  /** What Camel finds for a component {@code pager}, and knows nothing of those that stand in. */
  public static final class PagerConfigurer extends PropertyConfigurerSupport
      implements org.apache.camel.spi.GeneratedPropertyConfigurer,
          ExtendedPropertyConfigurerGetter {

    private interface Pager {
      Object line();
    }

    @Override
    public boolean configure(
        CamelContext camel, Object target, String name, Object value, boolean ignoreCase) {
      return false;
    }

    @Override
    public java.util.Map<String, Object> getAllOptions(Object target) {
      return java.util.Map.of("line", Object.class);
    }

    @Override
    public String[] getAutowiredNames() {
      return new String[] {"line"};
    }

    @Override
    public Class<?> getOptionType(String name, boolean ignoreCase) {
      return Object.class;
    }

    @Override
    public Object getOptionValue(Object target, String name, boolean ignoreCase) {
      return ((Pager) target).line();
    }
  }

  @Test
  void what_a_component_looks_for_by_itself_is_not_looked_for_by_its_stand_in() throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      camel.addComponent("pager", new StandInTargets("pager", new TreeMap<>(), new ObjectMapper()));
      camel.start();

      assertThat(camel.getEndpoint("pager:somebody")).isNotNull();
    }
  }
}
