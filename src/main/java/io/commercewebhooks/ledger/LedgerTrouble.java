package io.commercewebhooks.ledger;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;

/** Tells trouble of the ledger, which passes, from trouble with one event, which doesn't. */
public final class LedgerTrouble {

  /** Classes of SQLSTATE about what is written: its form, a constraint, a limit of the database. */
  private static final Set<String> OF_THE_EVENT = Set.of("22", "23", "54");

  /**
   * A key that is taken, which no event's id ever is: the ledger gives numbers that it gave before,
   * as one does that was replicated without its sequences.
   */
  private static final String NUMBER_IS_TAKEN = "23505";

  /** Classes of SQLSTATE about rows that others hold: given up waiting, or a deadlock. */
  private static final Set<String> HELD_ROWS = Set.of("55", "40");

  /** Given up waiting for a lock: somebody's row, or the whole table that is being changed. */
  private static final String LOCK_TIMEOUT = "55P03";

  private LedgerTrouble() {}

  /** Whether the ledger does not answer, has no room or no connection, or isn't as it should be. */
  static boolean isOfTheLedger(Throwable failure) {
    if (failure instanceof CallNotPermittedException) {
      return true;
    }
    return failure instanceof DataAccessException
        && (!OF_THE_EVENT.contains(sqlClass(failure)) || sqlState(failure).equals(NUMBER_IS_TAKEN));
  }

  /**
   * Whether events that were written together may fare differently alone: one is not as it must be,
   * or somebody else holds its row. A table that is being changed is the same for all.
   */
  static boolean mayBeOfOneRow(Throwable failure) {
    return !isOfTheLedger(failure)
        || HELD_ROWS.contains(sqlClass(failure))
            && (!sqlState(failure).equals(LOCK_TIMEOUT) || isAtARow(failure));
  }

  /** PostgreSQL says where it waited for a row, and of a table nothing. */
  private static boolean isAtARow(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PSQLException said && said.getServerErrorMessage() != null) {
        return said.getServerErrorMessage().getWhere() != null;
      }
    }
    return false;
  }

  /**
   * What the database or its driver said, and what that comes from. What is around it begins with a
   * statement or says that there is no connection; what is below may be a mere date, of a
   * certificate that has ended.
   *
   * @return empty when it is no failure of a database
   */
  public static Optional<String> said(Throwable failure) {
    SQLException said = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      said = cause instanceof SQLException sql ? sql : said;
    }
    if (said == null) {
      return Optional.empty();
    }
    Throwable below = NestedExceptionUtils.getMostSpecificCause(said);
    String words = String.valueOf(said.getMessage()).lines().findFirst().orElse("");
    String from =
        below.getMessage() == null ? below.getClass().getSimpleName() : below.getMessage();
    return Optional.of(
        below == said || words.contains(from)
            ? words
            : words.replaceFirst("[.]$", "") + ": " + from);
  }

  /** The class of SQLSTATE, its first two letters; empty where the database said nothing. */
  private static String sqlClass(Throwable failure) {
    String state = sqlState(failure);
    return state.substring(0, Math.min(2, state.length()));
  }

  private static String sqlState(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }
}
