package io.commercewebhooks.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.commercewebhooks.ledger.FailureClasses;
import io.commercewebhooks.ledger.FileStamp;
import io.commercewebhooks.ledger.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.api.NoSuchSObjectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Whether the org is as the mappings need it: signs in, has Salesforce describe each object, and
 * says in plain words what the integration user can't see or may not write. It writes nothing.
 */
@Component
public class SalesforceCheck {

  private static final Logger LOG = LoggerFactory.getLogger(SalesforceCheck.class);
  private static final String DESCRIBE = "salesforce:getDescription";
  private static final String MAPPING = "config/mappings/%s-to-salesforce.jslt";

  private final CamelContext camel;
  private final ProducerTemplate template;
  private final FailureClasses failures;
  private final SalesforceSettings settings;
  private final SalesforceBudget budget;
  private final ObjectMapper json;
  private final FileStamp live;
  private final Environment environment;
  private final String apiVersion;

  SalesforceCheck(
      CamelContext camel,
      ProducerTemplate template,
      FailureClasses failures,
      SalesforceSettings settings,
      SalesforceBudget budget,
      ObjectMapper json,
      FileStamp live,
      Environment environment,
      @Value("${camel.component.salesforce.api-version}") String apiVersion) {
    this.camel = camel;
    this.template = template;
    this.failures = failures;
    this.settings = settings;
    this.budget = budget;
    this.json = json;
    this.live = live;
    this.environment = environment;
    this.apiVersion = apiVersion;
  }

  /**
   * What the check found.
   *
   * @param ok nothing is missing
   * @param apiVersion the release of the REST API that is spoken
   * @param calls how much of the org's budget of calls is used
   * @param problems what to mend, one sentence each
   * @param objects the objects that events are written to, by type of event
   */
  public record Report(
      boolean ok,
      Instant checkedAt,
      String apiVersion,
      String calls,
      List<String> problems,
      Map<String, String> objects) {}

  /** Checks once the service is up, beside everything else: nothing waits for it. */
  @EventListener(ApplicationReadyEvent.class)
  void atStart() {
    if (settings.checkAtStart()) {
      Thread check = new Thread(() -> tell(run()), "salesforce-check");
      check.setDaemon(true);
      check.start();
    }
  }

  private static void tell(Report report) {
    if (report.ok()) {
      LOG.info("salesforce: the connection is checked, nothing is missing; {}", report.calls());
    }
    report.problems().forEach(problem -> LOG.warn("salesforce: {}", problem));
  }

  /** Checks now, even if a sign-in was refused a moment ago. It takes a call for each object. */
  public Report run() {
    if (camel.getComponent("salesforce", SalesforceComponent.class).getHttpClient()
        instanceof SalesforceClient client) {
      client.endPause();
    }
    List<String> problems = new ArrayList<>();
    Map<String, String> objects = new TreeMap<>();
    Map<String, JsonNode> described = new HashMap<>();
    for (Map.Entry<String, SalesforceSettings.SObject> each : liveObjects().entrySet()) {
      SalesforceSettings.SObject object = each.getValue();
      objects.put(each.getKey(), object.name());
      String file = MAPPING.formatted(each.getKey());
      if (Files.notExists(live.file(file))) {
        problems.add(
            "salesforce.objects.%s is of no use without %s; save that, or take the object away"
                .formatted(each.getKey(), file));
        continue;
      }
      Exchange answer = described.containsKey(object.name()) ? null : describe(object.name());
      if (answer != null && isAboutTheWholeTarget(answer.getException())) {
        problems.add(words(answer.getException()));
        break;
      }
      JsonNode description =
          described.computeIfAbsent(object.name(), name -> read(answer, name, problems));
      problems.addAll(
          new MappedObject(each.getKey(), object, file, text(file)).problems(description));
    }
    return new Report(
        problems.isEmpty(), Instant.now(), apiVersion, budget.words(), problems, objects);
  }

  /** As they are now: types are added while the service runs. */
  private Map<String, SalesforceSettings.SObject> liveObjects() {
    return new TreeMap<>(
        Binder.get(environment)
            .bind(
                "salesforce.objects",
                Bindable.mapOf(String.class, SalesforceSettings.SObject.class))
            .orElse(Map.of()));
  }

  private Exchange describe(String object) {
    return template.send(
        DESCRIBE, exchange -> exchange.getMessage().setHeader("sObjectName", object));
  }

  private boolean isAboutTheWholeTarget(Exception failure) {
    return failure != null && !(failure instanceof NoSuchSObjectException);
  }

  private String words(Exception failure) {
    Outcome outcome = failures.classify(failure);
    String lead =
        outcome.hold() == Outcome.Hold.LOGIN ? "the sign-in is refused" : "there is no good answer";
    return lead + " (" + outcome.code() + "): " + outcome.detail();
  }

  /** An answer's description, or a missing node when there is no such object. */
  private JsonNode read(Exchange answer, String object, List<String> problems) {
    if (answer.getException() != null) {
      problems.add(
          "the object %s doesn't exist or isn't visible to the integration user".formatted(object));
      return MissingNode.getInstance();
    }
    try {
      JsonNode description = json.readTree(answer.getMessage().getBody(String.class));
      if (description.path("fields").isArray()) {
        return description;
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      LOG.debug("the description of {} can't be read", object, e);
    }
    problems.add("the description of %s can't be read".formatted(object));
    return MissingNode.getInstance();
  }

  private String text(String file) {
    try {
      return Files.readString(live.file(file));
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }
}
