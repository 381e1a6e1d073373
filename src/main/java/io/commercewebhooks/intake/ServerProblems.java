package io.commercewebhooks.intake;

import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * What the server refuses before any of our code is asked (a broken request line, too many headers)
 * gets the same short problem as every refusal, and never a 5xx: it is the caller's fault. Tomcat
 * makes it by its name.
 */
public class ServerProblems extends ErrorReportValve {

  @Override
  protected void report(Request request, Response response, Throwable failure) {
    if (response.getStatus() < HttpStatus.BAD_REQUEST.value()
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    if (isNotSpokenHere(response.getStatus())) {
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

  /** A transfer encoding or a version of HTTP that nobody who means well asks for. */
  private static boolean isNotSpokenHere(int status) {
    return status == HttpStatus.NOT_IMPLEMENTED.value()
        || status == HttpStatus.HTTP_VERSION_NOT_SUPPORTED.value();
  }
}
