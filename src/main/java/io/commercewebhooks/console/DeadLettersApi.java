package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.Mending;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What operators decide about what failed: that somebody sees to it, to mend it, to discard it. */
@RestController
@RequestMapping("/api")
class DeadLettersApi {

  private final Decisions decisions;
  private final Mending mending;

  DeadLettersApi(Decisions decisions, Mending mending) {
    this.decisions = decisions;
    this.mending = mending;
  }

  /**
   * A cause that somebody sees to.
   *
   * @param comment who, or how; may be empty
   */
  record Acknowledgement(String target, String cause, String comment) {}

  @PostMapping("/causes/acknowledge")
  ResponseEntity<Void> acknowledge(@RequestBody Acknowledgement cause, HttpServletRequest request) {
    if (cause.target() == null || cause.cause() == null) {
      throw problem(HttpStatus.BAD_REQUEST, "say a \"target\" and a \"cause\"");
    }
    long count =
        decisions.acknowledge(cause.target(), cause.cause(), cause.comment(), Actors.of(request));
    if (count == 0) {
      throw problem(HttpStatus.NOT_FOUND, "there are no dead letters of this cause");
    }
    return ResponseEntity.noContent().build();
  }

  /**
   * What to discard.
   *
   * @param deliveries dead letters that need not be delivered any more; with {@code waiting} as
   *     their state, what waits for a target
   * @param events unroutable events that nobody needs to see to
   * @param reason why; not needed when dry
   * @param dryRun only count
   */
  record Discard(DeliveryFilter deliveries, EventFilter events, String reason, boolean dryRun) {}

  /** How many were discarded, or would be. */
  record Discarded(long count, boolean dryRun) {}

  @PostMapping("/discards")
  Discarded discard(@RequestBody Discard discard, HttpServletRequest request) {
    if ((discard.deliveries() != null) == (discard.events() != null)) {
      throw problem(
          HttpStatus.BAD_REQUEST,
          "say either \"deliveries\" (a filter of dead letters, or of what waits) or"
              + " \"events\" (unroutable ones)");
    }
    Decisions.What what = new Decisions.What(discard.deliveries(), discard.events());
    return discard.dryRun()
        ? new Discarded(decisions.countToDiscard(what), true)
        : new Discarded(decisions.discard(what, discard.reason(), Actors.of(request)), false);
  }

  /** The payload to be edited: persons are masked by numbers. */
  @GetMapping(path = "/events/{id}/mend")
  Map<String, String> copy(@PathVariable String id) {
    return Map.of("payload", mending.copy(id));
  }

  /**
   * An edited payload.
   *
   * @param payload JSON as text; a masked value stays where its number is
   * @param reason why; not needed when dry
   * @param dryRun only say what it would be
   */
  record Mend(String payload, String reason, boolean dryRun) {}

  @PostMapping("/events/{id}/mend")
  Mending.Mended mend(@PathVariable String id, @RequestBody Mend mend, HttpServletRequest request) {
    return mend.dryRun()
        ? mending.look(id, mend.payload())
        : decisions.mend(id, mend.payload(), mend.reason(), Actors.of(request));
  }

  @ExceptionHandler
  ProblemDetail notMended(Mending.NotMendedException e) {
    return ProblemDetail.forStatusAndDetail(
        e.isConflict() ? HttpStatus.CONFLICT : HttpStatus.BAD_REQUEST, e.getMessage());
  }
}
