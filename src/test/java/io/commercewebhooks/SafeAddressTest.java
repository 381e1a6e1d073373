package io.commercewebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeAddressTest {

  @ParameterizedTest
  @CsvSource({
    "https://example.my.salesforce.com/x, true",
    "http://127.0.0.1:8990/x, true",
    "http://localhost/x, true",
    "http://[::1]:8990/x, true",
    "http://example.my.salesforce.com/x, false",
    "http://127.0.0.1.example.com/x, false",
    "http:/x, false",
    "example.my.salesforce.com, false",
    "ftp://127.0.0.1/x, false"
  })
  void a_secret_goes_over_https_or_stays_on_this_machine(URI address, boolean safe) {
    assertThat(SafeAddress.isSafe(address)).isEqualTo(safe);
  }
}
