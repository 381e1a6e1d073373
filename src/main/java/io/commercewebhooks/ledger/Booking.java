package io.commercewebhooks.ledger;

import java.time.Instant;

/**
 * A delivery that a routing route asked for.
 *
 * @param target who must hear
 * @param audience which readers, or empty
 * @param parameters JSON object of what routing said about it
 * @param digest the digest it is collected for, or null when it goes out alone
 * @param due when it is to go out, or null for at once
 */
public record Booking(
    String target, String audience, String parameters, String digest, Instant due) {

  Booking(String target, String audience, String parameters) {
    this(target, audience, parameters, null, null);
  }
}
