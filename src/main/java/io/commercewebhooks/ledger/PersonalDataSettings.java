package io.commercewebhooks.ledger;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenYaml;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Which fields of a payload are about a person; see {@code config/personal-data.yaml}.
 *
 * @param mask fields that operators see masked
 * @param profileId fields that hold the id of a shopper's profile
 * @param accountId fields that hold the id of an account
 * @param number fields that hold another number that an event is found by
 */
@ConfigurationProperties("personal-data")
public record PersonalDataSettings(
    List<String> mask, List<String> profileId, List<String> accountId, List<String> number) {

  /**
   * Looks whether a file says what it says by names that are known here.
   *
   * @throws CannotStartException with the place of the first that isn't
   */
  public static void check(Path file) {
    WrittenYaml.checkLists(file, "personal-data", PersonalDataSettings.class);
  }
}
