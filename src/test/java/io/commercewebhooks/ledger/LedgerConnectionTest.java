package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.sandbox.Relay;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;

class LedgerConnectionTest {

  @RegisterExtension static final LedgerTables TABLES = new LedgerTables();

  /** The pool takes for good what was used within half a second. */
  private static final Duration NOT_USED_LATELY = Duration.ofMillis(600);

  @Test
  void a_database_that_ends_transactions_which_wait_leaves_those_of_the_ledger_alone()
      throws IOException {
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    asAdministrator.execute("alter database postgres set idle_in_transaction_session_timeout = 1");
    try (HikariDataSource ledger = new HikariDataSource()) {
      ledger.setJdbcUrl(TABLES.url());
      ledger.setConnectionInitSql(setting("spring.datasource.hikari.connection-init-sql"));
      JdbcTemplate statements = new JdbcTemplate(ledger);

      assertThat(
              statements.queryForObject("show idle_in_transaction_session_timeout", String.class))
          .isEqualTo("0");
      assertThat(statements.queryForObject("show lock_timeout", String.class)).isEqualTo("2s");
    }
  }

  @Test
  void why_a_connection_broke_is_told_and_not_that_it_is_closed_since() {
    try (HikariDataSource connections = new HikariDataSource()) {
      connections.setJdbcUrl(TABLES.url());
      Ledger ledger = new Ledger(connections, null, null, null, null, null, null);

      assertThatThrownBy(
              () ->
                  ledger.inTransaction(
                      working ->
                          working.jdbc.queryForList(
                              "select pg_terminate_backend(pg_backend_pid())")))
          .rootCause()
          .hasMessageContaining("terminating connection due to");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spring.datasource.hikari.", "database.pool."})
  void what_is_usual_in_a_database_weakens_neither_its_commits_nor_what_a_claim_sees(String pool)
      throws IOException {
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    asAdministrator.execute("create role hasty superuser login");
    asAdministrator.execute("alter role hasty set synchronous_commit = off");
    asAdministrator.execute("alter role hasty set default_transaction_isolation = 'serializable'");
    try (HikariDataSource connections = new HikariDataSource()) {
      connections.setJdbcUrl(TABLES.url().replace("user=postgres", "user=hasty"));
      connections.setConnectionInitSql(setting(pool + "connection-init-sql"));
      JdbcTemplate statements = new JdbcTemplate(connections);

      assertThat(statements.queryForObject("show synchronous_commit", String.class))
          .isEqualTo("on");
      assertThat(statements.queryForObject("show transaction_isolation", String.class))
          .isEqualTo("read committed");
    } finally {
      asAdministrator.execute("drop role hasty");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spring.datasource.hikari., commerce-webhooks",
    "database.pool., commerce-webhooks-database"
  })
  void who_runs_the_database_sees_whose_connections_these_are(String pool, String name)
      throws IOException {
    try (HikariDataSource connections = new HikariDataSource()) {
      connections.setJdbcUrl(TABLES.url());
      connections.addDataSourceProperty(
          "ApplicationName", setting(pool + "data-source-properties.ApplicationName"));

      assertThat(
              new JdbcTemplate(connections)
                  .queryForObject(
                      "select application_name from pg_stat_activity where pid = pg_backend_pid()",
                      String.class))
          .isEqualTo(name);
    }
  }

  @Test
  void what_commits_wait_for_beyond_this_server_is_left_to_who_runs_it() throws IOException {
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    asAdministrator.execute("create role sure superuser login");
    asAdministrator.execute("alter role sure set synchronous_commit = remote_apply");
    try (HikariDataSource connections = new HikariDataSource()) {
      connections.setJdbcUrl(TABLES.url().replace("user=postgres", "user=sure"));
      connections.setConnectionInitSql(setting("spring.datasource.hikari.connection-init-sql"));

      assertThat(
              new JdbcTemplate(connections).queryForObject("show synchronous_commit", String.class))
          .isEqualTo("remote_apply");
    } finally {
      asAdministrator.execute("drop role sure");
    }
  }

  @Test
  void the_server_frees_within_a_minute_what_a_machine_had_claimed_that_is_gone_without_a_word()
      throws IOException {
    try (HikariDataSource ledger = new HikariDataSource()) {
      ledger.setJdbcUrl(TABLES.url());
      ledger.setConnectionInitSql(setting("spring.datasource.hikari.connection-init-sql"));
      JdbcTemplate statements = new JdbcTemplate(ledger);

      assertThat(
              statements.queryForObject(
                  """
                  select sum(setting::int) filter (where name = 'tcp_keepalives_idle')
                       + sum(setting::int) filter (where name = 'tcp_keepalives_interval')
                       * sum(setting::int) filter (where name = 'tcp_keepalives_count')
                  from pg_settings
                  """,
                  Integer.class))
          .isEqualTo(60);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spring.datasource.hikari.data-source-properties.",
        "database.pool.data-source-properties."
      })
  void after_a_fail_over_no_connection_stays_at_a_server_that_only_reads(String settings)
      throws IOException {
    String name = "targetServerType";
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(TABLES.url());
      pool.setInitializationFailTimeout(-1);
      pool.setConnectionTimeout(500);
      pool.addDataSourceProperty(name, setting(settings + name));
      JdbcTemplate statements = new JdbcTemplate(pool);
      asAdministrator.execute("alter role postgres set default_transaction_read_only = on");
      try {
        assertThatThrownBy(() -> statements.queryForObject("select 1", Integer.class))
            .isInstanceOf(CannotGetJdbcConnectionException.class);
      } finally {
        asAdministrator.execute(
            """
            begin read write;
            alter role postgres reset default_transaction_read_only;
            commit\
            """);
      }
      pool.setConnectionTimeout(Duration.ofSeconds(30).toMillis());

      statements.execute("create temporary table written (at timestamptz)");
    }
  }

  @Test
  void tables_are_changed_where_they_can_be_though_a_server_that_only_reads_is_named_first()
      throws IOException {
    try (EmbeddedPostgres onlyReads =
        EmbeddedPostgres.builder().setServerConfig("default_transaction_read_only", "on").start()) {
      int first = onlyReads.getPort();
      DataSourceProperties settings = new DataSourceProperties();
      settings.setUrl(TABLES.url().replaceFirst("//", "//localhost:" + first + ","));
      settings.setUsername("postgres");
      FluentConfiguration flyway =
          Flyway.configure().schemas("two_servers").initSql(settings("spring.flyway.init-sqls"));

      new LedgerConfiguration()
          .ledgerMigrations(
              settings, setting("spring.datasource.hikari.data-source-properties.targetServerType"))
          .customize(flyway);
      flyway.load().migrate();

      assertThat(
              new JdbcTemplate(TABLES.dataSource())
                  .queryForObject("select count(*) from two_servers.event", Long.class))
          .isZero();
    }
  }

  @Test
  void tables_are_changed_also_by_a_database_that_ends_transactions_which_wait()
      throws IOException {
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    asAdministrator.execute("create database impatient");
    asAdministrator.execute("alter database impatient set idle_in_transaction_session_timeout = 1");

    Flyway flyway =
        Flyway.configure()
            .dataSource(TABLES.url().replace("/postgres?", "/impatient?"), "postgres", "")
            .initSql(settings("spring.flyway.init-sqls"))
            .load();

    assertThat(flyway.migrate().success).isTrue();
    assertThat(flyway.info().pending()).isEmpty();
  }

  @Test
  void a_connection_that_says_nothing_any_more_is_waited_for_no_longer_than_any() throws Exception {
    String pool = "spring.datasource.hikari.";
    int server = URI.create(TABLES.url().substring("jdbc:".length())).getPort();
    try (Relay way = Relay.before(server);
        HikariDataSource ledger = new HikariDataSource()) {
      ledger.setJdbcUrl(TABLES.url().replace(":" + server, ":" + way.port()));
      ledger.setMaximumPoolSize(1);
      ledger.setConnectionTimeout(Long.parseLong(setting(pool + "connection-timeout")));
      ledger.setValidationTimeout(Long.parseLong(setting(pool + "validation-timeout")));
      ledger.getConnection().close();
      way.holdUp();

      await()
          .pollDelay(NOT_USED_LATELY)
          .pollInterval(NOT_USED_LATELY)
          .untilAsserted(
              () -> {
                Instant begun = Instant.now();
                assertThatThrownBy(() -> ledger.getConnection().close())
                    .isInstanceOf(SQLException.class);
                assertThat(Duration.between(begun, Instant.now()))
                    .isLessThan(Duration.ofSeconds(3));
              });
      way.mend();
    }
  }

  private static String setting(String name) throws IOException {
    return source().getProperty(name).toString();
  }

  /** The lines of a list, as Spring Boot puts them together. */
  private static String settings(String name) throws IOException {
    PropertySource<?> source = source();
    return IntStream.iterate(0, line -> line + 1)
        .mapToObj(line -> source.getProperty(name + "[" + line + "]"))
        .takeWhile(Objects::nonNull)
        .map(Object::toString)
        .collect(Collectors.joining("\n"));
  }

  private static PropertySource<?> source() throws IOException {
    return new YamlPropertySourceLoader()
        .load("settings", new FileSystemResource("config/application.yaml"))
        .get(0);
  }
}
