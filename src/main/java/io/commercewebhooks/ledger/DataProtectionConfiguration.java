package io.commercewebhooks.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.intake.Redactor;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** What protects, forgets and erases the data in the ledger, and tells who did what. */
@Configuration(proxyBeanMethods = false)
class DataProtectionConfiguration {

  @Bean
  DataProtection dataProtection(ProtectionSettings settings, JdbcTemplate ledger) {
    return new DataProtection(settings, ledger);
  }

  @Bean
  PersonalData personalData(
      PersonalDataSettings settings,
      DataProtection protection,
      Redactor redactor,
      @Qualifier("strictJson") ObjectMapper json) {
    return new PersonalData(settings, protection, redactor, json);
  }

  @Bean
  ProtectionRenewal protectionRenewal(
      JdbcTemplate ledger,
      TransactionTemplate transaction,
      DataProtection protection,
      PersonalData people,
      AtOnce atOnce,
      @Value("${protection.renew-batch}") int batch,
      @Value("${protection.renew-pause}") Duration pause) {
    return new ProtectionRenewal(ledger, transaction, protection, people, atOnce, batch, pause);
  }

  @Bean
  Retention retention(
      JdbcTemplate ledger,
      @Qualifier("databaseDataSource") DataSource database,
      RetentionSettings settings) {
    return new Retention(ledger, database, settings);
  }

  @Bean
  Audit audit(
      NamedParameterJdbcTemplate ledger, TransactionTemplate transaction, ObjectMapper json) {
    return new Audit(ledger, transaction, json);
  }

  @Bean
  Erasures erasures(
      NamedParameterJdbcTemplate ledger,
      TransactionTemplate transaction,
      @Qualifier("databaseDataSource") DataSource database,
      PersonalData people,
      Audit audit,
      ObjectMapper json) {
    return new Erasures(ledger, transaction, database, people, audit, json);
  }
}
