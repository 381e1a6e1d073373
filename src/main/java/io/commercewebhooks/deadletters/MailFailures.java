package io.commercewebhooks.deadletters;

import static io.commercewebhooks.deadletters.FailureWords.bothWords;
import static io.commercewebhooks.deadletters.FailureWords.causes;
import static io.commercewebhooks.deadletters.FailureWords.cut;
import static io.commercewebhooks.deadletters.FailureWords.noAnswer;
import static io.commercewebhooks.deadletters.FailureWords.words;

import io.commercewebhooks.ledger.Outcome;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.InternetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

/** Tells failures of mail apart: by SMTP reply code, and by recipient. */
final class MailFailures {

  /** A reply with its enhanced code (RFC 2034). */
  private static final Pattern ENHANCED =
      Pattern.compile("(\\d{3})[ -]([245](?:[.]\\d{1,3}){2})\\b");

  /** A server that doesn't let us in: instead of a greeting, or as its answer to ours. */
  private static final Pattern SENT_AWAY =
      Pattern.compile("(?s)(?:Got bad greeting .* response: )?(5\\d{2}[ -].*)");

  private final FailureSettings.Codes codes;

  MailFailures(FailureSettings.Codes codes) {
    this.codes = codes;
  }

  /**
   * A mail may have reached some of its readers: those are remembered, and the others' refusals
   * decide. One that may pass is tried again before a final one ends the delivery.
   */
  Outcome classify(MessagingException failure) {
    if (failure instanceof AuthenticationFailedException) {
      return login(failure);
    }
    if (failure instanceof NoAccessTokenException) {
      return Outcome.unwell("SMTP_TOKEN", bothWords(failure));
    }
    List<String> accepted = new ArrayList<>();
    List<Outcome> refusals = new ArrayList<>();
    for (Exception e = failure;
        e != null;
        e = e instanceof MessagingException m ? m.getNextException() : null) {
      if (e instanceof SendFailedException sent) {
        accepted.addAll(addresses(sent.getValidSentAddresses()));
      }
      if (e instanceof SMTPAddressFailedException address) {
        refusals.add(ofReader(refusal(address.getReturnCode(), words(e))));
      } else if (e instanceof SMTPSendFailedException send && !isTaken(send)) {
        Outcome refusal = refusal(send.getReturnCode(), words(e));
        refusals.add(
            send.getCommand().startsWith("MAIL FROM")
                ? ofEveryMail(refusal)
                : ofKnownSender(refusal));
      }
    }
    if (refusals.isEmpty()) {
      return beforeAnyMail(failure);
    }
    Outcome decisive =
        refusals.stream()
            .filter(refusal -> refusal.kind() != Outcome.Kind.DEAD)
            .findFirst()
            .orElse(refusals.get(0));
    return accepted.isEmpty() ? decisive : decisive.withAccepted(accepted);
  }

  private static Outcome beforeAnyMail(MessagingException failure) {
    Matcher sentAway = SENT_AWAY.matcher(String.valueOf(failure.getMessage()));
    if (sentAway.matches()) {
      return Outcome.unwell("SMTP_GREETING", cut(sentAway.group(1)));
    }
    return Outcome.unwell(isOfTls(failure) ? "SMTP_TLS" : "SMTP_NO_ANSWER", bothWords(failure));
  }

  /** What comes of a mail that was taken for some, and tells of the others. */
  private static boolean isTaken(SMTPSendFailedException send) {
    return send.getReturnCode() / 100 == 2;
  }

  /** Too many readers, or a full mailbox (RFC 5321, 4.5.3.1.10), where of a mail it is its size. */
  private static Outcome ofReader(Outcome refusal) {
    return refusal.kind() == Outcome.Kind.DEAD && refusal.code().equals("SMTP_552")
        ? Outcome.retry(refusal.code(), refusal.detail())
        : refusal;
  }

  /** A login that failed was not refused where the connection ended, or with a 4: that passes. */
  private Outcome login(MessagingException failure) {
    String said = String.valueOf(failure.getMessage()).strip();
    if (said.equals(FailureWords.END_OF_CONNECTION)
        || causes(failure).stream().anyMatch(FailureWords::isAway)) {
      return noAnswer("SMTP_NO_ANSWER", failure);
    }
    if (said.startsWith("334 ")) {
      return Outcome.hold(Outcome.Hold.LOGIN, "SMTP_LOGIN", cut(decoded(said.substring(4))), null);
    }
    return said.matches("(?s)4[0-9]{2}\\b.*")
        ? ofEveryMail(refusal(Integer.parseInt(said.substring(0, 3)), words(failure)))
        : Outcome.hold(Outcome.Hold.LOGIN, "SMTP_LOGIN", words(failure), null);
  }

  /** What Gmail says of a refused access token, before it says 535: JSON in base64. */
  private static String decoded(String challenge) {
    try {
      return new String(Base64.getDecoder().decode(challenge), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return challenge;
    }
  }

  /** A refusal before the server heard of any reader: it says nothing about this mail. */
  private static Outcome ofEveryMail(Outcome refusal) {
    if (refusal.hold() != null) {
      return refusal;
    }
    String code = refusal.kind() == Outcome.Kind.DEAD ? "SMTP_SENDER" : refusal.code();
    return Outcome.unwell(code, refusal.detail());
  }

  /** Who has taken our readers knows us, and takes no more of us for now. */
  private static Outcome ofKnownSender(Outcome refusal) {
    return refusal.hold() == Outcome.Hold.LOGIN && refusal.code().startsWith("SMTP_4")
        ? Outcome.hold(Outcome.Hold.QUOTA, "SMTP_LIMIT", refusal.detail(), null)
        : refusal;
  }

  private static boolean isOfTls(MessagingException failure) {
    return failure.getMessage() != null && failure.getMessage().contains("STARTTLS is required")
        || causes(failure).stream().anyMatch(SSLException.class::isInstance);
  }

  /**
   * @param reply less than 400 when there came none that says anything
   */
  private Outcome refusal(int reply, String words) {
    if (reply < 400) {
      return Outcome.unwell("SMTP_NO_ANSWER", words);
    }
    Matcher enhanced = ENHANCED.matcher(words);
    if (enhanced.lookingAt()) {
      String both = enhanced.group(1) + " " + enhanced.group(2);
      Outcome listed = codes.outcome(both, "SMTP_" + enhanced.group(2), words);
      if (listed != null) {
        return listed;
      }
    }
    String code = "SMTP_" + reply;
    Outcome listed = codes.outcome("" + reply, code, words);
    if (listed != null) {
      return listed;
    }
    return reply < 500 ? Outcome.retry(code, words) : Outcome.dead(code, words);
  }

  /** As the audience has them: as a header, some would stand in angle brackets. */
  private static List<String> addresses(Address[] addresses) {
    return addresses == null
        ? List.of()
        : Arrays.stream(addresses)
            .map(one -> one instanceof InternetAddress of ? of.getAddress() : one.toString())
            .toList();
  }
}
