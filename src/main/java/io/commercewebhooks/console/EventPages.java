package io.commercewebhooks.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ReadableJson;
import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.ledger.DeliveryFilter;
import io.commercewebhooks.ledger.EventFinder;
import io.commercewebhooks.ledger.EventFinder.Question;
import io.commercewebhooks.ledger.LedgerAccount;
import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

/** Finding events, and everything about one. */
@ConsolePage
@RequestMapping("/console")
class EventPages {

  private static final List<String> STATES =
      List.of("received", "unroutable", "waiting", "held", "delivered", "superseded", "dead");

  private final EventFinder finder;
  private final LedgerAccount account;
  private final Decisions decisions;
  private final Advice advice;
  private final ObjectMapper json;
  private final String salesforce;

  EventPages(
      EventFinder finder,
      LedgerAccount account,
      Decisions decisions,
      Advice advice,
      ObjectMapper json,
      @Value("${mail.links.salesforce}") String salesforce) {
    this.finder = finder;
    this.account = account;
    this.decisions = decisions;
    this.advice = advice;
    this.json = json;
    this.salesforce = salesforce;
  }

  /**
   * What somebody asks for on the page; empty means any.
   *
   * @param last hours back from now, as {@code 24h}, or days, as {@code 7d}
   * @param from from this local time on
   * @param to before this local time
   * @param zone the zone of these times
   */
  public record Asked(
      String q,
      String type,
      String status,
      String state,
      String target,
      String last,
      String from,
      String to,
      String zone,
      Long before) {

    /** Whether it names a person, who must not stand in an address. */
    public boolean namesPerson() {
      return q != null && q.contains("@");
    }

    private Question question() {
      return new Question(
          word(q),
          word(type),
          word(status),
          word(state),
          word(target),
          since(),
          instant(to),
          before);
    }

    /** What is asked for in both ways has to fit both. */
    private Instant since() {
      Instant ago = word(last) == null ? null : Instant.now().minus(duration(last));
      return Stream.of(ago, instant(from))
          .filter(Objects::nonNull)
          .max(Comparator.naturalOrder())
          .orElse(null);
    }

    static String word(String text) {
      return text == null || text.isBlank() ? null : text.strip();
    }

    private static Duration duration(String last) {
      return Duration.parse(
          last.endsWith("d") ? "P" + last.toUpperCase() : "PT" + last.toUpperCase());
    }

    private Instant instant(String local) {
      if (word(local) == null) {
        return null;
      }
      ZoneId there = word(zone) == null ? ZoneOffset.UTC : ZoneId.of(zone);
      return LocalDateTime.parse(local).atZone(there).toInstant();
    }

    private String address() {
      UriComponentsBuilder address = UriComponentsBuilder.fromPath("/console/events");
      add(address, "q", q);
      add(address, "type", type);
      add(address, "status", status);
      add(address, "state", state);
      add(address, "target", target);
      add(address, "last", last);
      add(address, "from", from);
      add(address, "to", to);
      add(address, "zone", word(from) == null && word(to) == null ? null : zone);
      return address.encode().build().toUriString();
    }

    /** Where all of it is delivered again; null unless one target is done with it. */
    private String again() {
      return DeliveryFilter.isDone(word(state)) ? all("/console/replay") : null;
    }

    /** Where all of it is given up; null unless it is what waits for one target. */
    private String discard() {
      return DeliveryFilter.isWaiting(word(state)) ? all("/console/discard") : null;
    }

    private String all(String deed) {
      if (word(target) == null || word(q) != null) {
        return null;
      }
      UriComponentsBuilder address =
          UriComponentsBuilder.fromPath(deed).queryParam("of", "deliveries");
      add(address, "state", state);
      add(address, "target", target);
      add(address, "type", type);
      add(address, "status", status);
      add(address, "from", Objects.toString(since(), null));
      add(address, "to", Objects.toString(instant(to), null));
      return address.encode().build().toUriString();
    }

    private static void add(UriComponentsBuilder address, String name, String value) {
      if (word(value) != null) {
        // the value is no template
        address.queryParam(name, "{%s}".formatted(name)).uriVariables(Map.of(name, value.strip()));
      }
    }
  }

  @GetMapping("/events")
  String events(Asked asked, Model model) {
    return found(asked, model);
  }

  /** A form, so that no address names a person. */
  @PostMapping("/find")
  String find(Asked asked, Model model) {
    return asked.namesPerson() ? found(asked, model) : "redirect:" + asked.address();
  }

  private String found(Asked asked, Model model) {
    Question question;
    try {
      question = asked.question();
    } catch (DateTimeException | ArithmeticException e) {
      throw new NothingThereException("These times can't be read.");
    }
    if (question.state() != null && !STATES.contains(question.state())) {
      throw new NothingThereException("There is no state of this name.");
    }
    EventFinder.Found found = finder.find(question);
    EventFinder.Kinds kinds = finder.kinds();
    model.addAttribute("asked", asked);
    model.addAttribute("from", asked.instant(asked.from()));
    model.addAttribute("to", asked.instant(asked.to()));
    model.addAttribute("address", asked.address());
    model.addAttribute("found", found);
    model.addAttribute("again", asked.again());
    model.addAttribute("discard", asked.discard());
    model.addAttribute("types", kinds.types());
    model.addAttribute("statuses", kinds.statuses());
    model.addAttribute("states", STATES);
    model.addAttribute("targets", account.targetNames());
    return "find";
  }

