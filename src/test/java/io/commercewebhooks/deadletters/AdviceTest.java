package io.commercewebhooks.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.ShippedSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The shipped sentences, as they are found by the causes that the ledger keeps. */
class AdviceTest {

  private static final List<String> ORDERS = List.of("order-status-changed");

  private Advice advice;

  @BeforeEach
  void read() {
    StandardEnvironment environment = ShippedSettings.environment("advice");
    environment
        .getPropertySources()
        .addLast(
            new MapPropertySource(
                "objects",
                Map.of(
                    "salesforce.objects.order-status-changed.name", "Zoom_Order__c",
                    "salesforce.objects.quote-requested.name", "Opportunity")));
    advice = new Advice(environment);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "salesforce | INVALID_FIELD Zoom_Order__c.Status__c | Zoom_Order__c.Status__c doesn't exist",
        "salesforce | INVALID_FIELD | A field of Zoom_Order__c doesn't exist",
        "salesforce | INVALID_FIELD_FOR_INSERT_UPDATE Status__c | may not write Zoom_Order__c.Status__c",
        "salesforce | REQUIRED_FIELD_MISSING Name,Region__c | Zoom_Order__c.Name, Zoom_Order__c.Region__c",
        "salesforce | INSUFFICIENT_ACCESS_OR_READONLY | this record of Zoom_Order__c",
        "salesforce | INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY | refers to",
        "salesforce | INVALID_TYPE_ON_FIELD_IN_RECORD Due__c | Zoom_Order__c.Due__c is of another",
        "salesforce | INVALID_CROSS_REFERENCE_KEY RecordTypeId | has to be active",
        "salesforce | CANNOT_EXECUTE_FLOW_TRIGGER | A flow on Zoom_Order__c failed",
        "salesforce | DUPLICATE_VALUE Key__c | can't see that record",
        "salesforce | ENTITY_IS_LOCKED | end the approval",
        "salesforce | INACTIVE_OWNER_OR_USER | no longer active",
        "salesforce | API_DISABLED_FOR_ORG | edition",
        "salesforce | SERVER_UNAVAILABLE | passes by itself",
        "salesforce | SOMETHING_NEW | Look at the message and at Zoom_Order__c",
        "database | SQL_42P01 | A table that the statement names",
        "database | SQL_42804 | don't fit together",
        "database | SQL_42P10 | unique index",
        "database | SQL_42501 | select, insert, update and delete",
        "database | SQL_2200H | alter sequence",
        "database | SQL_P0001 | in its own words",
        "database | SQL_23503 | isn't in the database yet",
        "database | SQL_57P01 | being stopped",
        "database | SQL_57014 | took too long",
        "database | SQL_40P01 | at the same time",
        "database | SQL_0A000 | can't do there",
        "database | UNREADABLE_ANSWER | a row for each event",
        "database | SQL_23505 | A constraint of the table",
        "salesforce | NO_ANSWER | can be reached",
        "salesforce | CERTIFICATE | names another host",
        "database | SQL_NO_ANSWER | can be reached",
        "database | SQL_08006 | by TLS",
        "database | CERTIFICATE | sslrootcert",
        "database | SQL_NO_TABLES | create tables",
        "database | SQL_POOLER | pool sessions",
        "email | SMTP_NO_ANSWER | can be reached",
        "salesforce | HTTP_302 | another address",
        "salesforce | UNSUPPORTED_API_VERSION | api-version",
        "salesforce | API_CURRENTLY_DISABLED | may not use the API",
        "database | SQL_3D000 | DATABASE_URL",
        "database | SQL_53300 | no connection left",
        "database | SQL_53200 | such as memory",
        "database | SQL_25P04 | transaction_timeout",
        "database | SQL_42P05 | prepareThreshold=0",
        "database | SQL_55P03 | locks the table",
        "email | SMTP_TLS | certificate",
        "email | SMTP_TOKEN | SMTP_TOKEN_URL",
        "email | SMTP_SENDER | MAIL_FROM",
        "email | SMTP_GREETING | SMTP_EHLO",
        "email | SMTP_550 | config/notifications.yaml",
        "email | SMTP_552 | larger than the server takes",
        "email | SMTP_451 | sent again by itself",
        "email | SMTP_454 | SMTP_PASSWORD",
        "salesforce | LOGIN_DURING_RESTRICTED_TIME | login hours",
        "email | SMTP_LOGIN | Look at the message"
      })
  void a_cause_has_the_advice_of_the_longest_code_that_it_begins_with(
      String target, String cause, String words) {
    assertThat(advice.on(target, cause, ORDERS)).contains(words).endsWith(".");
  }

  @Test
  void a_cause_met_with_several_types_names_each_object() {
    assertThat(
            advice.on(
                "salesforce",
                "DUPLICATE_VALUE",
                List.of("order-status-changed", "quote-requested")))
        .contains("Zoom_Order__c or Opportunity");
  }

  @Test
  void a_target_that_nobody_wrote_advice_for_has_none() {
    assertThat(advice.on("archive", "IO", ORDERS)).isNull();
    assertThat(advice.onHold("archive", "login", "REFUSED: no")).isNull();
  }

  @Test
  void a_hold_has_the_advice_of_its_code_first_then_of_its_reason() {
    assertThat(advice.onHold("salesforce", "quota", "STORAGE_LIMIT_EXCEEDED: storage limit"))
        .contains("storage is full")
        .doesNotContain("by themselves");
    assertThat(advice.onHold("salesforce", "quota", "REQUEST_LIMIT_EXCEEDED: TotalRequests"))
        .contains("by themselves within 24 hours");
    assertThat(advice.onHold("email", "quota", "SMTP_LIMIT: 454 Throttling failure"))
        .contains("mail.per-minute");
    assertThat(advice.onHold("salesforce", "login", "LOGIN_REFUSED: invalid client"))
        .contains("refuses our sign-in");
  }

  @ParameterizedTest
  @CsvSource({
    "circuit, NO_ANSWER: Connection refused, can be reached",
    "asked, HTTP_429: Too many requests, come back later",
    "paused, paused by otto, until somebody resumes it"
  })
  void every_target_has_advice_on_a_hold_that_is_the_same_for_all(
      String reason, String detail, String words) {
    for (String target : List.of("salesforce", "database", "email", "archive")) {
      assertThat(advice.onHold(target, reason, detail)).contains(words);
    }
  }

  @Test
  void a_row_without_a_cause_stays_as_it_is() {
    Map<String, Object> row = new HashMap<>(Map.of("target", "salesforce"));

    assertThat(advice.beside(List.of(row))).containsExactly(Map.of("target", "salesforce"));
  }
}
