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
  private static final String KIM = "kim@example.com";

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

  /** What the ledger notes of keys. */
  private static List<String> keysOf(String kind) {
    return ledger.queryForList("select id from protection_key where kind = ?", String.class, kind);
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
    assertThat(keysOf("payload")).hasSize(1);
  }

  @Test
  void without_a_key_for_look_ups_the_ledger_keeps_one_and_all_nodes_use_it() {
    String hash = with("", "").hash("email", KIM);

    assertThat(with("", "").hash("email", KIM)).isEqualTo(hash);
  }

  @Test
  void people_are_found_under_the_hashes_of_older_keys_too() {
    String hash = with("", OLD).hash("email", KIM);

    assertThat(with("", NEW + "," + OLD).hashes("email", KIM)).hasSize(2).last().isEqualTo(hash);
    assertThat(with("", NEW).hash("email", KIM)).isNotEqualTo(hash);
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

  /** What is left of an event that named somebody when its payload is gone. */
  private static void keepWithoutPayload(String id, DataProtection protection) {
    keep(id, "{}", protection.fingerprint());
    ledger.update(
        "update event set payload_removed_at = now(), people = ? where id = ?",
        Ledger.texts(List.of(protection.hash("email", KIM))),
        id);
  }

  private static long foundBy(DataProtection protection) {
    return ledger.queryForObject(
        "select count(*) from event where people && ?",
        Long.class,
        Ledger.texts(protection.hashes("email", KIM)));
  }

  @Test
  void a_key_by_which_alone_people_are_found_in_events_without_payload_is_missed_at_the_start() {
    keepWithoutPayload("e-1", with("", OLD));
    DataProtection both = with("", NEW + "," + OLD);
    underLock(renewal(both)::renew);
    assertThat(foundBy(both)).isEqualTo(1);

    assertThatThrownBy(() -> with("", NEW))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining(
            "LEDGER_LOOK_UP_KEYS lacks the key " + DataProtection.idOf("a".repeat(32).getBytes()))
        .hasMessageNotContaining(OLD);

    ledger.update("delete from event");
    assertThat(foundBy(with("", NEW))).isZero();
  }

  @Test
  void a_key_for_look_ups_may_be_left_out_when_every_payload_is_hashed_by_a_newer_one() {
    DataProtection older = with("", OLD);
    keep("e-1", BODY, older.fingerprint());
    underLock(renewal(with("", NEW + "," + OLD))::renew);

    with("", NEW);
    assertThat(keysOf("look-up")).hasSize(1);
  }

  @Test
  void the_ledgers_own_key_finds_people_until_nobody_is_left_who_was_hashed_by_it() {
    keepWithoutPayload("e-1", with("", ""));

    assertThat(foundBy(with("", NEW))).isEqualTo(1);
    ledger.update("delete from event");
    with("", NEW);
    assertThat(keysOf("look-up"))
        .containsExactly("look-up/" + DataProtection.idOf("b".repeat(32).getBytes()));
  }

  @Test
  void what_lies_in_the_clear_is_sealed_however_large_or_far_apart_and_a_marker_stays_as_it_is() {
    for (String id : List.of("e-1", "e-2", "e-3", "gone")) {
      keep(id, BODY, null);
    }
    ledger.update("update event set payload_removed_at = now() where id = 'gone'");
    ledger.update(
        """
        insert into event (sequence, id, sender, type, status, entity_kind, occurred_at, attributes,
                           body, state)
        overriding system value
        select sequence + 30000, 'e-far', sender, type, status, entity_kind, occurred_at,
               attributes, body, state
        from event where id = 'e-1'
        """);
    DataProtection protection = with(NEW, OLD);

    underLock(renewal(protection, DataSize.ofBytes(1))::renew);

    assertThat(
            ledger.queryForList(
                """
                select id from event
                where body like 'enc:%' and attributes like 'enc:%' and protection = ?
                order by id
                """,
                String.class, protection.fingerprint()))
        .containsExactly("e-1", "e-2", "e-3", "e-far");
    assertThat(
            ledger.queryForObject(
                "select body from event where id = 'gone' and protection is null", String.class))
        .isEqualTo(BODY);
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
    return renewal(protection, DataSize.ofMegabytes(2));
  }

  private static ProtectionRenewal renewal(DataProtection protection, DataSize atOnce) {
    PersonalDataSettings none =
        new PersonalDataSettings(List.of(), List.of(), List.of(), List.of());
    return new ProtectionRenewal(
        ledger,
        new TransactionTemplate(new DataSourceTransactionManager(ledger.getDataSource())),
        protection,
        new PersonalData(none, protection, null, StrictJson.mapper()),
        new AtOnce(atOnce),
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
