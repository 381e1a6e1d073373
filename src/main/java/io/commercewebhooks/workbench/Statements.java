package io.commercewebhooks.workbench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Query;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the database read statements, as it would before it carries one out; none is. */
final class Statements {

  private static final Logger LOG = LoggerFactory.getLogger(Statements.class);

  /** {@code :?rows} of a route, {@code :email} of an erasure. */
  private static final Pattern PARAMETER = Pattern.compile("(?<!:):\\??(?=[A-Za-z])\\w+");

  /** What is wrong in the words of a statement, or is named there and not in the database. */
  private static final String MISWRITTEN = "42";

  /** Of this class, and yet no mistake of who wrote it: a right is missing, a type is open. */
  private static final Set<String> ALL_THE_SAME = Set.of("42501", "42P18");

  /** No unique index is what an {@code on conflict} names, which only a plan shows. */
  private static final String NO_SUCH_INDEX = "42P10";

  private static final Pattern COMMENT = Pattern.compile("(?s)--[^\r\n]*|/\\*.*?\\*/");

  private Statements() {}

  /**
   * Asks the database about one statement.
   *
   * @param answer a column that it must answer with, or null
   * @return whether it answered; one that is away has nothing against any
   * @throws BrokenSetException when it can't be carried out as it is written
   */
  static boolean check(String name, String text, String answer, DataSource database)
      throws BrokenSetException {
    if (text.isBlank()) {
      throw new BrokenSetException(name, 1, 1, "it is empty; write the statement", null);
    }
    // as long as before, so that places stay what they are
    String asked =
        PARAMETER.matcher(text).replaceAll(named -> "?" + " ".repeat(named.group().length() - 1));
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(asked)) {
      refuseSeveral(name, asked, connection);
      int parameters = statement.getParameterMetaData().getParameterCount();
      if (answer != null && !columns(statement).contains(answer)) {
        throw new BrokenSetException(
            name, "it answers no column '" + answer + "'; add it to what it selects", null);
      }
      plan(name, asked, parameters, connection);
      return true;
    } catch (PSQLException e) {
      refuseMiswritten(name, asked, e);
      return e.getServerErrorMessage() != null;
    } catch (SQLException e) {
      LOG.debug("{} can't be asked about", name, e);
      return false;
    }
  }

  /**
   * The driver sends what stands behind a semicolon as a statement of its own: a plan would be made
   * of the first, and the others be carried out.
   */
  private static void refuseSeveral(String name, String asked, Connection connection)
      throws SQLException, BrokenSetException {
    Query[] parts =
        connection
            .unwrap(BaseConnection.class)
            .createQuery(asked, true, true)
            .query
            .getSubqueries();
    for (int i = 1; parts != null && i < parts.length; i++) {
      if (!COMMENT.matcher(parts[i].getNativeSql()).replaceAll("").isBlank()) {
        throw new BrokenSetException(
            name, null, null, "it is more than one statement; write one", null);
      }
    }
  }

  private static Set<String> columns(PreparedStatement statement) throws SQLException {
    Set<String> columns = new HashSet<>();
    ResultSetMetaData answered = statement.getMetaData();
    for (int i = 1; answered != null && i <= answered.getColumnCount(); i++) {
      columns.add(answered.getColumnLabel(i));
    }
    return columns;
  }

  /** A plan is made and thrown away. Whatever has none, such as a call, isn't looked at. */
  private static void plan(String name, String asked, int parameters, Connection connection)
      throws SQLException, BrokenSetException {
    try (PreparedStatement plan = connection.prepareStatement("explain " + asked)) {
      for (int i = 1; i <= parameters; i++) {
        plan.setNull(i, Types.NULL);
      }
      plan.execute();
    } catch (PSQLException e) {
      if (NO_SUCH_INDEX.equals(e.getSQLState())) {
        refuseMiswritten(name, asked, e);
      }
      LOG.debug("{} has no plan", name, e);
    }
  }

  private static void refuseMiswritten(String name, String asked, PSQLException failure)
      throws BrokenSetException {
    String state = String.valueOf(failure.getSQLState());
    ServerErrorMessage said = failure.getServerErrorMessage();
    if (said == null || !state.startsWith(MISWRITTEN) || ALL_THE_SAME.contains(state)) {
      LOG.debug("{} can't be asked about", name, failure);
      return;
    }
    throw BrokenSetException.at(
        name,
        asked,
        Math.max(0, said.getPosition() - 1),
        said.getMessage() + "; mend it, or make in the database what it names",
        failure);
  }
}
