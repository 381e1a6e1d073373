package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.ledger.DeadLetters;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.LedgerAccount;
import io.commercewebhooks.ledger.Payloads;
import io.commercewebhooks.ledger.Replays;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The interface for operators' scripts: what happened to any event, and replays. */
@RestController
@RequestMapping("/api")
class OperatorApi {

  private final LedgerAccount account;
  private final DeadLetters deadLetters;
  private final Replays replays;
  private final Decisions decisions;
  private final Advice advice;
  private final Targets targets;

  OperatorApi(
      LedgerAccount account,
      DeadLetters deadLetters,
      Replays replays,
      Decisions decisions,
      Advice advice,
      Targets targets) {
    this.account = account;
    this.deadLetters = deadLetters;
    this.replays = replays;
    this.decisions = decisions;
    this.advice = advice;
    this.targets = targets;
  }

  @GetMapping("/events")
  List<Map<String, Object>> events(EventFilter filter) {
    return account.events(KnownStates.in(filter));
  }

  @GetMapping("/events/{id}")
  Map<String, Object> event(@PathVariable String id) {
    return account
        .event(id)
        .map(advice::besideDeliveries)
        .orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "the ledger has no event with this id"));
  }

  @GetMapping("/deliveries")
  List<Map<String, Object>> deliveries(DeliveryFilter filter) {
    return advice.beside(account.deliveries(KnownStates.in(filter)));
  }

  @GetMapping("/targets")
  List<Map<String, Object>> targets() {
    return targets.all();
  }

  @GetMapping("/rejected")
  List<Map<String, Object>> rejected(
      @RequestParam(required = false) Long before, @RequestParam(required = false) Integer limit) {
    return account.rejectedWebhooks(before, limit);
  }

  /**
   * What failed by cause, with what to do about it.
   *
   * @param state {@code dead}, or {@code waiting} for what is tried again
   */
  @GetMapping("/causes")
  List<Map<String, Object>> causes(@RequestParam(defaultValue = "dead") String state) {
    return switch (state) {
      case "dead" -> advice.beside(deadLetters.causes());
      case "waiting" -> advice.beside(account.failing(Duration.ZERO));
      default ->
          throw problem(
              HttpStatus.BAD_REQUEST, "there are causes of state \"dead\" or \"waiting\"");
    };
  }

  /** Puts a target on hold until somebody resumes it. */
  @PostMapping("/targets/{target}/pause")
  ResponseEntity<Void> pause(@PathVariable String target, HttpServletRequest request) {
    known(target);
    decisions.pause(target, Actors.of(request));
    return ResponseEntity.noContent().build();
  }

  /** Takes a target off hold, whatever put it there. */
  @PostMapping("/targets/{target}/resume")
  ResponseEntity<Void> resume(@PathVariable String target, HttpServletRequest request) {
    known(target);
    decisions.resume(target, Actors.of(request));
    return ResponseEntity.noContent().build();
  }

  private void known(String target) {
    if (!targets.has(target)) {
      throw problem(
          HttpStatus.NOT_FOUND,
          "no route delivers to a target of this name, and nothing was ever booked for one");
    }
  }

  /**
   * What to replay.
   *
   * @param deliveries dead letters, which get all their attempts anew; with {@code delivered} as
   *     its state, what was delivered, which its target gets again; with {@code superseded}, what
   *     was overtaken
   * @param events events to route again by today's routes: unroutable ones and those with dead
   *     letters
   * @param dryRun only count
   */
  record Replay(DeliveryFilter deliveries, EventFilter events, boolean dryRun) {}

  /**
   * The answer to a replay.
   *
   * @param id number of the replay; null when dry
   * @param count how many deliveries or events it takes up, or would
   * @param withoutPayload how many more fit, but have no payload any more
   */
  record Asked(Long id, long count, long withoutPayload, boolean dryRun) {}

  @PostMapping("/replays")
  ResponseEntity<Asked> replay(@RequestBody Replay replay, HttpServletRequest request) {
    if ((replay.deliveries() != null) == (replay.events() != null)) {
      throw problem(
          HttpStatus.BAD_REQUEST,
          "say either \"deliveries\" (a filter of dead letters, or of what was delivered) or"
              + " \"events\" (to route again)");
    }
    Decisions.What what = new Decisions.What(replay.deliveries(), replay.events());
    long count = decisions.countToReplay(what);
    long withoutPayload = decisions.countWithoutPayload(what);
    if (count == 0 && withoutPayload > 0) {
      throw problem(
          HttpStatus.CONFLICT,
          "the payload was removed, by retention or by an erasure: there is nothing to replay");
    }
    if (replay.dryRun()) {
      return ResponseEntity.ok(new Asked(null, count, withoutPayload, true));
    }
    long id = decisions.replay(what, count, Actors.of(request));
    return ResponseEntity.accepted().body(new Asked(id, count, withoutPayload, false));
  }

  /** The newest replays with their progress. */
  @GetMapping("/replays")
  List<Map<String, Object>> replays() {
    return replays.all().stream().map(OperatorApi::withFilter).toList();
  }

  @GetMapping("/replays/{id}")
  Map<String, Object> replay(@PathVariable long id) {
    return replays
        .one(id)
        .map(OperatorApi::withFilter)
        .orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "there is no replay of this number"));
  }

  /** The ledger has the filter as text. */
  private static Map<String, Object> withFilter(Map<String, Object> replay) {
    replay.compute("filter", (name, text) -> new Payloads.RawJson((String) text));
    return replay;
  }

  /** Stops a replay; what it took up already goes its way. */
  @PostMapping("/replays/{id}/cancel")
  ResponseEntity<Void> cancel(@PathVariable long id, HttpServletRequest request) {
    if (!decisions.cancel(id, Actors.of(request))) {
      throw problem(HttpStatus.CONFLICT, "no replay of this number is running");
    }
    return ResponseEntity.noContent().build();
  }
}
