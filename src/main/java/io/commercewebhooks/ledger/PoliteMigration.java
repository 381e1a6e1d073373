package io.commercewebhooks.ledger;

import io.commercewebhooks.CannotStartException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.core.NestedExceptionUtils;

/**
 * Changes the ledger's tables when nobody else has them in hand. Whoever waits for a table to have
 * it alone keeps out all that come after, webhooks too, behind somebody who may read it for hours,
 * such as a dump. So it waits for less than they would wait, lets them by, and asks again.
 */
class PoliteMigration implements FlywayMigrationStrategy {

  private static final Logger LOG = LoggerFactory.getLogger(PoliteMigration.class);

  /** Shorter than the {@code lock_timeout} of the pool. */
  private static final Duration IN_THE_WAY = Duration.ofSeconds(1);

  private static final Duration LETTING_BY = Duration.ofSeconds(2);

  /** Others have a table for longer, or waited for us while we waited for them. */
  private static final Set<String> IN_USE = Set.of("55P03", "40P01");

  /** The class of SQLSTATE about rights and names. */
  private static final String RIGHTS_AND_NAMES = "42";

  @Override
  public void migrate(Flyway flyway) {
    Configuration settings = flyway.getConfiguration();
    String initSql = settings.getInitSql() == null ? "" : settings.getInitSql() + "\n";
    Flyway polite =
        Flyway.configure(settings.getClassLoader())
            .configuration(settings)
            .initSql(initSql + "set lock_timeout = " + IN_THE_WAY.toMillis())
            .load();
    boolean said = false;
    while (!isDone(polite)) {
      if (!said) {
        LOG.warn(
            "the ledger's tables are to be changed, and somebody has them in hand for long; the"
                + " change is made when nobody has (config/deployment/README.md, Upgrade)");
        said = true;
      }
      letOthersBy();
    }
  }

  private static boolean isDone(Flyway flyway) {
    try {
      flyway.migrate();
      return true;
    } catch (FlywayException e) {
      if (!(NestedExceptionUtils.getMostSpecificCause(e) instanceof SQLException cause)) {
        throw e;
      }
      String state = String.valueOf(cause.getSQLState());
      if (IN_USE.contains(state)) {
        return false;
      }
      throw new CannotStartException(
          "the ledger's tables can't be made or changed: " + cause.getMessage() + advice(state), e);
    }
  }

  private static String advice(String state) {
    return state.startsWith(RIGHTS_AND_NAMES)
        ? "; its user must own them, and a schema of its own where somebody else has such names"
            + " (config/deployment/README.md, PostgreSQL)"
        : "";
  }

  private static void letOthersBy() {
    try {
      Thread.sleep(LETTING_BY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("ended while the ledger's tables were in use", e);
    }
  }
}
