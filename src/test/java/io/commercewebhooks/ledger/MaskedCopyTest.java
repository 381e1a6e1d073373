package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskedCopyTest {

  private static final String PAYLOAD =
      """
      {"lastName": "Anderson", "phoneNumber": 2125551977, "status": "draft",
       "lines": [{"note": "first"}, {"note": "second"}],
       "text": "write to kim@example.com or kay@example.com"}
      """;

  private final ObjectMapper json = new ObjectMapper();
  private final PersonalData people =
      new PersonalData(
          new PersonalDataSettings(
              List.of("lastName", "phoneNumber", "note"), List.of(), List.of(), List.of()),
          null,
          null,
          json);

  private JsonNode tree(String text) {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private MaskedCopy copy() {
    return new MaskedCopy(tree(PAYLOAD), people);
  }

  @Test
  void shows_no_person_and_gives_each_masked_value_a_number() {
    assertThat(copy().masked())
        .isEqualTo(
            tree(
                """
                {"lastName": "[masked 1]", "phoneNumber": "[masked 2]", "status": "draft",
                 "lines": [{"note": "[masked 3]"}, {"note": "[masked 4]"}],
                 "text": "write to [masked 5] or [masked 6]"}
                """));
  }

  @Test
  void gives_back_what_it_was_made_of() {
    MaskedCopy copy = copy();

    assertThat(copy.unmasked(copy.masked().deepCopy())).isEqualTo(tree(PAYLOAD));
  }

  @Test
  void puts_each_value_where_its_number_stands_now() {
    JsonNode edited =
        copy()
            .unmasked(
                tree(
                    """
                    {"lines": [{"note": "[masked 4]"}, {"note": "not [masked 3]"}],
                     "text": "only [masked 6]", "status": "approved"}
                    """));

    assertThat(edited)
        .isEqualTo(
            tree(
                """
                {"lines": [{"note": "second"}, {"note": "not first"}],
                 "text": "only kay@example.com", "status": "approved"}
                """));
  }

  @Test
  void shows_nobody_in_a_field_that_is_not_masked() {
    JsonNode edited = tree("{\"status\": \"[masked 1]\"}");

    assertThatThrownBy(() -> copy().unmasked(edited))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shown to everybody");
  }

  @Test
  void knows_no_number_that_it_did_not_give() {
    for (String number : List.of("0", "7", "999999")) {
      JsonNode edited = tree("{\"lastName\": \"[masked " + number + "]\"}");
      assertThatThrownBy(() -> copy().unmasked(edited))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no masked value of the number " + number);
    }
  }

  @Test
  void shows_no_person_in_names_and_in_json_in_texts_and_gives_them_back() {
    String payload =
        """
        {"kim@example.com": {"lastName": "Anderson"},
         "raw": "{\\"lastName\\":\\"Anderson\\",\\"kim@example.com\\":\\"draft\\"}"}
        """;
    MaskedCopy copy = new MaskedCopy(tree(payload), people);

    assertThat(copy.masked().toString())
        .contains("draft", "[masked 4]")
        .doesNotContain("kim", "Anderson");
    assertThat(copy.unmasked(copy.masked().deepCopy())).isEqualTo(tree(payload));
  }

  @Test
  void is_not_fooled_by_numbers_that_a_sender_wrote() {
    MaskedCopy copy =
        new MaskedCopy(tree("{\"status\": \"[masked 1]\", \"lastName\": \"Anderson\"}"), people);

    assertThat(copy.masked())
        .isEqualTo(tree("{\"status\": \"[masked]\", \"lastName\": \"[masked 1]\"}"));
    assertThat(copy.unmasked(copy.masked().deepCopy()).path("status").asText())
        .isEqualTo("[masked]");
  }
}
