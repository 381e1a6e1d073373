package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.intake.StrictJson;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;

/** What comes in between while a replay reads payloads again. */
class ReplaysTest {

  @RegisterExtension private static final LedgerTables TABLES = new LedgerTables();

  private final JdbcTemplate jdbc = new JdbcTemplate(TABLES.dataSource());
  private final ObjectMapper json = StrictJson.mapper();

  /** Runs while the mapping reads the payload. */
  private Runnable meanwhile = () -> {};

  /** When the event happened, as its sender has it. */
  private Instant said = Instant.now();

  private final LiveMappings mappings =
      new LiveMappings(null, null, json) {
        @Override
        Event read(String payload, String sender, String mapping, Instant receivedAt)
            throws JsonProcessingException {
          meanwhile.run();
          ObjectNode mapped = json.createObjectNode();
          mapped.put("type", "quote-status-changed").put("status", "draft");
          mapped.put("occurredAt", said.toString());
          mapped.putObject("entity").put("kind", "account").put("key", "the account of Kim");
          mapped.putObject("attributes").put("customer", "Kim");
          return MappedEvent.read(mapped, payload, sender, mapping, receivedAt, json);
        }
      };

  private Replays replays() {
    DataProtection inTheClear = new DataProtection(new ProtectionSettings("", ""), jdbc);
    return new Replays(
        new NamedParameterJdbcTemplate(jdbc),
        new Signals(),
        inTheClear,
        new AtOnce(DataSize.ofMegabytes(2)),
        mappings,
        json,
        lock -> Optional.of(() -> {}),
        ShippedSettings.ledger(),
        new TransactionTemplate(new JdbcTransactionManager(jdbc.getDataSource())));
  }

  private void keepAnUnroutableEvent() {
    jdbc.execute("truncate event, replay cascade");
    jdbc.update(
        """
        insert into event (id, sender, type, status, entity_kind, occurred_at, attributes, mapping,
                           body, people, state)
        values ('1', 's', 'unknown', '', 'account', now(), '{}', 'm', '{"name":"Kim"}', '{}',
                'unroutable')
        """);
  }

  private List<String> attributesAfterAReplay() {
    keepAnUnroutableEvent();
    Replays replays = replays();
    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");
    replays.takeUp();
    return jdbc.queryForList("select attributes from event", String.class);
  }

  @Test
  void a_payload_that_is_read_again_says_what_the_event_is() {
    assertThat(attributesAfterAReplay()).singleElement().asString().contains("Kim");
  }

  @Test
  void a_time_that_was_far_ahead_when_the_event_came_is_not_believed_later_either() {
    keepAnUnroutableEvent();
    jdbc.update(
        """
        update event
        set received_at = now() - interval '3 days', occurred_at = now() - interval '3 days'
        """);
    said = Instant.now().minus(Duration.ofDays(1));
    Replays replays = replays();

    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");
    replays.takeUp();

    assertThat(
            jdbc.queryForObject(
                "select occurred_at = received_at and entity_key is not null from event",
                Boolean.class))
        .isTrue();
  }

  @Test
  void what_was_erased_while_it_was_read_again_stays_erased() {
    meanwhile =
        () ->
            jdbc.update(
                "update event set body = '{}', attributes = '{}', payload_removed_at = now()");

    assertThat(attributesAfterAReplay()).containsExactly("{}");
    assertThat(jdbc.queryForList("select coalesce(entity_key, '') from event", String.class))
        .containsExactly("");
  }

  @Test
  void what_was_delivered_is_taken_up_once_however_often_a_replay_goes_on() {
    jdbc.execute("truncate event cascade");
    jdbc.update(
        """
        with kept as (
          insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at,
                             attributes, body, people, state)
          select 'e' || n, 's', 't', '', 'order', 'O-' || n, now(), '{}', '{}', '{}', 'routed'
          from generate_series(1, 150) n
          returning sequence, entity_key)
        insert into delivery (event_sequence, target, type, entity, occurred_at, state, settled_at)
        select sequence, 'salesforce', 't', 'order/' || entity_key, now(), 'delivered',
               now() - interval '1 day'
        from kept
        """);
    Replays replays = replays();
    long id =
        replays.ofDeliveries(
            new DeliveryFilter(
                null,
                "delivered",
                "salesforce",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null),
            "an operator");

    for (int tick = 0; tick < 3; tick++) {
      replays.takeUp();
      // as a node does whose clock goes after the ledger's
      jdbc.update(
          """
          update delivery set state = 'delivered', attempts = attempts + 1,
                              settled_at = now() - interval '1 minute'
          where state = 'waiting'
          """);
    }

    assertThat(jdbc.queryForList("select distinct attempts from delivery", Integer.class))
        .containsExactly(1);
    assertThat(replays.one(id).orElseThrow())
        .containsEntry("state", "done")
        .containsEntry("done", 150L);
  }

  private String stateOfTheReplay() {
    return jdbc.queryForObject("select state from replay", String.class);
  }

  /**
   * Somebody else has a row in hand, such as the renewal of the protection, while a replay looks.
   */
  private void whileHeld(String row, Runnable replay) throws SQLException {
    try (Connection other = TABLES.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute(row + " for update");
      replay.run();
      other.rollback();
    }
  }

  private void keepADeadLetter() {
    keepAnUnroutableEvent();
    jdbc.update("update event set state = 'routed', entity_key = '1'");
    jdbc.update(
        """
        insert into delivery (event_sequence, target, type, entity, occurred_at, state, settled_at)
        select sequence, 'database', type, 'account/1', now(), 'dead', now() from event
        """);
  }

