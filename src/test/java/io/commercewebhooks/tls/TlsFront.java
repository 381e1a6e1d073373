package io.commercewebhooks.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/** Speaks TLS before a server of this machine that speaks none, with a certificate to be chosen. */
final class TlsFront implements AutoCloseable {

  private final int serverPort;
  private final boolean smtp;
  private final ServerSocket listener;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile LoopbackCertificate certificate;

  private TlsFront(int serverPort, boolean smtp, LoopbackCertificate certificate) {
    this.serverPort = serverPort;
    this.smtp = smtp;
    this.certificate = certificate;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  /** TLS from the first byte, as for https. */
  static TlsFront before(int serverPort, LoopbackCertificate certificate) {
    return new TlsFront(serverPort, false, certificate);
  }

  /** TLS after STARTTLS, as mail servers do. */
  static TlsFront beforeSmtp(int serverPort, LoopbackCertificate certificate) {
    return new TlsFront(serverPort, true, certificate);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections so far, whatever became of them. */
  int calls() {
    return calls.get();
  }

  void show(LoopbackCertificate other) {
    certificate = other;
  }

  @Override
  public void close() {
    close(listener);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        calls.incrementAndGet();
        start(() -> serve(caller));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void serve(Socket caller) {
    try {
      if (smtp) {
        askForTls(caller);
      }
      SSLSocket secured =
          (SSLSocket)
              certificate.server().getSocketFactory().createSocket(caller, null, port(), true);
      secured.setUseClientMode(false);
      secured.startHandshake();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
      if (smtp) {
        readLine(server.getInputStream());
      }
      start(() -> copy(secured, server));
      copy(server, secured);
    } catch (IOException e) {
      // the caller didn't like the certificate
      close(caller);
    }
  }

  private static void askForTls(Socket caller) throws IOException {
    OutputStream out = caller.getOutputStream();
    InputStream in = caller.getInputStream();
    say(out, "220 relay");
    readLine(in);
    say(out, "250-relay\r\n250 STARTTLS");
    readLine(in);
    say(out, "220 go ahead");
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Byte by byte: what follows the line is TLS. */
  private static void readLine(InputStream in) throws IOException {
    int b;
    do {
      b = in.read();
    } while (b >= 0 && b != '\n');
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // either side has gone
    } finally {
      close(from);
      close(to);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tls-front");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // it is gone, which was the aim
    }
  }
}
