package io.commercewebhooks.console;

import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.ledger.DeadLetters;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.LedgerAccount;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.UriComponentsBuilder;

/** Dead letters by cause, and what to do about each. */
@ConsolePage
@RequestMapping("/console/failures")
class FailurePages {

  private final DeadLetters deadLetters;
  private final LedgerAccount account;
  private final Advice advice;
  private final Decisions decisions;

  FailurePages(DeadLetters deadLetters, LedgerAccount account, Advice advice, Decisions decisions) {
    this.deadLetters = deadLetters;
    this.account = account;
    this.advice = advice;
    this.decisions = decisions;
  }

  @GetMapping
  String failures(Model model) {
    model.addAttribute("causes", advice.beside(deadLetters.causes()));
    model.addAttribute("failing", advice.beside(account.failing(Duration.ZERO)));
    return "failures";
  }

  @GetMapping("/cause")
  String cause(
      @RequestParam String target,
      @RequestParam String code,
      @RequestParam(required = false) Long before,
      Model model) {
    Map<String, Object> cause =
        deadLetters
            .cause(target, code)
            .orElseThrow(
                () ->
                    new NothingThereException(
                        "There are no dead letters of this cause any more: all are replayed,"
                            + " mended or discarded."));
    model.addAttribute("cause", advice.beside(List.of(cause)).get(0));
    model.addAttribute("objects", deadLetters.objectsOf(target, code));
    List<Map<String, Object>> deliveries =
        account.deliveries(
            new DeliveryFilter(
                null, "dead", target, null, null, null, code, null, null, before, Page.READ));
    Page.of(deliveries).addTo(model, "deliveries");
    model.addAttribute("before", before);
    return "cause";
  }

  @PostMapping("/acknowledge")
  String acknowledge(
      @RequestParam String target,
      @RequestParam String code,
      @RequestParam(defaultValue = "") String comment,
      HttpServletRequest request,
      RedirectAttributes next) {
    if (decisions.acknowledge(target, code, comment, Actors.of(request)) == 0) {
      throw new NothingThereException("There are no dead letters of this cause any more.");
    }
    next.addFlashAttribute("done", "Acknowledged: operators get no more mails about this cause.");
    return "redirect:"
        + UriComponentsBuilder.fromPath("/console/failures/cause")
            .queryParam("target", "{target}")
            .queryParam("code", "{code}")
            .encode()
            .buildAndExpand(target, code)
            .toUriString();
  }
}
