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
    addDeliveries("dead", target, code, before, model);
    return "cause";
  }

  @GetMapping("/failing")
  String failing(
      @RequestParam String target,
      @RequestParam String code,
      @RequestParam(required = false) Long before,
      Model model) {
    Map<String, Object> cause =
        account.failing(Duration.ZERO).stream()
            .filter(c -> target.equals(c.get("target")) && code.equals(c.get("cause_code")))
            .findFirst()
            .orElseThrow(
                () ->
                    new NothingThereException(
                        "Nothing fails for this cause any more: all went, are dead letters, or wait"
                            + " for a target on hold."));
    model.addAttribute("cause", advice.beside(List.of(cause)).get(0));
    addDeliveries("waiting", target, code, before, model);
    return "failing";
  }

  private void addDeliveries(String state, String target, String code, Long before, Model model) {
    Page.of(
            account.deliveries(
                new DeliveryFilter(
                    null, state, target, null, null, null, null, code, null, null, before,
                    Page.READ)))
        .addTo(model, "deliveries");
    model.addAttribute("before", before);
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
