package io.commercewebhooks.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a payload is told as something that its schema doesn't know. */
class SchemaDriftTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** As places and kinds of finding; {@code kim} stands for what must not be kept. */
  private static List<String> drift(String schema, String payload) {
    try {
      return new SchemaDrift(
              JSON.readTree(schema.replace('\'', '"')), text -> text.replace("kim", "****"))
          .in(JSON.readTree(payload.replace('\'', '"'))).stream()
              .map(one -> "%s %s %s".formatted(one.kind().word(), one.path(), one.seen()))
              .toList();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(schema + payload, e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "integer | 1   | ",
        "number  | 1   | ",
        "number  | 1.5 | ",
        "integer | 1.5 | other-type a number",
        "string  | 1   | other-type a integer",
        "string  | null | ",
        "object  | []  | other-type a array",
      })
  void a_whole_number_is_a_number_and_nothing_at_all_is_of_any_type(
      String type, String value, String told) {
    assertThat(
            drift(
                "{'properties':{'a':{'type':'%s'}}}".formatted(type), "{'a':%s}".formatted(value)))
        .isEqualTo(told == null ? List.of() : List.of(told));
  }

  @Test
  void fields_of_any_name_are_compared_with_what_they_all_are_and_told_once() {
    String schema = "{'additionalProperties':{'type':'string'}}";

    assertThat(drift(schema, "{'x':'1','y':2,'z':3}")).containsExactly("other-type * integer");
  }

  @Test
  void what_a_value_says_is_told_as_long_as_it_is_short_plain_and_no_secret() {
    String schema = "{'properties':{'a':{%s'enum':['known']}}}";
    String plain = schema.formatted("");

    assertThat(drift(plain, "{'a':'known'}")).isEmpty();
    assertThat(drift(plain, "{'a':'another'}")).containsExactly("unknown-value a another");
    assertThat(drift(plain, "{'a':'%s'}".formatted("x".repeat(60))))
        .containsExactly("unknown-value a " + "x".repeat(60));
    for (String unseen : List.of("x".repeat(61), "two\\nlines", "of kim")) {
      assertThat(drift(plain, "{'a':'%s'}".formatted(unseen)))
          .containsExactly("unknown-value a (not shown)");
    }
    assertThat(drift(schema.formatted("'x-sensitive':true,"), "{'a':'another'}"))
        .containsExactly("unknown-value a (not shown)");
    assertThat(drift(plain, "{'b':1,'%s':1}".formatted("x".repeat(61))))
        .containsExactly("unknown-field b integer", "unknown-field (not shown) integer");
  }

  @Test
  void a_field_about_a_person_may_be_of_any_type() {
    String schema = "{'properties':{'a':{%s'type':'string'}}}";

    assertThat(drift(schema.formatted(""), "{'a':1}")).containsExactly("other-type a integer");
    assertThat(drift(schema.formatted("'x-sensitive':true,"), "{'a':1}")).isEmpty();
  }

  @Test
  void of_several_shapes_the_one_that_is_named_counts_or_else_the_first_that_explains_most() {
    String one = "{'properties':{'event':{'const':'one'},'a':{},'b':{}}}";
    String two = "{'properties':{'event':{'const':'two'},'a':{},'c':{}}}";
    String schema = "{'oneOf':[%s,%s]}".formatted(one, two);

    assertThat(drift(schema, "{'event':'two','a':1,'b':1,'d':1}"))
        .containsExactly("unknown-field b integer", "unknown-field d integer");
    assertThat(drift(schema, "{'event':'three','c':1}"))
        .containsExactly("unknown-value event three");
    assertThat(drift(schema, "{'event':'three','b':1,'c':1}"))
        .containsExactly("unknown-value event three", "unknown-field c integer");
  }

  @Test
  void a_shape_that_is_written_elsewhere_in_the_schema_is_looked_up() {
    String schema =
        "{'properties':{'items':{'items':{'$ref':'#/definitions/item'}}},"
            + "'definitions':{'item':{'properties':{'id':{'type':'string'}}}}}";

    assertThat(drift(schema, "{'items':[{'id':'1'},{'id':2},{'id':3,'name':'x'}]}"))
        .containsExactly("other-type items[].id integer", "unknown-field items[].name string");
  }
}
