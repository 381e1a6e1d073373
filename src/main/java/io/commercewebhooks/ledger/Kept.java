package io.commercewebhooks.ledger;

/** What became of an event that was to be kept. */
enum Kept {
  /** It is in the ledger. */
  NEW,
  /** The ledger had it already. */
  REPEATED,
  /** The ledger is away; the spool has it. */
  SPOOLED
}
