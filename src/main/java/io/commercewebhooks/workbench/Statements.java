package io.commercewebhooks.workbench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;
import javax.sql.DataSource;
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

  private Statements() {}

  /**
   * Asks the database about one statement.
   *
   * @return whether it answered; one that is away has nothing against any
   * @throws BrokenSetException when it can't be carried out as it is written
   */
  static boolean check(String name, String text, DataSource database) throws BrokenSetException {
    if (text.isBlank()) {
      throw new BrokenSetException(name, 1, 1, "it is empty; write the statement", null);
    }
    // as long as before, so that places stay what they are
    String asked =
        PARAMETER.matcher(text).replaceAll(named -> "?" + " ".repeat(named.group().length() - 1));
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(asked)) {
      statement.getParameterMetaData();
      return true;
    } catch (PSQLException e) {
      refuseMiswritten(name, asked, e);
      return e.getServerErrorMessage() != null;
    } catch (SQLException e) {
      LOG.debug("{} can't be asked about", name, e);
      return false;
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
