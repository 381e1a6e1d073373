package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.OffsetDateTime;

/**
 * One event to one target, as claimed for an attempt.
 *
 * @param id the ledger's number of the delivery
 * @param event what to tell the target
 * @param target who must hear
 * @param audience which readers, where a target has several; else empty
 * @param parameters JSON object of what routing said about this delivery
 * @param attempts how many attempts there were before this one
 * @param failures how many of them count against the retry clock
 * @param progress what earlier attempts did already, or null
 * @param digest the digest it is collected for, or null when it goes out alone
 * @param deliveredBefore when the target got it, where it is made once more on demand; else null
 */
public record Delivery(
    long id,
    Event event,
    String target,
    String audience,
    JsonNode parameters,
    int attempts,
    int failures,
    JsonNode progress,
    String digest,
    OffsetDateTime deliveredBefore) {}
