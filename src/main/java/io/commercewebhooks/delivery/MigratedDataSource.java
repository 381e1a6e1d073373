package io.commercewebhooks.delivery;

import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.TransactionPooler;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections to a database whose tables are up to date, and between which and us no pooler mixes
 * statements up. The database may be down when the service starts, so that is looked after when it
 * is there: nobody gets a connection before.
 */
class MigratedDataSource extends DelegatingDataSource {

  private static final Logger LOG = LoggerFactory.getLogger(MigratedDataSource.class);

  /** Stands for the SQLSTATE where it isn't the connection that is missing. */
  static final String NO_TABLES = "NO_TABLES";

  /** Likewise where a pooler gives each transaction another connection. */
  static final String POOLER = "POOLER";

  /** The class of SQLSTATE about rights and names. */
  private static final String RIGHTS_AND_NAMES = "42";

  private final boolean migrate;
  private volatile boolean ready;

  MigratedDataSource(DataSource database, boolean migrate) {
    super(database);
    this.migrate = migrate;
  }

  /** Makes the tables now when the database answers, or later when it doesn't. */
  void migrateIfThere() {
    try {
      getConnection().close();
    } catch (SQLException e) {
      LOG.warn("the database target can't be used yet; its deliveries wait: {}", e.getMessage());
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (!ready) {
      prepare();
    }
    return super.getConnection();
  }

  /** An index may take longer to make than any statement of a delivery may. */
  private DataSource unhurried() {
    return new DelegatingDataSource(obtainTargetDataSource()) {
      @Override
      public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        connection.setNetworkTimeout(Runnable::run, 0);
        return connection;
      }
    };
  }

  private synchronized void prepare() throws SQLException {
    if (ready) {
      return;
    }
    refusePooler();
    if (migrate) {
      migrate();
    }
    ready = true;
  }

  private void refusePooler() throws SQLException {
    if (getTargetDataSource() instanceof HikariDataSource pool && pool.getMaximumPoolSize() < 2) {
      return;
    }
    try (Connection one = super.getConnection();
        Connection another = super.getConnection()) {
      if (one.unwrap(PGConnection.class).getPrepareThreshold() != 0
          && TransactionPooler.isBetween(one, another)) {
        throw new SQLTransientConnectionException(
            "a pooler gives each transaction another connection, and mixes statements up", POOLER);
      }
    }
  }

  /** Flyway keeps a history of its own here, apart from the ledger's. */
  private void migrate() throws SQLException {
    try {
      Flyway.configure()
          .dataSource(unhurried())
          .locations("classpath:db/database")
          .table("database_schema_history")
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .load()
          .migrate();
    } catch (FlywayException e) {
      String why = NestedExceptionUtils.getMostSpecificCause(e).getMessage();
      throw new SQLTransientConnectionException("the tables can't be made: " + why, stateOf(e), e);
    }
  }

  /** A database that is away is told from one that refuses the tables. */
  private static String stateOf(FlywayException failure) {
    String state = NO_TABLES;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException said) {
        state = said.getSQLState();
      }
    }
    return state != null && state.startsWith(RIGHTS_AND_NAMES) ? NO_TABLES : state;
  }
}
