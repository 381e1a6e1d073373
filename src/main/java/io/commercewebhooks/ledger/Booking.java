package io.commercewebhooks.ledger;

/**
 * A delivery that a routing route asked for.
 *
 * @param target who must hear
 * @param audience which readers, or empty
 * @param parameters JSON object of what routing said about it
 */
record Booking(String target, String audience, String parameters) {}
