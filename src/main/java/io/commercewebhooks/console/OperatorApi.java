package io.commercewebhooks.console;

import io.commercewebhooks.ledger.LedgerAccount;
import io.commercewebhooks.ledger.LedgerAccount.DeliveryFilter;
import io.commercewebhooks.ledger.LedgerAccount.EventFilter;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
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

  OperatorApi(LedgerAccount account) {
    this.account = account;
  }

  @GetMapping("/events")
  List<Map<String, Object>> events(EventFilter filter) {
    return account.events(filter);
  }

  @GetMapping("/events/{id}")
  Map<String, Object> event(@PathVariable String id) {
    return account
        .event(id)
        .orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "the ledger has no event with this id"));
  }

  @GetMapping("/deliveries")
  List<Map<String, Object>> deliveries(DeliveryFilter filter) {
    return account.deliveries(filter);
  }

  @GetMapping("/targets")
  List<Map<String, Object>> targets() {
    return account.targets();
  }

  @GetMapping("/rejected")
  List<Map<String, Object>> rejected(@RequestParam(required = false) Integer limit) {
    return account.rejectedWebhooks(limit);
  }

  /**
   * What to replay.
   *
   * @param deliveries dead letters, which get all their attempts anew
   * @param events unroutable events, which are routed again by today's routes
   * @param dryRun only count
   */
  record Replay(DeliveryFilter deliveries, EventFilter events, boolean dryRun) {}

  /** How many deliveries or events a replay takes up (or would, when dry). */
  record Replayed(long count, boolean dryRun) {}

  @PostMapping("/replays")
  ResponseEntity<Replayed> replay(@RequestBody Replay replay) {
    if ((replay.deliveries() == null) == (replay.events() == null)) {
      throw problem(
          HttpStatus.BAD_REQUEST,
          "say either \"deliveries\" (a filter of dead letters) or \"events\" (of unroutable events)");
    }
    long count;
    if (replay.deliveries() != null) {
      count =
          replay.dryRun()
              ? account.countToReplay(replay.deliveries())
              : account.replay(replay.deliveries());
    } else {
      count =
          replay.dryRun()
              ? account.countToRoute(replay.events())
              : account.routeAgain(replay.events());
    }
    return ResponseEntity.status(replay.dryRun() ? HttpStatus.OK : HttpStatus.ACCEPTED)
        .body(new Replayed(count, replay.dryRun()));
  }

  @ExceptionHandler({HttpMessageNotReadableException.class, MethodArgumentNotValidException.class})
  ProblemDetail unreadable(Exception e) {
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST, "the request could not be read as what this address takes");
  }

  @ExceptionHandler
  ProblemDetail problem(ErrorResponseException e) {
    return e.getBody();
  }

  private static ErrorResponseException problem(HttpStatus status, String detail) {
    return new ErrorResponseException(
        status, ProblemDetail.forStatusAndDetail(status, detail), null);
  }
}
