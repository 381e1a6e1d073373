package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.ledger.Erasures;
import io.commercewebhooks.ledger.LedgerAccount;
import io.commercewebhooks.ledger.PersonalData.Kind;
import io.commercewebhooks.ledger.PersonalData.Person;
import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Persons in the ledger: finding, revealing and erasing them; and what operators did. */
@RestController
@RequestMapping("/api")
class DataProtectionApi {

  private static final Logger LOG = LoggerFactory.getLogger(DataProtectionApi.class);
  private static final int LONGEST_VALUE = 320;

  private final LedgerAccount account;
  private final Erasures erasures;
  private final Decisions decisions;
  private final Audit audit;

  DataProtectionApi(LedgerAccount account, Erasures erasures, Decisions decisions, Audit audit) {
    this.account = account;
    this.erasures = erasures;
    this.decisions = decisions;
    this.audit = audit;
  }

  /**
   * Which person is meant: exactly one of the three.
   *
   * @param before a sequence: only older events
   */
  record Search(String email, String profileId, String accountId, Long before, Integer limit) {}

  /** The newest events that name a person. It is a POST, so that no address names one. */
  @PostMapping("/events/search")
  List<Map<String, Object>> search(@RequestBody Search search) {
    Person person = person(search.email(), search.profileId(), search.accountId());
    return account.eventsOf(person, search.before(), search.limit());
  }

  /** Why somebody wants to see a person. */
  record Reveal(String reason) {}

  /** The payload of an event without masks. */
  @PostMapping("/events/{id}/reveal")
  Map<String, Object> reveal(
      @PathVariable String id, @RequestBody Reveal reveal, HttpServletRequest request) {
    return decisions
        .reveal(id, reveal.reason(), Actors.of(request))
        .orElseThrow(() -> problem(HttpStatus.NOT_FOUND, "the ledger has no event with this id"));
  }

  /**
   * Whom to erase: exactly one of the three.
   *
   * @param reason why, for the audit; not needed when dry
   * @param dryRun only count
   */
  record Erasure(String email, String profileId, String accountId, String reason, boolean dryRun) {}

  @PostMapping("/erasures")
  Erasures.Receipt erase(@RequestBody Erasure erasure, HttpServletRequest request) {
    Person person = person(erasure.email(), erasure.profileId(), erasure.accountId());
    return erasure.dryRun()
        ? erasures.count(person, Actors.of(request))
        : erasures.erase(person, Decisions.said(erasure.reason()), Actors.of(request));
  }

  /** The receipts of all erasures. */
  @GetMapping("/erasures")
  List<Map<String, Object>> erasures(Audit.Filter filter) {
    return audit.lines(
        new Audit.Filter(
            filter.actor(),
            "erasure",
            filter.object(),
            filter.from(),
            filter.to(),
            filter.before(),
            filter.limit()));
  }

  /** What operators did. */
  @GetMapping("/audit")
  List<Map<String, Object>> audit(Audit.Filter filter) {
    return audit.lines(filter);
  }

  private static Person person(String email, String profileId, String accountId) {
    Map<Kind, String> said = new EnumMap<>(Kind.class);
    said.put(Kind.EMAIL, email);
    said.put(Kind.PROFILE, profileId);
    said.put(Kind.ACCOUNT, accountId);
    said.values().removeIf(value -> value == null);
    if (said.size() != 1) {
      throw problem(
          HttpStatus.BAD_REQUEST, "say one of \"email\", \"profileId\" and \"accountId\"");
    }
    Map.Entry<Kind, String> one = said.entrySet().iterator().next();
    String value = one.getValue().strip();
    if (value.isEmpty() || value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0) {
      throw problem(HttpStatus.BAD_REQUEST, "what names the person is empty, too long or no text");
    }
    return new Person(one.getKey(), value);
  }

  @ExceptionHandler
  ProblemDetail notYet(Erasures.NotYetException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, e.getMessage());
  }

  /** Asking again doesn't help before somebody has mended it. */
  @ExceptionHandler({BadSqlGrammarException.class, DataIntegrityViolationException.class})
  ProblemDetail refused(DataAccessException e) {
    LOG.warn("console: an erasure was refused: {}", e.getMessage());
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.INTERNAL_SERVER_ERROR,
        ("the database target refuses what config/sql/erase-person.sql says: %s; mend it, or the"
                + " tables and rights there, and ask again: it goes on")
            .formatted(NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ProblemDetail notNow(Exception e) {
    LOG.warn("console: an operator's request failed: {}", e.getMessage());
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.SERVICE_UNAVAILABLE,
        "the ledger or the database target did not answer in time; ask again, and it goes on");
  }
}
