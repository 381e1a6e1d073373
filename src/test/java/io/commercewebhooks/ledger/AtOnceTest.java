package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.commercewebhooks.intake.StrictJson;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.util.unit.DataSize;

/** How much of what waits a claim brings, when it holds much. */
class AtOnceTest {

  private static final int BODY = 1_000;
  private static final int BATCH = 100;

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();
  private static final JdbcTemplate jdbc = new JdbcTemplate(TABLES.dataSource());

  /** Ten events of a thousand bytes each, to be routed, and a delivery of each. */
  @BeforeEach
  void fill() {
    jdbc.execute("truncate event cascade");
    jdbc.update(
        """
        with kept as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, mapping, body, state)
          select n::text, 's', 't', '', 'k', n::text, now(), '{}', 'm',
                 rpad('{"text":"', ? - 2, 'x') || '"}', 'received'
          from generate_series(1, 10) n
          returning sequence, type, entity_key, occurred_at)
        insert into delivery (event_sequence, target, type, entity, occurred_at)
        select sequence, 'database', type, 'k/' || entity_key, occurred_at from kept
        """,
        BODY);
  }

  private static DataProtection inTheClear() {
    return new DataProtection(new ProtectionSettings("", ""), jdbc);
  }

  private static <T> T claim(int most, Function<LedgerTransaction, T> claim) {
    return new Ledger(
            jdbc.getDataSource(),
            StrictJson.mapper(),
            null,
            inTheClear(),
            null,
            null,
            new AtOnce(DataSize.ofBytes(most)))
        .inTransaction(claim);
  }

  private static Ledger.Claimed<Event> events(int most) {
    return claim(most, ledger -> ledger.claimEvents("t", null, BATCH));
  }

  private static Ledger.Claim deliveries(int most) {
    return claim(most, ledger -> ledger.claimInOrder("database", "t", Ledger.Part.DUE, BATCH));
  }

  private static List<String> ids(Ledger.Claim claim) {
    return claim.deliveries().stream().map(delivery -> delivery.event().id()).toList();
  }

  @Test
  void events_that_hold_too_much_together_are_routed_in_several_batches_oldest_first() {
    Ledger.Claimed<Event> some = events(2 * BODY + 1);
    Ledger.Claimed<Event> all = events(10 * BODY + 1);

    assertThat(some.rows()).extracting(Event::id).containsExactly("1", "2", "3");
    assertThat(some.isFull()).isTrue();
    assertThat(all.rows()).hasSize(10);
    assertThat(all.isFull()).isFalse();
  }

  @Test
  void an_event_that_alone_holds_too_much_goes_by_itself() {
    assertThat(events(1).rows()).extracting(Event::id).containsExactly("1");
    assertThat(ids(deliveries(1))).containsExactly("1");
  }

  @Test
  void deliveries_whose_events_hold_too_much_together_go_in_several_calls() {
    Ledger.Claim some = deliveries(2 * BODY + 1);
    Ledger.Claim all = deliveries(10 * BODY + 1);

    assertThat(ids(some)).containsExactly("1", "2", "3");
    assertThat(some.isFull()).isTrue();
    assertThat(ids(all)).hasSize(10);
    assertThat(all.isFull()).isFalse();
  }

  @Test
  void what_was_left_out_of_one_batch_is_in_the_next() {
    jdbc.update("update event set state = 'routed' where id in ('1', '2', '3')");
    jdbc.update("update delivery set state = 'delivered' where entity in ('k/1', 'k/2', 'k/3')");

    assertThat(events(2 * BODY + 1).rows()).extracting(Event::id).containsExactly("4", "5", "6");
    assertThat(ids(deliveries(2 * BODY + 1))).containsExactly("4", "5", "6");
  }

  private static Payloads payloads(int most) {
    PersonalDataSettings nobody =
        new PersonalDataSettings(List.of(), List.of(), List.of(), List.of());
    return new Payloads(
        new NamedParameterJdbcTemplate(jdbc),
        inTheClear(),
        new PersonalData(nobody, inTheClear(), null, StrictJson.mapper()),
        new AtOnce(DataSize.ofBytes(most)));
  }

  @Test
  void of_the_newest_events_as_many_are_looked_at_as_can_be_at_once() {
    assertThat(payloads(2 * BODY + 1).newest(0, BATCH))
        .extracting(event -> event.get("id"))
        .containsExactly("8", "9", "10");
  }

  @Test
  void payloads_that_somebody_wants_to_see_are_all_there_or_none() {
    EventFilter all = new EventFilter(null, "t", null, null, null, null, null, null, BATCH);

    assertThat(payloads(1).masked(all, DataSize.ofBytes(10 * BODY + 1))).hasSize(10);
    assertThatThrownBy(() -> payloads(1).masked(all, DataSize.ofKilobytes(8)))
        .hasMessageContaining("more than 8 KB together; ask for fewer");
    assertThat(payloads(1).masked("4"))
        .hasValueSatisfying(
            event -> assertThat((String) event.get("body")).startsWith("{\"text\":\"xxx"));
  }
}
