package io.commercewebhooks.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.schibsted.spt.data.jslt.JsltException;
import com.schibsted.spt.data.jslt.Parser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An object of Salesforce as a mapping writes it, and what the org lacks for that. */
final class MappedObject {

  private static final Logger LOG = LoggerFactory.getLogger(MappedObject.class);
  private static final List<String> IDENTIFYING = List.of("externalId", "unique", "caseSensitive");

  private final String type;
  private final SalesforceSettings.SObject object;
  private final String file;
  private final String mapping;
  private final MappedFields mapped;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param type of event
   * @param file of the mapping, as people call it
   * @param mapping what it says
   */
  MappedObject(String type, SalesforceSettings.SObject object, String file, String mapping) {
    this.type = type;
    this.object = object;
    this.file = file;
    this.mapping = mapping;
    this.mapped = MappedFields.in(mapping);
  }

  /**
   * What is to be mended, one sentence each.
   *
   * @param description of the object by the org; a missing node where there is none
   */
  List<String> problems(JsonNode description) {
    compareWithSettings();
    if (!description.isMissingNode()) {
      Map<String, JsonNode> fields = new HashMap<>();
      description.path("fields").forEach(field -> fields.put(field.path("name").asText(), field));
      lookAtRights(description);
      mapped.always().forEach(name -> lookAtField(name, fields.get(name), true));
      mapped.onCreate().forEach(name -> lookAtField(name, fields.get(name), false));
      lookAtPicklists(fields);
      lookForDemanded(fields);
    }
    return problems;
  }

  private void say(String problem, Object... arguments) {
    problems.add(problem.formatted(arguments));
  }

  private void compareWithSettings() {
    if (!mapped.object().equals(object.name())) {
      say(
          "%s writes %s, but salesforce.objects.%s.name in config/application.yaml is %s",
          file, mapped.object(), type, object.name());
    }
    if (!mapped.always().contains(object.externalId())) {
      say(
          "%s doesn't write %s, by which salesforce.objects.%s finds a record again",
          file, object.externalId(), type);
    }
  }

  private void lookAtRights(JsonNode description) {
    for (String right : List.of("createable", "updateable", "queryable")) {
      if (!description.path(right).asBoolean(true)) {
        say("%s is not %s for the integration user", object.name(), right);
      }
    }
  }

  private void lookAtField(String name, JsonNode field, boolean always) {
    String place = object.name() + "." + name;
    if (field == null) {
      say("the field %s doesn't exist or isn't visible to the integration user", place);
      return;
    }
    boolean isKey = name.equals(object.externalId());
    boolean changes = always && !isKey;
    if (!field.path("createable").asBoolean(true)
        || changes && !field.path("updateable").asBoolean(true)) {
      say("the integration user may not write the field %s", place);
    }
    if (isKey && !IDENTIFYING.stream().allMatch(property -> field.path(property).asBoolean())) {
      say("the field %s must be an external id, unique and case sensitive", place);
    }
  }

  private void lookAtPicklists(Map<String, JsonNode> fields) {
    newRecord()
        .properties()
        .forEach(
            value -> {
              if (isUnknownTo(fields.get(value.getKey()), value.getValue())) {
                say(
                    "the picklist %s.%s has no value \"%s\", which %s writes",
                    object.name(), value.getKey(), value.getValue().asText(), file);
              }
            });
  }

  /** What a mapping writes whatever the event says, also of a record that is new. */
  private JsonNode newRecord() {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    try {
      JsonNode nothing = JsonNodeFactory.instance.arrayNode().add(whole.objectNode());
      JsonNode record = Parser.compileString(mapping).apply(nothing).path(0);
      for (JsonNode part : List.of(record, record.path("onCreate"))) {
        part.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
      }
    } catch (JsltException e) {
      LOG.debug("{} maps no event that says nothing", file, e);
    }
    return whole;
  }

  private static boolean isUnknownTo(JsonNode field, JsonNode value) {
    return field != null
        && field.path("type").asText().equals("picklist")
        && !field.path("picklistValues").isEmpty()
        && value.isTextual()
        && StreamSupport.stream(field.path("picklistValues").spliterator(), false)
            .filter(known -> known.path("active").asBoolean())
            .noneMatch(known -> known.path("value").equals(value));
  }

  private void lookForDemanded(Map<String, JsonNode> fields) {
    fields.forEach(
        (name, field) -> {
          boolean written = mapped.always().contains(name) || mapped.onCreate().contains(name);
          if (isDemanded(field) && !written) {
            say("the org insists on %s.%s, which %s doesn't write", object.name(), name, file);
          }
        });
  }

  private static boolean isDemanded(JsonNode field) {
    return !field.path("nillable").asBoolean(true)
        && !field.path("defaultedOnCreate").asBoolean(false)
        && field.path("createable").asBoolean(false)
        && !field.path("type").asText().equals("boolean");
  }
}
