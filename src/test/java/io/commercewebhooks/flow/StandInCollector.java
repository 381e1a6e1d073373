package io.commercewebhooks.flow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Takes traces as an OpenTelemetry collector does, by OTLP over HTTP. */
final class StandInCollector {

  private final HttpServer server;
  private final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  private StandInCollector(HttpServer server) {
    this.server = server;
  }

  static StandInCollector start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      StandInCollector collector = new StandInCollector(server);
      server.createContext("/v1/traces", collector::take);
      server.start();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers so from now on, whatever it is sent. */
  void answer(int status) {
    this.status = status;
  }

  private void take(HttpExchange call) throws IOException {
    boolean zipped = "gzip".equals(call.getRequestHeaders().getFirst("Content-Encoding"));
    requests.add(
        ExportTraceServiceRequest.parseFrom(
            zipped ? new GZIPInputStream(call.getRequestBody()) : call.getRequestBody()));
    call.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    call.sendResponseHeaders(status, -1);
    call.close();
  }

  /** All spans of a trace so far. */
  List<Span> spansOf(String traceId) {
    return spans().stream()
        .filter(span -> hex(span.getTraceId().toByteArray()).equals(traceId))
        .toList();
  }

  /** All spans about an event so far. */
  List<Span> spansAbout(String eventId) {
    return spans().stream().filter(span -> eventId.equals(attribute(span, "event.id"))).toList();
  }

  private List<Span> spans() {
    return requests.stream()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** Everything that came, as text. */
  String everything() {
    return requests.toString();
  }

  static String hex(byte[] id) {
    return HexFormat.of().formatHex(id);
  }

  /** An attribute of ours as text, or null. */
  static String attribute(Span span, String name) {
    return span.getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals("commerce.webhooks." + name))
        .map(KeyValue::getValue)
        .map(
            value ->
                value.hasStringValue()
                    ? value.getStringValue()
                    : value.hasIntValue()
                        ? Long.toString(value.getIntValue())
                        : Boolean.toString(value.getBoolValue()))
        .findFirst()
        .orElse(null);
  }
}
