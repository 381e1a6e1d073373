package io.commercewebhooks.delivery;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Who gets what, as {@code config/notifications.yaml} says it now. The file is looked at every few
 * seconds; one with a mistake changes nothing, and the log and health say where the mistake is.
 */
@Component("notifications")
public class Notifications implements HealthIndicator {

  private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

  private final Path written;
  private volatile Path file;
  private final Path templates;
  private volatile NotificationsFile inForce;
  private volatile Instant since = Instant.now();
  private volatile String mistake;
  private String lastSeen;

  /**
   * @throws CannotStartException with file and line when there is a mistake in it
   */
  public Notifications(
      @Value("${mail.notifications}") String file, @Value("${mail.templates}") String templates) {
    this.written = Path.of(file);
    this.file = written;
    this.templates = Path.of(templates);
    this.lastSeen = text();
    this.inForce = NotificationsFile.read(this.file, this.templates);
  }

  NotificationsFile inForce() {
    return inForce;
  }

  /** Takes up a changed file. */
  @Scheduled(fixedDelayString = "${mail.notifications-look-each}")
  synchronized void look() {
    String text = text();
    if (text.equals(lastSeen)) {
      return;
    }
    lastSeen = text;
    try {
      inForce = NotificationsFile.read(file, templates);
      since = Instant.now();
      mistake = null;
      LOG.info("{} has changed and is in force", file);
    } catch (CannotStartException e) {
      mistake = e.getMessage();
      LOG.warn("{}; what it said before stays in force", mistake);
    }
  }

  /**
   * Reads from another file than the one that is written in the settings.
   *
   * @param other null reads from that one again
   */
  public void readFrom(Path other) {
    file = other == null ? written : other;
    look();
  }

  private String text() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  /** A mistake takes nothing out of service: mails go out as before. */
  @Override
  public Health health() {
    Health.Builder health =
        mistake == null ? Health.up() : Health.status("DEGRADED").withDetail("mistake", mistake);
    return health.withDetail("inForceSince", since).build();
  }

  /** The names of all audiences. */
  public Set<String> audiences() {
    return inForce.audiences().keySet();
  }

  /** The language of each audience, by its name. */
  public Map<String, String> languages() {
    return inForce.audiences().values().stream()
        .collect(Collectors.toMap(Audience::name, Audience::language));
  }

  Audience audience(String name) {
    Audience audience = inForce.audiences().get(name);
    if (audience == null) {
      throw new IllegalArgumentException("no audience '%s' in %s".formatted(name, file));
    }
    return audience;
  }

  /** The addresses of an audience, comma separated. */
  public String to(@Variable("audience") String audience) {
    return String.join(", ", audience(audience).to());
  }

  public String language(@Variable("audience") String audience) {
    return audience(audience).language();
  }

  public String timeZone(@Variable("audience") String audience) {
    return audience(audience).timeZone().getId();
  }
}
