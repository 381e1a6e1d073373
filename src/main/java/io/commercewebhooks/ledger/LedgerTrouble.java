package io.commercewebhooks.ledger;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.sql.SQLException;
import java.util.Set;
import org.springframework.dao.DataAccessException;

/** Tells trouble of the ledger, which passes, from trouble with one event, which doesn't. */
final class LedgerTrouble {

  /** Classes of SQLSTATE about what is written: its form, a constraint, a limit of the database. */
  private static final Set<String> OF_THE_EVENT = Set.of("22", "23", "54");

  private LedgerTrouble() {}

  /** Whether the ledger does not answer, has no room or no connection, or isn't as it should be. */
  static boolean isOfTheLedger(Throwable failure) {
    if (failure instanceof CallNotPermittedException) {
      return true;
    }
    if (!(failure instanceof DataAccessException)) {
      return false;
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return !OF_THE_EVENT.contains(state.substring(0, Math.min(2, state.length())));
      }
    }
    return true;
  }
}
