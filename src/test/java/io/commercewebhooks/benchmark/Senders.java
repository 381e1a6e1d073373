package io.commercewebhooks.benchmark;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.commercewebhooks.benchmark.Mix.Webhook;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends webhooks over kept connections, each of which waits for its answer before it sends the
 * next: what a plain socket can do, so that the measuring costs little beside what is measured.
 */
final class Senders {

  /**
   * What came of it.
   *
   * @param sentAway how often a webhook was answered with 503 and had to come again
   * @param perSecond acknowledged webhooks per second
   * @param p50 of the time from the first byte sent to the answer
   * @param p99 of the same
   */
  record Acknowledged(int sentAway, double perSecond, Duration p50, Duration p99) {}

  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final long AGAIN_AFTER = Duration.ofMillis(20).toNanos();

  private Senders() {}

  /**
   * Sends all of them, and again those that the service has no room for.
   *
   * @throws IllegalStateException when one is answered with anything but 200 or 503
   */
  static Acknowledged send(int port, int connections, List<Webhook> webhooks) {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger sentAway = new AtomicInteger();
    long[] nanos = new long[webhooks.size()];
    long start = System.nanoTime();
    SideBySide.run(connections, () -> sendInTurn(port, webhooks, next, sentAway, nanos));
    double seconds = (System.nanoTime() - start) / 1e9;
    Arrays.sort(nanos);
    return new Acknowledged(
        sentAway.get(), nanos.length / seconds, share(nanos, 0.5), share(nanos, 0.99));
  }

  /**
   * Sends one until it is answered with 200, however long nobody listens.
   *
   * @throws IllegalStateException when that takes longer than the limit
   */
  static void insist(int port, Webhook webhook, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < end) {
      try (Connection connection = new Connection(port)) {
        if (connection.send(webhook) == OK) {
          return;
        }
      } catch (IOException nobodyListensYet) {
        // Try again.
      }
      LockSupport.parkNanos(AGAIN_AFTER);
    }
    throw new IllegalStateException("no webhook was accepted within " + limit);
  }

  private static Duration share(long[] sorted, double share) {
    return Duration.ofNanos(
        sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))]);
  }

  private static Void sendInTurn(
      int port, List<Webhook> webhooks, AtomicInteger next, AtomicInteger sentAway, long[] nanos)
      throws IOException {
    try (Connection connection = new Connection(port)) {
      for (int i = next.getAndIncrement(); i < webhooks.size(); i = next.getAndIncrement()) {
        long start = System.nanoTime();
        int status = connection.send(webhooks.get(i));
        while (status == UNAVAILABLE) {
          sentAway.incrementAndGet();
          LockSupport.parkNanos(AGAIN_AFTER);
          status = connection.send(webhooks.get(i));
        }
        nanos[i] = System.nanoTime() - start;
        if (status != OK) {
          throw new IllegalStateException("a webhook was answered with " + status);
        }
      }
    }
    return null;
  }

  /** Is kept until the service says that it closes it, and then made anew. */
  private static final class Connection implements AutoCloseable {

    private final int port;
    private Socket socket;
    private InputStream in;

    Connection(int port) {
      this.port = port;
    }

    int send(Webhook webhook) throws IOException {
      if (socket == null) {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
      }
      socket.getOutputStream().write(webhook.request());
      return answer();
    }

    /** Reads one answer to its end. */
    private int answer() throws IOException {
      int status = Integer.parseInt(line().split(" ")[1]);
      int length = 0;
      boolean chunked = false;
      boolean last = false;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring("content-length:".length()).strip());
        } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
          chunked = true;
        } else if (lower.startsWith("connection:") && lower.contains("close")) {
          last = true;
        }
      }
      if (chunked) {
        skipChunks();
      } else {
        in.skipNBytes(length);
      }
      if (last) {
        close();
      }
      return status;
    }

    private void skipChunks() throws IOException {
      int size;
      do {
        size = Integer.parseInt(line().strip(), 16);
        in.skipNBytes(size);
        line();
      } while (size > 0);
    }

    private String line() throws IOException {
      byte[] bytes = new byte[8192];
      int length = 0;
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new EOFException("the service closed the connection");
        }
        bytes[length++] = (byte) b;
      }
      return new String(bytes, 0, Math.max(0, length - 1), ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
      if (socket != null) {
        socket.close();
        socket = null;
      }
    }
  }
}
