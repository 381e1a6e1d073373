package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.StandInCollector.attribute;
import static io.commercewebhooks.flow.StandInCollector.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.Application;
import io.commercewebhooks.sandbox.LocalServers;
import io.commercewebhooks.sandbox.WebhookSender;
import io.commercewebhooks.sandbox.Webhooks;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A service that traces, and what its collector gets. It has servers of its own. */
@SpringBootTest(
    classes = Application.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "ledger.sweep=50ms",
      "ledger.gather=10ms",
      "ledger.targets.salesforce.gather=10ms",
      "ledger.retry.initial-delay=20ms",
      "ledger.retry.max-delay=100ms",
      "ledger.notices.look-each=1h"
    })
@ExtendWith(OutputCaptureExtension.class)
class TracesTest {

  private static final LocalServers SERVERS = LocalServers.start();
  private static final StandInCollector COLLECTOR = StandInCollector.start();
  private static final JdbcTemplate DATABASE = SERVERS.database();
  private static final String OF_THE_SENDER = "00f067aa0ba902b7";
  private static final Set<String> WITHOUT_DELIVERIES = Set.of("receive", "route");

  @LocalServerPort private int port;

  @Value("${tracing.endpoint}")
  private String endpoint;

  @DynamicPropertySource
  static void addresses(DynamicPropertyRegistry properties) {
    // read by OpenTelemetry itself: spans are handed over at once
    System.setProperty("otel.bsp.schedule.delay", "50");
    SERVERS.addTo(properties);
    properties.add("OTEL_EXPORTER_OTLP_ENDPOINT", COLLECTOR::endpoint);
  }

