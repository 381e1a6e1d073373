package io.commercewebhooks.sandbox;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Empties tables at which a running service may look at any time. Who looks at two of them in
 * another order than they are emptied in would end in a deadlock, so emptying gives way and tries
 * again, long before the database would end one of the two.
 */
public final class Truncation {

  private Truncation() {}

  /**
   * Empties tables.
   *
   * @param tables as in a {@code truncate} statement
   */
  public static void of(JdbcTemplate database, String tables) {
    TransactionTemplate transaction =
        new TransactionTemplate(new JdbcTransactionManager(database.getDataSource()));
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(DataAccessException.class)
        .until(
            () ->
                transaction.execute(
                    begun -> {
                      database.execute("set local lock_timeout = '200ms'");
                      database.execute("truncate " + tables);
                      return true;
                    }));
  }
}
