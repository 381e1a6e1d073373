package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.Keeping;
import io.commercewebhooks.ledger.LastDay;
import io.commercewebhooks.ledger.LastDay.Figures;
import io.commercewebhooks.ledger.LedgerAccount;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** How things are going, at a glance; and the switch of each target. */
@ConsolePage
@RequestMapping("/console")
class OverviewPage {

  private static final int HOURS = 24;

  private final LastDay lastDay;
  private final LedgerAccount account;
  private final Balance balance;
  private final Targets targets;
  private final Decisions decisions;
  private final Keeping keeping;

  OverviewPage(
      LastDay lastDay,
      LedgerAccount account,
      Balance balance,
      Targets targets,
      Decisions decisions,
      Keeping keeping) {
    this.lastDay = lastDay;
    this.account = account;
    this.balance = balance;
    this.targets = targets;
    this.decisions = decisions;
    this.keeping = keeping;
  }

  /**
   * A count over the last day.
   *
   * @param hours the same by the hour, the oldest first
   */
  public record Series(long total, List<Long> hours) {}

  /** One line of the account: a sender's type, or a target. */
  public record Line(
      String sender,
      String name,
      Series received,
      Series delivered,
      long superseded,
      long waiting,
      long held,
      long dead) {}

  @GetMapping
  String overview(Model model) {
    Figures day = lastDay.figures();
    List<Map<String, Object>> all = targets.all();
    for (Map<String, Object> target : all) {
      String name = (String) target.get("target");
      target.put("line", ofTarget(day, name));
      target.put("last_success", lastSuccess(day, name));
    }
    model.addAttribute("unkept", keeping.trouble().orElse(null));
    model.addAttribute("day", day);
    model.addAttribute("all", line(day, "", "", type -> true, name -> true));
    model.addAttribute("toRoute", open(day, "to-route", name -> true, type -> true));
    model.addAttribute("died", settled(day, "dead", name -> true, type -> true));
    model.addAttribute("types", types(day));
    model.addAttribute("targets", all);
    model.addAttribute("collected", all.stream().mapToLong(t -> (long) t.get("collected")).sum());
    model.addAttribute("oldestWaiting", oldest(all, "active"));
    model.addAttribute("oldestHeld", oldest(all, "held"));
    model.addAttribute(
        "unroutable",
        account.unroutableKinds().stream()
            .mapToLong(k -> ((Number) k.get("count")).longValue())
            .sum());
    model.addAttribute("balance", balance.lines());
    model.addAttribute("drawnAt", balance.drawnAt());
    model.addAttribute(
        "missing", balance.lines().stream().filter(line -> line.missing() != 0).toList());
    return "overview";
  }

  /** Any address that is nobody's. */
  @RequestMapping("/**")
  void nothing() {
    throw new ErrorPages.NothingThereException("There is no page at this address.");
  }

  private static Date oldest(List<Map<String, Object>> targets, String state) {
    return targets.stream()
        .filter(target -> state.equals(target.get("state")))
        .map(target -> (Date) target.get("oldest_waiting_since"))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  @PostMapping("/targets/{target}/{word:pause|resume}")
  String hold(
      @PathVariable String target,
      @PathVariable String word,
      HttpServletRequest request,
      RedirectAttributes next) {
    if (!targets.has(target)) {
      throw new ErrorPages.NothingThereException(
          "Nothing was ever booked for a target of this name.");
    }
    if (word.equals("pause")) {
      decisions.pause(target, Actors.of(request));
      next.addFlashAttribute("done", target + " is paused: its deliveries wait.");
    } else {
      decisions.resume(target, Actors.of(request));
      next.addFlashAttribute("done", target + " goes on.");
    }
    return "redirect:/console#targets";
  }

  private static List<Line> types(Figures day) {
    Map<String, String> senders = new TreeMap<>();
    day.received().forEach(r -> senders.put(r.type(), r.sender()));
    Stream.concat(
            day.settled().stream().map(LastDay.Settled::type),
            day.open().stream().map(LastDay.Open::type))
        .forEach(type -> senders.putIfAbsent(type, ""));
    List<Line> lines = new ArrayList<>();
    senders.forEach(
        (type, sender) -> lines.add(line(day, sender, type, type::equals, target -> true)));
    lines.sort(Comparator.comparing(Line::sender).thenComparing(Line::name));
    return lines;
  }

  private static Line ofTarget(Figures day, String name) {
    return line(day, "", name, type -> true, name::equals);
  }

  private static Line line(
      Figures day, String sender, String name, Predicate<String> type, Predicate<String> target) {
    return new Line(
        sender,
        name,
        series(
            day.received().stream()
                .filter(r -> type.test(r.type()))
                .map(r -> Map.entry(r.hour(), r.count()))),
        settled(day, "delivered", target, type),
        settled(day, "superseded", target, type).total(),
        open(day, "waiting", target, type),
        open(day, "held", target, type),
        open(day, "dead", target, type));
  }

  private static long open(
      Figures day, String state, Predicate<String> target, Predicate<String> type) {
    return day.open().stream()
        .filter(o -> o.state().equals(state) && target.test(o.target()) && type.test(o.type()))
        .mapToLong(LastDay.Open::count)
        .sum();
  }

  private static Series settled(
      Figures day, String state, Predicate<String> target, Predicate<String> type) {
    return series(
        day.settled().stream()
            .filter(s -> s.state().equals(state) && target.test(s.target()) && type.test(s.type()))
            .map(s -> Map.entry(s.hour(), s.count())));
  }

  private static Series series(Stream<Map.Entry<Integer, Long>> counts) {
    long[] hours = new long[HOURS];
    counts.forEach(c -> hours[HOURS - 1 - c.getKey()] += c.getValue());
    return new Series(LongStream.of(hours).sum(), LongStream.of(hours).boxed().toList());
  }

  private static Instant lastSuccess(Figures day, String target) {
    return day.settled().stream()
        .filter(s -> s.target().equals(target) && s.state().equals("delivered"))
        .map(LastDay.Settled::last)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }
}
