package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;

/**
 * Who gets what, as shipped, but so that each event is told of, also one of a status that its
 * object had before. Each is a file for the setting {@code MAIL_NOTIFICATIONS}.
 */
public final class ShippedNotifications {

  private ShippedNotifications() {}

  /** Every event has a mail of its own, under any load. */
  public static Path singly() {
    return with("single-mails", "burst: none\n");
  }

  /**
   * Of one kind of mail an audience gets so many singly; what is more comes as one.
   *
   * @param within in so long, e.g. 2s
   */
  public static Path gathered(int mails, String within) {
    return with(
        "gathered-mails", "burst:\n    mails: %d\n    within: %s\n".formatted(mails, within));
  }

  private static Path with(String folder, String burst) {
    try {
      String shipped = Files.readString(Path.of("config/notifications.yaml"));
      Path file = Path.of("target", folder, "notifications.yaml");
      Files.createDirectories(file.getParent());
      return Files.writeString(
          file,
          shipped
              .replaceFirst(
                  "burst:\\n +mails: .*\\n +within: .*\\n", Matcher.quoteReplacement(burst))
              .replace(
                  "told-each-time: quote-requested",
                  "told-each-time: [account-status-changed, quote-status-changed,"
                      + " deal-registration-status-changed, order-status-changed, quote-requested,"
                      + " return-updated]"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
