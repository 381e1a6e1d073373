package io.commercewebhooks.sandbox;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.server.ProtocolHandler;
import com.icegreen.greenmail.smtp.SmtpHandler;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.smtp.commands.SmtpCommandRegistry;
import com.icegreen.greenmail.user.UserException;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.util.function.SingletonSupplier;

/**
 * A mail server on the loopback interface that keeps what it receives and shows it on a web page.
 *
 * <p>It speaks real SMTP (GreenMail) on a real port. Tests read the mails by {@link #received()}
 * and {@link #to(String)}; people look at them at {@link #page()}. The server can be told to refuse
 * recipients or contents with a reply of its own, and can go away and come back on the same port.
 * One mail to several recipients is one {@link MailboxMail}.
 */
public final class Mailbox implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1";
  private static final Look NO_LOOK = new Look(new CountDownLatch(0), Duration.ZERO);

  private final Managers managers = new Managers();
  private final RememberingManager manager = new RememberingManager(managers);

  /** Taken apart when they are first looked at; whoever sends doesn't wait for that. */
  private final List<Supplier<MailboxMail>> mails = new CopyOnWriteArrayList<>();

  private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final MailboxPage page;
  private SmtpServer server;
  private int port;
  private final AtomicReference<Look> look = new AtomicReference<>(NO_LOOK);
  private volatile int mailsByConnection = Integer.MAX_VALUE;
  private volatile String senderRefusal;

  private Mailbox(int smtpPort, int pagePort) {
    port = smtpPort;
    start();
    page = new MailboxPage(this, pagePort);
  }

  /**
   * Starts a mailbox.
   *
   * @param smtpPort the port of the mail server, 0 for any free one
   * @param pagePort the port of the web page, 0 for any free one
   * @throws IllegalStateException when a port is taken
   */
  public static Mailbox start(int smtpPort, int pagePort) {
    return new Mailbox(smtpPort, pagePort);
  }

  /** The port of the mail server; it stays the same when the server is stopped and started. */
  public int port() {
    return port;
  }

  /** The address of the web page. */
  public URI page() {
    return page.address();
  }

  /** All mails since the start or the last {@link #clear()}, oldest first. */
  public List<MailboxMail> received() {
    return mails.stream().map(Supplier::get).toList();
  }

  /** How many mails there are. */
  public int count() {
    return mails.size();
  }

  /** The mails whose envelope names this address, oldest first. */
  public List<MailboxMail> to(String address) {
    return received().stream()
        .filter(mail -> mail.recipients().stream().anyMatch(address::equalsIgnoreCase))
        .toList();
  }

  /** How many connections the mail server has accepted since it was made. */
  public int connections() {
    return connections.get();
  }

  /**
   * Lets this user log in. Mails are accepted without a login as well; a wrong one is refused.
   *
   * @throws IllegalArgumentException when there is such a user
   */
  public void addUser(String name, String password) {
    try {
      managers.getUserManager().createUser(name + "@mailbox.invalid", name, password);
    } catch (UserException e) {
      throw new IllegalArgumentException("There is a user " + name, e);
    }
  }

  /** Lets a user log in with this password alone. */
  public void changePassword(String name, String password) {
    managers.getUserManager().getUser(name).setPassword(password);
  }

  /** Forgets all mails; refusals stay. */
  public void clear() {
    mails.clear();
  }

  /**
   * Refuses a recipient from now on.
   *
   * @param address whom to refuse
   * @param reply the reply to RCPT TO, such as {@code 550 5.1.1 No such user}
   */
  public void refuseRecipient(String address, String reply) {
    refusals.add(new Refusal(address::equalsIgnoreCase, requireRefusal(reply), Integer.MAX_VALUE));
  }

  /**
   * Refuses the next recipients, whoever they are.
   *
   * @param times how many
   * @param reply the reply to RCPT TO, such as {@code 450 4.2.1 Try again later}
   */
  public void refuseNextRecipients(int times, String reply) {
    refusals.add(new Refusal(address -> true, requireRefusal(reply), times));
  }

  /**
   * Refuses the contents of the next mails, after their recipients were accepted.
   *
   * @param times how many
   * @param reply the reply after DATA, such as {@code 451 4.3.0 Local trouble}
   */
  public void refuseNextContents(int times, String reply) {
    refusals.add(new Refusal(null, requireRefusal(reply), times));
  }

  /**
   * Takes no more than so many mails by a connection, and leaves it open then.
   *
   * @param mails how many; 0 refuses every sender
   * @param reply the reply to any more MAIL FROM, such as {@code 421 4.7.0 Too many messages}
   */
  public void takeByConnection(int mails, String reply) {
    senderRefusal = requireRefusal(reply);
    mailsByConnection = mails;
  }

  /** Ends every refusal. */
  public void acceptAgain() {
    refusals.clear();
    mailsByConnection = Integer.MAX_VALUE;
  }

  /** Ends every refusal of this recipient. */
  public void acceptAgain(String address) {
    refusals.removeIf(refusal -> refusal.recipient != null && refusal.recipient.test(address));
  }

  /**
   * Looks into the next mail, once it has it, before it says that it takes it; into no other.
   *
   * @param end ends the look, as that time does
   */
  public void lookIntoNext(CountDownLatch end, Duration atMost) {
    look.set(new Look(end, atMost));
  }

  /** Stops the mail server: connections are refused until {@link #start()}. Mails are kept. */
  public synchronized void stop() {
    if (server != null) {
      server.stopService();
      server = null;
    }
  }

  /** Starts the mail server again on its port; does nothing when it runs. */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    SmtpServer starting =
        new RememberingServer(new ServerSetup(port, LOOPBACK, ServerSetup.PROTOCOL_SMTP), managers);
    starting.startService();
    try {
      if (!starting.waitTillRunning(10_000)) {
        throw new IllegalStateException("The mail server can't listen on port " + port);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the mail server was starting", e);
    }
    port = starting.getPort();
    server = starting;
  }

  @Override
  public void close() {
    stop();
    page.close();
  }

  private static String requireRefusal(String reply) {
    if (!reply.matches("[45][0-9]{2} .+")) {
      throw new IllegalArgumentException("Not a refusal of SMTP: " + reply);
    }
    return reply;
  }

  private String refusal(Predicate<Refusal> applies) {
    return refusals.stream()
        .filter(applies)
        .filter(Refusal::use)
        .map(refusal -> refusal.reply)
        .findFirst()
        .orElse(null);
  }

  private final class RememberingServer extends SmtpServer {

    RememberingServer(ServerSetup setup, Managers managers) {
      super(setup, managers);
    }

    @Override
    protected ProtocolHandler createProtocolHandler(Socket socket) {
      connections.incrementAndGet();
      try {
        // Replies of several lines would otherwise wait some 40 ms for the client's
        // acknowledgement.
        socket.setTcpNoDelay(true);
      } catch (SocketException e) {
        throw new UncheckedIOException(e);
      }
      return new SmtpHandler(new SmtpCommandRegistry(), manager, socket);
    }
  }

  private final class RememberingManager extends SmtpManager {

    private final Map<SmtpState, Integer> begun = Collections.synchronizedMap(new WeakHashMap<>());

    RememberingManager(Managers managers) {
      super(managers.getImapHostManager(), managers.getUserManager());
    }

    @Override
    public String checkSender(SmtpState connection, MailAddress sender) {
      return begun.merge(connection, 1, Integer::sum) > mailsByConnection ? senderRefusal : null;
    }

    @Override
    public String checkRecipient(SmtpState state, MailAddress recipient) {
      return refusal(
          refusal -> refusal.recipient != null && refusal.recipient.test(recipient.getEmail()));
    }

    @Override
    public String checkData(SmtpState state) {
      try {
        Look into = look.getAndSet(NO_LOOK);
        into.end().await(into.atMost().toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      String reply = refusal(refusal -> refusal.recipient == null);
      if (reply != null) {
        state.clearMessage();
      }
      return reply;
    }

    @Override
    public synchronized void send(SmtpState state) {
      List<String> recipients =
          state.getMessage().getToAddresses().stream().map(MailAddress::getEmail).toList();
      MimeMessage message = state.getMessage().getMessage();
      int number = numbers.incrementAndGet();
      Instant now = Instant.now();
      mails.add(SingletonSupplier.of(() -> MailboxMail.of(number, now, recipients, message)));
    }
  }

  private record Look(CountDownLatch end, Duration atMost) {}

  /** A reply that waits for its recipient, or for any contents when it names none. */
  private static final class Refusal {

    private final Predicate<String> recipient;
    private final String reply;
    private final AtomicInteger left;

    Refusal(Predicate<String> recipient, String reply, int times) {
      this.recipient = recipient;
      this.reply = reply;
      this.left = new AtomicInteger(times);
    }

    boolean use() {
      return left.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0;
    }
  }
}
