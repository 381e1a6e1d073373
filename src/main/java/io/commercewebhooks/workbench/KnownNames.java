package io.commercewebhooks.workbench;

import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;

/**
 * What routes can name: beans of the service, and components that Camel has here.
 *
 * @param beans the beans that routes may call
 */
record KnownNames(Set<String> beans, CamelContext live) {

  /** Whether an address may begin with this. */
  boolean isComponent(String scheme) {
    return live.getComponent(scheme, true, false) != null;
  }

  /** The names of the beans, and of the components that are in use. */
  Set<String> all() {
    Set<String> all = new TreeSet<>(beans);
    all.addAll(live.getComponentNames());
    return all;
  }
}
