package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The lines of the audit: which are asked for, and that there is none without its action. */
class AuditLinesTest {

  private static final Audit.Actor ANNA = new Audit.Actor("anna", "192.0.2.1");
  private static final Audit.Actor BEN = new Audit.Actor("ben", "192.0.2.2");

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final DataSource connections = TABLES.dataSource();
  private final JdbcTemplate ledger = new JdbcTemplate(connections);
  private final Audit audit =
      new Audit(
          new NamedParameterJdbcTemplate(connections),
          new TransactionTemplate(new DataSourceTransactionManager(connections)),
          new ObjectMapper());

  private long first;

  @BeforeEach
  void write() {
    first = audit.write(new Audit.Deed(ANNA, "pause", "fax"), null);
    audit.write(new Audit.Deed(BEN, "pause", "mail", Map.of("reason", "x")), 2L);
    audit.write(new Audit.Deed(ANNA, "resume", "mail"), 3L);
  }

  private List<Long> lines(
      String actor, String action, String object, Instant from, Instant to, Long before) {
    return audit.lines(new Audit.Filter(actor, action, object, from, to, before, 3)).stream()
        .map(line -> (Long) line.get("id") - first)
        .filter(id -> id >= 0)
        .toList();
  }

  private Instant at(long line) {
    return ledger
        .queryForObject("select at from audit where id = ?", Timestamp.class, first + line)
        .toInstant();
  }

  @Test
  void are_found_by_who_did_what_to_what_the_newest_first() {
    assertThat(lines(null, null, null, null, null, null)).containsExactly(2L, 1L, 0L);
    assertThat(lines("anna", null, null, null, null, null)).containsExactly(2L, 0L);
    assertThat(lines(null, "pause", null, null, null, null)).containsExactly(1L, 0L);
    assertThat(lines(null, null, "mail", null, null, null)).containsExactly(2L, 1L);
    assertThat(lines("anna", "pause", "mail", null, null, null)).isEmpty();
  }

  @Test
  void are_found_by_a_time_at_which_they_begin_and_one_before_which_they_end() {
    assertThat(lines(null, null, null, at(1), null, null)).containsExactly(2L, 1L);
    assertThat(lines(null, null, null, at(0), at(2), null)).containsExactly(1L, 0L);
    assertThat(lines(null, null, null, at(2).plus(Duration.ofDays(1)), null, null)).isEmpty();
  }

  @Test
  void go_on_below_the_last_of_a_page() {
    assertThat(lines(null, null, null, null, null, first + 2)).containsExactly(1L, 0L);
    assertThat(audit.lines(new Audit.Filter(null, null, null, null, null, null, 1))).hasSize(1);
  }

  @Test
  void say_from_where_how_many_and_what_else() {
    assertThat(
            ledger.queryForMap(
                "select count, detail, remote_address from audit where id = ?", first + 1))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("count", 2L, "detail", "{\"reason\":\"x\"}", "remote_address", "192.0.2.2"));
  }

  @Test
  void are_not_there_where_nothing_was_done_or_it_failed_and_nothing_is_done_without_one() {
    Audit.Deed deed = new Audit.Deed(ANNA, "test", "it");
    String count = "select count(*) from audit where action = 'test'";

    assertThat(audit.ifDone(deed, () -> false)).isFalse();
    assertThat(audit.ifDone(deed, any -> 1, Optional::empty)).isEmpty();
    assertThatThrownBy(() -> audit.of(deed, AuditLinesTest::fail))
        .isInstanceOf(IllegalStateException.class);
    assertThat(ledger.queryForObject(count, Long.class)).isZero();

    Audit.Deed unsaid = new Audit.Deed(new Audit.Actor(null, ""), "test", "it");
    assertThatThrownBy(
            () ->
                audit.of(unsaid, () -> ledger.update("insert into target values ('fax', 'held')")))
        .isInstanceOf(RuntimeException.class);
    assertThat(ledger.queryForList("select 1 from target")).isEmpty();
  }

  private static void fail() {
    throw new IllegalStateException("it failed");
  }
}
