package io.commercewebhooks.startup;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.TransactionPooler;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/** Looks whether the ledger can be used, and the database target is written as one can be. */
final class StartupDatabases {

  private static final String WHICH_SERVER =
      "spring.datasource.hikari.data-source-properties.targetServerType";

  private static final String DATABASE = "DATABASE_URL";

  /** Who says this in LEDGER_URL has statements prepared by nobody. */
  private static final String NOTHING_PREPARED = "prepareThreshold=0";

  /** Encodings of a database that holds all of Unicode; the second takes what it is given. */
  private static final Set<String> OF_ALL_TEXTS = Set.of("UTF8", "SQL_ASCII");

  private StartupDatabases() {}

  static void check(Environment environment) {
    checkDatabase(environment);
    checkLedger(environment);
  }

  private static void checkDatabase(Environment environment) {
    String url = environment.getProperty(DATABASE);
    if (url == null) {
      return;
    }
    try {
      checkOptions(DATABASE, url);
    } catch (SQLException e) {
      throw new CannotStartException(
          "%s is not written like jdbc:postgresql://db.example.com/name; without it the database is the ledger's"
              .formatted(DATABASE),
          e);
    }
  }

  private static void checkLedger(Environment environment) {
    String url = environment.getRequiredProperty("LEDGER_URL");
    Properties login = new Properties();
    login.setProperty("user", environment.getProperty("LEDGER_USERNAME", ""));
    login.setProperty("password", environment.getProperty("LEDGER_PASSWORD", ""));
    login.setProperty("loginTimeout", "5");
    login.setProperty("connectTimeout", "5");
    login.setProperty("targetServerType", environment.getRequiredProperty(WHICH_SERVER));
    try (Connection connection = DriverManager.getConnection(url, login)) {
      checkOptions("LEDGER_URL", url);
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < 15) {
        throw new CannotStartException(
            "the ledger at LEDGER_URL is PostgreSQL " + version + ", 15 or newer is needed");
      }
      checkEncoding(connection);
      if (!url.contains(NOTHING_PREPARED)) {
        try (Connection another = DriverManager.getConnection(url, login)) {
          checkPooler(connection, another);
        }
      }
    } catch (SQLException e) {
      throw new CannotStartException(
          "the ledger at LEDGER_URL (%s) can't be used: %s"
              .formatted(withoutSecrets(url), withoutSecrets(words(e))),
          e);
    }
  }

  /** The driver says only below why there is no connection, and there also what we may not show. */
  private static String words(SQLException e) {
    return NestedExceptionUtils.getMostSpecificCause(e) instanceof UnknownHostException
        ? e.getMessage() + " There is no such host."
        : e.getMessage();
  }

  /** Senders write in any language: of some encodings a webhook would be refused at each try. */
  private static void checkEncoding(Connection ledger) throws SQLException {
    try (Statement statement = ledger.createStatement();
        ResultSet row = statement.executeQuery("show server_encoding")) {
      row.next();
      String encoding = row.getString(1);
      if (!OF_ALL_TEXTS.contains(encoding)) {
        throw new CannotStartException(
            "the ledger at LEDGER_URL is encoded as %s, UTF8 is needed".formatted(encoding));
      }
    }
  }

  /**
   * Refuses what mixes prepared statements up.
   *
   * @param one between two transactions
   * @param another in a transaction meanwhile
   */
  static void checkPooler(Connection one, Connection another) throws SQLException {
    if (TransactionPooler.isBetween(one, another)) {
      throw new CannotStartException(
          "LEDGER_URL leads to a pooler that gives each transaction another connection, such as"
              + " PgBouncer in transaction mode: let it pool sessions, or name PostgreSQL itself");
    }
  }

  /** A login may stand before the host, as libraries of other languages have it, or behind a ?. */
  private static String withoutSecrets(String url) {
    return url.replaceAll("//[^/\\s]*@", "//").replaceAll("\\?\\S*", "");
  }

  /** What the driver doesn't know it passes over: encryption that was asked for, too. */
  private static void checkOptions(String name, String url) throws SQLException {
    Set<String> known =
        Stream.of(DriverManager.getDriver(url).getPropertyInfo(url, new Properties()))
            .map(option -> option.name)
            .collect(Collectors.toSet());
    Stream.of(url.replaceFirst("^[^?]*\\??", "").split("&"))
        .map(option -> option.replaceFirst("=.*", ""))
        .filter(option -> !option.isEmpty())
        .forEach(
            option ->
                StartupCheck.refuseUnknown(
                    name + " has an option that PostgreSQL's driver doesn't know:", option, known));
  }
}
