package io.commercewebhooks.delivery;

import com.github.benmanes.caffeine.cache.Ticker;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.StreamProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.eclipse.angus.mail.util.MailStreamProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Sends mails for camel-mail over connections that are kept for the next mail. A connection that
 * the server closed in the meantime, or by which it takes no more mails, is replaced, and the mail
 * goes out on a new one; that neither fails nor can it double, because the server got nothing of
 * the mail.
 */
class PooledMailSender extends DefaultJavaMailSender implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PooledMailSender.class);
  private static final Duration LOOK_FOR_IDLE = Duration.ofSeconds(5);
  private static final int SHORTEST_BEAT = 1_000;

  static {
    // Jakarta Mail looks for it several times a mail; unless it is told, through every jar.
    System.setProperty(StreamProvider.class.getName(), MailStreamProvider.class.getName());
  }

  private final MailSettings settings;
  private final MailLogin login;
  private final ScheduledThreadPoolExecutor writeTimeouts;
  private final Properties smtp;
  private final Session session;
  private final GenericObjectPool<MailConnection> connections;

  PooledMailSender(MailSettings settings) {
    this(settings, Ticker.systemTicker());
  }

  /**
   * @param ticker times the pause after a login that was refused
   */
  PooledMailSender(MailSettings settings, Ticker ticker) {
    this.settings = settings;
    this.login = new MailLogin(settings, ticker);
    this.writeTimeouts = timer(settings.writeTimeout());
    this.smtp = properties(settings);
    this.smtp.put("mail.smtp.executor.writetimeout", writeTimeouts);
    this.session = Session.getInstance(smtp);
    GenericObjectPoolConfig<MailConnection> limits = new GenericObjectPoolConfig<>();
    limits.setMaxTotal(settings.connections().atMost());
    limits.setMaxIdle(settings.connections().atMost());
    limits.setMinEvictableIdleDuration(settings.connections().idle());
    limits.setTimeBetweenEvictionRuns(LOOK_FOR_IDLE);
    limits.setJmxEnabled(false);
    this.connections = new GenericObjectPool<>(new Connecting(), limits);
  }

  /**
   * Ends writes that take too long, on all connections. Jakarta Mail has a timer of its own for
   * each, which wakes its thread at every write, since nothing else would be due before that: a
   * dozen times a mail. This one's next beat always is.
   */
  private static ScheduledThreadPoolExecutor timer(int writeTimeout) {
    CustomizableThreadFactory threads = new CustomizableThreadFactory("mail-write-timeouts-");
    threads.setDaemon(true);
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, threads);
    timer.setRemoveOnCancelPolicy(true);
    int beat = Math.max(SHORTEST_BEAT, writeTimeout / 2);
    timer.scheduleAtFixedRate(() -> {}, beat, beat, TimeUnit.MILLISECONDS);
    return timer;
  }

  private static Properties properties(MailSettings settings) {
    Properties smtp = new Properties();
    smtp.setProperty("mail.smtp.connectiontimeout", "" + settings.connectTimeout());
    smtp.setProperty("mail.smtp.timeout", "" + settings.readTimeout());
    smtp.setProperty("mail.smtp.writetimeout", "" + settings.writeTimeout());
    smtp.setProperty("mail.smtp.sendpartial", "true");
    smtp.setProperty("mail.smtp.quitwait", "false");
    if (!settings.ehlo().isEmpty()) {
      smtp.setProperty("mail.smtp.localhost", settings.ehlo());
    }
    boolean startTls = settings.tls() && !settings.implicitTls();
    smtp.setProperty("mail.smtp.starttls.enable", "" + startTls);
    smtp.setProperty("mail.smtp.starttls.required", "" + startTls);
    smtp.setProperty("mail.smtp.ssl.enable", "" + settings.implicitTls());
    smtp.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    smtp.setProperty("mail.smtp.auth", "" + !settings.username().isEmpty());
    if (settings.oauth2().isSet()) {
      smtp.setProperty("mail.smtp.auth.mechanisms", "XOAUTH2");
    }
    return smtp;
  }

  /** Takes a changed password into use, for connections to come. */
  void usePassword(String newer) {
    login.usePassword(newer);
  }

  /** Takes a changed client secret into use, for access tokens to come. */
  void useClientSecret(String newer) {
    login.useClientSecret(newer);
  }

  @Override
  public Session getSession() {
    return session;
  }

  @Override
  public void send(MimeMessage mail) throws MessagingException {
    complete(mail);
    while (!sent(mail)) {
      // what lay beside a connection that was over will be so as well
      connections.clear();
    }
  }

  /** Under the Message-ID it was given; saving would make another. */
  private static void complete(MimeMessage mail) throws MessagingException {
    if (mail.getSentDate() == null) {
      mail.setSentDate(new Date());
    }
    String id = mail.getMessageID();
    encodeHtmlAsBase64(mail);
    mail.saveChanges();
    if (id != null) {
      mail.setHeader("Message-ID", id);
    }
  }

  /**
   * Left alone, Jakarta Mail encodes what isn't ASCII as quoted-printable, byte by byte, which
   * takes longer than all the rest of a mail; base64 goes by lines.
   */
  private static void encodeHtmlAsBase64(MimeMessage mail) throws MessagingException {
    try {
      if (mail.getContent() instanceof Multipart parts) {
        for (int i = 0; i < parts.getCount(); i++) {
          BodyPart part = parts.getBodyPart(i);
          if (part.isMimeType("text/html")) {
            part.setHeader("Content-Transfer-Encoding", "base64");
          }
        }
      }
    } catch (IOException e) {
      throw new MessagingException("the mail can't be read", e);
    }
  }

  /**
   * @return false when the connection had been over and nothing was sent
   */
  private boolean sent(MimeMessage mail) throws MessagingException {
    MailConnection connection = take();
    boolean usable = false;
    try {
      connection.send(mail);
      usable = true;
    } catch (MessagingException e) {
      if (connection.wasOver()) {
        return false;
      }
      // a refused recipient is no reason to give up a connection
      usable = !connection.isOver();
      throw e;
    } finally {
      giveBack(connection, usable);
    }
    return true;
  }

  private MailConnection take() throws MessagingException {
    try {
      return connections.borrowObject();
    } catch (MessagingException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new MessagingException("no connection to the mail server", e);
    }
  }

  private void giveBack(MailConnection connection, boolean usable) {
    if (usable) {
      connections.returnObject(connection);
      return;
    }
    try {
      connections.invalidateObject(connection);
    } catch (Exception e) {
      throw new IllegalStateException("a connection to the mail server can't be let go", e);
    }
  }

  @Override
  public void close() {
    connections.close();
    writeTimeouts.shutdownNow();
  }

  private final class Connecting extends BasePooledObjectFactory<MailConnection> {

    @Override
    public MailConnection create() throws MessagingException {
      MailConnection connection = new MailConnection(smtp, settings);
      login.by(
          proof -> connection.connect(settings.host(), settings.port(), login.username(), proof));
      return connection;
    }

    @Override
    public PooledObject<MailConnection> wrap(MailConnection connection) {
      return new DefaultPooledObject<>(connection);
    }

    @Override
    public void passivateObject(PooledObject<MailConnection> connection) {
      connection.getObject().keep();
    }

    @Override
    public void destroyObject(PooledObject<MailConnection> connection) {
      try {
        connection.getObject().close();
      } catch (MessagingException e) {
        LOG.debug("a connection to the mail server was gone already", e);
      }
    }
  }
}
