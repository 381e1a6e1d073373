package io.commercewebhooks.console;

import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.Replays;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Sending again, and discarding, what a filter means: first how many, then the deed. */
@ConsolePage
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

  /** What a page that asks again and again takes as the last answer. */
  private static final int ASK_NO_MORE = 286;

  // each has ids of its own kind, so that a request is read as the one that it is about
  private static final String EVENTS = "of=events";
  private static final String DELIVERIES = "of=deliveries";

  private final Replays replays;
  private final Decisions decisions;

  ReplayPages(Replays replays, Decisions decisions) {
    this.replays = replays;
    this.decisions = decisions;
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

  @GetMapping(path = "/{deed:replay|discard}", params = EVENTS)
  String ask(
      @PathVariable String deed, EventFilter events, HttpServletRequest request, Model model) {
    return ask(deed, new Decisions.What(null, events), request, model);
  }

  @GetMapping(path = "/{deed:replay|discard}", params = DELIVERIES)
  String ask(
      @PathVariable String deed,
      DeliveryFilter deliveries,
      HttpServletRequest request,
      Model model) {
    return ask(deed, new Decisions.What(deliveries, null), request, model);
  }

  private String ask(String deed, Decisions.What what, HttpServletRequest request, Model model) {
    boolean replay = deed.equals("replay");
    model.addAttribute("of", request.getParameter("of"));
    model.addAttribute("filter", filter(request));
    model.addAttribute(
        "count", replay ? decisions.countToReplay(what) : decisions.countToDiscard(what));
    model.addAttribute("audiences", replay ? List.of() : decisions.audiencesToDiscard(what));
    model.addAttribute("withoutPayload", replay ? decisions.countWithoutPayload(what) : 0);
    return deed;
  }

  @PostMapping(path = "/replay", params = EVENTS)
  String replay(EventFilter events, HttpServletRequest request) {
    return replay(new Decisions.What(null, events), request);
  }

  @PostMapping(path = "/replay", params = DELIVERIES)
  String replay(DeliveryFilter deliveries, HttpServletRequest request) {
    return replay(new Decisions.What(deliveries, null), request);
  }

  private String replay(Decisions.What what, HttpServletRequest request) {
    return "redirect:/console/replays/"
        + decisions.replay(what, decisions.countToReplay(what), Actors.of(request));
  }

  /**
   * What somebody says who discards.
   *
   * @param counted how many there were on the page
   */
  public record Discard(String reason, long counted) {}

  @PostMapping(path = "/discard", params = EVENTS)
  String discard(
      Discard discard,
      EventFilter events,
      HttpServletRequest request,
      RedirectAttributes next,
      Model model) {
    Decisions.What what = new Decisions.What(null, events);
    return discard(what, discard, "/unroutable", request, next, model);
  }

  @PostMapping(path = "/discard", params = DELIVERIES)
  String discard(
      Discard discard,
      DeliveryFilter deliveries,
      HttpServletRequest request,
      RedirectAttributes next,
      Model model) {
    Decisions.What what = new Decisions.What(deliveries, null);
    String page = deliveries.asksForWaiting() ? "" : "/failures";
    return discard(what, discard, page, request, next, model);
  }

  /** What nobody has looked at yet is not discarded: who asks sees the new count first. */
  private String discard(
      Decisions.What what,
      Discard discard,
      String page,
      HttpServletRequest request,
      RedirectAttributes next,
      Model model) {
    if (decisions.countToDiscard(what) != discard.counted()) {
      model.addAttribute("asked", discard);
      return ask("discard", what, request, model);
    }
    long count = decisions.discard(what, discard.reason(), Actors.of(request));
    next.addFlashAttribute("done", String.format(Locale.ROOT, "Discarded: %,d.", count));
    return "redirect:/console" + page;
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
      HttpServletResponse response,
      Model model) {
    Map<String, Object> replay =
        replays
            .one(id)
            .orElseThrow(() -> new NothingThereException("There is no replay of this number."));
    model.addAttribute("replay", replay);
    model.addAttribute("byPage", byPage);
    if (byPage == null) {
      return "replay-progress";
    }
    if (!"running".equals(replay.get("state"))) {
      response.setStatus(ASK_NO_MORE);
    }
    return "replay-moving";
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
