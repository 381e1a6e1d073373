package io.commercewebhooks.intake;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

  private final ObjectMapper json = StrictJson.mapper();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"b\":2}}",
        "[{\"a\":1,\"\\u0061\":2}]",
        "{} {}",
        "{}x",
        "{}]",
        "{}null",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":5.}",
        "{\"a\":0x1F}",
        "{\"a\":1_000}",
        "{\"a\":1,}",
        "[1,]",
        "{'a':1}",
        "{a:1}",
        "{\"a\":\"tab\t\"}",
        "{\"a\":\"line\nbreak\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u00g0\"}",
        "{\"a\":True}",
        "{\"a\":undefined}",
        "// remark\n{}",
        "{/* remark */}",
        "# remark\n{}",
        "{\"a\":1",
        "{\"a\"",
        "\"open",
        "\u00A0{}"
      })
  void what_the_standard_does_not_allow_is_refused(String text) {
    assertThatThrownBy(() -> json.readValue(text.getBytes(UTF_8), JsonNode.class))
        .isInstanceOf(JacksonException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n"})
  void nothing_at_all_is_refused(String text) {
    assertThatThrownBy(() -> json.readValue(text.getBytes(UTF_8), JsonNode.class))
        .isInstanceOf(JacksonException.class);
  }

  @Test
  void the_same_key_in_two_objects_is_no_duplicate() throws IOException {
    assertThat(read("[{\"a\":1},{\"a\":2}]").toString()).isEqualTo("[{\"a\":1},{\"a\":2}]");
    assertThat(read("{\"a\":{\"a\":1},\"A\":2}").toString()).isEqualTo("{\"a\":{\"a\":1},\"A\":2}");
  }

  @Test
  void white_space_after_the_end_is_no_token() throws IOException {
    assertThat(read(" {} \r\n\t").isObject()).isTrue();
  }

  @Test
  void depth_is_bounded() throws IOException {
    assertThat(read("[".repeat(200) + "]".repeat(200)).isArray()).isTrue();
    assertRefused("[".repeat(201) + "]".repeat(201));
    assertRefused("{\"a\":".repeat(201) + "1" + "}".repeat(201));
    assertRefused("[".repeat(1_000_000));
  }

  @Test
  void the_length_of_a_number_is_bounded() throws IOException {
    assertThat(read("9".repeat(100)).asText()).isEqualTo("9".repeat(100));
    assertRefused("9".repeat(101));
    assertRefused("9".repeat(50) + "." + "9".repeat(60));
    assertRefused("1" + "0".repeat(1_000_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100.00",
        "43.19",
        "43.190",
        "0.10",
        "-0.01",
        "1E+2",
        "1.0E-7",
        "12345678901234567890.12345678901234567890",
        "9007199254740993",
        "123456789012345678901234567890",
        "0",
        "-1"
      })
  void numbers_keep_every_digit(String number) throws IOException {
    assertThat(read("{\"a\":" + number + "}").toString()).isEqualTo("{\"a\":" + number + "}");
    assertThat(json.writeValueAsString(json.readTree("[" + number + "]")))
        .isEqualTo("[" + number + "]");
  }

  @Test
  void an_exponent_is_not_unfolded() throws IOException {
    assertThat(read("{\"a\":1E+999999999}").toString()).isEqualTo("{\"a\":1E+999999999}");
    assertThat(read("{\"a\":1E-999999999}").toString()).isEqualTo("{\"a\":1E-999999999}");
  }

  @Test
  void every_character_comes_back_as_it_was() throws IOException {
    String text = "ä ☕ 😀 \u202E \u0000 \uFFFF".replace("\u0000", "\\u0000");
    assertThat(read("\"" + text + "\"").textValue()).isEqualTo("ä ☕ 😀 \u202E \u0000 \uFFFF");
    assertThat(read("\"\\ud83d\\ude00\"").textValue()).isEqualTo("😀");
  }

  @Test
  void other_encodings_are_refused_and_not_guessed() {
    for (Charset other : new Charset[] {UTF_16, UTF_16LE, UTF_16BE, Charset.forName("UTF-32")}) {
      assertThatThrownBy(() -> json.readValue("{\"a\":\"é\"}".getBytes(other), JsonNode.class))
          .as(other.name())
          .isInstanceOf(JacksonException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22e922", // Latin-1
        "22c322", // cut in the middle
        "22c0af22", // longer than need be
        "22eda08022", // half a character
        "22f490808022", // beyond the last character
        "22ff22",
        "fffe22006100"
      })
  void bytes_that_are_not_utf_8_are_refused_and_not_replaced(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> json.readValue(bytes, JsonNode.class))
        .isInstanceOf(JacksonException.class)
        .hasMessageStartingWith("the body is not UTF-8");
    assertThatThrownBy(() -> json.readValue(new ByteArrayInputStream(bytes), JsonNode.class))
        .isInstanceOf(JacksonException.class)
        .hasMessageStartingWith("the body is not UTF-8");
  }

  @Test
  void one_byte_order_mark_is_passed_over() throws IOException {
    assertThat(read("\uFEFF{\"a\":1}").path("a").intValue()).isEqualTo(1);
    assertRefused("\uFEFF\uFEFF{}");
    assertRefused("{}\uFEFF");
  }

  @Test
  void bytes_a_part_of_bytes_and_a_stream_are_read_alike() throws IOException {
    byte[] bytes = "xx{\"a\":\"é\"}xx".getBytes(UTF_8);
    byte[] part = "{\"a\":\"é\"}".getBytes(UTF_8);

    assertThat(json.readValue(bytes, 2, part.length, JsonNode.class))
        .isEqualTo(json.readValue(part, JsonNode.class))
        .isEqualTo(json.readValue(new ByteArrayInputStream(part), JsonNode.class))
        .isEqualTo(json.readTree(part));
  }

  @Test
  void a_refusal_quotes_nothing_of_the_source() {
    assertThatThrownBy(
            () -> json.readValue("{\"secret\":4111111111111111 x}".getBytes(UTF_8), JsonNode.class))
        .isInstanceOf(JacksonException.class)
        .hasMessageNotContaining("4111111111111111");
  }

  @Test
  void an_exponent_beyond_all_integers_is_refused_and_not_quoted() {
    assertThatThrownBy(() -> read("{\"a\":1E99999999999999999999}"))
        .isInstanceOf(MalformedWebhookException.class)
        .hasMessageNotContaining("999");
  }

  @Test
  void how_many_names_and_values_there_are_is_bounded() throws IOException {
    int most = StrictJson.MOST_PARTS - 3; // besides the brackets around them and the end

    assertThat(read(list("1", most))).hasSize(most);
    assertRefused(list("1", most + 1));
    assertRefused(list("[]", most / 2 + 1));
    assertRefused(list("{\"name\":1}", most / 4 + 1));
  }

  @Test
  void names_that_are_made_to_collide_break_neither_their_text_nor_any_later_one()
      throws IOException {
    List<String> names = List.of("");
    for (int i = 0; i < 12; i++) {
      names = names.stream().flatMap(name -> Stream.of(name + "Bb", name + "CA")).toList();
    }

    assertThat(read(object(names))).hasSize(names.size());
    for (int i = 0; i < 20; i++) {
      List<String> later = Stream.generate(() -> UUID.randomUUID().toString()).limit(500).toList();
      assertThat(read(object(later))).hasSize(later.size());
    }
  }

  private static String object(List<String> names) {
    return names.stream().collect(Collectors.joining("\":1,\"", "{\"", "\":1}"));
  }

  private static String list(String part, int count) {
    return "[" + (part + ",").repeat(count - 1) + part + "]";
  }

  private JsonNode read(String text) throws IOException {
    return json.readValue(text.getBytes(UTF_8), JsonNode.class);
  }

  private void assertRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(JacksonException.class);
  }

  @Test
  void what_was_just_written_is_not_read_again_and_any_other_text_is() throws Exception {
    JsonNode tree = json.readTree("{\"a\":[1,\"b\"]}");

    String text = StrictJson.write(tree);

    assertThat(json.readTree(text)).isSameAs(tree);
    assertThat(json.readTree(new String(text))).isEqualTo(tree).isNotSameAs(tree);
    FutureTask<JsonNode> elsewhere = new FutureTask<>(() -> json.readTree(text));
    new Thread(elsewhere).start();
    assertThat(elsewhere.get()).isEqualTo(tree).isNotSameAs(tree);
    StrictJson.write(json.createObjectNode());
    assertThat(json.readTree(text)).isEqualTo(tree).isNotSameAs(tree);
  }
}
