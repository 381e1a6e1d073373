package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What made the tables of ledgers and database targets out there. A version of the service in which
 * one of these differs does not start on them.
 */
class MigrationsTest {

  @RegisterExtension static final LedgerTables TABLES = new LedgerTables();

  @Test
  void a_migration_of_the_ledger_is_never_changed_once_it_ran() {
    assertThat(checksums("db/migration"))
        .as("checksums by version; note that of a new one")
        .isEqualTo(
            Map.ofEntries(
                Map.entry("1", -1309808751),
                Map.entry("2", 1398877250),
                Map.entry("3", 1902670837),
                Map.entry("4", -259331688),
                Map.entry("5", -1312395272),
                Map.entry("6", -475365620),
                Map.entry("7", 339686963),
                Map.entry("8", 1614878620),
                Map.entry("9", 1614412108),
                Map.entry("10", 1936379519),
                Map.entry("11", -1637447038),
                Map.entry("12", 1569337804),
                Map.entry("13", 2091335275),
                Map.entry("14", -1920800721)));
  }

  @Test
  void a_migration_of_the_database_target_is_never_changed_once_it_ran() {
    assertThat(checksums("db/database"))
        .as("checksums by version; note that of a new one")
        .isEqualTo(Map.of("1", 307939159, "2", -219299569));
  }

  @Test
  void every_table_has_a_primary_key_so_that_it_can_be_published_for_replication() {
    JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());
    Flyway.configure()
        .dataSource(TABLES.dataSource())
        .locations("classpath:db/database")
        .defaultSchema("target")
        .load()
        .migrate();

    assertThat(
            ledger.queryForList(
                """
                select relnamespace::regnamespace || '.' || relname from pg_class c
                where relkind = 'r' and relnamespace::regnamespace::text in ('public', 'target')
                  and not exists (select from pg_index where indrelid = c.oid and indisprimary)
                """,
                String.class))
        .isEmpty();
  }

  private static Map<String, Integer> checksums(String folder) {
    MigrationInfo[] all =
        Flyway.configure()
            .dataSource(TABLES.dataSource())
            .locations("classpath:" + folder)
            .table("not_there_yet")
            .load()
            .info()
            .all();
    return Arrays.stream(all)
        .collect(Collectors.toMap(m -> m.getVersion().toString(), MigrationInfo::getChecksum));
  }
}
