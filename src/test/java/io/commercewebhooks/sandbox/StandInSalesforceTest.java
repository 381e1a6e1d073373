package io.commercewebhooks.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.dto.UpsertSObjectResult;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stand-in answers as Salesforce does, over HTTP and to the Salesforce component of Camel. */
class StandInSalesforceTest {

  private static final String DATA = "/services/data/v62.0";
  private static final String ORDER = DATA + "/sobjects/Zoom_Order__c/Zoom_Order_Id__c/";
  private static final String ORDERS = DATA + "/composite/sobjects/Zoom_Order__c/Zoom_Order_Id__c";
  private static final String REQUEST = DATA + "/sobjects/Opportunity/Oracle_Quote_Request_Id__c/";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static StandInSalesforce salesforce;
  private static HttpClient http;

  private String token;

  @BeforeAll
  static void start() {
    salesforce = StandInSalesforce.start();
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stop() {
    salesforce.close();
  }

  @BeforeEach
  void sign_in() throws Exception {
    salesforce.clear();
    token = login(salesforce).path("access_token").asText();
  }

  @Nested
  class Signing_in {

    @Test
    void a_token_answer_has_what_clients_read_from_it() throws Exception {
      JsonNode answer = login(salesforce);

      assertThat(answer.path("instance_url").asText()).isEqualTo(salesforce.url());
      assertThat(answer.path("id").asText()).matches(".*/id/00D\\w{15}/005\\w{15}");
      assertThat(answer.path("token_type").asText()).isEqualTo("Bearer");
      assertThat(answer.has("expires_in")).isFalse();
    }

    @Test
    void a_wrong_secret_is_an_invalid_client() throws Exception {
      HttpResponse<String> answer =
          form("grant_type=client_credentials&client_id=stand-in-client&client_secret=wrong");

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).path("error").asText()).isEqualTo("invalid_client");
    }

    @Test
    void a_password_grant_is_not_supported() throws Exception {
      assertThat(json(form("grant_type=password")).path("error").asText())
          .isEqualTo("unsupported_grant_type");
    }

