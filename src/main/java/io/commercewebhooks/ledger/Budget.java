package io.commercewebhooks.ledger;

import java.time.Duration;

/** What is left of what a target lets us use, such as calls a day. A target may have one. */
public interface Budget {

  /** What may go to the target now. */
  enum Left {
    /** Everything. */
    ENOUGH,
    /** Only what comes in now: the backlog, retries that are late and replays wait. */
    LITTLE,
    /** Nothing: the target is put on hold. */
    NOTHING
  }

  String target();

  Left left();

  /** The usage in words, for operators. */
  String words();

  /** How long a target stays on hold before one delivery is tried, which tells the usage anew. */
  Duration lookAgain();
}
