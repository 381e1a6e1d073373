package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/**
 * Stands before a server on this machine and can cut it off, as a broken network would, or hold up
 * what is said, as a server would that hangs.
 */
public final class Relay implements AutoCloseable {

  private static final int PART = 16_384;

  private final InetSocketAddress server;
  private final ServerSocket listener;
  private final Set<Socket> open = new HashSet<>();
  private boolean cut;
  private boolean heldUp;

  private Relay(int serverPort) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("relay-accept", this::accept);
  }

  /** Starts before a server, on any free port. */
  public static Relay before(int serverPort) {
    try {
      return new Relay(serverPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Ends all connections; new ones are ended as soon as they are made. */
  public synchronized void cut() {
    cut = true;
    open.forEach(Relay::close);
    open.clear();
  }

  /**
   * Lets connections through again, and passes on what was held up.
   *
   * @return whether it was cut
   */
  public synchronized boolean mend() {
    boolean wasCut = cut;
    cut = false;
    heldUp(false);
    return wasCut;
  }

  /** Passes nothing on until {@link #mend}; connections stay open, and new ones are made. */
  public void holdUp() {
    heldUp(true);
  }

  private synchronized void heldUp(boolean held) {
    heldUp = held;
    notifyAll();
  }

  private synchronized void awaitPassage() throws IOException {
    try {
      while (heldUp && !listener.isClosed()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    cut();
    close(listener);
    heldUp(false);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        connect(caller);
      } catch (IOException e) {
        // this relay is closed
      }
    }
  }

  private void connect(Socket caller) {
    Socket called = new Socket();
    try {
      called.connect(server);
      // what comes in several pieces would otherwise wait some 40 ms for an acknowledgement
      caller.setTcpNoDelay(true);
      called.setTcpNoDelay(true);
      if (isLetThrough(caller, called)) {
        start("relay-out", () -> copy(caller, called));
        start("relay-in", () -> copy(called, caller));
        return;
      }
    } catch (IOException e) {
      // the server is gone
    }
    close(caller);
    close(called);
  }

  /** Whoever cuts meanwhile finds both ends of a connection or is found to have cut. */
  private synchronized boolean isLetThrough(Socket caller, Socket called) {
    return !cut && open.addAll(Set.of(caller, called));
  }

  private synchronized void forget(Socket one, Socket other) {
    open.remove(one);
    open.remove(other);
  }

  private void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      byte[] part = new byte[PART];
      for (int length = in.read(part); length >= 0; length = in.read(part)) {
        awaitPassage();
        out.write(part, 0, length);
      }
    } catch (IOException e) {
      // either side has gone
    } finally {
      close(from);
      close(to);
      forget(from, to);
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
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
