package io.commercewebhooks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A pooler that gives each transaction another connection of the server. It mixes prepared
 * statements up: another one may run than was meant.
 */
public final class TransactionPooler {

  private TransactionPooler() {}

  /**
   * Whether there is one, as far as it shows.
   *
   * @param one between two transactions
   * @param another in a transaction meanwhile
   */
  public static boolean isBetween(Connection one, Connection another) throws SQLException {
    int before = servedBy(one);
    another.setAutoCommit(false);
    return servedBy(another) == before || servedBy(one) != before;
  }

  private static int servedBy(Connection database) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }
}
