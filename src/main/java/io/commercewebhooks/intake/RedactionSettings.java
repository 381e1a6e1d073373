package io.commercewebhooks.intake;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenYaml;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Which fields never reach the ledger as they came; see {@code config/redaction.yaml}. Names match
 * at any depth and in any case; only their letters and digits count.
 *
 * @param drop fields that are removed
 * @param lastFour fields of which the last four characters stay
 * @param mask fields whose value is replaced by asterisks
 * @param businessNumbers fields whose number is one of a system's own, whatever it looks like
 * @param codeLabels words in texts whose three to six digits are replaced by asterisks
 */
@ConfigurationProperties("redaction")
public record RedactionSettings(
    List<String> drop,
    List<String> lastFour,
    List<String> mask,
    List<String> businessNumbers,
    List<String> codeLabels) {

  /**
   * Looks whether a file says what it says by names that are known here.
   *
   * @throws CannotStartException with the place of the first that isn't
   */
  public static void check(Path file) {
    WrittenYaml.checkLists(file, "redaction", RedactionSettings.class);
  }
}
