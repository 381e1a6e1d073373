package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.intake.Redactor;
import io.commercewebhooks.intake.StrictJson;
import io.commercewebhooks.ledger.PersonalData.Kind;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The shipped config/personal-data.yaml at work. */
@FlowTest
class PersonalDataTest {

  private static final String BODY =
      """
      {"order":{"id":"o-1","Profile":{"id":"p-7","first_name":"Kim","LOGIN":"kim@example.com"},
        "shippingGroups":[{"shippingAddress":{"email":"Kim.Other@Example.COM","phone-number":"212-555-1977",
          "state":"New York","address1":{"line":"21 Cedar Ave"},"faxNumber":2125551977}}],
        "items":[{"name":"Rack","remark":"ask kim@example.com, or lee@example.org."}],
        "note":"ring twice","quantity":2,"paid":true,"nothing":null},
       "payload":{"account_id":"A-1","account":{"create_reference_id":"CR-1"}}}
      """;

  @Autowired private PersonalData people;
  @Autowired private Redactor redactor;

  @Test
  void a_person_is_found_by_every_address_and_id_wherever_it_stands() {
    List<String> found = people.peopleIn(BODY);

    assertThat(found)
        .contains(
            hash(Kind.EMAIL, "kim@example.com"),
            hash(Kind.EMAIL, "kim.other@example.com"),
            hash(Kind.EMAIL, "LEE@example.org"),
            hash(Kind.PROFILE, "p-7"),
            hash(Kind.ACCOUNT, "A-1"),
            hash(Kind.ACCOUNT, "CR-1"),
            hash(Kind.NUMBER, "CR-1"))
        .hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jim&ann@example.com",
        "kim/sales=x@example.com",
        "kim!#$%*?^`{|}~@example.com",
        "kim@xn--bcher-kva.xn--p1ai",
        "kim@пример.рф",
        "jose\u0301@example.com",
        "क़िम@उदाहरण.भारत"
      })
  void an_address_is_found_and_masked_whatever_signs_it_has(String address) {
    String body = "{\"customer\":\" %s\"}".formatted(address);

    assertThat(people.peopleIn(body)).contains(hash(Kind.EMAIL, address));
    assertThat(people.masked(body).path("customer").textValue()).isEqualTo("****");
    assertThat(people.plain(address)).isEqualTo("****");
  }

  @Test
  void an_address_is_found_in_words_that_it_has_to_itself_but_for_signs() {
    assertThat(people.peopleIn("{\"source\":\"crm/contact=kim@example.com\"}"))
        .contains(hash(Kind.EMAIL, "kim@example.com"));
  }

  @ParameterizedTest
  @CsvSource({
    "PROFILE, /profileId",
    "PROFILE, /profile/id",
    "PROFILE, /ownerId",
    "ACCOUNT, /accountId",
    "ACCOUNT, /crmAccountNumber",
    "ACCOUNT, /account/createReferenceId",
    "ACCOUNT, /organizationId",
    "NUMBER, /createReferenceId",
    "NUMBER, /originatingOrder/id",
    "NUMBER, /originatingOrderId",
    "NUMBER, /replacementOrder",
    "NUMBER, /relatedReplacementOrders",
    "NUMBER, /relatedReplacementOrders/id",
    "NUMBER, /PONumber"
  })
  void an_event_is_found_by_an_id_under_each_of_its_names(Kind kind, String place) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.withObject(place.substring(0, place.lastIndexOf('/')))
        .put(place.substring(place.lastIndexOf('/') + 1), "7");

    assertThat(people.peopleIn(body.toString())).contains(hash(kind, "7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "firstName",
        "middleName",
        "lastName",
        "fullName",
        "displayName",
        "nameOnCard",
        "email",
        "emailAddress",
        "login",
        "phoneNumber",
        "faxNumber",
        "mobileNumber",
        "address1",
        "address2",
        "address3",
        "postalCode",
        "city",
        "county",
        "companyName",
        "jobTitle",
        "dateOfBirth",
        "gender",
        "taxpayerID",
        "note",
        "requesterNote",
        "comments",
        "specialInstructions"
      })
  void what_is_about_a_person_is_masked_by_its_name(String name) {
    assertThat(people.masked("{\"%s\":\"Kim\"}".formatted(name)))
        .hasToString("{\"%s\":\"****\"}".formatted(name));
  }

  private String hash(Kind kind, String value) {
    return people.hashesOf(new PersonalData.Person(kind, value)).get(0);
  }

  @Test
  void an_id_is_found_also_as_a_number_and_no_other_that_only_looks_alike() {
    assertThat(people.peopleIn("{\"profileId\":70001}")).contains(hash(Kind.PROFILE, "70001"));
    assertThat(hash(Kind.PROFILE, "a7")).isNotEqualTo(hash(Kind.PROFILE, "A7"));
    assertThat(hash(Kind.EMAIL, "jos\u00e9@example.com"))
        .isEqualTo(hash(Kind.EMAIL, "jose\u0301@EXAMPLE.com"));
  }

  @Test
  void that_a_person_has_agreed_or_told_nothing_tells_nobody_who_it_is() {
    String told = "{\"note\":true,\"email\":\"\",\"firstName\":null}";

    assertThat(people.masked(told)).hasToString(told);
    assertThat(people.masked("{\"note\":\"{\\\"a\\\":1}\"}"))
        .as("whatever a person wrote is masked as a whole")
        .hasToString("{\"note\":\"****\"}");
  }

  @Test
  void the_words_of_a_failure_are_cut_behind_500_characters_and_hide_a_beginning_of_16() {
    assertThat(people.clean("x".repeat(500), List.of())).isEqualTo("x".repeat(500));
    assertThat(people.clean("x".repeat(501), List.of())).isEqualTo("x".repeat(500) + "…");

    List<Event> ofNote = List.of(event("{\"note\":\"ring at the door!\"}"));
    assertThat(people.clean("no ring at the door", ofNote)).isEqualTo("no ****");
    assertThat(people.clean("no ring at the", ofNote)).isEqualTo("no ring at the");
  }

  @Test
  void a_profile_and_an_account_of_the_same_name_are_two() {
    assertThat(hash(Kind.PROFILE, "7")).isNotEqualTo(hash(Kind.ACCOUNT, "7"));
  }

  @Test
  void a_masked_payload_keeps_its_shape_and_what_is_no_persons() throws Exception {
    assertThat(people.masked(BODY))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"order":{"id":"o-1","Profile":{"id":"p-7","first_name":"****","LOGIN":"****"},
                      "shippingGroups":[{"shippingAddress":{"email":"****","phone-number":"****",
                        "state":"New York","address1":{"line":"****"},"faxNumber":"****"}}],
                      "items":[{"name":"Rack","remark":"ask ****, or ****."}],
                      "note":"****","quantity":2,"paid":true,"nothing":null},
                     "payload":{"account_id":"A-1","account":{"create_reference_id":"CR-1"}}}
                    """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"contacts\":{\"kim@example.com\":\"main\"},\"profileId\":\"p-7\",\"firstName\":\"Kimberley\"}",
        "{\"contacts\":{\"kim@example.com\":{\"profile_id\":\"p-7\",\"First"
            + " Name\":\"Kimberley\"}}}",
        "{\"raw\":\"{\\\"profile\\\":{\\\"id\\\":\\\"p-7\\\",\\\"firstName\\\":\\\"Kimberley\\\"},"
            + "\\\"kim@example.com\\\":1}\"}",
        "{\"raw\":\"[\\\"{\\\\\\\"ownerId\\\\\\\":\\\\\\\"p-7\\\\\\\",\\\\\\\"lastName\\\\\\\":\\\\\\\"Kimberley\\\\\\\","
            + "\\\\\\\"to\\\\\\\":\\\\\\\"kim@example.com\\\\\\\"}\\\"]\"}",
        "{\"raw\":\"{\\\"to\\\":\\\"kim@example.com\\\",\\\"to\\\":1,\\\"profileId\\\":\\\"p-7\\\",\\\"profileId\\\":8,"
            + "\\\"firstName\\\":\\\"Kimberley\\\",\\\"firstName\\\":\\\"\\\"}\"}"
      })
  void a_person_is_found_and_masked_also_in_names_of_fields_and_in_json_in_texts(String body) {
    assertThat(people.peopleIn(body))
        .contains(hash(Kind.EMAIL, "kim@example.com"), hash(Kind.PROFILE, "p-7"));
    assertThat(people.masked(body).toString())
        .contains("****", "p-7")
        .doesNotContain("kim@", "Kimberley");
    assertThat(people.clean("no to kim@example.com, Kimberley", List.of(event(body))))
        .isEqualTo("no to ****, ****");
  }

  @Test
  void as_many_names_as_a_webhook_may_have_are_masked_alike_without_counting_anew_for_each() {
    int names = 50_000;
    String body =
        IntStream.range(0, names)
            .mapToObj(i -> "\"a%d@example.com\":%d".formatted(i, i))
            .collect(Collectors.joining(",", "{", "}"));

    assertThat(people.masked(body)).hasSize(names);
    assertThat(people.masked(body).path("**** (" + names + ")").asInt()).isEqualTo(names - 1);
  }

  @Test
  void names_that_are_masked_stay_as_many_and_what_resembles_json_stays_as_it_was_written() {
    assertThat(
            people.masked("{\"a@example.com\":1,\"b@example.com\":2,\"c\":\"{ \\\"d\\\" : 1 } \"}"))
        .hasToString("{\"****\":1,\"**** (2)\":2,\"c\":\"{ \\\"d\\\" : 1 } \"}");
  }

  @Test
  void a_payload_that_was_just_redacted_and_is_shown_masked_still_names_its_people()
      throws Exception {
    String redacted = redactor.redact(StrictJson.mapper().readTree(BODY));

    people.masked(redacted);

    assertThat(people.peopleIn(redacted)).isEqualTo(people.peopleIn(BODY));
  }

  @Test
  void the_words_of_a_failure_lose_what_they_quote_of_a_person_and_of_a_card() {
    String words =
        "Phone 212-555-1977 of Kim (Kim.Other@Example.COM) at 21 Cedar Ave, 2125551977:"
            + " bad value for State: New York, see 4111 1111 1111 1111";

    assertThat(people.clean(words, List.of(event(BODY))))
        .isEqualTo(
            "Phone **** of **** (****) at ****, ****: bad value for State: New York,"
                + " see ************1111");
  }

  @Test
  void the_words_of_a_failure_lose_the_beginning_of_a_long_text_and_are_cut_only_afterwards() {
    String note = "Please ring at the back door of number 21, Kim is there from nine to five";
    String words =
        "x".repeat(480) + " too long: " + note.substring(0, 40) + "… " + note + " and more";

    assertThat(people.clean(words, List.of(event("{\"note\":\"" + note + "\"}"))))
        .startsWith("x".repeat(480) + " too long: ****")
        .hasSizeLessThanOrEqualTo(501)
        .doesNotContain("ring");
  }

  @Test
  void a_payload_of_nothing_but_addresses_is_read_in_no_time_and_bounded() {
    StringBuilder many = new StringBuilder("{\"note\":\"");
    for (int i = 0; i < 5_000; i++) {
      many.append("kim").append(i).append("@example.com ");
    }
    many.append("a@".repeat(100_000)).append("\"}");

    assertThat(people.peopleIn(many.toString())).hasSize(2_000);
  }

  private static Event event(String body) {
    return new Event(
        1,
        "e-1",
        "oracle-commerce",
        "quote-requested",
        "requested",
        "quote-request",
        "o-1",
        Instant.EPOCH,
        Instant.EPOCH,
        JsonNodeFactory.instance.objectNode(),
        null,
        body,
        null);
  }
}
