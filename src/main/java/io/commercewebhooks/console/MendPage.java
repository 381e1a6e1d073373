package io.commercewebhooks.console;

import io.commercewebhooks.Sha256;
import io.commercewebhooks.ledger.Mending;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriUtils;

/** Mending a parked payload: edit a copy, look at what is different, say why. */
@ConsolePage
@RequestMapping("/console/events/{id}/mend")
class MendPage {

  private final Mending mending;
  private final Decisions decisions;

  MendPage(Mending mending, Decisions decisions) {
    this.mending = mending;
    this.decisions = decisions;
  }

  @GetMapping
  String edit(@PathVariable String id, Model model) {
    return form(id, mending.copy(id), "", model);
  }

  /**
   * Looks at an edited copy, or, once somebody has looked, mends by it.
   *
   * @param looked the digest of what was looked at; what was edited since is looked at again
   */
  @PostMapping
  String mend(
      @PathVariable String id,
      @RequestParam String payload,
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "") String looked,
      HttpServletRequest request,
      Model model,
      RedirectAttributes next) {
    try {
      if (!looked.equals(digest(payload))) {
        model.addAttribute("mended", mending.look(id, payload));
        return form(id, payload, reason, model);
      }
      Mending.Mended mended = decisions.mend(id, payload, reason, Actors.of(request));
      next.addFlashAttribute("done", "Mended. This is the copy; the original is as it came.");
      return "redirect:/console/events/" + UriUtils.encodePathSegment(mended.id(), "UTF-8");
    } catch (Mending.NotMendedException e) {
      if (e.isConflict()) {
        throw e;
      }
      model.addAttribute("problem", e.getMessage());
    } catch (Decisions.NoReasonException e) {
      model.addAttribute("mended", mending.look(id, payload));
      model.addAttribute("problem", "Say why, in a few words.");
    }
    return form(id, payload, reason, model);
  }

  private static String form(String id, String payload, String reason, Model model) {
    model.addAttribute("id", id);
    model.addAttribute("payload", payload);
    model.addAttribute("reason", reason);
    model.addAttribute("looked", digest(payload));
    return "mend";
  }

  private static String digest(String payload) {
    return Sha256.of(payload);
  }
}
