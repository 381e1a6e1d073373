package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server answers where none of our code was asked; the rest is in the hostile suite. */
class ServerProblemsTest {

  @TempDir private Path folder;

  @Test
  void a_request_under_way_while_the_service_begins_to_stop_is_to_be_sent_again() throws Exception {
    Tomcat server = new Tomcat();
    server.setBaseDir(folder.toString());
    server.setConnector(new Connector(new StopsMeanwhile()));
    ((StandardHost) server.getHost()).setErrorReportValveClass(ServerProblems.class.getName());
    server.start();
    try {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://127.0.0.1:%d/".formatted(server.getConnector().getLocalPort())))
              .build();

      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body())
          .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503}");
    } finally {
      server.stop();
      server.destroy();
    }
  }

  /** Goes on when a request begins, and stops before its headers are read. */
  public static final class StopsMeanwhile extends Http11NioProtocol {

    private final AtomicInteger asked = new AtomicInteger();

    StopsMeanwhile() {
      setPort(0);
    }

    @Override
    public boolean isPaused() {
      return asked.getAndIncrement() > 0;
    }
  }
}
