package io.commercewebhooks.workbench;

import io.commercewebhooks.config.WrittenRoutes;
import io.commercewebhooks.intake.WebhooksOnHold;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.ResourceEndpoint;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckRepository;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * Replaces the routes that a change touches, and no others. A route is bound to the copy of the
 * files that it was made with, so that what it has in hand is finished on that.
 */
final class RouteSwap {

  private static final String ALL_OTHER_TYPES = "events:*";

  /** What of Camel's health keeps each route that it has ever looked at, gone or not. */
  private static final List<String> HOLDING_ROUTES = List.of("routes", "consumers");

  private final CamelContext camel;
  private final WebhooksOnHold webhooks;

  /** By the name of a route file, once it was swapped, the folder of the copy it is bound to. */
  private final Map<String, Path> swapped = new HashMap<>();

  RouteSwap(CamelContext camel, WebhooksOnHold webhooks) {
    this.camel = camel;
    this.webhooks = webhooks;
  }

  /** A set with the folder in which its copy is. */
  record Placed(FileSet set, Path folder) {}

  /** What is changed between the end of the old routes and the start of the new ones. */
  interface Between {
    void use(Placed set) throws Exception;
  }

  /**
   * Takes old routes out and new ones in; when the new ones don't start, the old ones are back.
   *
   * @param changed the names of the files that differ
   * @throws Exception why the new ones don't start
   */
  void swap(Placed old, Placed wanted, Set<String> changed, Between between) throws Exception {
    List<String> files = touched(old, wanted, changed);
    List<String> ids = ids(old, files);
    // they may have a call under way that takes its time, and no webhook waits for that
    for (String id : ids) {
      if (isAtWork(id)) {
        camel.getRouteController().stopRoute(id);
      }
    }
    boolean doors = changed.stream().anyMatch(name -> name.startsWith("config/redaction"));
    if (doors || files.stream().anyMatch(name -> name.startsWith("routes/intake/"))) {
      webhooks.during(() -> replace(old, wanted, files, ids, between));
    } else {
      replace(old, wanted, files, ids, between);
    }
  }

  private Void replace(
      Placed old, Placed wanted, List<String> files, List<String> ids, Between between)
      throws Exception {
    try {
      remove(ids, policies(old, files));
      between.use(wanted);
      add(wanted, files);
    } catch (Exception e) {
      remove(ids(wanted, files), policies(wanted, files));
      between.use(old);
      add(old, files);
      throw e;
    }
    return null;
  }

  /** Reads from the ledger or the spool, or delivers, on threads of its own. */
  private boolean isAtWork(String id) {
    return camel.getRoute(id) != null
        && camel.getRoute(id).getEndpoint().getEndpointUri().matches("(events|deliveries|file):.*");
  }

  /** The route files to load anew; the one for all other types is the last. */
  private static List<String> touched(Placed old, Placed wanted, Set<String> changed) {
    boolean policies =
        changed.stream()
            .flatMap(name -> Stream.of(text(old, name), text(wanted, name)))
            .anyMatch(text -> text.contains("routeConfiguration:"));
    boolean types = changed.stream().anyMatch(name -> name.startsWith("routes/routing/"));
    return Stream.concat(
            old.set().files().keySet().stream(), wanted.set().files().keySet().stream())
        .distinct()
        .filter(name -> name.startsWith("routes/"))
        .filter(
            name ->
                policies
                    || changed.contains(name)
                    || types && text(wanted, name).contains(ALL_OTHER_TYPES)
                    || names(text(wanted, name), changed))
        .sorted(
            Comparator.comparing((String name) -> text(wanted, name).contains(ALL_OTHER_TYPES))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static boolean names(String text, Set<String> changed) {
    boolean words = changed.stream().anyMatch(name -> name.startsWith(CandidateSet.TEMPLATES));
    if (words && text.contains("freemarker:")) {
      return true;
    }
    return WrittenRoutes.configFilesNamedIn(text)
        .anyMatch(named -> changed.stream().anyMatch(name -> named.matcher(name).matches()));
  }

  private static String text(Placed placed, String name) {
    return placed.set().files().getOrDefault(name, "");
  }

  /** The one for all other types first: it must not get events of a type whose route is gone. */
  private static List<String> ids(Placed placed, List<String> files) {
    WrittenRoutes written = WrittenRoutes.in(placed.folder().resolve("routes"));
    List<String> ids = new ArrayList<>();
    for (String file : files) {
      ids.addAll(0, written.idsIn(placed.folder().resolve(file)));
    }
    return ids;
  }

  private void remove(Collection<String> ids, Collection<String> policies) throws Exception {
    for (String id : ids) {
      if (camel.getRoute(id) != null) {
        camel.getRouteController().stopRoute(id);
      }
    }
    for (String id : ids) {
      if (camel.getRoute(id) != null) {
        camel.removeRoute(id);
      }
    }
    ModelCamelContext model = (ModelCamelContext) camel;
    for (String id : policies) {
      if (model.getRouteConfigurationDefinition(id) != null) {
        model.removeRouteConfiguration(model.getRouteConfigurationDefinition(id));
      }
    }
    HealthCheckRegistry health = HealthCheckRegistry.get(camel);
    HOLDING_ROUTES.forEach(name -> health.getRepository(name).ifPresent(it -> renew(health, it)));
  }

  private static void renew(HealthCheckRegistry health, HealthCheckRepository holding) {
    health.unregister(holding);
    health.register(health.resolveById(holding.getId()));
  }

  private static List<String> policies(Placed placed, List<String> files) {
    WrittenRoutes written = WrittenRoutes.in(placed.folder().resolve("routes"));
    return files.stream()
        .flatMap(name -> written.policiesIn(placed.folder().resolve(name)).stream())
        .toList();
  }

  private void add(Placed placed, List<String> files) throws Exception {
    List<Resource> resources =
        files.stream()
            .filter(placed.set().files()::containsKey)
            .map(
                name ->
                    ResourceHelper.fromString(
                        "file:" + name, bound(text(placed, name), placed.folder())))
            .toList();
    PluginHelper.getRoutesLoader(camel).loadRoutes(resources);
    files.forEach(name -> swapped.put(name, placed.folder()));
    swapped.keySet().retainAll(placed.set().files().keySet());
  }

  /** The folders of the copies that routes are bound to, those of the start aside. */
  Set<Path> copiesInUse() {
    return Set.copyOf(swapped.values());
  }

  /**
   * Lets go what Camel has read of a copy for addresses that hold variables. It would keep 1,000 of
   * them, and it keeps the ends of those that are removed, so what they have read goes first.
   */
  void forget(Path folder) throws Exception {
    for (Endpoint endpoint : camel.getEndpoints()) {
      if (endpoint.getEndpointUri().contains(folder + "/")) {
        if (endpoint instanceof ResourceEndpoint reader) {
          reader.clearContentCache();
        }
        camel.removeEndpoint(endpoint);
      }
    }
  }

  /** The same text with every file of config read from a folder. */
  static String bound(String text, Path folder) {
    return text.replace("file:config/", "file:" + folder + "/config/");
  }
}
