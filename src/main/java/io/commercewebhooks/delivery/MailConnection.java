package io.commercewebhooks.delivery;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/** A connection to the mail server that takes one mail after another. */
class MailConnection extends SMTPTransport {

  private final PromptSocketFactory way;
  private final MailSettings settings;
  private boolean kept;
  private boolean senderTaken;
  private boolean contentBegun;

  MailConnection(Properties smtp, MailSettings settings) {
    this(smtp, settings, new PromptSocketFactory());
  }

  private MailConnection(Properties smtp, MailSettings settings, PromptSocketFactory way) {
    super(session(smtp, way), null);
    this.way = way;
    this.settings = settings;
  }

  private static Session session(Properties smtp, PromptSocketFactory way) {
    Properties ofOne = (Properties) smtp.clone();
    // by its class Jakarta Mail would take getDefault(), which is another factory
    ofOne.put("mail.smtp.socketFactory", way);
    return Session.getInstance(ofOne);
  }

  /** Sends one mail to all its recipients. */
  void send(MimeMessage mail) throws MessagingException {
    senderTaken = false;
    contentBegun = false;
    sendMessage(mail, mail.getAllRecipients());
  }

  /** It stays open for the next mail. */
  void keep() {
    kept = true;
  }

  /**
   * After a failure: whether the server takes no more mails by this connection. It closed it, or
   * refused before it heard of any reader, which it does to every mail: many take so many mails by
   * a connection, and don't close it then.
   */
  boolean isOver() {
    return !senderTaken || !isConnected();
  }

  /**
   * After a failure: whether a connection that was kept for us was over before the server got a
   * word of the mail. Then it can't have taken the mail, and it is no trouble of the mail's.
   */
  boolean wasOver() {
    return kept && !contentBegun && isOver();
  }

  @Override
  protected void mailFrom() throws MessagingException {
    super.mailFrom();
    senderTaken = true;
  }

  @Override
  protected OutputStream data() throws MessagingException {
    OutputStream content = super.data();
    contentBegun = true;
    return content;
  }

  /**
   * The server has the whole mail now, and whoever doesn't wait until it says so sends it again.
   */
  @Override
  protected void finishData() throws IOException, MessagingException {
    way.allow(settings.acceptTimeout());
    try {
      super.finishData();
    } finally {
      way.allow(settings.readTimeout());
    }
  }
}
