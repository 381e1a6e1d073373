package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.commercewebhooks.workbench.LiveFiles;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Which routes and config are live, taking up changed ones, and going back to earlier ones. */
@RestController
@RequestMapping("/api")
class ReloadApi {

  private static final int MOST_SETS = 200;

  private final LiveFiles files;
  private final WorkbenchDecisions decisions;

  ReloadApi(LiveFiles files, WorkbenchDecisions decisions) {
    this.files = files;
    this.decisions = decisions;
  }

  /**
   * What is live.
   *
   * @param rollback by which it isn't the files as they stand, or null
   */
  record Live(@JsonUnwrapped LiveFiles.State state, LiveFiles.Rollback rollback) {}

  @GetMapping("/reload")
  Live state() {
    return live(files.state());
  }

  /** Takes up the files of this node as they stand; 422 says which mistake keeps them out. */
  @PostMapping("/reload")
  ResponseEntity<Live> reload(HttpServletRequest request) {
    return answer(decisions.reload(Actors.of(request)));
  }

  /** The sets that were live, the newest first. */
  @GetMapping("/sets")
  List<Map<String, Object>> sets(@RequestParam(required = false) Long before) {
    return files.sets(before, MOST_SETS);
  }

  /** The files of a set, and which of them differ from what is live. */
  @GetMapping("/sets/{hash}")
  LiveFiles.Difference set(@PathVariable String hash) throws IOException {
    return files.compare(hash).orElseThrow(ReloadApi::unknown);
  }

  /** Puts an earlier set live on every node, until its files change. */
  @PostMapping("/sets/{hash}/rollback")
  ResponseEntity<Live> rollBack(
      @PathVariable String hash,
      @RequestParam(required = false) String reason,
      HttpServletRequest request) {
    return answer(
        decisions.rollBack(hash, reason, Actors.of(request)).orElseThrow(ReloadApi::unknown));
  }

  /** Lets the files go live again, on every node. */
  @DeleteMapping("/rollback")
  ResponseEntity<Live> endRollback(
      @RequestParam(required = false) String reason, HttpServletRequest request) {
    return answer(
        decisions
            .endRollback(reason, Actors.of(request))
            .orElseThrow(
                () -> problem(HttpStatus.NOT_FOUND, "no rollback is in force on this node")));
  }

  private ResponseEntity<Live> answer(LiveFiles.State state) {
    return ResponseEntity.status(
            state.mistake() == null ? HttpStatus.OK : HttpStatus.UNPROCESSABLE_ENTITY)
        .body(live(state));
  }

  private Live live(LiveFiles.State state) {
    return new Live(state, files.rollback().orElse(null));
  }

  private static ErrorResponseException unknown() {
    return problem(HttpStatus.NOT_FOUND, "the ledger has no set of files of this hash");
  }
}
