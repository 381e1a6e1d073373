package io.commercewebhooks.delivery;

import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.startup.ChangedSecrets;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The database target: a data source of its own, by default to the ledger's database. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

  @Bean(defaultCandidate = false)
  @ConfigurationProperties("database")
  DataSourceProperties databaseProperties() {
    return new DataSourceProperties();
  }

  @Bean(defaultCandidate = false)
  @ConfigurationProperties("database.pool")
  HikariDataSource databasePool(
      @Qualifier("databaseProperties") DataSourceProperties settings, ChangedSecrets changed) {
    HikariDataSource pool =
        settings.initializeDataSourceBuilder().type(HikariDataSource.class).build();
    changed.watch("database.password", pool::setPassword);
    return pool;
  }

  @Bean(initMethod = "migrateIfThere", defaultCandidate = false)
  MigratedDataSource databaseDataSource(
      @Qualifier("databasePool") HikariDataSource pool,
      @Value("${database.migrate}") boolean migrate) {
    // the server's detail of an error quotes whole rows, and goes into logs and mails
    pool.addDataSourceProperty("logServerErrorDetail", "false");
    return new MigratedDataSource(pool, migrate);
  }
}
