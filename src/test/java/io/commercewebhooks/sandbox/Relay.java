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

/** Stands before a server on this machine and can cut it off, as a broken network would. */
public final class Relay implements AutoCloseable {

  private final InetSocketAddress server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final int port;
  private volatile ServerSocket listener;

  private Relay(int serverPort) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
    listen(0);
    this.port = listener.getLocalPort();
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
    return port;
  }

  /** Ends all connections; new ones are refused. */
  public synchronized void cut() {
    close(listener);
    open.forEach(Relay::close);
    open.clear();
  }

  /** Takes connections again, on the same port. */
  public synchronized void mend() {
    if (listener.isClosed()) {
      try {
        listen(port);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    cut();
  }

  private void listen(int onPort) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort));
    listener = socket;
    start("relay-accept", () -> accept(socket));
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket caller = socket.accept();
        Socket called = new Socket();
        open.add(caller);
        open.add(called);
        called.connect(server);
        if (socket.isClosed()) {
          close(caller);
          close(called);
        }
        start("relay-out", () -> copy(caller, called));
        start("relay-in", () -> copy(called, caller));
      } catch (IOException e) {
        // cut, or the server is gone: the caller sees a closed connection
      }
    }
  }

  private void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
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
