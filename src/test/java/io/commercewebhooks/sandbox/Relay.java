package io.commercewebhooks.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before a server on this machine and can cut it off, as a broken network would, or hold up
 * what is said, as a server would that hangs.
 */
public final class Relay implements AutoCloseable {

  private static final int PART = 16_384;

  private final InetSocketAddress server;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
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
  public void cut() {
    cut = true;
    open.forEach(Relay::close);
    open.clear();
  }

  /** Lets connections through again, and passes on what was held up. */
  public void mend() {
    cut = false;
    heldUp(false);
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
        Socket called = new Socket();
        open.add(caller);
        open.add(called);
        called.connect(server);
        // what comes in several pieces would otherwise wait some 40 ms for an acknowledgement
        caller.setTcpNoDelay(true);
        called.setTcpNoDelay(true);
        if (cut) {
          close(caller);
          close(called);
        } else {
          start("relay-out", () -> copy(caller, called));
          start("relay-in", () -> copy(called, caller));
        }
      } catch (IOException e) {
        // the server is gone: the caller sees a closed connection
      }
    }
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
      open.remove(from);
      open.remove(to);
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
