package io.commercewebhooks.delivery;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ledger.Booking;
import io.commercewebhooks.ledger.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each rule of config/notifications.yaml as data: a folder named as the rule, with dashes, and in
 * it cases of an event, the mails that routing asks for and the mails that go out in the end, by
 * audience. A folder may have a {@code notifications.yaml} of its own, which is then tested instead
 * of the shipped one.
 */
class NotificationRulesTest {

  private static final Path CASES = Path.of("src/test/resources/notifications");
  private static final Path SHIPPED = Path.of("config/notifications.yaml");
  private static final Path TEMPLATES = Path.of("config/templates");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void every_rule_has_a_case_that_it_changes_and_one_that_it_does_not() throws IOException {
    for (NotificationRule rule : NotificationsFile.read(SHIPPED, TEMPLATES).rules()) {
      Path folder = CASES.resolve(rule.name().replace(' ', '-'));
      assertThat(folder).isDirectory();
      List<Boolean> fits = new ArrayList<>();
      for (Path file : cases(folder)) {
        fits.add(rule.fits(event(JSON.readTree(file.toFile()))));
      }
      assertThat(fits).as(rule.name()).contains(true, false);
    }
  }

  @TestFactory
  Stream<DynamicTest> every_case_comes_out_as_expected() throws IOException {
    return cases(CASES).stream()
        .map(file -> dynamicTest(CASES.relativize(file).toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    Path own = file.resolveSibling("notifications.yaml");
    Notifications notifications =
        new Notifications((Files.exists(own) ? own : SHIPPED).toString(), TEMPLATES.toString());
    JsonNode written = JSON.readTree(file.toFile());
    List<Booking> asked = new ArrayList<>(mails(written.path("asked")));
    asked.add(new Booking("salesforce", "", "{}", null, null));

    List<Booking> booked =
        new MailBookings(notifications, Clock.systemUTC()).apply(event(written), asked);

    assertThat(booked).filteredOn(booking -> booking.target().equals("salesforce")).hasSize(1);
    assertThat(
            booked.stream()
                .filter(booking -> booking.target().equals("email"))
                .collect(toMap(Booking::audience, Booking::parameters)))
        .isEqualTo(
            mails(written.path("expected")).stream()
                .collect(toMap(Booking::audience, Booking::parameters)));
  }

  private static List<Booking> mails(JsonNode byAudience) {
    return byAudience.properties().stream()
        .map(
            mail ->
                new Booking(
                    "email",
                    mail.getKey(),
                    JSON.valueToTree(Map.of("template", mail.getValue().asText())).toString(),
                    null,
                    null))
        .toList();
  }

  private static Event event(JsonNode written) {
    JsonNode event = written.path("event");
    return new Event(
        1,
        "event-1",
        event.path("sender").asText(),
        event.path("type").asText(),
        event.path("status").asText(),
        "kind",
        "key",
        Instant.EPOCH,
        Instant.EPOCH,
        event.path("attributes"),
        null,
        "{}",
        null);
  }

  private static List<Path> cases(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }
}
