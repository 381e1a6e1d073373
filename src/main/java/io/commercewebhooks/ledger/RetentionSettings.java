package io.commercewebhooks.ledger;

import io.commercewebhooks.CannotStartException;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How long things are kept, zero meaning for good; {@code config/application.yaml} has every value
 * and its meaning.
 *
 * @param payload how long the payload of an event is kept
 * @param account how long the rest of an event and of a replay is kept
 * @param types what differs for a type of event
 * @param rejected how long the record of a refused webhook is kept
 * @param audit how long it is kept what operators did
 * @param databaseHistory how long the database target keeps its history of statuses
 * @param batch how many rows go together
 * @param pause how long to rest before the next
 */
@ConfigurationProperties("retention")
public record RetentionSettings(
    Duration payload,
    Duration account,
    Map<String, Type> types,
    Duration rejected,
    Duration audit,
    Duration databaseHistory,
    int batch,
    Duration pause) {

  /** What differs for one type; null where nothing does. */
  public record Type(Duration payload, Duration account) {}

  public RetentionSettings {
    types = types == null ? Map.of() : types;
    // the table itself keeps a year
    if (!audit.isZero() && audit.toDays() < 365) {
      throw new CannotStartException(
          "retention.audit must be 365d or more, or 0d, which keeps it for good");
    }
  }
}
