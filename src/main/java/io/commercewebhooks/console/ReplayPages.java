package io.commercewebhooks.console;

import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.Replays;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Sending again, and discarding, what a filter means: first how many, then the deed. */
@Controller
@RequestMapping("/console")
class ReplayPages {

  /** Those that say which are meant; where to go on and how many to show are of lists. */
  private static final List<String> FIELDS =
      Stream.of(DeliveryFilter.class, EventFilter.class)
          .flatMap(filter -> Stream.of(filter.getRecordComponents()))
          .map(RecordComponent::getName)
          .filter(name -> !name.equals("before") && !name.equals("limit"))
          .distinct()
          .toList();

  private final Replays replays;
  private final Decisions decisions;

  ReplayPages(Replays replays, Decisions decisions) {
    this.replays = replays;
    this.decisions = decisions;
  }

  private static Decisions.What what(String of, DeliveryFilter deliveries, EventFilter events) {
    return of.equals("events")
        ? new Decisions.What(null, events)
        : new Decisions.What(deliveries, null);
  }

  /** The filter as it was asked for, for the form. */
  private static Map<String, String> filter(HttpServletRequest request) {
    Map<String, String> filter = new LinkedHashMap<>();
    FIELDS.forEach(
        name -> {
          if (request.getParameter(name) != null) {
            filter.put(name, String.join(",", request.getParameterValues(name)));
          }
        });
    return filter;
  }

  @GetMapping("/{deed:replay|discard}")
  String ask(
      @PathVariable String deed,
      @RequestParam String of,
      @ModelAttribute("deliveries") DeliveryFilter deliveries,
      @ModelAttribute("events") EventFilter events,
      HttpServletRequest request,
      Model model) {
    Decisions.What what = what(of, deliveries, events);
    boolean replay = deed.equals("replay");
    model.addAttribute("of", of);
    model.addAttribute("filter", filter(request));
    model.addAttribute(
        "count", replay ? decisions.countToReplay(what) : decisions.countToDiscard(what));
    model.addAttribute("withoutPayload", replay ? decisions.countWithoutPayload(what) : 0);
    return deed;
  }

  @PostMapping("/replay")
  String replay(
      @RequestParam String of,
      @ModelAttribute("deliveries") DeliveryFilter deliveries,
      @ModelAttribute("events") EventFilter events,
      HttpServletRequest request) {
    Decisions.What what = what(of, deliveries, events);
    return "redirect:/console/replays/"
        + decisions.replay(what, decisions.countToReplay(what), Actors.of(request));
  }

  @PostMapping("/discard")
  String discard(
      @RequestParam String of,
      @RequestParam String reason,
      @ModelAttribute("deliveries") DeliveryFilter deliveries,
      @ModelAttribute("events") EventFilter events,
      HttpServletRequest request,
      RedirectAttributes next) {
    long count = decisions.discard(what(of, deliveries, events), reason, Actors.of(request));
    next.addFlashAttribute("done", "Discarded: %,d.".formatted(count));
    return "redirect:/console/" + (of.equals("events") ? "unroutable" : "failures");
  }

  @GetMapping("/replays")
  String replays(Model model) {
    model.addAttribute("replays", replays.all());
    return "replays";
  }

  /** One replay; asked for by the page itself, only the part that moves. */
  @GetMapping("/replays/{id}")
  String progress(
      @PathVariable long id,
      @RequestHeader(name = "HX-Request", required = false) String byPage,
      Model model) {
    model.addAttribute(
        "replay",
        replays
            .one(id)
            .orElseThrow(() -> new NothingThereException("There is no replay of this number.")));
    return byPage == null ? "replay-progress" : "replay-moving";
  }

  @PostMapping("/replays/{id}/cancel")
  String cancel(@PathVariable long id, HttpServletRequest request, RedirectAttributes next) {
    boolean cancelled = decisions.cancel(id, Actors.of(request));
    next.addFlashAttribute(
        "done",
        cancelled
            ? "Cancelled. What it took up already goes its way."
            : "It was not running any more.");
    return "redirect:/console/replays/" + id;
  }
}
