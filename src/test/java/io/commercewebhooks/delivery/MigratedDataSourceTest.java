package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class MigratedDataSourceTest {

  private static EmbeddedPostgres server;
  private static JdbcTemplate administrator;

  @BeforeAll
  static void start() throws IOException {
    server = EmbeddedPostgres.start();
    administrator = new JdbcTemplate(server.getPostgresDatabase());
    administrator.execute("create role guest login");
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static String stateOf(DataSource database) {
    MigratedDataSource migrated = new MigratedDataSource(database, true);
    return catchThrowableOfType(SQLException.class, migrated::getConnection).getSQLState();
  }

  @Test
  void a_database_that_refuses_the_tables_is_told_from_one_that_does_not_answer()
      throws IOException, SQLException {
    administrator.execute("create schema shared create table account (key text)");
    EmbeddedPostgres away = EmbeddedPostgres.start();
    DataSource gone = away.getPostgresDatabase();
    away.close();

    assertThat(stateOf(server.getDatabase("guest", "postgres"))).isEqualTo("NO_TABLES");
    assertThat(
            stateOf(server.getDatabase("postgres", "postgres", Map.of("currentSchema", "shared"))))
        .isEqualTo("NO_TABLES");
    assertThat(stateOf(gone)).startsWith("08");
    assertThat(stateOf(server.getDatabase("postgres", "another"))).isEqualTo("3D000");
  }

  @Test
  void
      a_pooler_that_gives_each_transaction_another_connection_is_kept_out_unless_nothing_is_prepared()
          throws SQLException {
    try (Connection shared = server.getPostgresDatabase().getConnection()) {
      DataSource pooled = new SingleConnectionDataSource(shared, true);
      assertThat(stateOf(pooled)).isEqualTo("POOLER");

      shared.unwrap(PGConnection.class).setPrepareThreshold(0);
      new MigratedDataSource(pooled, false).getConnection().close();
    }
  }

  @Test
  void the_tables_are_made_as_soon_as_they_may_be() throws SQLException {
    MigratedDataSource database =
        new MigratedDataSource(server.getDatabase("guest", "postgres"), true);
    catchThrowableOfType(SQLException.class, database::getConnection);
    administrator.execute("grant create on schema public to guest");

    try (Connection connection = database.getConnection()) {
      assertThat(connection.createStatement().executeQuery("select from quote").next()).isFalse();
    } finally {
      administrator.execute("revoke create on schema public from guest");
      administrator.execute("drop owned by guest");
    }
  }
}
