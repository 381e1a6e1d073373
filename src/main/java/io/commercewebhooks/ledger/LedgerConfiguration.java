package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.commercewebhooks.ChangedSecrets;
import io.commercewebhooks.intake.Redactor;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import org.apache.camel.CamelContext;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.flyway.FlywayConfigurationCustomizer;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.util.unit.DataSize;

/** The ledger and its two schemes. A bean's name is the scheme. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableSchedulerLock(defaultLockAtMostFor = "PT1M")
class LedgerConfiguration {

  /** Changes of the ledger's tables wait for deliveries under way, as nobody else does. */
  @Bean
  FlywayConfigurationCustomizer ledgerMigrations(DataSourceProperties settings) {
    return flyway ->
        flyway.dataSource(
            settings.initializeDataSourceBuilder().type(SimpleDriverDataSource.class).build());
  }

  @Bean
  AtOnce atOnce(@Value("${ledger.most-at-once}") DataSize most) {
    return new AtOnce(most);
  }

  @Bean
  Ledger ledger(
      DataSource dataSource,
      @Qualifier("strictJson") ObjectMapper json,
      BookingRules rules,
      DataProtection protection,
      PersonalData people,
      FileStamp files,
      AtOnce atOnce) {
    return new Ledger(dataSource, json, rules, protection, people, files, atOnce);
  }

  /** Tells when mails are due that wait for a time of day. */
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Signals ledgerSignals() {
    return new Signals();
  }

  @Bean
  Sweep sweep(Ledger ledger, Signals signals, LedgerSettings settings, Clock clock) {
    return new Sweep(settings.sweep(), () -> signals.wake(ledger.due(clock.instant())));
  }

  @Bean
  Replays replays(
      NamedParameterJdbcTemplate jdbc,
      LedgerAccount account,
      Signals signals,
      DataProtection protection,
      AtOnce atOnce,
      LiveMappings mappings,
      LedgerSettings settings,
      LockProvider locks,
      ObjectMapper json) {
    return new Replays(jdbc, account, signals, protection, atOnce, mappings, json, locks, settings);
  }

  @Bean
  Balance balance(JdbcTemplate jdbc, LedgerSettings settings, MeterRegistry metrics) {
    return new Balance(jdbc, settings, metrics);
  }

  @Bean
  LedgerMetrics ledgerMetrics(JdbcTemplate jdbc, MeterRegistry metrics) {
    return new LedgerMetrics(jdbc, metrics);
  }

  @Bean
  SmartInitializingSingleton changedLedgerPassword(
      HikariDataSource ledger, ChangedSecrets changed) {
    return () -> changed.watch("spring.datasource.password", ledger::setPassword);
  }

  @Bean
  EnoughConnections enoughConnections(CamelContext camel, HikariDataSource ledger) {
    return new EnoughConnections(camel, ledger);
  }

  @Bean
  ScheduledTasks scheduledTasks() {
    return new ScheduledTasks();
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
    return new Holds(jdbc, settings.hold(), signals);
  }

  @Bean
  LedgerAccount ledgerAccount(
      NamedParameterJdbcTemplate jdbc,
      DataProtection protection,
      PersonalData people,
      AtOnce atOnce) {
    return new LedgerAccount(jdbc, protection, people, atOnce);
  }

  @Bean
  EventFinder eventFinder(DataSource dataSource, LedgerAccount account, PersonalData people) {
    return new EventFinder(dataSource, account, people);
  }

  @Bean
  LastDay lastDay(JdbcTemplate jdbc) {
    return new LastDay(jdbc);
  }

  @Bean
  DeadLetters deadLetters(
      NamedParameterJdbcTemplate jdbc, LedgerAccount account, PersonalData people) {
    return new DeadLetters(jdbc, account, people);
  }

  @Bean
  Mending mending(
      NamedParameterJdbcTemplate jdbc,
      DataProtection protection,
      PersonalData people,
      Redactor redactor,
      Signals signals,
      LiveMappings mappings,
      CamelContext camel,
      @Qualifier("strictJson") ObjectMapper strictJson) {
    return new Mending(jdbc, protection, people, redactor, signals, mappings, camel, strictJson);
  }

  @Bean("events")
  EventsComponent eventsComponent(
      Ledger ledger,
      Signals signals,
      Sweep sweep,
      LedgerSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      PersonalData people,
      LedgerMetrics metrics,
      Traces traces,
      Spool spool) {
    return new EventsComponent(
        ledger, signals, sweep, settings, json, people, metrics, traces, spool);
  }

  @Bean
  Spool spool(
      SpoolSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      DataProtection protection,
      MeterRegistry metrics) {
    return new Spool(settings, json, protection, metrics);
  }

  @Bean("deliveries")
  DeliveriesComponent deliveriesComponent(
      Ledger ledger,
      Holds holds,
      Signals signals,
      Sweep sweep,
      LedgerSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      Clock clock,
      PersonalData people,
      LedgerMetrics metrics,
      Traces traces) {
    return new DeliveriesComponent(
        ledger, holds, signals, sweep, settings, json, clock, people, metrics, traces);
  }
}