  @AfterEach
  void mend() {
    SERVERS.salesforce().recover();
    COLLECTOR.answer(200);
  }

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(90));
  }

  /** Sends a webhook of an approved quote, and gives the id of its event. */
  private String send(String key, String... traceparents) {
    String webhook = Webhooks.zoomCommerce("quote-status-changed", key, "approved");
    Map<String, String> headers =
        WebhookSender.zoomCommerceHeaders(
            webhook, Instant.now(), WebhookSender.ZOOM_COMMERCE_SECRET);
    for (String traceparent : traceparents) {
      headers.put("traceparent", traceparent);
    }
    WebhookSender sender = new WebhookSender(URI.create("http://127.0.0.1:" + port));
    assertThat(sender.send(WebhookSender.ZOOM_COMMERCE, headers, webhook).statusCode())
        .isEqualTo(200);
    return "zoom-commerce:" + Webhooks.object(webhook).path("event_id").asText();
  }

  /** Waits until the collector has every span of an event, and the log its last line. */
  private static List<Span> awaitDelivered(String eventId) {
    eventually()
        .until(
            () -> {
              List<Span> spans = COLLECTOR.spansAbout(eventId);
              return spans.stream().map(Span::getName).toList().containsAll(WITHOUT_DELIVERIES)
                  && spans.stream()
                          .filter(span -> "delivered".equals(attribute(span, "outcome")))
                          .count()
                      == 3;
            });
    untilNothingWaits();
    return COLLECTOR.spansAbout(eventId);
  }

  private static void untilNothingWaits() {
    eventually()
        .until(
            () ->
                DATABASE.queryForObject(
                        "select count(*) from delivery where state = 'waiting'", Long.class)
                    == 0);
  }

  private static Span named(List<Span> spans, String name) {
    List<Span> found = spans.stream().filter(span -> span.getName().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.get(0);
  }

  @Test
  void one_trace_leads_from_the_senders_span_to_each_target() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    // the sender does not take its trace; that says nothing about ours
    String id = send("Q-1", "00-" + trace + "-" + OF_THE_SENDER + "-00");

    List<Span> spans = awaitDelivered(id);
    assertThat(COLLECTOR.spansOf(trace)).hasSameSizeAs(spans);
    assertThat(spans)
        .extracting(Span::getName)
        .containsExactlyInAnyOrder(
            "receive", "route", "deliver salesforce", "deliver database", "deliver email");
    Span receive = named(spans, "receive");
    assertThat(hex(receive.getParentSpanId().toByteArray())).isEqualTo(OF_THE_SENDER);
    assertThat(receive.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(attribute(receive, "sender")).isEqualTo("zoom-commerce");
    assertThat(attribute(receive, "repeated")).isEqualTo("false");
    assertThat(attribute(named(spans, "route"), "outcome")).isEqualTo("routed");
    Span email = named(spans, "deliver email");
    assertThat(attribute(email, "target")).isEqualTo("email");
    assertThat(attribute(email, "event.type")).isEqualTo("quote-status-changed");
    assertThat(attribute(email, "attempt")).isEqualTo("1");
    assertThat(email.getStartTimeUnixNano())
        .isBetween(receive.getStartTimeUnixNano(), email.getEndTimeUnixNano());
    assertThat(spans)
        .filteredOn(span -> span != receive)
        .allMatch(span -> span.getParentSpanId().equals(receive.getSpanId()));
  }

  @Test
  void an_attempt_that_failed_is_a_span_of_the_same_trace_with_its_cause() {
    SERVERS.salesforce().failNextRecords(1, sent -> true, "UNABLE_TO_LOCK_ROW", "Kim Anderson");

    List<Span> spans = awaitDelivered(send("Q-2"));

    List<Span> attempts =
        spans.stream().filter(span -> span.getName().equals("deliver salesforce")).toList();
    assertThat(attempts)
        .extracting(span -> attribute(span, "outcome"))
        .containsExactly("retry", "delivered");
    assertThat(attempts).extracting(span -> attribute(span, "attempt")).containsExactly("1", "2");
    assertThat(attribute(attempts.get(0), "cause")).isEqualTo("UNABLE_TO_LOCK_ROW");
    assertThat(attempts)
        .extracting(span -> span.getStatus().getCode())
        .containsExactly(StatusCode.STATUS_CODE_ERROR, StatusCode.STATUS_CODE_UNSET);
    assertThat(spans).extracting(Span::getTraceId).containsOnly(spans.get(0).getTraceId());
    assertThat(COLLECTOR.everything()).doesNotContain("Anderson");
  }

  static Stream<String> hostile() {
    String trace = "11111111111111111111111111111111";
    return Stream.of(
        "",
        "00-" + "0".repeat(32) + "-" + OF_THE_SENDER + "-01",
        "00-" + trace + "-" + "0".repeat(16) + "-01",
        "01-" + trace + "-" + OF_THE_SENDER + "-01",
        "00-" + trace + "-" + OF_THE_SENDER + "-01-more",
        "00-" + trace.replace('1', 'A') + "-" + OF_THE_SENDER + "-01",
        "00-" + trace + "-" + OF_THE_SENDER + "-zz",
        "${bean:java.lang.Runtime} {{LEDGER_PASSWORD}} '; drop table event; --",
        "1".repeat(4000));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void a_traceparent_that_is_none_is_ignored(String traceparent) {
    List<Span> spans = awaitDelivered(send("Q-" + UUID.randomUUID(), traceparent));

    Span receive = named(spans, "receive");
    assertThat(receive.getParentSpanId().isEmpty()).isTrue();
    assertThat(hex(receive.getTraceId().toByteArray())).doesNotContain("1111111", "aaaaaaa");
    if (!traceparent.isEmpty()) {
      assertThat(COLLECTOR.everything()).doesNotContain(traceparent);
    }
  }

  @Test
  void spans_hold_nothing_of_a_payload() {
    String body = Webhooks.file("oracle-commerce/quote-request-seed.json");
    WebhookSender sender = new WebhookSender(URI.create("http://127.0.0.1:" + port));
    sender.quoteRequest(body);
    send("Q-of-nobody-else");

    untilNothingWaits();
    awaitDelivered(
        DATABASE.queryForObject(
            "select id from event where type = 'quote-requested' order by sequence desc limit 1",
            String.class));

    assertThat(COLLECTOR.everything())
        .contains("commerce-webhooks", "quote-requested")
        .doesNotContain(
            "Anderson",
            "kim@example.com",
            "Product_18Cxi",
            "Q-of-nobody-else",
            WebhookSender.ZOOM_COMMERCE_SECRET,
            "traceparent");
  }

  @Test
  void lines_of_the_log_have_the_id_of_their_trace(CapturedOutput output) {
    String trace = "5bf92f3577b34da6a3ce929d0e0e4736";

    String traced = send("Q-4", "00-" + trace + "-" + OF_THE_SENDER + "-01");
    awaitDelivered(traced);
    String other = send("Q-5");
    awaitDelivered(other);

    List<String> lines = output.getAll().lines().filter(line -> line.contains(traced)).toList();
    assertThat(lines).hasSizeGreaterThan(4).allMatch(line -> line.contains(" " + trace + " "));
    assertThat(output.getAll().lines().filter(line -> line.contains(other)))
        .hasSizeGreaterThan(4)
        .noneMatch(line -> line.contains(trace));
  }

  @Test
  void that_the_collector_takes_no_traces_is_one_line_of_the_log_and_that_it_does_again_is_another(
      CapturedOutput output) {
    COLLECTOR.answer(400);
    awaitDelivered(send("Q-refused-1"));
    awaitDelivered(send("Q-refused-2"));
    eventually().until(() -> output.getAll().contains("traces: the collector takes none"));

    COLLECTOR.answer(200);
    awaitDelivered(send("Q-taken"));
    eventually().until(() -> output.getAll().contains("traces: the collector takes them again"));

    assertThat(output.getAll().lines().filter(line -> line.contains("the collector takes")))
        .hasSize(2);
    assertThat(output.getAll()).doesNotContain("Failed to export", "\tat io.opentelemetry");
  }

  @Test
  void the_collector_is_named_by_the_variable_of_opentelemetry() {
    assertThat(endpoint).isEqualTo(COLLECTOR.endpoint());
  }
}
