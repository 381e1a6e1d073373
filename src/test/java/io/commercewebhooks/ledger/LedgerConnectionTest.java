package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.core.JdbcTemplate;

class LedgerConnectionTest {

  @RegisterExtension static final LedgerTables TABLES = new LedgerTables();

  @Test
  void a_database_that_ends_transactions_which_wait_leaves_those_of_the_ledger_alone()
      throws IOException {
    JdbcTemplate asAdministrator = new JdbcTemplate(TABLES.dataSource());
    asAdministrator.execute("alter database postgres set idle_in_transaction_session_timeout = 1");
    try (HikariDataSource ledger = new HikariDataSource()) {
      ledger.setJdbcUrl(TABLES.url());
      ledger.setConnectionInitSql(
          (String)
              new YamlPropertySourceLoader()
                  .load("settings", new FileSystemResource("config/application.yaml"))
                  .get(0)
                  .getProperty("spring.datasource.hikari.connection-init-sql"));
      JdbcTemplate statements = new JdbcTemplate(ledger);

      assertThat(
              statements.queryForObject("show idle_in_transaction_session_timeout", String.class))
          .isEqualTo("0");
      assertThat(statements.queryForObject("show lock_timeout", String.class)).isEqualTo("2s");
    }
  }
}
