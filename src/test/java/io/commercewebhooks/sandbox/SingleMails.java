package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who gets what, as shipped, but so that every event has a mail of its own, under any load. */
public final class SingleMails {

  private SingleMails() {}

  /** The file, for the setting {@code MAIL_NOTIFICATIONS}. */
  public static Path file() {
    try {
      String shipped = Files.readString(Path.of("config/notifications.yaml"));
      Path file = Path.of("target/single-mails/notifications.yaml");
      Files.createDirectories(file.getParent());
      return Files.writeString(
          file,
          shipped
              .replaceFirst("burst:\\n +mails: .*\\n +within: .*\\n", "burst: none\n")
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
