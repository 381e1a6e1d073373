package io.commercewebhooks.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.intake.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;

/** What is sealed opens with its key, at its place, and nowhere else. */
class DataProtectionTest {

  private static final String OLD = key('a');
  private static final String NEW = key('b');
  private static final String BODY = "{\"name\":\"Zoë\"}";

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final JdbcTemplate ledger = new JdbcTemplate(TABLES.dataSource());

  @BeforeEach
  void empty() {
    ledger.execute("truncate event, protection_key cascade");
  }

  private static String key(char letter) {
    return Base64.getEncoder().encodeToString(String.valueOf(letter).repeat(32).getBytes());
  }

  private static DataProtection with(String payloadKeys, String lookUpKeys) {
    return new DataProtection(new ProtectionSettings(payloadKeys, lookUpKeys), ledger);
  }

  private static void keep(String id, String body, String protection) {
    ledger.update(
        """
        insert into event (id, sender, type, status, entity_kind, occurred_at, attributes, body,
                           protection, state)
        values (?, '', '', '', '', now(), '{}', ?, ?, 'routed')
        """,
        id,
        body,
        protection);
  }

  @Test
  void a_sealed_text_shows_nothing_and_opens_to_what_it_was() {
    DataProtection protection = with(NEW, OLD);

    String sealed = protection.seal("e-1", "body", BODY);

    assertThat(sealed).startsWith("enc:");
    assertThat(new String(Base64.getDecoder().decode(sealed.split(":")[2]), UTF_8))
        .doesNotContain("name", "Zoë");
    assertThat(protection.open("e-1", "body", sealed)).isEqualTo(BODY);
  }

  @Test
  void the_same_text_is_sealed_differently_each_time() {
    DataProtection protection = with(NEW, OLD);

    assertThat(protection.seal("e-1", "body", BODY))
        .isNotEqualTo(protection.seal("e-1", "body", BODY));
  }

  @Test
  void a_sealed_text_opens_for_no_other_event_and_in_no_other_column() {
    DataProtection protection = with(NEW, OLD);
    String sealed = protection.seal("e-1", "body", BODY);

    assertThatThrownBy(() -> protection.open("e-2", "body", sealed))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> protection.open("e-1", "attributes", sealed))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_changed_text_does_not_open_and_its_complaint_shows_nothing() {
    DataProtection protection = with(NEW, OLD);
    String sealed = protection.seal("e-1", "body", BODY);
    int at = sealed.length() - 8;
    char other = sealed.charAt(at) == 'A' ? 'B' : 'A';
    String changed = sealed.substring(0, at) + other + sealed.substring(at + 1);

    assertThatThrownBy(() -> protection.open("e-1", "body", changed))
        .hasMessageContaining("e-1")
        .hasMessageNotContaining("Zoë");
  }

  @Test
  void an_older_key_still_opens_and_the_newest_seals() {
    String sealed = with(OLD, OLD).seal("e-1", "body", BODY);
    DataProtection both = with(NEW + "," + OLD, OLD);

    assertThat(both.open("e-1", "body", sealed)).isEqualTo(BODY);
    assertThat(both.seal("e-1", "body", BODY).split(":")[1]).isNotEqualTo(sealed.split(":")[1]);
  }

  @Test
  void without_a_key_texts_stay_in_the_clear_and_texts_in_the_clear_are_read_with_one() {
    assertThat(with("", "").seal("e-1", "body", BODY)).isEqualTo(BODY);
    assertThat(with(NEW, OLD).open("e-1", "body", BODY)).isEqualTo(BODY);
  }

  @Test
  void a_ledger_with_payloads_that_no_key_opens_is_refused_at_the_start() {
    DataProtection older = with(OLD, OLD);
    keep("e-1", older.seal("e-1", "body", BODY), older.fingerprint());

    assertThatThrownBy(() -> with(NEW, OLD))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining(
            "LEDGER_PAYLOAD_KEYS lacks the key " + DataProtection.idOf("a".repeat(32).getBytes()))
        .hasMessageNotContaining(OLD);
  }

  @Test
  void a_key_that_seals_nothing_any_more_may_be_left_out() {
    with(OLD, OLD);

    with(NEW, OLD);
    assertThat(ledger.queryForList("select id from protection_key", String.class)).hasSize(1);
  }

  @Test
  void without_a_key_for_look_ups_the_ledger_keeps_one_and_all_nodes_use_it() {
    String hash = with("", "").hash("email", "kim@example.com");

    assertThat(with("", "").hash("email", "kim@example.com")).isEqualTo(hash);
  }

  @Test
  void people_are_found_under_the_hashes_of_older_keys_too() {
    String hash = with("", OLD).hash("email", "kim@example.com");

    assertThat(with("", NEW + "," + OLD).hashes("email", "kim@example.com"))
        .hasSize(2)
        .last()
        .isEqualTo(hash);
    assertThat(with("", NEW).hash("email", "kim@example.com")).isNotEqualTo(hash);
  }

  @Test
  void what_an_older_key_sealed_is_renewed_under_the_newer_and_the_older_can_go() {
    DataProtection older = with(OLD, OLD);
    for (String id : List.of("e-1", "e-2", "e-3")) {
      keep(id, older.seal(id, "body", BODY), older.fingerprint());
    }
    DataProtection both = with(NEW + "," + OLD, OLD);
    assertThatThrownBy(() -> with(NEW, OLD)).isInstanceOf(CannotStartException.class);

    underLock(renewal(both)::renew);

    DataProtection newer = with(NEW, OLD);
    for (String id : List.of("e-1", "e-2", "e-3")) {
      String kept = ledger.queryForObject("select body from event where id = ?", String.class, id);
      assertThat(newer.open(id, "body", kept)).isEqualTo(BODY);
    }
  }

  /** As the scheduler does it. */
  private static void underLock(Runnable work) {
    new DefaultLockingTaskExecutor(new JdbcTemplateLockProvider(ledger))
        .executeWithLock(
            work,
            new LockConfiguration(
                Instant.now(), "protection-renewal", Duration.ofMinutes(5), Duration.ZERO));
  }

  private static ProtectionRenewal renewal(DataProtection protection) {
    PersonalDataSettings none =
        new PersonalDataSettings(List.of(), List.of(), List.of(), List.of());
    return new ProtectionRenewal(
        ledger,
        new TransactionTemplate(new DataSourceTransactionManager(ledger.getDataSource())),
        protection,
        new PersonalData(none, protection, null, StrictJson.mapper()),
        new AtOnce(DataSize.ofMegabytes(2)),
        2,
        Duration.ofMillis(1));
  }

  @Test
  void settings_with_keys_never_show_them() {
    assertThat(new ProtectionSettings(NEW, OLD)).asString().doesNotContain(NEW, OLD);
  }

  @Test
  void what_is_no_key_is_told_from_what_is_one() {
    assertThat(ProtectionSettings.areKeys(OLD + ", " + NEW)).isTrue();
    assertThat(ProtectionSettings.areKeys("")).isTrue();
    assertThat(ProtectionSettings.areKeys("c2hvcnQ=")).isFalse();
    assertThat(ProtectionSettings.areKeys("not base64!")).isFalse();
    assertThat(ProtectionSettings.areKeys(OLD + ",")).isFalse();
  }
}
