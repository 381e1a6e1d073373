package io.commercewebhooks.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Sends bytes as they are, for what no HTTP client would send, and reads until the end. */
final class Wire {

  private static final Pattern STATUS = Pattern.compile("(?:^|(?<=[}\\n]))HTTP/1\\.[01] (\\d{3})");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final int port;

  Wire(int port) {
    this.port = port;
  }

  /** Everything that came back on a connection. */
  record Reply(String text) {

    /** The statuses of all answers, in order. */
    List<Integer> statuses() {
      List<Integer> statuses = new ArrayList<>();
      Matcher status = STATUS.matcher(text);
      while (status.find()) {
        statuses.add(Integer.valueOf(status.group(1)));
      }
      return statuses;
    }

    /** The status of the first answer, 0 when there is none. */
    int status() {
      return statuses().isEmpty() ? 0 : statuses().get(0);
    }

    /** The headers of the first answer, by their names in lower case. */
    Map<String, String> headers() {
      Map<String, String> headers = new TreeMap<>();
      text.split("\r\n\r\n", 2)[0]
          .lines()
          .skip(1)
          .map(line -> line.split(":", 2))
          .forEach(
              line ->
                  headers.merge(
                      line[0].toLowerCase(Locale.ROOT), line[1].strip(), (a, b) -> a + ", " + b));
      return headers;
    }

    /** What follows the headers of the first answer, put together where it came in chunks. */
    String body() {
      String[] parts = text.split("\r\n\r\n", 2);
      if (parts.length < 2) {
        return "";
      }
      return "chunked".equals(headers().get("transfer-encoding")) ? whole(parts[1]) : parts[1];
    }

    private static String whole(String chunks) {
      StringBuilder whole = new StringBuilder();
      String rest = chunks;
      for (int end = rest.indexOf("\r\n"); end > 0; end = rest.indexOf("\r\n")) {
        int length = Integer.parseInt(rest.substring(0, end), 16);
        int next = Math.min(rest.length(), end + 2 + length + 2);
        whole.append(rest, end + 2, Math.min(rest.length(), end + 2 + length));
        rest = rest.substring(next);
      }
      return whole.toString();
    }
  }

  /**
   * Sends a request.
   *
   * @param stall whether the rest of the request never comes: the connection stays open
   * @param dripMillis between the bytes of the body, 0 for all at once
   */
  Reply send(byte[] head, byte[] body, boolean stall, int dripMillis) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      try {
        OutputStream out = socket.getOutputStream();
        out.write(head);
        if (dripMillis == 0) {
          out.write(body);
          out.flush();
        } else {
          drip(socket, body, dripMillis);
        }
        if (!stall) {
          socket.shutdownOutput();
        }
      } catch (IOException closedEarly) {
        // answered before all was sent
      }
      return new Reply(read(socket));
    }
  }

  /** Until all is sent or an answer has come. */
  private static void drip(Socket socket, byte[] body, int millis) throws IOException {
    int[] sent = {0};
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(millis))
        .until(
            () -> {
              if (sent[0] < body.length) {
                socket.getOutputStream().write(body[sent[0]++]);
                socket.getOutputStream().flush();
              }
              return sent[0] == body.length || socket.getInputStream().available() > 0;
            });
  }

  private static String read(Socket socket) {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    try {
      for (int n = socket.getInputStream().read(part);
          n >= 0;
          n = socket.getInputStream().read(part)) {
        reply.write(part, 0, n);
      }
    } catch (IOException cutOff) {
      // what came until then is the reply
    }
    return reply.toString(ISO_8859_1);
  }
}
