package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;

/** The shape in which routes get events and deliveries: JSON text in the body, and variables. */
final class EventExchange {

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final int AROUND_A_BODY = 1_000;

  private EventExchange() {}

  /** One event, for routing. */
  static Exchange of(Endpoint endpoint, Event event, ObjectMapper json) {
    Exchange exchange = endpoint.createExchange();
    setVariables(exchange, event);
    exchange.getMessage().setBody(write(json, sizeOf(event), out -> write(out, event, null)));
    return exchange;
  }

  /** One delivery, for a target that takes one at a time. */
  static Exchange of(Endpoint endpoint, Delivery delivery, ObjectMapper json) {
    Exchange exchange = endpoint.createExchange();
    setVariables(exchange, delivery.event());
    exchange.setVariable("audience", delivery.audience());
    setVariables(exchange, delivery.parameters());
    if (delivery.progress() != null) {
      exchange.setVariable("accepted", accepted(delivery));
    }
    exchange.setVariable("deliveredBefore", deliveredBefore(delivery));
    exchange
        .getMessage()
        .setBody(
            write(json, sizeOf(delivery.event()), out -> write(out, delivery.event(), delivery)));
    return exchange;
  }

  /** The deliveries of a digest, oldest event first, which together are one for its audience. */
  static Exchange ofDigest(Endpoint endpoint, List<Delivery> collected, ObjectMapper json) {
    List<Delivery> deliveries =
        collected.stream()
            .sorted(
                Comparator.comparing((Delivery d) -> d.event().occurredAt())
                    .thenComparing(d -> d.event().sequence()))
            .toList();
    Exchange exchange = of(endpoint, deliveries, json);
    Delivery first = deliveries.get(0);
    List<String> accepted = new ArrayList<>(accepted(first));
    deliveries.forEach(delivery -> accepted.retainAll(accepted(delivery)));
    exchange.setVariable("accepted", accepted);
    exchange.setVariable("audience", first.audience());
    exchange.setVariable("digest", first.digest());
    exchange.setVariable("deliveredBefore", deliveredBefore(first));
    // the same for the same deliveries, however often they are tried
    LongSummaryStatistics ids = deliveries.stream().mapToLong(Delivery::id).summaryStatistics();
    exchange.setVariable(
        "eventId",
        "%s %d-%d-%d".formatted(first.digest(), ids.getMin(), ids.getMax(), ids.getCount()));
    return exchange;
  }

  /** As text: Spring would write the time for people, without its seconds. */
  private static String deliveredBefore(Delivery delivery) {
    return delivery.deliveredBefore() == null
        ? null
        : delivery.deliveredBefore().toInstant().toString();
  }

  /** What earlier attempts did already. */
  static List<String> accepted(Delivery delivery) {
    List<String> accepted = new ArrayList<>();
    if (delivery.progress() != null) {
      delivery.progress().forEach(part -> accepted.add(part.asText()));
    }
    return accepted;
  }

  /** A batch of deliveries of one type, as a JSON array in the order given. */
  static Exchange of(Endpoint endpoint, List<Delivery> deliveries, ObjectMapper json) {
    Exchange exchange = endpoint.createExchange();
    exchange.setVariable("type", deliveries.get(0).event().type());
    exchange.setVariable("size", deliveries.size());
    exchange
        .getMessage()
        .setBody(
            write(
                json,
                deliveries.stream().mapToInt(d -> sizeOf(d.event())).sum(),
                out -> {
                  out.writeStartArray();
                  for (Delivery d : deliveries) {
                    write(out, d.event(), d);
                  }
                  out.writeEndArray();
                }));
    return exchange;
  }

  private static void setVariables(Exchange exchange, Event event) {
    setVariables(exchange, event.attributes());
    exchange.setVariable("eventId", event.id());
    exchange.setVariable("sender", event.sender());
    exchange.setVariable("type", event.type());
    exchange.setVariable("status", event.status());
    exchange.setVariable("entityKind", event.entityKind());
    exchange.setVariable("entityKey", event.entityKey());
  }

  private static void setVariables(Exchange exchange, JsonNode facts) {
    facts
        .properties()
        .forEach(
            fact -> {
              JsonNode value = fact.getValue();
              if (value.isNumber()) {
                // Simple compares numbers of different kinds as whole numbers, but texts by their
                // value.
                exchange.setVariable(fact.getKey(), value.decimalValue().toPlainString());
              } else if (value.isBoolean()) {
                exchange.setVariable(fact.getKey(), value.booleanValue());
              } else if (value.isTextual()) {
                exchange.setVariable(fact.getKey(), value.textValue());
              }
            });
  }

  private static void write(JsonGenerator out, Event event, Delivery delivery) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", event.id());
    out.writeNumberField("sequence", event.sequence());
    out.writeStringField("sender", event.sender());
    out.writeStringField("type", event.type());
    out.writeStringField("status", event.status());
    out.writeObjectFieldStart("entity");
    out.writeStringField("kind", event.entityKind());
    out.writeStringField("key", event.entityKey());
    out.writeEndObject();
    out.writeStringField("occurredAt", MILLIS.format(event.occurredAt()));
    out.writeStringField("receivedAt", MILLIS.format(event.receivedAt()));
    out.writeObjectField("attributes", event.attributes());
    if (delivery != null) {
      out.writeObjectFieldStart("delivery");
      out.writeStringField("target", delivery.target());
      out.writeNumberField("attempt", delivery.attempts() + 1);
      out.writeObjectField("parameters", delivery.parameters());
      out.writeEndObject();
    }
    out.writeFieldName("body");
    out.writeRawValue(event.body());
    out.writeEndObject();
  }

  private interface Writing {
    void to(JsonGenerator out) throws IOException;
  }

  /** About so many characters: a buffer that has to grow holds it several times. */
  private static int sizeOf(Event event) {
    return event.body().length() + AROUND_A_BODY;
  }

  private static String write(ObjectMapper json, int size, Writing writing) {
    StringWriter text = new StringWriter(size);
    try (JsonGenerator out = json.createGenerator(text)) {
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
