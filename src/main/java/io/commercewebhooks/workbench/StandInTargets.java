package io.commercewebhooks.workbench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;

/**
 * Stands in for every component that reaches outside: it takes any parameters, notes what it is
 * sent, and answers as a target that is well and knows nothing yet. As the beginning of a route it
 * only waits to be given webhooks.
 */
final class StandInTargets extends DefaultComponent {

  /** The exchange property with what was sent: an object of lists, by kind of target. */
  static final String SENT = "commercewebhooks.sent";

  private static final int LONGEST_BODY = 20_000;

  private final String scheme;
  private final Map<String, Processor> doors;
  private final ObjectMapper json;

  /**
   * @param doors gets what routes begin with here, by route id
   */
  StandInTargets(String scheme, Map<String, Processor> doors, ObjectMapper json) {
    this.scheme = scheme;
    this.doors = doors;
    this.json = json;
    // what would be looked for is set by the configurer of the component that this isn't
    setAutowiredEnabled(false);
  }

  @Override
  protected Endpoint createEndpoint(String uri, String path, Map<String, Object> parameters) {
    Map<String, Object> said = new TreeMap<>(parameters);
    parameters.clear();
    return new StandIn(uri, path, said);
  }

  private final class StandIn extends DefaultEndpoint {

    private final String path;
    private final Map<String, Object> said;

    StandIn(String uri, String path, Map<String, Object> said) {
      super(uri, StandInTargets.this);
      this.path = path;
      this.said = said;
    }

    @Override
    public boolean isLenientProperties() {
      return true;
    }

    @Override
    public Consumer createConsumer(Processor processor) {
      return new DefaultConsumer(this, processor) {
        @Override
        protected void doStart() throws Exception {
          super.doStart();
          if (scheme.equals("platform-http")) {
            doors.put(getRouteId(), getProcessor());
          }
        }
      };
    }

    @Override
    public Producer createProducer() {
      return new DefaultProducer(this) {
        @Override
        public void process(Exchange exchange) {
          switch (scheme) {
            case "salesforce" -> salesforce(exchange);
            case "spring-jdbc", "jdbc", "sql" -> database(exchange);
            case "smtp", "smtps" -> mail(exchange);
            default -> other(exchange);
          }
        }
      };
    }

    private void salesforce(Exchange exchange) {
      Message message = exchange.getMessage();
      boolean query = path.startsWith("query");
      String method = query ? "GET" : String.valueOf(said.getOrDefault("rawMethod", path));
      Object address = query ? message.getHeader("sObjectQuery") : message.getHeader("rawPath");
      ObjectNode call = sent(exchange, "salesforce");
      call.put("method", method).put("path", (query ? "query?q=" : "") + address);
      JsonNode body = read(message.getBody(String.class));
      if (query) {
        message.setBody("{\"totalSize\":0,\"done\":true,\"records\":[]}");
      } else {
        call.set("body", body);
        ArrayNode answers = JsonNodeFactory.instance.arrayNode();
        body.path("records").forEach(one -> answers.addObject().put("success", true));
        message.setBody(answers.toString());
      }
    }

    /** The ledger's own database answers as if it had never heard of the object. */
    private void database(Exchange exchange) {
      Message message = exchange.getMessage();
      if (path.equals("dataSource")) {
        message.setBody(Map.of("again", false));
        return;
      }
      ObjectNode call = sent(exchange, "database");
      JsonNode rows = read(message.getHeader("rows", String.class));
      call.put("sql", message.getBody(String.class));
      call.set("rows", rows);
      message.setBody(
          StreamSupport.stream(rows.spliterator(), false)
              .map(row -> Map.of("success", true, "superseded", false))
              .toList());
    }

    private void mail(Exchange exchange) {
      Message message = exchange.getMessage();
      ObjectNode mail = sent(exchange, "mails");
      mail.put("audience", exchange.getVariable("audience", String.class));
      for (String header : List.of("From", "To", "Subject")) {
        mail.put(header.toLowerCase(Locale.ROOT), text(message.getHeader(header)));
      }
      mail.put("text", text(message.getHeader("CamelMailAlternativeBody")));
      mail.put("html", message.getBody(String.class));
    }

    private void other(Exchange exchange) {
      String body = exchange.getMessage().getBody(String.class);
      sent(exchange, "others")
          .put("endpoint", scheme + ":" + path)
          .put(
              "body",
              body != null && body.length() > LONGEST_BODY
                  ? body.substring(0, LONGEST_BODY) + "…"
                  : body);
    }

    private String text(Object value) {
      return value == null ? null : value.toString();
    }

    private ObjectNode sent(Exchange exchange, String kind) {
      return exchange.getProperty(SENT, ObjectNode.class).withArray(kind).addObject();
    }

    private JsonNode read(String text) {
      try {
        return text == null ? JsonNodeFactory.instance.nullNode() : json.readTree(text);
      } catch (JsonProcessingException e) {
        return TextNode.valueOf(text);
      }
    }
  }
}
