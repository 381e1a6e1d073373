package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** Versions of the shipped files that can't work. */
final class BrokenVersions {

  static final String ROUTE = "routes/routing/order-status-changed.camel.yaml";
  static final String INTAKE = "routes/intake/zoom-commerce.camel.yaml";
  static final String DATABASE = "routes/delivery/database.camel.yaml";
  static final String MAPPING = "config/mappings/order-status-changed-to-salesforce.jslt";
  static final String TEMPLATE = "config/templates/en/order-completed.ftl";
  static final String SALESFORCE = "routes/delivery/salesforce.camel.yaml";
  static final String NOTIFICATIONS = "config/notifications.yaml";
  static final String STATEMENT = "config/sql/order-status-changed.sql";
  static final String SETTINGS = "config/application.yaml";

  private BrokenVersions() {}

  /**
   * One of them.
   *
   * @param what what is written in the good one
   * @param instead what is written where that is first
   * @param remedy what its maker is told to write
   */
  record Broken(String file, String what, String instead, String remedy) {

    /** Whether only routes that are made, and not their text, show it. */
    boolean onlyWhenTriedOut() {
      return file.equals(STATEMENT)
          || List.of("zoomComerceSignature", "wrokers:", "delveries:database", "} = 'completed'")
              .contains(instead);
    }

    String in(String text) {
      assertThat(text).as(file).contains(what);
      int at = text.indexOf(what);
      return text.substring(0, at) + instead + text.substring(at + what.length());
    }
  }

