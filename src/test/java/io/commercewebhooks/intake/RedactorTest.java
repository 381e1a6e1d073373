package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.sandbox.ShippedSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The redactor with the settings that are shipped. */
class RedactorTest {

  private static final ObjectMapper JSON = StrictJson.mapper();
  private static final Redactor REDACTOR =
      new Redactor(ShippedSettings.of("redaction", RedactionSettings.class));

  /** With a field whose numbers are a system's own. */
  private static final Redactor OF_ORDERS =
      new Redactor(new RedactionSettings(null, null, null, List.of("orderId"), null));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cardCVV",
        "CARDCVV",
        "card_cvv",
        "card-cvv",
        "Card CVV",
        "card.cvv",
        "__CardCvv__",
        "cvvNumber",
        "cvvValue",
        "cvcNumber",
        "ccv",
        "CAV2",
        "card_cvv2",
        "cardCvc",
        "cardCvc2",
        "CreditCardCVV",
        "creditCardCvc",
        "credit_card_security_code",
        "pinBlock",
        "trackData",
        "track1_data",
        "track2Data",
        "magStripe",
        "cvd",
        "cardVerificationNumber",
        "card_verification_value",
        "cvv",
        "cvv2",
        "cvc",
        "CVC2",
        "cvn",
        "csc",
        "securityCode",
        "card_security_code",
        "pin",
        "PIN",
        "giftCardPin",
        "GIFT_CARD_PIN",
        "token",
        "paymentToken",
        "authorizationStatus",
        "IIN",
        "expirationMonth",
        "expiration_year",
        "endMonth",
        "endYear"
      })
  void what_nobody_may_keep_is_dropped_by_name_however_it_is_spelt(String name) {
    assertRedacted("{\"%s\":\"737\",\"id\":\"o1\"}".formatted(name), "{\"id\":\"o1\"}");
  }

  @Test
  void a_name_is_the_same_however_its_accents_are_written() {
    Redactor spanish =
        new Redactor(new RedactionSettings(List.of("c\u00F3digo"), null, null, null, null));

    assertThat(redact(spanish, "{\"Co\u0301digo\":\"737\",\"id\":\"o1\"}"))
        .isEqualTo("{\"id\":\"o1\"}");
    assertThat(redact(spanish, "{\"Codigo\":\"737\"}"))
        .as("another letter")
        .isEqualTo("{\"Codigo\":\"737\"}");
  }

  @Test
  void of_a_name_that_several_rules_have_the_first_counts() {
    List<String> pin = List.of("pin");

    assertThat(
            redact(new Redactor(new RedactionSettings(pin, pin, pin, null, null)), "{\"pin\":1}"))
        .isEqualTo("{}");
    assertThat(
            redact(new Redactor(new RedactionSettings(null, null, pin, pin, null)), "{\"pin\":1}"))
        .isEqualTo("{\"pin\":\"****\"}");
  }

  @Test
  void a_business_number_that_looks_like_a_cards_is_kept_where_its_field_is_named() {
    assertThat(
            redact(
                OF_ORDERS,
                """
                {"orderId":"4111111111111111","order_id":4111111111111111,\
                "items":[{"orderId":"4111-1111-1111-1111"}],"note":"4111111111111111"}"""))
        .isEqualTo(
            """
            {"orderId":"4111111111111111","order_id":4111111111111111,\
            "items":[{"orderId":"4111-1111-1111-1111"}],"note":"************1111"}""");
  }

  @Test
  void what_is_more_than_a_business_number_is_searched_for_card_numbers_all_the_same() {
    assertThat(
            redact(
                OF_ORDERS,
                """
                {"orderId":"4111 1111 1111 1111","orderid":["4111111111111111"],\
                "ORDERID":{"note":"4111111111111111"}}"""))
        .isEqualTo(
            """
            {"orderId":"************1111","orderid":["************1111"],"ORDERID":{"note":"************1111"}}""");
  }

  @ParameterizedTest
  @ValueSource(strings = {"737", "\"737\"", "null", "[7,3,7]", "{\"value\":\"737\"}", "true"})
  void a_dropped_field_goes_whatever_it_holds(String value) {
    assertRedacted("{\"cardCVV\":%s}".formatted(value), "{}");
  }

  @Test
  void names_count_at_any_depth_in_objects_and_lists() {
    assertRedacted(
        "{\"a\":{\"b\":[[{\"c\":{\"cvv\":\"737\",\"k\":1}}]]},\"d\":[{\"pin\":1},{\"token\":\"t\"},2]}",
        "{\"a\":{\"b\":[[{\"c\":{\"k\":1}}]]},\"d\":[{},{},2]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spinner",
        "cvvs",
        "tokens",
        "pinCode",
        "cardNumberIsMasked",
        "tokenized",
        "ending"
      })
  void a_name_that_only_resembles_one_stays(String name) {
    assertKept("{\"%s\":\"v\"}".formatted(name));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "4111111111111111"          | "************1111"
          "4111 1111 1111 1111"       | "************1111"
          4111111111111111            | "************1111"
          "1234567890123456"          | "************3456"
          "12345678901"               | "************"
          "123456789012"              | "************9012"
          "1234567890123456789"       | "************6789"
          "12345678901234567890"      | "************"
          "xxxxxxxxxxxx1111"          | "************"
          "4111111111111111 cvv 737"  | "************"
          "41111111111111117371227"   | "************"
          "737"                       | "************"
          737                         | "************"
          "service"                   | "************"
          ""                          | ""
          null                        | null
          true                        | "************"
          ["4111111111111111"]        | "************"
          {"a":"4111111111111111"}    | "************"
          """)
  void a_card_number_by_name_keeps_four_digits_at_most(String value, String redacted) {
    for (String name :
        List.of(
            "cardNumber",
            "card_no",
            "creditCardNumber",
            "paymentCardNumber",
            "primaryAccountNumber",
            "gift_card_number")) {
      assertRedacted("{\"%s\":%s}".formatted(name, value), "{\"%s\":%s}".formatted(name, redacted));
    }
  }

  @Test
  void a_store_credit_that_was_made_is_masked() {
    for (String name : List.of("generatedStoreCredit", "generatedStoreCreditItem")) {
      assertRedacted("{\"%s\":\"sc-1\"}".formatted(name), "{\"%s\":\"****\"}".formatted(name));
    }
  }

  @Test
  void the_name_on_a_card_is_masked() {
    assertRedacted("{\"nameOnCard\":\"Kim Anderson\"}", "{\"nameOnCard\":\"****\"}");
    assertRedacted("{\"name_on_card\":{\"first\":\"Kim\"}}", "{\"name_on_card\":\"****\"}");
    assertRedacted("{\"nameOnCard\":null}", "{\"nameOnCard\":null}");
  }

  @Test
  void card_numbers_in_any_text_are_masked() {
    assertRedacted(
        "{\"note\":\"Please charge 4111 1111 1111 1111 (12/27)\",\"l\":[\"4111-1111-1111-1111\"]}",
        "{\"note\":\"Please charge ************1111 (12/27)\",\"l\":[\"************1111\"]}");
  }

  @Test
  void a_card_number_that_is_a_json_number_is_masked() {
    assertRedacted(
        "{\"note\":4111111111111111,\"l\":[4111111111111111]}",
        "{\"note\":\"************1111\",\"l\":[\"************1111\"]}");
  }

  @Test
  void a_card_number_that_is_a_key_is_masked() {
    assertRedacted("{\"4111111111111111\":1}", "{\"************1111\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          cvv 737                 | cvv ***
          CVV: 737                | CVV: ***
          CVC2 = 7371             | CVC2 = ***
          the cvv2 (737) is right | the cvv2 (***) is right
          Security code 737.      | Security code ***.
          the security code is 737 | the security code is ***
          cvc 737, cvn 737        | cvc ***, cvn ***
          csc=737; the CVC is 737 | csc=***; the CVC is ***
          pin=1234                | pin=***
          PIN: 1234               | PIN: ***
          my pin is 1234          | my pin is ***
          my CVV is 737           | my CVV is ***
          CVV：１２３              | CVV：***
          cvv ٧٣٧                 | cvv ***
          cardCVV=737&securityCode=737 | cardCVV=***&securityCode=***
          CVV number 737          | CVV number ***
          Kartenprüfnummer: 737   | Kartenprüfnummer: ***
          Prüfziffer 737          | Prüfziffer ***
          CVV-Code: 737           | CVV-Code: ***
          security_code: 737      | security_code: ***
          my CVV code is 737      | my CVV code is ***
          the CVV number is 737   | the CVV number is ***
          Code de sécurité : 737  | Code de sécurité : ***
          código de seguridad 737 | código de seguridad ***
          codice di sicurezza:737 | codice di sicurezza:***
          """)
  void a_labelled_code_in_a_text_is_masked(String text, String redacted) {
    assertRedacted("{\"note\":\"%s\"}".formatted(text), "{\"note\":\"%s\"}".formatted(redacted));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bowling pin 1000",
        "a security  code 1000",
        "CVV/code 1000",
        "CVV 12",
        "CVV 12345678",
        "discsc 1234",
        "the cvv is on the back of card 2 of 300"
      })
  void other_digits_in_a_text_stay(String text) {
    assertKept("{\"note\":\"%s\"}".formatted(text));
  }

  @Test
  void json_inside_a_text_is_redacted_like_the_rest() throws Exception {
    String inner = "{\"cardNumber\":\"4111111111111111\",\"cvv\":\"737\",\"amount\":43.10}";
    String webhook = JSON.writeValueAsString(Map.of("payment", inner));

    assertThat(redact(webhook).path("payment").textValue())
        .isEqualTo("{\"cardNumber\":\"************1111\",\"amount\":43.10}");
  }

  @Test
  void json_inside_json_inside_a_text_is_redacted_too() throws Exception {
    String inmost = JSON.writeValueAsString(List.of(Map.of("giftCardPin", "9876", "id", 1)));
    String inner = JSON.writeValueAsString(Map.of("payment", inmost));

    assertThat(redact(JSON.writeValueAsString(Map.of("payment", inner))).toString())
        .doesNotContain("9876")
        .contains("id");
  }

  @Test
  void json_inside_texts_is_redacted_however_deep_it_lies() throws Exception {
    String inside = "{\"cvv\":\"7379\",\"cardNumber\":\"4111111111111111\",\"kept\":1}";
    for (int depth = 0; depth < 10; depth++) {
      inside = JSON.writeValueAsString(Map.of("raw", inside));
    }

    assertThat(redact(inside).toString())
        .contains("kept")
        .doesNotContain("7379", "4111111111111111");
  }

  @Test
  void json_amidst_other_words_or_quoted_as_a_text_is_redacted_too() throws Exception {
    String inside = "{\"giftCardPin\":\"44319987\",\"kept\":1}";
    for (String text :
        List.of(
            "sent " + inside + " to the shop",
            inside + "; end",
            "by 4111111111111111: " + inside,
            inside + " by 4111111111111111",
            JSON.writeValueAsString(inside))) {
      assertThat(redact(JSON.writeValueAsString(Map.of("remark", text))).toString())
          .as(text)
          .contains("kept")
          .doesNotContain("44319987", "4111111111111111");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"cardCVV\":\"7379\"} and {\"securityCode\":\"7379\"}",
        "{\"giftCardPin\": \"7379\"}\n{\"cardSecurityCode\":7379}",
        "{\"order\":{\"cardCVV\":\"7379\",\"amo",
        "{\\\"cvv\\\": \\\"7379\\\", \\\"amo"
      })
  void a_code_in_json_that_cannot_be_read_is_known_by_its_name(String text) throws Exception {
    assertThat(redact(JSON.writeValueAsString(Map.of("note", text))).toString())
        .contains("***")
        .doesNotContain("7379");
  }

  @Test
  void a_card_number_that_is_a_decimal_number_is_masked() {
    assertRedacted(
        "{\"a\":4111111111111111.00,\"b\":4.111111111111111E15,\"c\":43.10}",
        "{\"a\":\"************1111\",\"b\":\"************1111\",\"c\":43.10}");
  }

  @Test
  void fields_with_names_that_are_alike_without_their_card_numbers_all_stay() {
    assertRedacted(
        "{\"4111111111111111\":1,\"4111 1111 1111 1111\":2,\"4111-1111-1111-1111\":3,\"a\":4}",
        "{\"************1111\":1,\"************1111 (2)\":2,\"************1111 (3)\":3,\"a\":4}");
  }

  @Test
  void json_inside_a_text_is_redacted_also_when_its_names_are_made_to_collide() throws Exception {
    List<String> names = List.of("");
    for (int i = 0; i < 12; i++) {
      names = names.stream().flatMap(name -> Stream.of(name + "Bb", name + "CA")).toList();
    }
    String inside =
        names.stream().collect(Collectors.joining("\":1,\"", "{\"", "\":1,\"token\":\"t-4711\"}"));

    assertThat(redact(JSON.writeValueAsString(Map.of("raw", inside))).path("raw").textValue())
        .contains(names.get(0))
        .doesNotContain("t-4711");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"4111 1111 1111 1111\",\"a\":\"kept\"}",
        "{\"a\":[4111111111111111],\"a\":\"kept\",\"a\":1}",
        "sent {\"a\":{\"b\":{\"cvv\":\"4111\"},\"b\":1,\"c\":\"kept\"}} to the shop",
        "[\"kept\", 4111111111111111E-200]"
      })
  void each_value_of_a_name_that_json_inside_a_text_has_twice_is_redacted(String inner)
      throws Exception {
    assertThat(redact(JSON.writeValueAsString(Map.of("note", inner))).path("note").textValue())
        .contains("kept")
        .doesNotContain("4111");
  }

  @Test
  void json_inside_a_text_without_card_data_stays_as_it_was_written() throws Exception {
    for (String inner :
        new String[] {
          "{ \"b\" : 1.50, \"a\" : [ ] }",
          "{\"a\":1, \"a\":2}",
          "[1, 1E999999999]",
          "[1E99999999999]",
          "see {\"part\":1E-99999999999999999999}",
          "[note] {sic}",
          "{"
        }) {
      assertThat(redact(JSON.writeValueAsString(Map.of("note", inner))).path("note").textValue())
          .isEqualTo(inner);
    }
  }

  @Test
  void json_in_a_text_that_holds_too_much_is_malformed_as_a_body_would_be() {
    String brackets = "[" + "[],".repeat(StrictJson.MOST_PARTS / 2) + "1]";

    for (String text : List.of(brackets, "sent {\"all\":%s} to the shop".formatted(brackets))) {
      assertThatThrownBy(() -> redact(JSON.writeValueAsString(Map.of("note", text))))
          .isInstanceOf(MalformedWebhookException.class)
          .hasMessage("the body holds too many names and values");
    }
  }

  @Test
  void a_text_that_is_no_json_after_all_is_searched_as_text() throws Exception {
    assertThat(
            redact("{\"note\":\"{call me} 4111111111111111, cvv 737\"}").path("note").textValue())
        .isEqualTo("{call me} ************1111, cvv ***");
  }

  @Test
  void nul_becomes_a_visible_mark() {
    assertRedacted("{\"a\\u0000\":\"b\\u0000c\"}", "{\"a\uFFFD\":\"b\uFFFDc\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "\\ud800"            | "\uFFFD"
          "\\udc00"            | "\uFFFD"
          "cut off \\ud83d"    | "cut off \uFFFD"
          "\\udc00\\ud83d\\ude00" | "\uFFFD😀"
          ["x\\udbff"]         | ["x\uFFFD"]
          {"k\\ud800":1}       | {"k\uFFFD":1}
          "{\\"a\\":\\"\\ud800\\"}" | "{\\"a\\":\\"\uFFFD\\"}"
          """)
  void half_a_character_becomes_a_visible_mark_too(String value, String redacted) {
    assertRedacted("{\"a\":%s}".formatted(value), "{\"a\":%s}".formatted(redacted));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1E+999999999", "1E-999999999", "1.5E+400"})
  void a_number_that_would_unfold_to_endless_digits_is_malformed(String number) {
    assertThatThrownBy(() -> redact("{\"a\":[%s]}".formatted(number)))
        .isInstanceOf(MalformedWebhookException.class)
        .hasMessage("the body holds a number beyond all use");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{\"a\":1}]", "null", "1", "\"text\"", "true"})
  void a_body_that_is_no_object_is_malformed(String body) {
    assertThatThrownBy(() -> REDACTOR.redact(JSON.readTree(body)))
        .isInstanceOf(MalformedWebhookException.class)
        .hasMessage("the body is not a JSON object");
  }

  @Test
  void everything_else_stays_exactly_as_it_came() {
    assertKept(
        "{\"id\":\"5f0c1b7e-2f7b-4a55-9d3e-0d8a1f6b2c02\",\"event_ts\":1763882221456,"
            + "\"amount\":100.00,\"other\":1E+2,\"text\":\"43.19\",\"on\":true,\"off\":null,"
            + "\"list\":[],\"object\":{},\"phone\":\"+4915112345678\",\"emoji\":\"😀\"}");
  }

  @Test
  void every_field_that_the_schemas_call_card_data_is_redacted() throws IOException {
    Set<String> kept = new TreeSet<>();
    for (String sender : List.of("oracle-commerce-quote-request", "oracle-commerce-return")) {
      JsonNode schema =
          new ObjectMapper().readTree(Path.of("config/schemas", sender + ".schema.json").toFile());
      for (JsonNode properties : schema.findValues("properties")) {
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
          String sensitive = property.getValue().path("x-sensitive").asText("personal");
          String webhook = "{\"%s\":\"marked 4242\"}".formatted(property.getKey());
          if (!sensitive.equals("personal") && redact(webhook).toString().contains("marked")) {
            kept.add(property.getKey());
          }
        }
      }
    }
    assertThat(kept).isEmpty();
  }

  private static void assertKept(String webhook) {
    assertRedacted(webhook, webhook);
  }

  private static void assertRedacted(String webhook, String redacted) {
    assertThat(redact(REDACTOR, webhook)).as(webhook).isEqualTo(redacted);
  }

  private static String redact(Redactor redactor, String webhook) {
    try {
      return redactor.redact(JSON.readTree(webhook));
    } catch (JsonProcessingException e) {
      throw new AssertionError(webhook, e);
    }
  }

  private static JsonNode redact(String webhook) throws JsonProcessingException {
    return JSON.readTree(REDACTOR.redact(JSON.readTree(webhook)));
  }
}
