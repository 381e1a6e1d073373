package io.commercewebhooks.sandbox;

import jakarta.mail.BodyPart;
import jakarta.mail.Header;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mail as the mailbox received it.
 *
 * @param number counts from 1 in the order of arrival
 * @param receivedAt when the server said 250 to it
 * @param recipients the addresses of the envelope (RCPT TO), in the order they were named
 * @param subject the decoded subject, empty when there is none
 * @param text the text/plain part, empty when there is none
 * @param html the text/html part, empty when there is none
 * @param headers every header in order of appearance, names as sent, values decoded and unfolded
 */
public record MailboxMail(
    int number,
    Instant receivedAt,
    List<String> recipients,
    String subject,
    String text,
    String html,
    List<Map.Entry<String, String>> headers) {

  /** The first header of this name, whatever its case. */
  public Optional<String> header(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** The Message-ID with its angle brackets, empty when there is none. */
  public String messageId() {
    return header("Message-ID").orElse("");
  }

  /** The From header, empty when there is none. */
  public String from() {
    return header("From").orElse("");
  }

  static MailboxMail of(
      int number, Instant receivedAt, List<String> recipients, MimeMessage message) {
    try {
      List<Map.Entry<String, String>> headers = new ArrayList<>();
      for (Header header : Collections.list(message.getAllHeaders())) {
        headers.add(Map.entry(header.getName(), decoded(header.getValue())));
      }
      return new MailboxMail(
          number,
          receivedAt,
          List.copyOf(recipients),
          message.getSubject() == null ? "" : message.getSubject(),
          content(message, "text/plain"),
          content(message, "text/html"),
          List.copyOf(headers));
    } catch (MessagingException e) {
      throw new IllegalArgumentException("Mail " + number + " can't be read", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String decoded(String value) {
    String unfolded = MimeUtility.unfold(value);
    try {
      return MimeUtility.decodeText(unfolded);
    } catch (UnsupportedEncodingException e) {
      return unfolded;
    }
  }

  private static String content(Part part, String type) throws MessagingException, IOException {
    if (part.isMimeType(type)) {
      return part.getContent().toString();
    }
    if (part.getContent() instanceof Multipart parts) {
      for (int i = 0; i < parts.getCount(); i++) {
        BodyPart inner = parts.getBodyPart(i);
        String found = content(inner, type);
        if (!found.isEmpty()) {
          return found;
        }
      }
    }
    return "";
  }
}
