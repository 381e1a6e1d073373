/**
 * The durable inbox and the account of every delivery, as a Camel component with two schemes.
 *
 * <p>{@code to: events:<sender>} keeps an event; {@code from: events:<type>} hands out the events
 * of a type to be routed; {@code to: deliveries:<target>} books a delivery of the event in hand;
 * {@code from: deliveries:<target>} hands out due deliveries and settles each by what the route
 * answers.
 *
 * <p>Where is what, each with the classes that it is about:
 *
 * <ul>
 *   <li>the schemes: {@link EventsEndpoint}, {@link DeliveriesEndpoint}, and for what is only tried
 *       out {@link PreviewLedger}
 *   <li>keeping: {@link MappedEvent}, {@link SealedEvent}, {@link GroupCommit}; while the ledger is
 *       away {@link Spool} and {@link Keeping}
 *   <li>delivering: {@link DeliveriesConsumer}, {@link Batches}, {@link Attempts}, {@link
 *       RouteCalls}, {@link Outcome}, {@link Holds}, {@link OrderGuard}; on threads of {@link
 *       Workers}, woken by {@link Signals} and {@link Sweep}
 *   <li>what routing and delivery ask of the database: {@link Ledger}, {@link LedgerTransaction}
 *   <li>what operators ask: {@link LedgerAccount}, {@link Payloads}, {@link EventFinder}, {@link
 *       LastDay}, {@link Balance}, {@link LedgerMetrics}; of what a filter means, {@link
 *       FilteredRows}
 *   <li>what operators do: {@link Replays}, {@link DeadLetters}, {@link Mending}; its account,
 *       {@link Audit}
 *   <li>people's data: {@link PersonalData}, {@link DataProtection}, {@link Erasures}, {@link
 *       Retention}
 *   <li>traces: {@link Traces}
 * </ul>
 *
 * <p>It is one package so that claims, locks and keys stay its own: nobody else can settle a
 * delivery, or has the keys of payloads.
 */
package io.commercewebhooks.ledger;
