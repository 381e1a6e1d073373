package io.commercewebhooks.console;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.workbench.LiveFiles;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Which routes and config are live, what keeps changed ones out, and going back. */
@ConsolePage
@RequestMapping("/console/files")
class FilesPages {

  private static final String ADDRESS = "redirect:/console/files";

  /** Lines around what is different, to see where it is. */
  private static final int AROUND = 3;

  /** The two lines that name the files. */
  private static final int NAMES = 2;

  private final LiveFiles files;
  private final WorkbenchDecisions decisions;

  FilesPages(LiveFiles files, WorkbenchDecisions decisions) {
    this.files = files;
    this.decisions = decisions;
  }

  /**
   * A file that is another one, or only there, in one of two sets.
   *
   * @param lines as in a unified difference: each begins with a blank, -, + or @
   */
  public record Changed(String name, boolean added, boolean gone, List<String> lines) {

    private static Changed between(String name, String was, String is) {
      List<String> before = was == null ? List.of() : was.lines().toList();
      List<String> after = is == null ? List.of() : is.lines().toList();
      List<String> lines =
          UnifiedDiffUtils.generateUnifiedDiff(
              name, name, before, DiffUtils.diff(before, after), AROUND);
      return new Changed(
          name,
          was == null,
          is == null,
          lines.subList(Math.min(NAMES, lines.size()), lines.size()));
    }
  }

  @GetMapping
  String files(@RequestParam(required = false) Long before, Model model) {
    model.addAttribute("live", files.state());
    model.addAttribute("rollback", files.rollback().orElse(null));
    Page.of(files.sets(before, Page.READ)).addTo(model, "sets");
    model.addAttribute("before", before);
    return "files";
  }

  /** One set: what would change if it were live. */
  @GetMapping("/{hash}")
  String set(@PathVariable String hash, Model model) throws IOException {
    LiveFiles.Difference set = files.compare(hash).orElseThrow(FilesPages::unknown);
    Map<String, String> live = files.texts();
    model.addAttribute("hash", hash);
    model.addAttribute("names", set.files().keySet());
    model.addAttribute("live", files.state());
    model.addAttribute(
        "changes",
        set.differFromLive().stream()
            .map(name -> Changed.between(name, live.get(name), set.files().get(name)))
            .toList());
    return "file-set";
  }

  @PostMapping("/reload")
  String reload(HttpServletRequest request, RedirectAttributes next) {
    LiveFiles.State state = decisions.reload(Actors.of(request));
    String words =
        files.rollback().isPresent()
            ? "The set " + state.live() + " stays live until the rollback is ended."
            : "The files as they stand are live.";
    return after(state, words, next);
  }

  @PostMapping("/{hash}/rollback")
  String rollBack(
      @PathVariable String hash,
      @RequestParam String reason,
      HttpServletRequest request,
      RedirectAttributes next) {
    return after(
        decisions.rollBack(hash, reason, Actors.of(request)).orElseThrow(FilesPages::unknown),
        "The set " + hash + " is live; the other nodes follow within seconds.",
        next);
  }

  @PostMapping("/end-rollback")
  String endRollback(
      @RequestParam String reason, HttpServletRequest request, RedirectAttributes next) {
    Optional<LiveFiles.State> state = decisions.endRollback(reason, Actors.of(request));
    if (state.isEmpty()) {
      next.addFlashAttribute("done", "No rollback was in force any more.");
      return ADDRESS;
    }
    return after(state.get(), "The files as they stand are live again.", next);
  }

  private static NothingThereException unknown() {
    return new NothingThereException("The ledger has no set of files of this stamp.");
  }

  private static String after(LiveFiles.State state, String words, RedirectAttributes next) {
    if (state.mistake() == null) {
      next.addFlashAttribute("done", words);
    }
    return ADDRESS;
  }
}
