package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

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
  private final WorkbenchDecisions decisions;

  DriftApi(Drift drift, WorkbenchDecisions decisions) {
    this.drift = drift;
    this.decisions = decisions;
  }

  @GetMapping
  List<Map<String, Object>> report() {
    return drift.report();
  }

  /** Somebody has seen to it, or it is of no account. */
  @DeleteMapping("/{id}")
  ResponseEntity<Void> dismiss(@PathVariable long id, HttpServletRequest request) {
    if (!decisions.dismiss(id, Actors.of(request))) {
      throw problem(HttpStatus.NOT_FOUND, "the report has no finding of this number");
    }
    return ResponseEntity.noContent().build();
  }
}
