/**
 * The durable inbox and the account of every delivery, as a Camel component with two schemes.
 *
 * <p>{@code to: events:<sender>} keeps an event; {@code from: events:<type>} hands out the events
 * of a type to be routed; {@code to: deliveries:<target>} books a delivery of the event in hand;
 * {@code from: deliveries:<target>} hands out due deliveries and settles each by what the route
 * answers. What routing and delivery ask of the database is in {@link
 * io.commercewebhooks.ledger.Ledger}, what operators ask in {@link
 * io.commercewebhooks.ledger.LedgerAccount}. What comes while the ledger is away may wait in the
 * {@link io.commercewebhooks.ledger.Spool}.
 */
package io.commercewebhooks.ledger;
