package io.commercewebhooks.console;

import io.commercewebhooks.console.EventPages.Asked;
import io.commercewebhooks.workbench.Drift;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/** What senders send that the schemas don't know. */
@ConsolePage
@RequestMapping("/console/drift")
class DriftPage {

  private final Drift drift;
  private final WorkbenchDecisions decisions;

  DriftPage(Drift drift, WorkbenchDecisions decisions) {
    this.drift = drift;
    this.decisions = decisions;
  }

  @GetMapping
  String drift(
      @RequestParam(required = false) String type,
      @RequestParam(required = false) Long before,
      Model model) {
    String one = Asked.word(type);
    Page.of(drift.report(one, before, Page.READ)).addTo(model, "findings");
    model.addAttribute("counts", drift.counts());
    model.addAttribute("type", one);
    model.addAttribute("before", before);
    return "drift";
  }

  @PostMapping("/{id}/dismiss")
  String dismiss(
      @PathVariable long id,
      @RequestParam(defaultValue = "") String type,
      HttpServletRequest request,
      RedirectAttributes next) {
    next.addFlashAttribute(
        "done",
        decisions.dismiss(id, Actors.of(request))
            ? "Dismissed: it is not reported again."
            : "Somebody else dismissed it already.");
    return "redirect:"
        + UriComponentsBuilder.fromPath("/console/drift")
            .queryParam("type", "{type}")
            .build(Map.of("type", type));
  }
}
