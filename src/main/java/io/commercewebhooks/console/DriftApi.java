package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.workbench.Drift;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What senders send that the schemas don't know. */
@RestController
@RequestMapping("/api/drift")
class DriftApi {

  private final Drift drift;
  private final Audit audit;

  DriftApi(Drift drift, Audit audit) {
    this.drift = drift;
    this.audit = audit;
  }

  @GetMapping
  List<Map<String, Object>> report() {
    return drift.report();
  }

  /** Somebody has seen to it, or it is of no account. */
  @DeleteMapping("/{id}")
  ResponseEntity<Void> dismiss(@PathVariable long id, HttpServletRequest request) {
    audit.of(
        Actors.of(request),
        "dismiss",
        "drift " + id,
        () -> {
          if (!drift.dismiss(id)) {
            throw problem(HttpStatus.NOT_FOUND, "the report has no finding of this number");
          }
        });
    return ResponseEntity.noContent().build();
  }
}
