package io.commercewebhooks.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.failures.ServiceProcess;
import io.commercewebhooks.sandbox.InstallationFolder;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.StandInSalesforce;
import io.commercewebhooks.sandbox.Webhooks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * An installation at an org that keeps Zoom accounts in its own Account object, under field names
 * of its own, and lets nobody in by a secret. It differs from the shipped one by two files of
 * config and by its environment.
 */
class OtherOrgTest {

  private static final String SETTINGS = "config/application.yaml";
  private static final String MAPPING = "config/mappings/account-status-changed-to-salesforce.jslt";
  private static final String PASSWORD = "of-the-test";

  @TempDir private static Path folder;
  private static LocalServers servers;
  private static StandInSalesforce org;
  private static ServiceProcess service;

  @BeforeAll
  static void install() throws Exception {
    InstallationFolder.fill(folder);
    org = StandInSalesforce.start(0, Path.of("config/salesforce"), ownFields());
    FileSystemUtils.deleteRecursively(folder.resolve("config/salesforce"));
    change(SETTINGS, "name: Zoom_Account__c", "name: Account");
    change(SETTINGS, "external-id: Zoom_Account_Id__c", "external-id: Zoom_Id__c");
    change(MAPPING, "\"type\": \"Zoom_Account__c\"", "\"type\": \"Account\"");
    change(MAPPING, "\"Zoom_Account_Id__c\"", "\"Zoom_Id__c\"");
    change(MAPPING, "\"Status__c\"", "\"Zoom_Status__c\"");
    change(MAPPING, "\"Status_Changed_At__c\"", "\"Zoom_Status_Changed_At__c\"");
    change(
        MAPPING,
        "\"CRM_Account_Number__c\": text(.body.payload.account.crm_account_number, 255)",
        "\"AccountNumber\": text(.body.payload.account.crm_account_number, 40)");
    change(MAPPING, "\"Source_Event_Id__c\"", "\"Zoom_Event_Id__c\"");
    change(
        MAPPING,
        "  \"Create_Reference_Id__c\": text(.body.payload.account.create_reference_id, 255),\n",
        "");
    change(
        MAPPING,
        "  \"Triggering_Account_Id__c\": text(.body.payload.account_id, 255)\n",
        "  \"onCreate\": {\"Name\": text(.entity.key, 255)}\n");

    Path key = key();
    KeyStore store = KeyStore.getInstance(key.toFile(), PASSWORD.toCharArray());
    org.acceptJwtSignedFor(store.getCertificate("key").getPublicKey());

    servers = LocalServers.start();
    Map<String, String> environment = servers.environment();
    environment.put("SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(ServiceProcess.freePort()));
    environment.put("SALESFORCE_LOGIN_URL", org.url());
    environment.remove("SALESFORCE_CLIENT_SECRET");
    environment.put("SALESFORCE_KEYSTORE", key.toString());
    environment.put("SALESFORCE_KEYSTORE_PASSWORD", PASSWORD);
    environment.put("SALESFORCE_USERNAME", "integration@example.com");
    service = ServiceProcess.ofClasses(folder, environment).awaitReady();
  }

  @AfterAll
  static void stop() {
    service.close();
    org.close();
    servers.close();
  }

  /** The fields that this org's administrator added to Account. */
  private static Path ownFields() throws IOException {
    Path fields = Files.createDirectories(folder.resolve("org/objects/Account/fields"));
    field(
        fields,
        "Zoom_Id__c",
        "Text",
        "<length>255</length><externalId>true</externalId><unique>true</unique><caseSensitive>true</caseSensitive>");
    field(fields, "Zoom_Status__c", "Text", "<length>80</length>");
    field(fields, "Zoom_Status_Changed_At__c", "DateTime", "");
    field(fields, "Zoom_Event_Id__c", "Text", "<length>255</length>");
    return folder.resolve("org");
  }

  private static void field(Path folder, String name, String type, String more) throws IOException {
    Files.writeString(
        folder.resolve(name + ".field-meta.xml"),
        """
        <CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
          <fullName>%1$s</fullName><label>%1$s</label><type>%2$s</type>%3$s
        </CustomField>
        """
            .formatted(name, type, more));
  }

  private static void change(String file, String what, String replacement) throws IOException {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertThat(text).containsOnlyOnce(what);
    Files.writeString(path, text.replace(what, replacement));
  }

  /** A key as config/salesforce/README.md has it made. */
  private static Path key() throws Exception {
    Path file = folder.resolve("salesforce.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-storetype",
                "PKCS12",
                "-dname",
                "CN=commerce-webhooks",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(new File(folder.toFile(), "keytool.log"))
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return file;
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(30));
  }

  private static void account(String status) {
    service.sender().zoomCommerce(Webhooks.zoomCommerce("account-status-changed", "CRM-7", status));
    eventually().until(() -> status.equals(org.record("Account", "CRM-7").get("Zoom_Status__c")));
  }

  @Test
  void two_changed_files_write_to_other_objects_and_fields() {
    account("submitted");
    org.edit("Account", "CRM-7", Map.of("Name", "Kim's account"));
    account("success");

    assertThat(org.records("Account"))
        .singleElement()
        .satisfies(
            record ->
                assertThat(record)
                    .containsEntry("AccountNumber", "CRM-7")
                    .containsEntry("Name", "Kim's account")
                    .containsKeys("Zoom_Status_Changed_At__c", "Zoom_Event_Id__c"));
    assertThat(org.records("Zoom_Account__c")).isEmpty();
  }

  @Test
  void a_key_signs_in_instead_of_a_secret_and_the_check_at_start_finds_nothing_missing() {
    eventually()
        .untilAsserted(
            () ->
                assertThat(service.output())
                    .anyMatch(line -> line.contains("checked, nothing is missing")));
    assertThat(org.logins()).isEqualTo(1);
  }
}
