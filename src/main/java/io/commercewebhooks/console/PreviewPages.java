package io.commercewebhooks.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.ReadableJson;
import io.commercewebhooks.console.ErrorPages.NothingThereException;
import io.commercewebhooks.ledger.EventFinder;
import io.commercewebhooks.workbench.BrokenSetException;
import io.commercewebhooks.workbench.Previews;
import io.commercewebhooks.workbench.Previews.Wanted;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.SessionAttribute;

/** Trying out changed files, and the mails of an event as the files write them. */
@ConsolePage
@RequestMapping("/console")
class PreviewPages {

  /** How many events are told of in full: mails are long. */
  private static final int IN_FULL = 25;

  private static final int LINES_AROUND = 2;
  private static final int FIRST_LAST = 20;
  private static final String MAILS = "preview.mails";

  /** A mail brings its own styles; it may do and load nothing, and stands in no page but ours. */
  private static final String MAIL =
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

  private final Previews previews;
  private final EventFinder finder;
  private final ObjectMapper json;

  PreviewPages(Previews previews, EventFinder finder, ObjectMapper json) {
    this.previews = previews;
    this.finder = finder;
    this.json = json;
  }

  /** A file as it would be; an empty text takes it away. */
  public record Edited(String name, String text) {}

  /**
   * What somebody filled in.
   *
   * @param of recorded, event, payload or fixture
   * @param as the type of event that the payload is meant to be
   */
  public record Form(
      List<Edited> files,
      String of,
      String type,
      String status,
      String last,
      String event,
      String as,
      String payload,
      String fixture) {

    private static Form of(HttpServletRequest request) {
      List<Edited> files = new ArrayList<>();
      String[] names = all(request, "file");
      String[] texts = all(request, "text");
      for (int i = 0; i < Math.min(names.length, texts.length); i++) {
        // browsers end lines in their own way
        files.add(new Edited(names[i].strip(), texts[i].replace("\r\n", "\n")));
      }
      return new Form(
          files,
          one(request, "of", one(request, "event", "").isEmpty() ? "recorded" : "event"),
          one(request, "type", ""),
          one(request, "status", ""),
          one(request, "last", String.valueOf(FIRST_LAST)),
          one(request, "event", ""),
          one(request, "as", ""),
          one(request, "payload", ""),
          one(request, "fixture", ""));
    }

    private static String[] all(HttpServletRequest request, String name) {
      String[] values = request.getParameterValues(name);
      return values == null ? new String[0] : values;
    }

    private static String one(HttpServletRequest request, String name, String otherwise) {
      String value = request.getParameter(name);
      return value == null ? otherwise : value.strip();
    }

    private Form with(List<Edited> others) {
      return new Form(others, of, type, status, last, event, as, payload, fixture);
    }
  }

  /** Where a mistake is: some lines of its file. */
  public record Numbered(int number, String text, boolean here) {}

  private record Mails(String id, List<String> html) {}

  @GetMapping("/preview")
  String form(HttpServletRequest request, Model model) throws IOException {
    return form(Form.of(request), previews.files(), model);
  }

  /** Opens a file, takes one out again, or takes in those that were chosen from a disk. */
  @PostMapping("/preview/edit")
  String edit(
      @RequestParam(defaultValue = "") String open,
      @RequestParam(required = false) Integer drop,
      HttpServletRequest request,
      Model model)
      throws IOException {
    Form form = Form.of(request);
    Map<String, String> standing = previews.files();
    List<Edited> files = new ArrayList<>();
    form.files().forEach(f -> files.add(new Edited(whole(f.name(), standing), f.text())));
    if (drop != null) {
      if (drop >= 0 && drop < files.size()) {
        files.remove(drop.intValue());
      }
    } else if (request.getParameter("add") != null
        && files.stream().noneMatch(file -> !open.isEmpty() && file.name().equals(open))) {
      files.add(new Edited(open, standing.getOrDefault(open, "")));
    }
    return form(form.with(files), standing, model);
  }

  /** The name of a file here: what is chosen from a disk may come without its folders. */
  private static String whole(String name, Map<String, String> standing) {
    List<String> meant =
        standing.keySet().stream()
            .filter(one -> one.endsWith("/" + name) || name.endsWith("/" + one))
            .toList();
    return standing.containsKey(name) || meant.size() != 1 ? name : meant.get(0);
  }

  @PostMapping("/preview")
  String run(HttpServletRequest request, HttpSession session, Model model) throws IOException {
    Form form = Form.of(request);
    run(() -> wanted(form), request, session, model);
    return form(form, previews.files(), model);
  }

  private interface Asking {
    Wanted wanted() throws JsonProcessingException;
  }

