package io.commercewebhooks.ledger;

import com.github.benmanes.caffeine.cache.Ticker;
import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.startup.ChangedSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.flyway.FlywayConfigurationCustomizer;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.util.unit.DataSize;

/** What the ledger is made of besides its own classes. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableSchedulerLock(defaultLockAtMostFor = "PT1M")
class LedgerConfiguration {

  /** Changes of the ledger's tables take their time, where the pool will look for them. */
  @Bean
  FlywayConfigurationCustomizer ledgerMigrations(
      DataSourceProperties settings,
      @Value("${spring.datasource.hikari.data-source-properties.targetServerType}")
          String whichServer) {
    SimpleDriverDataSource unhurried =
        settings.initializeDataSourceBuilder().type(SimpleDriverDataSource.class).build();
    Properties server = new Properties();
    server.setProperty("targetServerType", whichServer);
    unhurried.setConnectionProperties(server);
    return flyway -> flyway.dataSource(unhurried);
  }

  @Bean
  PoliteMigration politeMigration() {
    return new PoliteMigration();
  }

  @Bean
  AtOnce atOnce(@Value("${ledger.most-at-once}") DataSize most) {
    return new AtOnce(most);
  }

  @Bean
  Remembered.Slow slowLook(@Value("${ledger.slow-look}") Duration from) {
    return new Remembered.Slow(from);
  }

  /** Tells when mails are due that wait for a time of day. */
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Sweep sweep(Ledger ledger, Signals signals, LedgerSettings settings, Clock clock) {
    return new Sweep(settings.sweep(), () -> signals.wake(ledger.due(clock.instant())));
  }

  @Bean
  SmartInitializingSingleton changedLedgerPassword(
      HikariDataSource ledger, ChangedSecrets changed) {
    return () -> changed.watch("spring.datasource.password", ledger::setPassword);
  }

  /** Keeps what only one node may do at a time to one node. */
  @Bean
  LockProvider locks(JdbcTemplate jdbc) {
    return new JdbcTemplateLockProvider(
        JdbcTemplateLockProvider.Configuration.builder()
            .withJdbcTemplate(jdbc)
            .usingDbTime()
            .build());
  }

  @Bean
  Holds holds(JdbcTemplate jdbc, LedgerSettings settings, Signals signals) {
    return new Holds(jdbc, settings.hold(), signals, Ticker.systemTicker());
  }
}
