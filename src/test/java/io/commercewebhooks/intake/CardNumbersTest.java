package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CardNumbersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111111111111111", // Visa
        "4222222222222", // Visa with 13 digits
        "4000000000000000006", // Visa with 19 digits
        "5555555555554444", // Mastercard
        "2223003122003222", // Mastercard of the 2 series
        "378282246310005", // American Express
        "371449635398431",
        "30569309025904", // Diners Club
        "38520000023237",
        "36227206271667",
        "6011111111111117", // Discover
        "3530111333300000", // JCB
        "6200000000000005", // UnionPay
        "6205500000000000004", // UnionPay with 19 digits
        "6759649826438453", // Maestro
        "5018000000000000007" // Maestro with 19 digits
      })
  void the_number_of_every_issuer_keeps_its_last_four_digits(String card) {
    String last = card.substring(card.length() - 4);
    assertThat(CardNumbers.mask(card)).isEqualTo("************" + last);
    assertThat(CardNumbers.mask("Charged " + card + ", twice"))
        .isEqualTo("Charged ************" + last + ", twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111 1111-1111 1111",
        "41 11 11 11 11 11 11 11",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "411111111111-1111",
        "4111\u00A01111\u00A01111\u00A01111",
        "4111\u20131111\u20131111\u20131111",
        "4111\u20091111\u20091111\u20091111",
        "4111\u20071111\u20071111\u20071111",
        "4111\u30001111\u30001111\u30001111",
        "4111\u200B1111\u200B1111\u200B1111",
        "4111\u200B 1111\u200B 1111\u200B 1111",
        "4111\u00AD1111\u00AD1111\u00AD1111",
        "4111\u22121111\u22121111\u22121111",
        "4111\uFF0D1111\uFF0D1111\uFF0D1111",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111  1111  1111  1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\n1111\n1111\n1111",
        "4111\t1111\t1111\t1111",
        "\uFF14\uFF11\uFF11\uFF11111111111111",
        "3782 822463 10005"
      })
  void however_a_number_is_written_it_is_found(String card) {
    assertThat(CardNumbers.mask("card " + card + "!"))
        .matches("card \\Q************\\E(1111|0005)!");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      textBlock =
          """
          2 4111 1111 1111 1111                  , 2 ************1111
          Order 90419-4111111111111111           , Order 90419-************1111
          4111 1111 1111 1111 12/27              , ************1111 12/27
          4111 1111 1111 1111 737                , ************1111 ***
          4111111111111111 737                   , ************1111 ***
          4111-1111-1111-1111-0737               , ************1111-***
          4111 1111 1111 1111 12/27 737          , ************1111 12/27 737
          4111 1111 1111 1111 of 737 pieces      , ************1111 of 737 pieces
          4111 1111 1111 1111 5555555555554444   , ************1111 ************4444
          4111111111111111 4111 1111 1111 1111   , ************1111 ************1111
          4111111111111111/5555555555554444      , ************1111/************4444
          x4111111111111111y                     , x************1111y
          Visa:4111111111111111                  , Visa:************1111
          +4111111111111111                      , +************1111
          1.4111111111111111 is the card         , 1.************1111 is the card
          4111111111111111.00                    , ************1111.00
          -4111111111111111                      , -************1111
          """)
  void digits_around_a_number_do_not_hide_it(String text, String masked) {
    assertThat(CardNumbers.mask(text)).isEqualTo(masked);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "4111",
        "4111111111111112",
        "4111 1111 1111 1112",
        "411111111111111",
        "41111111111111111",
        "94111111111111111",
        "0000000000000000",
        "1111111111111117",
        "7999999999999999",
        "1763882221456",
        "4059292244698",
        "4019350840613",
        "two of 4045097590856, please",
        "20261123071700123",
        "2026-11-23T07:17:00.123Z",
        "+4915112345678",
        "+49 151 1234 5678",
        "+378282246310005",
        "4.111.111.111.111.111",
        "411.111.111.111.111.1",
        "0.4111111111111111",
        "-14.4111111111111111",
        "5.4111111111111111E+15",
        "4111,1111,1111,1111",
        "4111 pieces, 1111 boxes, 1111 pallets and 1111 trucks",
        "Q-3248714941",
        "192.168.100.101"
      })
  void what_is_no_card_number_stays(String text) {
    assertThat(CardNumbers.mask(text)).isSameAs(text);
  }

  @Test
  void no_uuid_is_taken_for_a_card_number() {
    Random random = new Random(20261123);
    for (int i = 0; i < 20_000; i++) {
      String uuid = new UUID(random.nextLong(), random.nextLong()).toString();
      assertThat(CardNumbers.mask(uuid)).isEqualTo(uuid);
    }
  }

  @Test
  void no_time_of_this_century_is_taken_for_a_card_number() {
    for (long millis = 1_700_000_000_000L; millis < 3_000_000_000_000L; millis += 123_456_789L) {
      String time = Long.toString(millis);
      assertThat(CardNumbers.mask(time)).isEqualTo(time);
    }
  }

  @Test
  void endless_digits_are_no_trouble() {
    String oneNumber = "4".repeat(1_000_000);
    assertThat(CardNumbers.mask(oneNumber)).isEqualTo(oneNumber);
    String manyNumbers = "4 ".repeat(500_000);
    assertThat(CardNumbers.mask(manyNumbers)).isNotNull();
  }
}