  static List<Broken> all() {
    List<Broken> all = new ArrayList<>();
    for (String file : List.of(ROUTE, INTAKE, DATABASE)) {
      all.add(new Broken(file, "    from:", "    form:", "write from"));
      all.add(new Broken(file, "steps:", "stpes:", "write steps"));
      all.add(new Broken(file, "- to", "- too", "write to"));
      all.add(new Broken(file, "      uri:", "\t uri:", "indent by spaces"));
      all.add(new Broken(file, "routeConfigurationId: ", "routeConfigurationId: no-", "; write "));
    }
    all.add(
        new Broken(
            ROUTE, "in 'draft,submitted'", "in 'draft, submitted'", "write 'draft,submitted'"));
    all.add(new Broken(ROUTE, "variable.status}", "variable.staus}", "write status"));
    all.add(new Broken(ROUTE, "uri: deliveries", "urii: deliveries", "write uri"));
    all.add(new Broken(ROUTE, "simple:", "simpel:", "write simple"));
    all.add(
        new Broken(SALESFORCE, "removeHeaders:", "removeHeader:", "'pattern' doesn't belong here"));
    all.add(new Broken(SALESFORCE, "pattern:", "patern:", "write pattern"));
    all.add(
        new Broken(
            INTAKE, "uri: direct:intake-zoom-commerce", "uri: direct:nobody", "write one of "));
    all.add(
        new Broken(
            INTAKE,
            "zoomCommerceSignature",
            "zoomComerceSignature",
            "write zoomCommerceSignature"));
    all.add(
        new Broken(
            ROUTE,
            "          when:",
            "          id: [choice]\n          when:",
            "indent by spaces"));
    all.add(new Broken(DATABASE, "workers:", "wrokers:", "write workers"));
    all.add(new Broken(DATABASE, ",return-updated", ", retrun-updated", "write return-updated"));
    all.add(new Broken(DATABASE, "to-database.jslt", "to-databse.jslt", "mend the name"));
    all.add(new Broken(ROUTE, "deliveries:database", "delveries:database", "write deliveries"));
    all.add(
        new Broken(
            ROUTE,
            "template: order-completed",
            "template: order-complete",
            "write order-completed"));
    all.add(new Broken(ROUTE, "audience: sales", "audience: sale", "write sales"));
    all.add(new Broken(ROUTE, "} == 'completed'", "} = 'completed'", "mend it as Camel has it"));
    all.add(
        new Broken(ROUTE, "events:order-status-changed", "events:order-changed", "save it first"));
    all.add(new Broken(ROUTE, "deliveries:database", "deliveries:databse", "write database"));
    all.add(
        new Broken(ROUTE, "    description:", "    description: x\n    description:", "keep one"));
    all.add(
        new Broken(
            ROUTE,
            "    description:",
            "    description: !told",
            "write it as the YAML DSL knows it"));
    all.add(
        new Broken(
            ROUTE,
            "uri: deliveries:database",
            "uri: deliveries\n            parameters:\n              target: databse",
            "write database"));
    all.add(
        new Broken(
            ROUTE,
            "id: routing-order-status-changed",
            "id: routing-account-status-changed",
            "write another id"));
    all.add(
        new Broken(
            ROUTE,
            "events:order-status-changed\n"
                + "      parameters:\n"
                + "        batchSize: \"{{routing.batch-size}}\"",
            "events:account-status-changed\n      parameters:\n        batchSize: \"50\"",
            "take one of them away"));
    all.add(
        new Broken(
            ROUTE,
            "                        audience: sales\n",
            "",
            "a mail has a template and an audience; write both"));
    all.add(new Broken(ROUTE, "audience: finance", "audience: sales", "write another audience"));
    all.add(
        new Broken(
            ROUTE,
            "uri: deliveries:database",
            "uri: deliveries:salesforce",
            "the second would be lost"));
    all.add(
        new Broken(
            SALESFORCE,
            "uri: deliveries:salesforce",
            "uri: deliveries:database",
            "take one of them away"));
    all.add(
        new Broken(
            "routes/dead-letters/retry-then-dead-letter.camel.yaml",
            "id: retry-then-dead-letter",
            "id: park-unroutable",
            "write another id"));
    all.add(new Broken(SETTINGS, "max-body: 1MB", "max-boddy: 2MB", "write intake.max-body"));
    all.add(new Broken(SETTINGS, "threads:", "thraeds:", "write server.tomcat.threads.max"));
    all.add(new Broken(SETTINGS, "  payload: 90d", "  payload: 90", "write it like 90d"));
    all.add(
        new Broken(SETTINGS, "  answer-within: 10s\n", "", "as shipped intake.answer-within: 10s"));
    all.add(new Broken(SETTINGS, "      external-id: Zoom_Order_Id__c\n", "", "write both"));
    for (String file : List.of(ROUTE, SETTINGS, NOTIFICATIONS)) {
      all.add(new Broken(file, ":\n", ":\n\u0007", "U+0007, stands here; delete it"));
    }
    all.add(
        new Broken(
            SETTINGS, "name: Zoom_Order__c", "nam: Zoom_Order__c", "write salesforce.objects."));
    for (String file :
        List.of(
            MAPPING,
            "config/mappings/zoom-commerce-to-event.jslt",
            "config/mappings/order-status-changed-to-database.jslt")) {
      all.add(new Broken(file, "{", "{{", file.equals(MAPPING) ? "mend it" : "write one of"));
      all.add(new Broken(file, "\": ", "\"; ", "in a text in quotes"));
    }
    all.add(new Broken(MAPPING, "replace($plain", "replaec($plain", "write replace"));
    all.add(
        new Broken(MAPPING, "replace($plain", "replace($plan", "nobody sets $plan; write plain"));
    all.add(new Broken(STATEMENT, "account_id", "acount_id", "mend it, or make"));
    all.add(new Broken(STATEMENT, "insert into", "insrt into", "mend it, or make"));
    all.add(new Broken(STATEMENT, "commerce_order", "comerce_order", "mend it, or make"));
    for (String file : List.of(TEMPLATE, "config/templates/html.ftlh")) {
      all.add(new Broken(file, "${", "${{", "write one of"));
      all.add(new Broken(file, "<#", "<#no", "write one that FreeMarker has"));
    }
    all.add(new Broken(TEMPLATE, "${key}", "${key?uppercase}", "write upper_case"));
    all.add(new Broken(TEMPLATE, "${key}", "${kee}", "write what is set"));
    all.add(new Broken(TEMPLATE, "${key}", "${letter.oder}", "write order"));
    all.add(new Broken(TEMPLATE, "  subject =", "  subjekt =", "it sets no subject"));
    all.add(new Broken(TEMPLATE, "\"good\"", "\"grand\"", "write good, action, bad or news"));
    all.add(new Broken(NOTIFICATIONS, "language: en", "language: xx", "write one of de, en"));
    all.add(new Broken(NOTIFICATIONS, "audiences:", "audience:", "write one of audiences"));
    all.add(new Broken(NOTIFICATIONS, "burst:", "brust:", "write one of audiences"));
    all.add(new Broken("config/redaction.yaml", "last-four:", "last-for:", "write one of drop"));
    return all;
  }
}
