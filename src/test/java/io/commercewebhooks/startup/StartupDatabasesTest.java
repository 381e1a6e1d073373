package io.commercewebhooks.startup;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;

class StartupDatabasesTest {

  @Test
  void a_pooler_that_gives_each_transaction_another_connection_is_refused() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        Connection one = connection(postgres);
        Connection another = connection(postgres)) {
      assertThatCode(() -> StartupDatabases.checkPooler(one, another)).doesNotThrowAnyException();

      assertThatThrownBy(() -> StartupDatabases.checkPooler(one, one))
          .isInstanceOf(CannotStartException.class)
          .hasMessageContaining("PgBouncer");
    }
  }

  private static Connection connection(EmbeddedPostgres postgres) throws Exception {
    return DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
  }
}
