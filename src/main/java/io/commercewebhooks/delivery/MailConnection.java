package io.commercewebhooks.delivery;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.OutputStream;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/** A connection to the mail server that takes one mail after another. */
class MailConnection extends SMTPTransport {

  private boolean kept;
  private boolean contentBegun;

  MailConnection(Session session) {
    super(session, null);
  }

  /** Sends one mail to all its recipients. */
  void send(MimeMessage mail) throws MessagingException {
    contentBegun = false;
    sendMessage(mail, mail.getAllRecipients());
  }

  /** It stays open for the next mail. */
  void keep() {
    kept = true;
  }

  /**
   * After a failure: whether the server closed a connection that it had kept open for us, before it
   * got a word of the mail. Then it can't have taken the mail, and it is no trouble of the mail's.
   */
  boolean wasClosedMeanwhile() {
    return kept && !contentBegun && !isConnected();
  }

  @Override
  protected OutputStream data() throws MessagingException {
    OutputStream content = super.data();
    contentBegun = true;
    return content;
  }
}
