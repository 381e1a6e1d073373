package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.ledger.Audit.Deed;
import io.commercewebhooks.ledger.DeadLetters;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.Holds;
import io.commercewebhooks.ledger.LedgerAccount;
import io.commercewebhooks.ledger.Mending;
import io.commercewebhooks.ledger.Payloads;
import io.commercewebhooks.ledger.PersonalData;
import io.commercewebhooks.ledger.Replays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * What operators do, by script or on a page, each with its line in the audit: neither is ever there
 * without the other.
 */
@Component
class Decisions {

  private static final int LONGEST_REASON = 500;

  private final LedgerAccount account;
  private final Payloads payloads;
  private final DeadLetters deadLetters;
  private final Mending mending;
  private final Replays replays;
  private final Holds holds;
  private final PersonalData people;
  private final Audit audit;

  Decisions(
      LedgerAccount account,
      Payloads payloads,
      DeadLetters deadLetters,
      Mending mending,
      Replays replays,
      Holds holds,
      PersonalData people,
      Audit audit) {
    this.account = account;
    this.payloads = payloads;
    this.deadLetters = deadLetters;
    this.mending = mending;
    this.replays = replays;
    this.holds = holds;
    this.people = people;
    this.audit = audit;
  }

  /** Deliveries or events, all that a filter means: exactly one of the two. */
  record What(DeliveryFilter deliveries, EventFilter events) {

    What {
      boolean page =
          deliveries != null
              ? KnownStates.in(deliveries).limit() != null || deliveries.before() != null
              : KnownStates.in(events).limit() != null || events.before() != null;
      if (page) {
        throw ApiProblems.problem(
            HttpStatus.BAD_REQUEST,
            "\"limit\" and \"before\" are for lists alone: here all is meant that the other"
                + " filters say; \"ids\" name single ones");
      }
    }

    private <T> T either(
        Function<DeliveryFilter, T> ofDeliveries, Function<EventFilter, T> ofEvents) {
      return deliveries != null ? ofDeliveries.apply(deliveries) : ofEvents.apply(events);
    }

    private String word() {
      return deliveries != null ? "deliveries" : "events";
    }

    /** For the audit, from which nothing can be taken out again. */
    private Object filter(PersonalData people) {
      String entity = either(DeliveryFilter::entity, EventFilter::entity);
      String plain = entity == null ? null : people.plain(entity);
      return either(filter -> (Object) filter.of(plain), filter -> filter.of(plain));
    }
  }

  /** Somebody has to say why, in words that are not too many. */
  static final class NoReasonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NoReasonException() {
      super("say a \"reason\", in no more than %d characters".formatted(LONGEST_REASON));
    }
  }

  /** How many a replay would take up. */
  long countToReplay(What what) {
    if (what.deliveries() != null && what.deliveries().asksForAllDone()) {
      throw ApiProblems.problem(
          HttpStatus.BAD_REQUEST,
          "say which \"target\" is to have again what was delivered to it: for all of them,"
              + " people would get every mail again");
    }
    return what.either(account::countToReplay, account::countToRoute);
  }

  /** How many more fit, but have no payload any more. */
  long countWithoutPayload(What what) {
    return what.either(account::countWithoutPayload, account::countWithoutPayload);
  }

  /**
   * Asks for a replay.
   *
   * @param count how many it takes up, for the audit
   * @return its number
   */
  long replay(What what, long count, Audit.Actor operator) {
    return audit.of(
        new Deed(operator, "replay", what.word(), Map.of("filter", what.filter(people))),
        done -> count,
        () ->
            what.either(
                deliveries -> replays.ofDeliveries(deliveries, operator.name()),
                events -> replays.ofEvents(events, operator.name())));
  }

  /** Stops a replay; false when it was not running. */
  boolean cancel(long replay, Audit.Actor operator) {
    return audit.ifDone(
        new Deed(operator, "cancel", "replay " + replay), () -> replays.cancel(replay));
  }

  /** Puts a target on hold until somebody resumes it. */
  void pause(String target, Audit.Actor operator) {
    audit.of(new Deed(operator, "pause", target), () -> holds.pause(target, operator.name()));
  }

  /** Takes a target off hold, whatever put it there. */
  void resume(String target, Audit.Actor operator) {
    audit.of(
        new Deed(operator, "resume", target),
        () -> holds.resume(target, "resumed by " + operator.name()));
  }

  /**
   * Says that somebody sees to a cause.
   *
   * @param comment who, or how; may be null
   * @return how many dead letters it has; 0 when there is no such cause
   */
  long acknowledge(String target, String cause, String comment, Audit.Actor operator) {
    String words = comment == null || comment.isBlank() ? "" : reason(comment);
    return audit
        .ifDone(
            new Deed(operator, "acknowledge", target + " " + cause, Map.of("comment", words)),
            Long::longValue,
            () ->
                Optional.of(deadLetters.acknowledge(target, cause, words, operator.name()))
                    .filter(count -> count > 0))
        .orElse(0L);
  }

  /** How many a discarding would end. */
  long countToDiscard(What what) {
    refuseAllThatWaits(what);
    return what.either(deadLetters::countToDiscard, deadLetters::countToDiscard);
  }

  /** To whom it goes what a discarding would end; empty unless it is what waits. */
  List<Map<String, Object>> audiencesToDiscard(What what) {
    return what.deliveries() != null && what.deliveries().asksForWaiting()
        ? deadLetters.audiencesToDiscard(what.deliveries())
        : List.of();
  }

  private static void refuseAllThatWaits(What what) {
    if (what.deliveries() != null && what.deliveries().asksForAllWaiting()) {
      throw ApiProblems.problem(
          HttpStatus.BAD_REQUEST,
          "say which \"target\" is not to have what waits for it: all of them would miss it");
    }
  }

  /**
   * Ends dead letters, or what waits where that is said, or closes unroutable events.
   *
   * @throws NoReasonException without a reason
   */
  long discard(What what, String reason, Audit.Actor operator) {
    refuseAllThatWaits(what);
    String words = reason(reason);
    return audit.of(
        new Deed(
            operator,
            "discard",
            what.word(),
            Map.of("filter", what.filter(people), "reason", words)),
        count -> count,
        () ->
            what.either(
                deliveries -> deadLetters.discard(deliveries, words, operator.name()),
                events -> deadLetters.discard(events, words, operator.name())));
  }

  /**
   * Mends a payload.
   *
   * @throws NoReasonException without a reason
   * @throws Mending.NotMendedException when it can't be mended so
   */
  Mending.Mended mend(String event, String payload, String reason, Audit.Actor operator) {
    String words = reason(reason);
    Mending.Mended looked = mending.look(event, payload);
    List<String> fields = looked.changes().stream().map(Mending.Change::field).toList();
    return audit.of(
        new Deed(operator, "mend", event, Map.of("reason", words, "fields", fields)),
        mended -> 1,
        () -> mending.mend(event, payload, operator.name()));
  }

  /**
   * The payload of an event without masks; empty when there is no such event.
   *
   * @throws NoReasonException without a reason
   */
  Optional<Map<String, Object>> reveal(String event, String reason, Audit.Actor operator) {
    return audit.ifDone(
        new Deed(operator, "reveal", event, Map.of("reason", reason(reason))),
        shown -> 1,
        () -> payloads.asItCame(event));
  }

  private String reason(String reason) {
    return people.plain(said(reason));
  }

  /**
   * A reason that somebody gave.
   *
   * @throws NoReasonException when there is none, or it is too long
   */
  static String said(String reason) {
    if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
      throw new NoReasonException();
    }
    return reason.strip();
  }
}
