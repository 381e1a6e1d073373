package io.commercewebhooks.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.intake.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * Writes mails with the shipped route, mappings and templates, and sends none. The events are the
 * cases of the mappings, {@code src/test/resources/mappings/<type>-to-email/<case>.input.json}; a
 * case that needs to know more than the event says so in {@code <case>.context.json}.
 */
public final class Letters implements AutoCloseable {

  private static final Path TEMPLATES = Path.of("config/templates");
  private static final Path CASES = Path.of("src/test/resources/mappings");
  private static final String MAPPING = "-to-email";
  private static final String INPUT = ".input.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A place where each language is spoken; others are read in UTC. */
  private static final Map<String, String> ZONES =
      Map.of("en", "America/New_York", "de", "Europe/Berlin");

  /** The links as an installation would set them. */
  private static final Map<String, String> LINKS =
      Map.of(
          "mail.links.salesforce", "https://example.my.salesforce.com/lightning/r/{id}/view",
          "mail.links.console", "https://commerce.example.com/api/events/{id}",
          "mail.links.operators", "https://commerce.example.com/console",
          "mail.links.zoom-commerce", "https://zoom.example.com/partner",
          "mail.links.oracle-commerce", "https://shop.example.com/agent");

  /** What the ledger knows where a case says nothing else. */
  static final JsonNode KNOWN =
      JSON.createObjectNode().put("record", "a0X5g000001AbCdEAK").put("again", false);

  private final DefaultCamelContext camel = new DefaultCamelContext();

  /**
   * An event about which a mail is written.
   *
   * @param type of the event
   * @param name of the case
   */
  public record Case(String type, String name) {

    /** What routing said of the mail: {@code template} or {@code audience}. */
    public String booked(String parameter) {
      return event().at("/delivery/parameters/" + parameter).asText();
    }

    /** The event as a delivery gets it. */
    public JsonNode event() {
      return read(file(INPUT));
    }

    private JsonNode soFar() {
      Path file = file(".context.json");
      return Files.exists(file) ? read(file).at("/variables/soFar") : KNOWN;
    }

    private Path file(String suffix) {
      return CASES.resolve(type + MAPPING).resolve(name + suffix);
    }

    @Override
    public String toString() {
      return type + "/" + name;
    }
  }

  /** A written mail. */
  public record Letter(String subject, String text, String html) {}

  private Letters(Map<String, String> links) {
    try {
      camel.getRegistry().bind("strictJson", StrictJson.mapper());
      camel
          .getRegistry()
          .bind("mailTemplates", new EmailConfiguration().mailTemplates(TEMPLATES.toString()));
      Properties settings = new Properties();
      settings.putAll(links);
      camel.getPropertiesComponent().setInitialProperties(settings);
      PluginHelper.getRoutesLoader(camel)
          .loadRoutes(
              ResourceHelper.resolveResource(
                  camel, "file:routes/delivery/email-letter.camel.yaml"));
      camel.start();
    } catch (Exception e) {
      throw new IllegalStateException("The shipped route of letters can't be started", e);
    }
  }

  /** Letters with every link. */
  public static Letters start() {
    return new Letters(LINKS);
  }

  /** Letters of an installation that sets no link. */
  public static Letters withoutLinks() {
    return new Letters(
        Map.of("mail.links.salesforce", "", "mail.links.console", "", "mail.links.operators", ""));
  }

  @Override
  public void close() {
    camel.stop();
  }

  /** The languages that mails are written in, English first. */
  public static List<String> languages() {
    return names(TEMPLATES)
        .filter(name -> Files.isDirectory(TEMPLATES.resolve(name)))
        .sorted((one, other) -> one.equals("en") ? -1 : other.equals("en") ? 1 : 0)
        .toList();
  }

  /** Every case, by its mail and its name. */
  public static List<Case> cases() {
    return names(CASES)
        .filter(folder -> folder.endsWith(MAPPING))
        .map(folder -> folder.substring(0, folder.length() - MAPPING.length()))
        .flatMap(
            type ->
                names(CASES.resolve(type + MAPPING))
                    .filter(file -> file.endsWith(INPUT))
                    .map(file -> new Case(type, file.substring(0, file.length() - INPUT.length()))))
        .sorted((one, other) -> sortKey(one).compareTo(sortKey(other)))
        .toList();
  }

  private static String sortKey(Case one) {
    return one.booked("template") + " " + one.name();
  }

  /**
   * Writes the mail of a case.
   *
   * @throws IllegalStateException when a mapping or template fails
   */
  public Letter write(Case one, String language) {
    return write(one.event(), one.soFar(), language);
  }

  /** Writes the mail about an event. */
  Letter write(JsonNode event, JsonNode soFar, String language) {
    Exchange written =
        camel
            .createProducerTemplate()
            .request(
                "direct:delivery-email-letter",
                exchange -> {
                  exchange.getMessage().setBody(event.toString());
                  for (String name : List.of("type", "sender", "status")) {
                    exchange.setVariable(name, event.path(name).asText());
                  }
                  event
                      .at("/delivery/parameters")
                      .properties()
                      .forEach(
                          said -> exchange.setVariable(said.getKey(), said.getValue().asText()));
                  exchange.setVariable("language", language);
                  exchange.setVariable("timeZone", ZONES.getOrDefault(language, "UTC"));
                  if (event.has("entity")) {
                    exchange.setVariable("soFar", JSON.convertValue(soFar, Map.class));
                  }
                });
    if (written.getException() != null) {
      throw new IllegalStateException(event.toString(), written.getException());
    }
    return new Letter(
        written.getVariable("subject", String.class),
        written.getVariable("text", String.class),
        written.getMessage().getBody(String.class));
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