    @Test
    void an_assertion_counts_only_with_the_right_signature() throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      KeyPair ours = generator.generateKeyPair();
      KeyPair others = generator.generateKeyPair();
      try (StandInSalesforce org = StandInSalesforce.start()) {
        org.acceptJwtSignedFor(ours.getPublic());

        assertThat(jwt(org, ours.getPrivate(), 60).statusCode()).isEqualTo(200);
        assertThat(json(jwt(org, others.getPrivate(), 60)).path("error").asText())
            .isEqualTo("invalid_grant");
        assertThat(json(jwt(org, ours.getPrivate(), -60)).path("error").asText())
            .isEqualTo("invalid_grant");
        assertThat(org.logins()).isEqualTo(1);
      }
    }

    @Test
    void a_revoked_token_is_worth_nothing() throws Exception {
      assertThat(get("/services/oauth2/revoke?token=" + encoded(token)).statusCode())
          .isEqualTo(200);
      assertThat(get("/services/oauth2/revoke?token=" + encoded(token)).statusCode())
          .isEqualTo(400);
      assertThat(get(DATA + "/limits").statusCode()).isEqualTo(401);
    }

    @Test
    void an_expired_session_is_answered_with_401() throws Exception {
      salesforce.expireSessions();

      HttpResponse<String> answer = get(DATA + "/limits");

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("INVALID_SESSION_ID");
    }

    private HttpResponse<String> jwt(StandInSalesforce org, PrivateKey key, int seconds)
        throws Exception {
      Base64.Encoder encoder = Base64.getUrlEncoder();
      String claims =
          "{\"iss\":\"stand-in-client\",\"sub\":\"integration@example.com\",\"aud\":\"https://login.salesforce.com\",\"exp\":\""
              + Instant.now().plusSeconds(seconds).getEpochSecond()
              + "\"}";
      String content =
          encoder.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8))
              + "."
              + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return form(
          org,
          "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
              + content
              + "."
              + encoder.encodeToString(signature.sign()));
    }
  }

  @Nested
  class Upserting_one_record {

    @Test
    void the_first_creates_and_the_second_updates() throws Exception {
      HttpResponse<String> first = patch(ORDER + "O-1", "{\"Status__c\":\"submitted\"}");
      HttpResponse<String> second = patch(ORDER + "O-1", "{\"Status__c\":\"completed\"}");

      assertThat(first.statusCode()).isEqualTo(201);
      assertThat(json(first).path("created").asBoolean()).isTrue();
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(json(second).path("created").asBoolean(true)).isFalse();
      assertThat(json(second).path("id").asText()).isEqualTo(json(first).path("id").asText());
      assertThat(salesforce.record("Zoom_Order__c", "O-1"))
          .containsEntry("Status__c", "completed")
          .containsEntry("Id", json(first).path("id").asText());
      assertThat(salesforce.writes())
          .extracting(StandInSalesforce.Write::created)
          .containsExactly(true, false);
    }

    @Test
    void older_versions_answer_an_update_without_a_body() throws Exception {
      String path = ORDER.replace("v62.0", "v45.0") + "O-1";
      patch(path, "{}");

      HttpResponse<String> update = patch(path, "{}");

      assertThat(update.statusCode()).isEqualTo(204);
      assertThat(update.body()).isEmpty();
    }

    @Test
    void update_only_does_not_create() throws Exception {
      assertThat(patch(ORDER + "O-1?updateOnly=true", "{}").statusCode()).isEqualTo(404);
      assertThat(salesforce.records("Zoom_Order__c")).isEmpty();
    }

    @Test
    void keys_may_hold_any_character_and_differ_by_case() throws Exception {
      patch(ORDER + encoded("o/1 ä+'"), "{\"Status__c\":\"a\"}");
      patch(ORDER + encoded("O/1 ä+'"), "{\"Status__c\":\"b\"}");

      assertThat(salesforce.record("Zoom_Order__c", "o/1 ä+'")).containsEntry("Status__c", "a");
      assertThat(salesforce.records("Zoom_Order__c")).hasSize(2);
      assertThat(get(ORDER + encoded("o/1 ä+'")).statusCode()).isEqualTo(200);
    }

    @Test
    void the_external_id_does_not_belong_in_the_body() throws Exception {
      assertThat(code(patch(ORDER + "O-1", "{\"Zoom_Order_Id__c\":\"O-1\"}")))
          .isEqualTo("INVALID_FIELD");
    }

    @Test
    void an_unknown_field_is_named() throws Exception {
      HttpResponse<String> answer = patch(ORDER + "O-1", "{\"Nonsense__c\":\"x\"}");

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(code(answer)).isEqualTo("INVALID_FIELD");
      assertThat(answer.body())
          .contains("No such column 'Nonsense__c' on sobject of type Zoom_Order__c");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{\"Status__c\":5}",
          "{\"Status__c\":{\"a\":1}}",
          "{\"Status_Changed_At__c\":\"yesterday\"}",
          "{\"Status_Changed_At__c\":\"2026-11-23T07:17:00.123\"}",
          "not JSON"
        })
    void a_wrong_type_can_not_be_parsed(String body) throws Exception {
      HttpResponse<String> answer = patch(ORDER + "O-1", body);

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(code(answer)).isEqualTo("JSON_PARSER_ERROR");
    }

    @Test
    void a_text_longer_than_its_field_is_refused() throws Exception {
      assertThat(code(patch(ORDER + "O-1", "{\"Status__c\":\"" + "x".repeat(81) + "\"}")))
          .isEqualTo("STRING_TOO_LONG");
      assertThat(patch(ORDER + "O-1", "{\"Status__c\":\"" + "x".repeat(80) + "\"}").statusCode())
          .isEqualTo(201);
    }

    @Test
    void a_line_break_counts_as_two_characters() throws Exception {
      String creation =
          "{\"Name\":\"n\",\"StageName\":\"s\",\"CloseDate\":\"2026-12-23\","
              + "\"Oracle_Billing_Address__c\":\"%s\"}";

      assertThat(patch(REQUEST + "o1", creation.formatted("\\n".repeat(999) + "ab")).statusCode())
          .isEqualTo(201);
      assertThat(code(patch(REQUEST + "o2", creation.formatted("\\n".repeat(999) + "abc"))))
          .isEqualTo("STRING_TOO_LONG");
    }

    @Test
    void a_number_must_fit_its_field() throws Exception {
      String creation = "\"Name\":\"n\",\"StageName\":\"s\",\"CloseDate\":\"2026-12-23\"";
      assertThat(
              code(
                  patch(
                      REQUEST + "o1",
                      "{" + creation + ",\"Oracle_Order_Total__c\":123456789012345}")))
          .isEqualTo("NUMBER_OUTSIDE_VALID_RANGE");
      patch(REQUEST + "o1", "{" + creation + ",\"Oracle_Order_Total__c\":43.19}");
      assertThat(salesforce.record("Opportunity", "o1"))
          .containsEntry("Oracle_Order_Total__c", new BigDecimal("43.19"));
    }

    @Test
    void creation_needs_the_required_fields_and_later_calls_do_not() throws Exception {
      HttpResponse<String> bare = patch(REQUEST + "o1", "{\"Oracle_Note__c\":\"n\"}");

      assertThat(code(bare)).isEqualTo("REQUIRED_FIELD_MISSING");
      assertThat(bare.body()).contains("Name", "StageName", "CloseDate");
      patch(REQUEST + "o1", "{\"Name\":\"n\",\"StageName\":\"s\",\"CloseDate\":\"2026-12-23\"}");
      assertThat(patch(REQUEST + "o1", "{\"Oracle_Note__c\":\"n\"}").statusCode()).isEqualTo(200);
      assertThat(code(patch(REQUEST + "o1", "{\"StageName\":null}")))
          .isEqualTo("REQUIRED_FIELD_MISSING");
    }

    @Test
    void formulas_and_automatic_numbers_can_not_be_written() throws Exception {
      assertThat(code(patch(REQUEST + "o1", "{\"Oracle_Is_Requote__c\":true}")))
          .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
      assertThat(code(patch(ORDER + "O-1", "{\"Name\":\"x\"}")))
          .isEqualTo("INVALID_FIELD_FOR_INSERT_UPDATE");
    }

    @Test
    void times_are_kept_to_the_second_and_empty_texts_as_nothing() throws Exception {
      patch(
          ORDER + "O-1",
          "{\"Status_Changed_At__c\":\"2026-11-23T08:17:00.987+01:00\",\"Status__c\":\"\"}");

      assertThat(salesforce.record("Zoom_Order__c", "O-1"))
          .containsEntry("Status_Changed_At__c", "2026-11-23T07:17:00.000+0000")
          .doesNotContainKey("Status__c");
    }

    @Test
    void unknown_objects_and_keys_are_not_found() throws Exception {
      assertThat(patch(DATA + "/sobjects/Nonsense__c/Id__c/1", "{}").statusCode()).isEqualTo(404);
      assertThat(patch(DATA + "/sobjects/Zoom_Order__c/Status__c/1", "{}").statusCode())
          .isEqualTo(404);
      assertThat(get(ORDER + "O-404").statusCode()).isEqualTo(404);
      assertThat(get(DATA.replace("v62.0", "latest") + "/limits").statusCode()).isEqualTo(404);
    }

    @Test
    void an_object_and_a_field_that_are_saved_meanwhile_are_known(@TempDir Path metadata)
        throws Exception {
      try (StandInSalesforce org = StandInSalesforce.start(0, metadata)) {
        token = login(org).path("access_token").asText();
        saveField(metadata, "Account", "Number__c");
        Awaitility.await()
            .until(
                () ->
                    send(org, "PATCH", DATA + "/sobjects/Account/Number__c/a1", "{\"Name\":\"A\"}")
                            .statusCode()
                        == 201);

        saveField(metadata, "Account", "Region__c");
        Files.writeString(
            Files.createDirectories(metadata.resolve("objects/Late__c"))
                .resolve("Late__c.object-meta.xml"),
            """
            <CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><label>Late</label>
              <nameField><label>Number</label><type>AutoNumber</type></nameField></CustomObject>
            """);
        saveField(metadata, "Late__c", "Late_Id__c");

        Awaitility.await()
            .until(
                () ->
                    send(org, "PATCH", DATA + "/sobjects/Late__c/Late_Id__c/l1", "{}").statusCode()
                        == 201);
        send(org, "PATCH", DATA + "/sobjects/Account/Number__c/a1", "{\"Region__c\":\"North\"}");
        assertThat(org.record("Account", "a1")).containsEntry("Region__c", "North");
        assertThat(send(org, "GET", "/", "").body()).contains("Late__c", "Account");
      }
    }

    @Test
    void a_unique_value_belongs_to_one_record() throws Exception {
      patch(ORDER + "O-1", "{}");
      String id = String.valueOf(salesforce.record("Zoom_Order__c", "O-1").get("Id"));
      patch(ORDER + "O-2", "{}");

      HttpResponse<String> answer =
          patch(DATA + "/sobjects/Zoom_Order__c/" + id, "{\"Zoom_Order_Id__c\":\"O-2\"}");

      assertThat(code(answer)).isEqualTo("DUPLICATE_VALUE");
    }

    @Test
    void several_matches_write_nothing(@TempDir Path metadata) throws Exception {
      saveField(metadata, "Account", "Number__c");
      try (StandInSalesforce org = StandInSalesforce.start(0, metadata)) {
        org.create("Account", Map.of("Name", "First", "Number__c", "a1"));
        org.create("Account", Map.of("Name", "Second", "Number__c", "A1"));
        token = login(org).path("access_token").asText();

        HttpResponse<String> answer =
            send(org, "PATCH", DATA + "/sobjects/Account/Number__c/a1", "{\"Phone\":\"1\"}");

        assertThat(answer.statusCode()).isEqualTo(300);
        assertThat(json(answer)).hasSize(2);
        assertThat(json(answer).get(0).asText()).startsWith("/services/data/v62.0/sobjects/");
        assertThat(org.writes()).isEmpty();
      }
    }
  }

  @Nested
  class Upserting_collections {

    @Test
    void results_come_in_the_order_of_the_records() throws Exception {
      patch(ORDER + "O-2", "{}");

      JsonNode results =
          json(
              patch(
                  ORDERS,
                  collection(
                      false,
                      order("O-1", "draft"),
                      order("O-2", "failed"),
                      order("O-3", "draft"))));

      assertThat(results).hasSize(3);
      assertThat(results.findValuesAsText("created")).containsExactly("true", "false", "true");
      assertThat(results.findValuesAsText("success")).containsOnly("true");
    }

    @Test
    void a_bad_record_fails_alone() throws Exception {
      HttpResponse<String> answer =
          patch(
              ORDERS,
              collection(
                  false,
                  order("O-1", "draft"),
                  order("O-2", "x".repeat(81)),
                  "{\"attributes\":{\"type\":\"Zoom_Order__c\"},\"Zoom_Order_Id__c\":\"O-3\",\"onCreate\":{}}",
                  "{\"attributes\":{\"type\":\"Zoom_Order__c\"},\"Status__c\":\"draft\"}",
                  "{\"attributes\":{\"type\":\"Case\"},\"Zoom_Order_Id__c\":\"O-4\"}",
                  order("O-5", "draft")));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(json(answer).findValuesAsText("success"))
          .containsExactly("true", "false", "false", "false", "false", "true");
      assertThat(json(answer).findValuesAsText("statusCode"))
          .containsExactly("STRING_TOO_LONG", "INVALID_FIELD", "MISSING_ARGUMENT", "INVALID_TYPE");
      assertThat(salesforce.records("Zoom_Order__c")).hasSize(2);
    }

    @Test
    void all_or_none_takes_the_good_ones_back() throws Exception {
      patch(ORDER + "O-1", "{\"Status__c\":\"submitted\"}");

      JsonNode results =
          json(
              patch(
                  ORDERS,
                  collection(
                      true,
                      order("O-1", "failed"),
                      order("O-2", "a"),
                      order("O-3", "x".repeat(81)))));

      assertThat(results.findValuesAsText("statusCode"))
          .containsExactly(
              "ALL_OR_NONE_OPERATION_ROLLED_BACK",
              "ALL_OR_NONE_OPERATION_ROLLED_BACK",
              "STRING_TOO_LONG");
      assertThat(salesforce.record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "submitted");
      assertThat(salesforce.records("Zoom_Order__c")).hasSize(1);
      assertThat(salesforce.writes()).hasSize(1);
    }

    @Test
    void a_key_that_comes_twice_fails_every_time() throws Exception {
      JsonNode results =
          json(
              patch(
                  ORDERS,
                  collection(false, order("O-1", "a"), order("O-2", "b"), order("O-1", "c"))));

      assertThat(results.findValuesAsText("success")).containsExactly("false", "true", "false");
      assertThat(results.findValuesAsText("statusCode")).containsOnly("DUPLICATE_VALUE");
    }

    @Test
    void two_hundred_records_fit_into_a_call_and_one_more_does_not() throws Exception {
      String[] orders =
          Stream.iterate(1, i -> i + 1)
              .limit(201)
              .map(i -> order("O-" + i, "draft"))
              .toArray(String[]::new);

      assertThat(code(patch(ORDERS, collection(false, orders)))).isEqualTo("EXCEEDED_ID_LIMIT");
      assertThat(salesforce.records("Zoom_Order__c")).isEmpty();
      assertThat(json(patch(ORDERS, collection(false, Arrays.copyOf(orders, 200))))).hasSize(200);
      assertThat(salesforce.calls(Kind.UPSERT_COLLECTION)).isEqualTo(2);
    }

    @Test
    void a_planned_record_fault_spares_the_neighbours() throws Exception {
      salesforce.failNextRecords(
          1,
          sent -> "O-2".equals(sent.key()),
          "UNABLE_TO_LOCK_ROW",
          "unable to obtain exclusive access");
      String body = collection(false, order("O-1", "a"), order("O-2", "a"));

      assertThat(json(patch(ORDERS, body)).findValuesAsText("statusCode"))
          .containsExactly("UNABLE_TO_LOCK_ROW");
      assertThat(json(patch(ORDERS, body)).findValuesAsText("success")).containsOnly("true");
    }
  }

  @Nested
  class Composite_requests {

    @Test
    void a_later_part_can_use_what_an_earlier_one_made() throws Exception {
      JsonNode answer =
          json(
              post(
                  DATA + "/composite",
                  """
                  {"allOrNone":true,"compositeRequest":[
                   {"method":"PATCH","url":"%sO-1","referenceId":"order","body":{"Status__c":"a"}},
                   {"method":"GET","url":"%s/sobjects/Zoom_Order__c/@{order.id}","referenceId":"read"}]}
                  """
                      .formatted(ORDER, DATA)));

      assertThat(answer.findValuesAsText("httpStatusCode")).containsExactly("201", "200");
      assertThat(answer.at("/compositeResponse/1/body/Zoom_Order_Id__c").asText()).isEqualTo("O-1");
    }

    @Test
    void one_failed_part_takes_all_back() throws Exception {
      JsonNode answer =
          json(
              post(
                  DATA + "/composite",
                  """
                  {"allOrNone":true,"compositeRequest":[
                   {"method":"PATCH","url":"%sO-1","referenceId":"a","body":{"Status__c":"a"}},
                   {"method":"PATCH","url":"%sO-2","referenceId":"b","body":{"Nonsense__c":"a"}}]}
                  """
                      .formatted(ORDER, ORDER)));

      assertThat(answer.findValuesAsText("errorCode"))
          .containsExactly("PROCESSING_HALTED", "INVALID_FIELD");
      assertThat(salesforce.records("Zoom_Order__c")).isEmpty();
      assertThat(salesforce.writes()).isEmpty();
    }
  }

  @Nested
  class Asking {

    @Test
    void a_query_finds_records_by_their_keys() throws Exception {
      patch(ORDERS, collection(false, order("O'1", "a"), order("O\\\\2", "b"), order("O-3", "c")));

      JsonNode answer =
          query(
              "SELECT Id, Zoom_Order_Id__c, Triggering_Account_Id__c FROM Zoom_Order__c"
                  + " WHERE Zoom_Order_Id__c IN ('O\\'1', 'O\\\\2', 'o-3')");

      assertThat(answer.path("totalSize").asInt()).isEqualTo(2);
      assertThat(answer.path("done").asBoolean()).isTrue();
      assertThat(answer.findValuesAsText("Zoom_Order_Id__c")).containsExactly("O'1", "O\\2");
      assertThat(answer.at("/records/0/attributes/type").asText()).isEqualTo("Zoom_Order__c");
      assertThat(answer.at("/records/0").has("Triggering_Account_Id__c")).isTrue();
    }

    @Test
    void conditions_narrow_and_count_counts() throws Exception {
      patch(ORDERS, collection(false, order("O-1", "a"), order("O-2", "a"), order("O-3", "b")));

      assertThat(
              query("select count() from Zoom_Order__c where Status__c = 'A'")
                  .path("totalSize")
                  .asInt())
          .isEqualTo(2);
      assertThat(
              query(
                      "SELECT Id FROM Zoom_Order__c WHERE Status__c != 'b' AND OwnerId = null LIMIT 1")
                  .path("totalSize")
                  .asInt())
          .isEqualTo(1);
    }

    @Test
    void wrong_queries_are_refused_by_code() throws Exception {
      assertThat(code(get(queryPath("SELECT Id FROM Nonsense__c")))).isEqualTo("INVALID_TYPE");
      assertThat(code(get(queryPath("SELECT Nonsense__c FROM Case")))).isEqualTo("INVALID_FIELD");
      assertThat(code(get(queryPath("SELECT Id FROM Case WHERE Id IN ('a' 'b')"))))
          .isEqualTo("MALFORMED_QUERY");
      assertThat(code(get(queryPath("SELECT Id FROM Case; DROP")))).isEqualTo("MALFORMED_QUERY");
      assertThat(get(queryPath("x".repeat(17_000))).statusCode()).isEqualTo(414);
    }

    @Test
    void a_description_tells_the_fields_of_the_metadata() throws Exception {
      JsonNode answer = json(get(DATA + "/sobjects/Opportunity/describe"));

      JsonNode key = field(answer, "Oracle_Quote_Request_Id__c");
      assertThat(key.path("externalId").asBoolean()).isTrue();
      assertThat(key.path("unique").asBoolean()).isTrue();
      assertThat(key.path("length").asInt()).isEqualTo(255);
      assertThat(field(answer, "Oracle_Order_Total__c").path("type").asText()).isEqualTo("double");
      assertThat(field(answer, "Oracle_Is_Requote__c").path("updateable").asBoolean(true))
          .isFalse();
    }

    @Test
    void the_daily_budget_is_told_and_ends() throws Exception {
      salesforce.apiUsage(8, 10);

      HttpResponse<String> ninth = get(DATA + "/limits");
      get(DATA + "/limits");
      HttpResponse<String> eleventh = get(DATA + "/limits");

      assertThat(ninth.headers().firstValue("Sforce-Limit-Info")).contains("api-usage=9/10");
      assertThat(json(ninth).at("/DailyApiRequests/Remaining").asInt()).isEqualTo(1);
      assertThat(eleventh.statusCode()).isEqualTo(403);
      assertThat(code(eleventh)).isEqualTo("REQUEST_LIMIT_EXCEEDED");
    }

    private JsonNode field(JsonNode description, String name) {
      for (JsonNode field : description.path("fields")) {
        if (field.path("name").asText().equals(name)) {
          return field;
        }
      }
      throw new AssertionError("no field " + name);
    }

    private JsonNode query(String soql) throws Exception {
      return json(get(queryPath(soql)));
    }

    private String queryPath(String soql) {
      return DATA + "/query?q=" + encoded(soql);
    }
  }

  @Nested
  class Going_wrong {

    @Test
    void planned_answers_come_as_often_as_planned_and_write_nothing() throws Exception {
      salesforce.failNext(1, SalesforceFault.unavailable());
      salesforce.failNext(1, SalesforceFault.maintenancePage());
      salesforce.failNext(1, SalesforceFault.tooManyRequests(Duration.ofSeconds(7)));
      salesforce.failNext(1, SalesforceFault.requestLimitExceeded());

      HttpResponse<String> empty = patch(ORDER + "O-1", "{}");
      HttpResponse<String> page = patch(ORDER + "O-1", "{}");
      HttpResponse<String> tooMany = patch(ORDER + "O-1", "{}");
      HttpResponse<String> limit = patch(ORDER + "O-1", "{}");

      assertThat(empty.statusCode()).isEqualTo(503);
      assertThat(empty.body()).isEmpty();
      assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
      assertThat(tooMany.statusCode()).isEqualTo(429);
      assertThat(tooMany.headers().firstValue("Retry-After")).contains("7");
      assertThat(code(limit)).isEqualTo("REQUEST_LIMIT_EXCEEDED");
      assertThat(salesforce.writes()).isEmpty();
      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(201);
    }

    @Test
    void a_condition_fails_until_recovery() throws Exception {
      salesforce.failWhile(
          call -> call.path().contains("O-1"),
          SalesforceFault.error(500, "UNKNOWN_EXCEPTION", "x"));

      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(500);
      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(500);
      assertThat(patch(ORDER + "O-2", "{}").statusCode()).isEqualTo(201);
      salesforce.recover();
      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(201);
    }

    @Test
    void a_dropped_connection_may_have_written() throws Exception {
      salesforce.failNext(1, SalesforceFault.dropBeforeWriting());
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> post(DATA + "/sobjects/Zoom_Order__c", "{}"));
      assertThat(salesforce.writes()).isEmpty();

      salesforce.failNext(1, SalesforceFault.dropAfterWriting());
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> patch(ORDER + "O-1", "{\"Status__c\":\"a\"}"));
      assertThat(salesforce.record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "a");
    }

    @Test
    void an_unreadable_answer_has_written() throws Exception {
      salesforce.failNext(1, SalesforceFault.unreadableAnswer());

      HttpResponse<String> answer = patch(ORDERS, collection(false, order("O-1", "a")));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).startsWith("<html>");
      assertThat(salesforce.records("Zoom_Order__c")).hasSize(1);
    }

    @Test
    void a_hanging_call_ends_with_recovery_at_the_latest() {
      salesforce.failNext(1, SalesforceFault.hang(Duration.ofMinutes(1)));

      assertThatExceptionOfType(HttpTimeoutException.class)
          .isThrownBy(
              () ->
                  http.send(
                      request(salesforce, "GET", DATA + "/limits", null)
                          .timeout(Duration.ofMillis(300))
                          .build(),
                      BodyHandlers.ofString()));
      salesforce.recover();
      assertThat(salesforce.calls(Kind.LIMITS)).isEqualTo(1);
    }

    @Test
    void a_session_can_end_in_the_middle() throws Exception {
      salesforce.failNext(1, SalesforceFault.expiredSession());

      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(401);
      assertThat(patch(ORDER + "O-1", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void switched_off_it_refuses_connections_and_comes_back_with_its_records() throws Exception {
      patch(ORDER + "O-1", "{}");
      salesforce.switchOff();

      assertThatThrownBy(() -> get(DATA + "/limits")).isInstanceOf(ConnectException.class);

      salesforce.switchOn();
      assertThat(get(ORDER + "O-1").statusCode()).isEqualTo(200);
    }
  }

  @Nested
  class Looking {

    @Test
    void the_page_shows_records_newest_first_and_escapes_them() throws Exception {
      patch(ORDER + "O-1", "{\"Status__c\":\"<b>bold</b>\"}");
      patch(ORDER + "O-2", "{\"Status__c\":\"draft\"}");

      HttpResponse<String> page = get("/");

      assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
      assertThat(page.body()).contains("&lt;b&gt;bold&lt;/b&gt;").doesNotContain("<b>bold");
      assertThat(page.body().indexOf("<h3>O-2")).isLessThan(page.body().indexOf("<h3>O-1"));
    }

    @Test
    void the_records_are_there_as_json_and_cost_no_call() throws Exception {
      patch(ORDER + "O-1", "{}");
      long before = salesforce.calls();

      JsonNode records = json(get("/records"));

      assertThat(records.at("/Zoom_Order__c/0/Zoom_Order_Id__c").asText()).isEqualTo("O-1");
      assertThat(salesforce.calls()).isEqualTo(before);
    }

    @Test
    void people_change_records_without_a_trace_in_the_writes() throws Exception {
      patch(ORDER + "O-1", "{}");

      salesforce.edit("Zoom_Order__c", "O-1", Map.of("Status__c", "by hand"));

      assertThat(salesforce.record("Zoom_Order__c", "O-1")).containsEntry("Status__c", "by hand");
      assertThat(salesforce.writes()).hasSize(1);
      assertThat(salesforce.record("Zoom_Order__c", "O-404")).isEmpty();
    }
  }

  @Nested
  class With_the_component_of_camel {

    @Test
    void collections_queries_and_failures_are_understood() throws Exception {
      try (DefaultCamelContext camel = new DefaultCamelContext()) {
        SalesforceComponent component = new SalesforceComponent();
        component.setLoginUrl(salesforce.url());
        component.setClientId(StandInSalesforce.CLIENT_ID);
        component.setClientSecret(StandInSalesforce.CLIENT_SECRET);
        component.setAuthenticationType(AuthenticationType.CLIENT_CREDENTIALS);
        camel.addComponent("salesforce", component);
        camel.start();
        ProducerTemplate template = camel.createProducerTemplate();
        String upsert =
            "salesforce:compositeUpsertSObjectCollections"
                + "?sObjectName=Zoom_Order__c&sObjectIdName=Zoom_Order_Id__c&apiVersion=62.0";
        List<Map<String, Object>> orders =
            List.of(sobject("O-1", "draft"), sobject("O-2", "x".repeat(81)));

        List<?> results = template.requestBody(upsert, orders, List.class);

        assertThat(results).hasSize(2);
        assertThat(((UpsertSObjectResult) results.get(0)).getCreated()).isTrue();
        assertThat(((UpsertSObjectResult) results.get(1)).getErrors().get(0).getErrorCode())
            .isEqualTo("STRING_TOO_LONG");

        salesforce.expireSessions();
        String query =
            "salesforce:query?apiVersion=62.0&rawPayload=true&sObjectQuery="
                + "RAW(SELECT Id, Zoom_Order_Id__c FROM Zoom_Order__c WHERE Zoom_Order_Id__c IN ('O-1'))";
        InputStream answer = template.requestBody(query, null, InputStream.class);
        assertThat(MAPPER.readTree(answer).path("totalSize").asInt()).isEqualTo(1);
        assertThat(salesforce.logins()).isEqualTo(3);

        salesforce.failNext(1, SalesforceFault.dropAfterWriting());
        assertThatExceptionOfType(CamelExecutionException.class)
            .isThrownBy(() -> template.requestBody(upsert, orders, List.class))
            .withCauseInstanceOf(SalesforceException.class);
      }
    }

    private Map<String, Object> sobject(String key, String status) {
      return Map.of(
          "attributes",
          Map.of("type", "Zoom_Order__c"),
          "Zoom_Order_Id__c",
          key,
          "Status__c",
          status);
    }
  }

  /** Every fixture of the mappings to Salesforce is accepted by the org that the metadata makes. */
  @ParameterizedTest
  @MethodSource
  void every_mapped_record_fits_the_metadata(Path expected) throws Exception {
    for (JsonNode mapped : MAPPER.readTree(expected.toFile())) {
      String object = mapped.at("/attributes/type").asText();
      String keyField =
          Map.of(
                  "Zoom_Account__c", "Zoom_Account_Id__c",
                  "Zoom_Quote__c", "Zoom_Quote_Id__c",
                  "Zoom_Deal_Registration__c", "Zoom_Deal_Registration_Id__c",
                  "Zoom_Order__c", "Zoom_Order_Id__c",
                  "Opportunity", "Oracle_Quote_Request_Id__c",
                  "Case", "Oracle_Return_Id__c")
              .get(object);
      String key = mapped.path(keyField).asText();
      if (key.isEmpty() || key.length() > 255) {
        continue;
      }
      ObjectNode later = mapped.deepCopy();
      JsonNode creation = later.remove("onCreate");
      ObjectNode first = later.deepCopy();
      if (creation != null) {
        first.setAll((ObjectNode) creation);
      }
      String path = DATA + "/composite/sobjects/" + object + "/" + keyField;

      for (ObjectNode record : List.of(first, later)) {
        HttpResponse<String> answer = patch(path, collection(false, record.toString()));
        assertThat(answer.body()).as(key).contains("\"success\":true");
      }
    }
  }

  static Stream<Path> every_mapped_record_fits_the_metadata() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/resources/mappings"))) {
      return files
          .filter(file -> file.getParent().toString().endsWith("-to-salesforce"))
          .filter(file -> file.toString().endsWith(".expected.json"))
          .sorted()
          .toList()
          .stream();
    }
  }

  // Talking HTTP

  private static JsonNode login(StandInSalesforce org) throws Exception {
    return json(
        form(
            org,
            "grant_type=client_credentials&client_id="
                + StandInSalesforce.CLIENT_ID
                + "&client_secret="
                + StandInSalesforce.CLIENT_SECRET));
  }

  private static HttpResponse<String> form(String form) throws Exception {
    return form(salesforce, form);
  }

  private static HttpResponse<String> form(StandInSalesforce org, String form) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(org.url() + "/services/oauth2/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(
      StandInSalesforce org, String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create(org.url() + path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(StandInSalesforce org, String method, String path, String body)
      throws Exception {
    return http.send(request(org, method, path, body).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(salesforce, "GET", path, null);
  }

  private HttpResponse<String> patch(String path, String body) throws Exception {
    return send(salesforce, "PATCH", path, body);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(salesforce, "POST", path, body);
  }

  private static void saveField(Path metadata, String object, String name) throws IOException {
    Path fields = Files.createDirectories(metadata.resolve("objects/" + object + "/fields"));
    Files.writeString(
        fields.resolve(name + ".field-meta.xml"),
        """
        <CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
          <fullName>%s</fullName><label>A field</label><type>Text</type>
          <length>20</length><externalId>true</externalId>
        </CustomField>
        """
            .formatted(name));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return MAPPER.readTree(answer.body());
  }

  private static String code(HttpResponse<String> answer) throws IOException {
    return json(answer).at("/0/errorCode").asText();
  }

  private static String order(String key, String status) {
    return "{\"attributes\":{\"type\":\"Zoom_Order__c\"},\"Zoom_Order_Id__c\":\""
        + key
        + "\",\"Status__c\":\""
        + status
        + "\"}";
  }

  private static String collection(boolean allOrNone, String... records) {
    return "{\"allOrNone\":" + allOrNone + ",\"records\":[" + String.join(",", records) + "]}";
  }
}
