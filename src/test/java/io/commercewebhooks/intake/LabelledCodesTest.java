package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The short way to texts without a code takes none for one, and misses none. */
class LabelledCodesTest {

  private static final Pattern CODE =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}])(?:cvv2|cvv|pin:|security code)[^\\p{L}\\p{N}]{0,6}"
              + "\\p{Nd}{3,6}(?![\\p{L}\\p{N}])",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  private final LabelledCodes codes =
      new LabelledCodes(List.of("cvv", "cvv2", "pin:", "security code"));

  @Property
  void a_text_is_changed_when_it_has_a_labelled_code_and_only_then(@ForAll("texts") String text) {
    assertThat(codes.mask(text).equals(text)).isEqualTo(!CODE.matcher(text).find());
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "cvv",
            "CVV2",
            "pin",
            "Security Code",
            "1",
            "23",
            "456",
            "7890",
            " ",
            ":",
            "=",
            "\uD83D\uDE42",
            "٣",
            "٧٣٧",
            "x",
            "é")
        .list()
        .ofMaxSize(9)
        .map(parts -> String.join("", parts));
  }

  @Example
  void digits_that_could_be_of_the_label_are_masked_with_the_code() {
    assertThat(codes.mask("cvv2123")).isEqualTo("cvv***");
    assertThat(new LabelledCodes(List.of("99")).mask("99123")).isEqualTo("99***");
  }

  @Example
  void between_label_and_code_are_six_signs_at_most_however_they_are_encoded() {
    String smile = "\uD83D\uDE42";

    assertThat(codes.mask("cvv" + smile.repeat(6) + "737"))
        .isEqualTo("cvv" + smile.repeat(6) + "***");
    assertThat(codes.mask("cvv" + smile.repeat(7) + "737")).endsWith("737");
  }

  @Example
  void a_label_is_known_in_capitals_also_of_other_alphabets() {
    assertThat(new LabelledCodes(List.of("κωδικός")).mask("ΚΩΔΙΚΌΣ: 123"))
        .isEqualTo("ΚΩΔΙΚΌΣ: ***");
  }

  @Example
  void a_label_is_known_however_its_accents_are_written() {
    for (Normalizer.Form form : Normalizer.Form.values()) {
      LabelledCodes accented =
          new LabelledCodes(
              List.of(Normalizer.normalize("Pr\u00FCfziffer", form), "code de s\u00E9curit\u00E9"));

      assertThat(accented.mask("Pr\u00FCfziffer: 123")).isEqualTo("Pr\u00FCfziffer: ***");
      assertThat(accented.mask("Pru\u0308fziffer: 123")).isEqualTo("Pru\u0308fziffer: ***");
      assertThat(accented.mask("code de se\u0301curite\u0301 123"))
          .isEqualTo("code de se\u0301curite\u0301 ***");
    }
  }

  @Example
  void without_labels_no_text_is_changed() {
    assertThat(new LabelledCodes(null).mask("cvv 123")).isEqualTo("cvv 123");
    assertThat(new LabelledCodes(List.of(" ")).mask("cvv 123")).isEqualTo("cvv 123");
  }
}
