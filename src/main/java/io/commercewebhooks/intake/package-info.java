/**
 * The front door: what Camel can't say about receiving webhooks. Signatures over the raw bytes,
 * strict JSON, redaction before the first write, and the answers to what is refused. This is the
 * only package that knows the senders.
 */
package io.commercewebhooks.intake;
