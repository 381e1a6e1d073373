package io.commercewebhooks.delivery;

import io.commercewebhooks.config.WrittenYaml;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config/notifications.yaml} says, which explains itself. Reading it ends in a {@link
 * io.commercewebhooks.CannotStartException} that names the line and what to write instead.
 *
 * @param audiences by name
 * @param rules in their order
 * @param burst from when on mails of one kind become a summary, if they ever do
 * @param toldEachTime types of event of which a status that comes again is told again
 * @param summaryAt the time of day of the operators' summary, in their time zone
 */
record NotificationsFile(
    Map<String, Audience> audiences,
    List<NotificationRule> rules,
    Optional<Burst> burst,
    List<String> toldEachTime,
    LocalTime summaryAt) {

  /** Who gets the service's own mails. */
  static final String OPERATORS = "operators";

  /**
   * A burst.
   *
   * @param mails so many of one kind to one audience go out singly
   * @param within in so long; what is more becomes one summary at its end
   */
  record Burst(int mails, Duration within) {}

  /**
   * Reads the file.
   *
   * @param templates the folder of words, one folder in it for each language
   */
  static NotificationsFile read(Path file, Path templates) {
    WrittenYaml root = WrittenYaml.read(file);
    return new NotificationsReader(templates).read(root);
  }
}