  @Test
  void an_event_that_somebody_has_in_hand_is_taken_up_when_it_is_free() throws SQLException {
    keepADeadLetter();
    Replays replays = replays();
    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");

    whileHeld("select from event", replays::takeUp);
    assertThat(stateOfTheReplay()).isEqualTo("running");

    replays.takeUp();
    replays.takeUp();
    assertThat(stateOfTheReplay()).isEqualTo("done");
    assertThat(jdbc.queryForObject("select state from event", String.class)).isEqualTo("received");
  }

  @Test
  void a_dead_letter_that_somebody_has_in_hand_is_taken_up_when_it_is_free() throws SQLException {
    keepADeadLetter();
    Replays replays = replays();
    replays.ofDeliveries(
        new DeliveryFilter(null, null, null, null, null, null, null, null, null, null, null, null),
        "an operator");

    whileHeld("select from delivery", replays::takeUp);
    assertThat(stateOfTheReplay()).isEqualTo("running");

    replays.takeUp();
    replays.takeUp();
    assertThat(stateOfTheReplay()).isEqualTo("done");
    assertThat(jdbc.queryForObject("select state from delivery", String.class))
        .isEqualTo("waiting");
  }

  @ParameterizedTest
  @CsvSource({"dead, ", "delivered, delivered"})
  void what_could_not_be_counted_is_not_taken_up_either(String state, String asked) {
    keepADeadLetter();
    jdbc.update("update delivery set state = ?, settled_at = now() - interval '1 day'", state);
    Replays replays = replays();
    long id =
        replays.ofDeliveries(
            new DeliveryFilter(
                null, asked, "database", null, null, null, null, null, null, null, null, null),
            "an operator");

    jdbc.execute("alter table replay rename column done to away");
    assertThatThrownBy(replays::takeUp).isInstanceOf(DataAccessException.class);
    jdbc.execute("alter table replay rename column away to done");
    replays.takeUp();
    replays.takeUp();

    assertThat(jdbc.queryForObject("select state from delivery", String.class))
        .isEqualTo("waiting");
    assertThat(replays.one(id).orElseThrow())
        .containsEntry("state", "done")
        .containsEntry("done", 1L);
  }

  @ParameterizedTest
  @CsvSource({"dead, ", "delivered, delivered"})
  void what_came_to_that_after_a_replay_was_asked_for_is_left_alone(String state, String asked) {
    keepADeadLetter();
    jdbc.update("update delivery set state = ?, settled_at = now() + interval '1 minute'", state);
    Replays replays = replays();
    replays.ofDeliveries(
        new DeliveryFilter(
            null, asked, "database", null, null, null, null, null, null, null, null, null),
        "an operator");

    replays.takeUp();

    assertThat(jdbc.queryForObject("select state from delivery", String.class)).isEqualTo(state);
    assertThat(stateOfTheReplay()).isEqualTo("done");
  }

  @Test
  void what_loses_its_payload_while_a_replay_takes_it_up_is_left_alone() throws Exception {
    keepADeadLetter();
    jdbc.update("update delivery set state = 'delivered', settled_at = now() - interval '1 day'");
    Replays replays = replays();
    replays.ofDeliveries(
        new DeliveryFilter(
            null, "delivered", "database", null, null, null, null, null, null, null, null, null),
        "an operator");
    FutureTask<Void> tick = new FutureTask<>(replays::takeUp, null);
    try (Connection other = TABLES.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("update event set body = '{}', payload_removed_at = now()");
      new Thread(tick).start();
      Awaitility.await().until(() -> tick.isDone() || isWaitedFor());
      other.commit();
    }
    tick.get();

    assertThat(jdbc.queryForObject("select state from delivery", String.class))
        .isEqualTo("delivered");
    assertThat(stateOfTheReplay()).isEqualTo("done");
  }

  private boolean isWaitedFor() {
    return jdbc.queryForObject("select count(*) from pg_locks where not granted", Integer.class)
        > 0;
  }

  @Test
  void an_unroutable_event_that_comes_after_a_replay_was_asked_for_is_left_alone() {
    keepAnUnroutableEvent();
    jdbc.update("update event set received_at = now() + interval '1 minute'");
    meanwhile = () -> fail("it was read again");
    Replays replays = replays();
    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");

    replays.takeUp();

    assertThat(jdbc.queryForList("select routed_at from event", Instant.class)).containsOnlyNulls();
    assertThat(stateOfTheReplay()).isEqualTo("done");
  }

  @Test
  void what_was_given_up_after_its_events_were_to_be_routed_again_is_left_alone() {
    keepADeadLetter();
    jdbc.update("update event set routed_at = now() - interval '1 day'");
    jdbc.update("update delivery set settled_at = now() + interval '1 minute'");
    Replays replays = replays();
    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");

    replays.takeUp();

    assertThat(jdbc.queryForObject("select state from delivery", String.class)).isEqualTo("dead");
    assertThat(stateOfTheReplay()).isEqualTo("done");
  }

  @Test
  void what_is_routed_again_has_all_its_attempts_anew() {
    keepAnUnroutableEvent();
    jdbc.update("update event set attempts = 12");
    Replays replays = replays();
    replays.ofEvents(EventFilter.of(List.of("1")), "an operator");

    replays.takeUp();

    assertThat(jdbc.queryForObject("select state || ' ' || attempts from event", String.class))
        .isEqualTo("received 0");
  }

  @Test
  void a_replay_that_is_cancelled_as_it_takes_something_up_counts_that_and_stays_cancelled() {
    keepAnUnroutableEvent();
    Replays replays = replays();
    long id = replays.ofEvents(EventFilter.of(List.of("1")), "an operator");
    meanwhile = () -> replays.cancel(id);

    replays.takeUp();

    assertThat(replays.one(id).orElseThrow())
        .containsEntry("state", "cancelled")
        .containsEntry("done", 1L)
        .doesNotContainEntry("ended_at", null);
  }
}
