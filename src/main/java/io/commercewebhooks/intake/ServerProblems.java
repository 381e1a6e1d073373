package io.commercewebhooks.intake;

import java.io.IOException;
import java.io.Writer;
import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.AbstractProtocol;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * What the server refuses before any of our code is asked (a broken request line, too many headers)
 * gets the same short problem as every refusal, and never a 5xx: it is the caller's fault, unless
 * the service is about to stop. Tomcat makes it by its name.
 */
public class ServerProblems extends ErrorReportValve {

  /** Too slow, or a transfer encoding or version of HTTP that nobody who means well asks for. */
  static final Set<Integer> IS_BAD_REQUEST =
      Set.of(
          HttpStatus.REQUEST_TIMEOUT.value(),
          HttpStatus.NOT_IMPLEMENTED.value(),
          HttpStatus.HTTP_VERSION_NOT_SUPPORTED.value());

  @Override
  protected void report(Request request, Response response, Throwable failure) {
    if (response.getStatus() < HttpStatus.BAD_REQUEST.value()
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    if (isStopping(request)) {
      response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
    } else if (IS_BAD_REQUEST.contains(response.getStatus())) {
      response.setStatus(HttpStatus.BAD_REQUEST.value());
    }
    HttpStatus status = HttpStatus.resolve(response.getStatus());
    try {
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      Writer writer = response.getReporter();
      if (writer != null) {
        writer.write(Refusals.problem(status == null ? HttpStatus.BAD_REQUEST : status));
        response.finishResponse();
      }
    } catch (IOException | IllegalStateException e) {
      // the caller is gone, or has been answered
    }
  }

  /**
   * A server that has begun to stop reads only the first line of a request under way, and then
   * misses the Host in what it hasn't read: its sender would take a 400 for the last word.
   */
  private static boolean isStopping(Request request) {
    return request.getConnector().getProtocolHandler() instanceof AbstractProtocol<?> protocol
        && protocol.isPaused();
  }
}
