package io.commercewebhooks.deadletters;

import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the codes of each target mean; {@code config/failures.yaml} has them all, and says what each
 * word means. A word that is not one of these is refused at the start.
 */
@ConfigurationProperties(prefix = "failures", ignoreUnknownFields = false)
record FailureSettings(Codes salesforce, Codes database, Codes email, Codes http) {

  FailureSettings {
    http = http == null ? new Codes(null, null, null, null, null, null, null) : http;
  }

  /** Codes by what they mean; a list that is not there is empty. */
  record Codes(
      List<String> retry,
      List<String> parts,
      Map<String, String> clocks,
      List<String> unwell,
      List<String> login,
      List<String> quota,
      List<String> dead) {

    Codes {
      retry = retry == null ? List.of() : retry;
      parts = parts == null ? List.of() : parts;
      clocks = clocks == null ? Map.of() : clocks;
      unwell = unwell == null ? List.of() : unwell;
      login = login == null ? List.of() : login;
      quota = quota == null ? List.of() : quota;
      dead = dead == null ? List.of() : dead;
    }
  }
}