  private void run(Asking asking, HttpServletRequest request, HttpSession session, Model model)
      throws IOException {
    try {
      Wanted wanted = asking.wanted();
      if (PreviewApi.isForAdmins(wanted) && !request.isUserInRole(Role.ADMIN.name())) {
        model.addAttribute("problem", PreviewApi.FOR_ADMINS);
        return;
      }
      show(previews.run(wanted), wanted, session, model);
    } catch (BrokenSetException e) {
      model.addAttribute("broken", e);
      model.addAttribute("lines", around(e, Form.of(request)));
    } catch (TimeoutException e) {
      model.addAttribute("problem", PreviewApi.TOO_LONG);
    } catch (JsonProcessingException e) {
      model.addAttribute("problem", "the payload is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException | Previews.BusyException e) {
      model.addAttribute("problem", e.getMessage());
    }
  }

  private Wanted wanted(Form form) throws JsonProcessingException {
    Map<String, String> files = new LinkedHashMap<>();
    form.files().forEach(f -> files.put(f.name(), f.text().isBlank() ? null : f.text()));
    return switch (form.of()) {
      case "payload" ->
          new Wanted(
              files,
              new Previews.Payload(
                  form.as(),
                  json.reader()
                      .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                      .readTree(form.payload())),
              null,
              null);
      case "fixture" -> new Wanted(files, null, form.fixture(), null);
      case "event" -> new Wanted(files, null, null, recorded(form.event()));
      default ->
          new Wanted(
              files,
              null,
              null,
              new Previews.Recorded(
                  EventPages.Asked.word(form.type()),
                  EventPages.Asked.word(form.status()),
                  number(form.last()),
                  null));
    };
  }

  private static Previews.Recorded recorded(String event) {
    return new Previews.Recorded(null, null, 1, List.of(event));
  }

  private int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("say how many events, 1 to " + previews.mostEvents(), e);
    }
  }

  /** The mails of an event, as the files as they stand write them. */
  @PostMapping("/events/{id}/mails")
  String mails(
      @PathVariable String id, HttpServletRequest request, HttpSession session, Model model)
      throws IOException {
    run(() -> new Wanted(Map.of(), null, null, recorded(id)), request, session, model);
    model.addAttribute("id", id);
    return "event-mails";
  }

  /** A mail of the last preview of this session. */
  @GetMapping("/preview/mails/{preview}/{number}")
  ResponseEntity<String> mail(
      @PathVariable String preview,
      @PathVariable int number,
      @SessionAttribute(name = MAILS, required = false) Mails mails) {
    if (mails == null || !mails.id().equals(preview) || number >= mails.html().size()) {
      throw new NothingThereException("This preview is over. Run it again.");
    }
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
        .header("Content-Security-Policy", MAIL)
        .body(mails.html().get(number));
  }

  private String form(Form form, Map<String, String> standing, Model model) throws IOException {
    EventFinder.Kinds kinds = finder.kinds();
    model.addAttribute("form", form);
    model.addAttribute("names", standing.keySet());
    model.addAttribute("fixtures", previews.fixtures());
    model.addAttribute("types", kinds.types());
    model.addAttribute("statuses", kinds.statuses());
    model.addAttribute("most", previews.mostEvents());
    return "preview";
  }

  private void show(ObjectNode answer, Wanted wanted, HttpSession session, Model model) {
    List<ObjectNode> results = new ArrayList<>();
    answer.path("results").forEach(result -> results.add((ObjectNode) result));
    results.sort(Comparator.comparing(result -> result.path("differences").isEmpty()));
    Mails mails = new Mails(UUID.randomUUID().toString(), new ArrayList<>());
    List<ObjectNode> inFull = results.subList(0, Math.min(IN_FULL, results.size()));
    inFull.forEach(result -> readable(result, mails.html()));
    session.setAttribute(MAILS, mails);
    model.addAttribute("preview", mails.id());
    model.addAttribute("compared", answer.has("different"));
    model.addAttribute("different", answer.path("different").asInt());
    model.addAttribute("count", results.size());
    model.addAttribute("where", json.convertValue(answer.path("differentWhere"), Map.class));
    model.addAttribute("notCompared", answer.path("notCompared").asText(null));
    model.addAttribute("changed", wanted.files().size());
    model.addAttribute("results", json.convertValue(inFull, List.class));
    model.addAttribute(
        "others", json.convertValue(results.subList(inFull.size(), results.size()), List.class));
  }

  /** JSON as people read it; a mail becomes the number of its frame. */
  private static void readable(ObjectNode result, List<String> mails) {
    for (JsonNode call : result.path("salesforce")) {
      text((ObjectNode) call, "body");
    }
    for (JsonNode call : result.path("database")) {
      text((ObjectNode) call, "rows");
    }
    for (JsonNode difference : result.path("differences")) {
      for (String side : List.of("live", "preview")) {
        if (difference.path(side) instanceof ObjectNode mail && mail.has("html")) {
          // it is shown in its frame
          mail.remove(List.of("html", "text"));
        }
        text((ObjectNode) difference, side);
      }
    }
    for (JsonNode mail : result.path("mails")) {
      ((ObjectNode) mail).put("frame", mails.size());
      mails.add(mail.path("html").asText());
    }
  }

  private static void text(ObjectNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isNull() || value.isMissingNode()) {
      object.remove(name);
    } else {
      object.put(name, value.isTextual() ? value.textValue() : ReadableJson.of(value));
    }
  }

  private List<Numbered> around(BrokenSetException broken, Form form) throws IOException {
    if (broken.file() == null || broken.line() == null) {
      return List.of();
    }
    List<String> lines =
        form.files().stream()
            .filter(file -> file.name().equals(broken.file()))
            .map(Edited::text)
            .findFirst()
            .orElse(previews.files().getOrDefault(broken.file(), ""))
            .lines()
            .toList();
    return IntStream.rangeClosed(broken.line() - LINES_AROUND, broken.line() + LINES_AROUND)
        .filter(number -> number >= 1 && number <= lines.size())
        .mapToObj(n -> new Numbered(n, lines.get(n - 1), n == broken.line()))
        .toList();
  }
}