  @GetMapping("/events/{id}")
  String event(@PathVariable String id, Model model) {
    return event(id, null, model);
  }

  /** The page with the payload as it is, for a reason, which the audit keeps. */
  @PostMapping("/events/{id}/reveal")
  String reveal(
      @PathVariable String id,
      @RequestParam String reason,
      HttpServletRequest request,
      Model model) {
    Map<String, Object> payload =
        decisions
            .reveal(id, reason, Actors.of(request))
            .orElseThrow(() -> new NothingThereException("The ledger has no such event."));
    return event(id, payload.get("body"), model);
  }

  private String event(String id, Object revealed, Model model) {
    Map<String, Object> event =
        account
            .event(id)
            .map(advice::besideDeliveries)
            .orElseThrow(
                () ->
                    new NothingThereException(
                        "The ledger has no event with this id. It keeps events for some time only,"
                            + " and a refused webhook is no event."));
    List<Map<String, Object>> deliveries = deliveries(event);
    for (Map<String, Object> delivery : deliveries) {
      Object reference = delivery.get("reference");
      delivery.put("said", tree(delivery.get("parameters")));
      if ("salesforce".equals(delivery.get("target")) && reference != null) {
        delivery.put("link", salesforce.replace("{id}", reference.toString()));
      }
    }
    model.addAttribute("event", event);
    model.addAttribute("held", held());
    model.addAttribute("timeline", timeline(event, deliveries));
    model.addAttribute("payload", pretty(revealed == null ? event.get("body") : revealed));
    model.addAttribute("revealed", revealed != null);
    model.addAttribute(
        "dead", deliveries.stream().filter(d -> "dead".equals(d.get("state"))).count());
    return "event";
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> deliveries(Map<String, Object> event) {
    return (List<Map<String, Object>>) event.get("deliveries");
  }

  private List<Object> held() {
    return account.targets().stream()
        .filter(target -> "held".equals(target.get("state")))
        .map(target -> target.get("target"))
        .toList();
  }

  /**
   * Something that happened.
   *
   * @param what received, routed, closed, failed, before or settled
   * @param facts of the delivery or attempt
   */
  public record Moment(
      Date at, String what, Map<String, Object> delivery, Map<String, Object> facts) {}

  @SuppressWarnings("unchecked")
  private static List<Moment> timeline(
      Map<String, Object> event, List<Map<String, Object>> deliveries) {
    List<Moment> moments = new ArrayList<>();
    moments.add(new Moment((Date) event.get("received_at"), "received", Map.of(), event));
    if (event.get("routed_at") != null) {
      moments.add(new Moment((Date) event.get("routed_at"), "routed", Map.of(), event));
    }
    if (event.get("closed_at") != null) {
      moments.add(new Moment((Date) event.get("closed_at"), "closed", Map.of(), event));
    }
    for (Map<String, Object> delivery : deliveries) {
      inShort((List<Map<String, Object>>) delivery.get("failed_attempts"))
          .forEach(a -> moments.add(new Moment((Date) a.get("ended_at"), "failed", delivery, a)));
      if (delivery.get("delivered_before") != null) {
        moments.add(
            new Moment((Date) delivery.get("delivered_before"), "before", delivery, delivery));
      }
      // of a dead letter, its last attempt says so
      if (delivery.get("settled_at") != null && !"dead".equals(delivery.get("state"))) {
        moments.add(new Moment((Date) delivery.get("settled_at"), "settled", delivery, delivery));
      }
    }
    moments.sort(Comparator.comparing(Moment::at));
    return moments;
  }

  /** A target on hold is tried for days, each time with the same answer: that is one line. */
  private static List<Map<String, Object>> inShort(List<Map<String, Object>> attempts) {
    List<Map<String, Object>> told = new ArrayList<>();
    for (Map<String, Object> attempt : attempts) {
      if (!told.isEmpty() && isMoreOf(told.get(told.size() - 1), attempt)) {
        told.get(told.size() - 1).put("last", attempt);
      } else {
        told.add(new HashMap<>(attempt));
      }
    }
    return told;
  }

  private static boolean isMoreOf(Map<String, Object> before, Map<String, Object> attempt) {
    return "hold".equals(attempt.get("outcome"))
        && Stream.of("outcome", "code", "detail", "files")
            .allMatch(name -> Objects.equals(before.get(name), attempt.get(name)));
  }

  private Map<?, ?> tree(Object rawJson) {
    return json.convertValue(read(rawJson), Map.class);
  }

  private String pretty(Object rawJson) {
    return ReadableJson.of(read(rawJson));
  }

  private JsonNode read(Object rawJson) {
    try {
      return json.readTree(json.writeValueAsString(rawJson));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the ledger holds unreadable JSON", e);
    }
  }
}
