package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.workbench.LiveFiles;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which routes and config are live, taking up changed ones, and going back to earlier ones. */
@RestController
@RequestMapping("/api")
class ReloadApi {

  private final LiveFiles files;
  private final Audit audit;

  ReloadApi(LiveFiles files, Audit audit) {
    this.files = files;
    this.audit = audit;
  }

  @GetMapping("/reload")
  LiveFiles.State state() {
    return files.state();
  }

  /** Takes up the files of this node as they stand; 422 says which mistake keeps them out. */
  @PostMapping("/reload")
  ResponseEntity<LiveFiles.State> reload(HttpServletRequest request) throws IOException {
    audit.of(Actors.of(request), "reload", "files", () -> {});
    LiveFiles.State state = files.reload();
    return ResponseEntity.status(
            state.mistake() == null ? HttpStatus.OK : HttpStatus.UNPROCESSABLE_ENTITY)
        .body(state);
  }

  /** The sets that were live, the newest first. */
  @GetMapping("/sets")
  List<Map<String, Object>> sets() {
    return files.sets();
  }

  /** The files of a set, and which of them differ from what is live. */
  @GetMapping("/sets/{hash}")
  LiveFiles.Difference set(@PathVariable String hash) throws IOException {
    return files.compare(hash).orElseThrow(ReloadApi::unknown);
  }

  /** Puts an earlier set live on every node, until its files change. */
  @PostMapping("/sets/{hash}/rollback")
  ResponseEntity<LiveFiles.State> rollBack(@PathVariable String hash, HttpServletRequest request)
      throws IOException {
    Audit.Actor actor = Actors.of(request);
    audit.of(actor, "rollback", hash, () -> {});
    if (!files.rollBack(hash, actor.name())) {
      throw unknown();
    }
    LiveFiles.State state = files.state();
    return ResponseEntity.status(
            state.mistake() == null ? HttpStatus.OK : HttpStatus.UNPROCESSABLE_ENTITY)
        .body(state);
  }

  private static ErrorResponseException unknown() {
    return problem(HttpStatus.NOT_FOUND, "the ledger has no set of files of this hash");
  }
}
