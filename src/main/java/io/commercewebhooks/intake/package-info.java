/**
 * The front door: what Camel can't say about receiving webhooks. Signatures over the raw bytes,
 * strict JSON, redaction before the first write, and the answers to what is refused. No other
 * package knows how a sender proves itself.
 */
package io.commercewebhooks.intake;
