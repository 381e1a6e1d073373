package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.commercewebhooks.ledger.EventFilter;
import io.commercewebhooks.ledger.Payloads;
import io.commercewebhooks.workbench.PreviewedSet.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Tries out what routes and config would do with webhooks, and what they would do differently from
 * those that are there now. Nothing outside, in the ledger or in the live routes changes. So many
 * at a time, so many events and so long are the most; more is refused.
 */
@Component
public class Previews {

  private static final Pattern CASE = Pattern.compile("[a-z-]+/[\\w.-]+");
  private static final List<String> HARMLESS = List.of("strictJson", "redactor", "recipients");

  private static final String OF_LEDGER = CandidateSet.STATEMENTS + "entity-so-far.sql";
  private static final String LEDGER = "dataSource";
  private static final String DATABASE = "databaseDataSource";

  private final Payloads payloads;
  private final ApplicationContext beans;
  private final ObjectMapper json;
  private final Map<String, Path> places;
  private final Path cases;
  private final int mostEvents;
  private final DataSize mostSize;
  private final Duration longest;
  private final ThreadPoolExecutor threads;

  Previews(
      Payloads payloads,
      ApplicationContext beans,
      @Qualifier("strictJson") ObjectMapper json,
      WorkbenchSettings settings,
      @Value("${routes.directory}") Path routes,
      @Value("${mail.notifications}") Path notifications,
      @Value("${mail.templates}") Path templates) {
    this.payloads = payloads;
    this.beans = beans;
    this.json = json;
    this.places = new LinkedHashMap<>();
    places.put("routes", routes);
    places.put("config/mappings", Path.of("config/mappings"));
    places.put("config/sql", Path.of("config/sql"));
    places.put("config/templates", templates);
    places.put(CandidateSet.NOTIFICATIONS, notifications);
    places.put(CandidateSet.SETTINGS, Path.of(CandidateSet.SETTINGS));
    places.put(CandidateSet.REDACTION, Path.of(CandidateSet.REDACTION));
    this.cases = Path.of(settings.cases());
    this.mostEvents = settings.preview().mostEvents();
    this.mostSize = settings.preview().mostSize();
    this.longest = settings.preview().longest();
    this.threads =
        new ThreadPoolExecutor(
            0,
            settings.preview().atATime(),
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            work -> new Thread(work, "preview"));
  }

  /**
   * What to try out.
   *
   * @param files texts by name, such as {@code routes/routing/x.camel.yaml}; null deletes one
   * @param payload a webhook; or
   * @param fixture a case of the tests, {@code <type>/<case>}; or
   * @param recorded events that came
   */
  public record Wanted(
      Map<String, String> files, Payload payload, String fixture, Recorded recorded) {}

  /**
   * A webhook as it would come.
   *
   * @param type of the event that it is
   */
  public record Payload(String type, JsonNode body) {}

  /**
   * Events that came.
   *
   * @param status only those of this status; null means any
   * @param last how many
   * @param ids of events; without them the newest of the type
   */
  public record Recorded(String type, String status, Integer last, List<String> ids) {}

  /** This can't be tried out now; the sentence says why. */
  public static final class BusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BusyException(String why) {
      super(why);
    }
  }

  /**
   * Tries it out.
   *
   * @return what became of each webhook, and the differences
   * @throws BrokenSetException when the files can't work
   * @throws IllegalArgumentException when it isn't said what to try
   * @throws BusyException when others are being tried out
   * @throws TimeoutException when it takes too long; it is ended
   */
  public ObjectNode run(Wanted wanted) throws BrokenSetException, TimeoutException {
    List<Received> webhooks = webhooks(wanted);
    Instant end = Instant.now().plus(longest);
    Future<ObjectNode> preview;
    try {
      preview = threads.submit(() -> run(wanted, webhooks, end));
    } catch (RejectedExecutionException e) {
      throw new BusyException(
          "%d previews are under way, which is as many as there may be; try again in a moment"
              .formatted(threads.getMaximumPoolSize()));
    }
    try {
      return preview.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimeoutException("the service stops");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BrokenSetException broken) {
        throw broken;
      }
      if (e.getCause() instanceof TimeoutException late) {
        throw late;
      }
      if (e.getCause() instanceof StackOverflowError endless) {
        throw new BrokenSetException(
            null,
            "something in these files calls itself without end, or is nested too deep",
            endless);
      }
      throw new IllegalStateException("a preview failed", e.getCause());
    } finally {
      preview.cancel(true);
    }
  }

  private ObjectNode run(Wanted wanted, List<Received> webhooks, Instant end)
      throws IOException, BrokenSetException, TimeoutException {
    boolean changed = wanted.files() != null && !wanted.files().isEmpty();
    List<ObjectNode> results = results(changed ? wanted.files() : Map.of(), webhooks, end);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("events", results.size());
    if (changed) {
      compare(answer, results, end, webhooks);
    }
    answer.putArray("results").addAll(results);
    return answer;
  }

  /** Says what the files as they stand do with the same webhooks, where that is something else. */
  private void compare(
      ObjectNode answer, List<ObjectNode> results, Instant end, List<Received> webhooks)
      throws IOException, TimeoutException {
    List<ObjectNode> live;
    try {
      live = results(Map.of(), webhooks, end);
    } catch (BrokenSetException e) {
      answer.put("notCompared", "the files as they stand are broken: " + e.getMessage());
      return;
    }
    int different = 0;
    Map<String, Integer> where = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      // conditions may be written differently: what counts is what comes of them
      ArrayNode differences =
          Differences.between(
              live.get(i).deepCopy().without("path"), results.get(i).deepCopy().without("path"));
      results.get(i).set("differences", differences);
      different += differences.isEmpty() ? 0 : 1;
      differences.forEach(one -> where.merge(one.path("where").asText(), 1, Integer::sum));
    }
    answer.put("different", different);
    answer.set("differentWhere", json.valueToTree(where));
  }

  private List<ObjectNode> results(Map<String, String> files, List<Received> webhooks, Instant end)
      throws IOException, BrokenSetException, TimeoutException {
    List<ObjectNode> results = new ArrayList<>();
    CandidateSet candidate = CandidateSet.of(places, files);
    try (PreviewedSet set =
        new PreviewedSet(candidate, harmless(), names(), beans.getEnvironment(), json)) {
      checkStatements(candidate, files.keySet());
      for (Received webhook : webhooks) {
        if (Instant.now().isAfter(end) || Thread.interrupted()) {
          throw new TimeoutException();
        }
        results.add(set.run(webhook));
      }
    }
    return results;
  }

  /** The texts of the files as they stand that a preview can change, by name. */
  public Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>(FileSet.read(places).files());
    files.keySet().removeIf(name -> !CandidateSet.canPreview(name));
    return files;
  }

  /** The cases of the tests, {@code <type>/<case>}, where they are there. */
  public List<String> fixtures() throws IOException {
    if (!Files.isDirectory(cases)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(cases, 3)) {
      return all.filter(file -> file.endsWith("webhook.json"))
          .map(file -> cases.relativize(file.getParent()).toString().replace('\\', '/'))
          .filter(name -> CASE.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  /** How many events one preview may look at. */
  public int mostEvents() {
    return mostEvents;
  }

  /** Where the files are, by what they are called. */
  Map<String, Path> places() {
    return places;
  }

  /**
   * Starts a set by itself and ends it, which shows most of what is wrong in it.
   *
   * @param changed names of the files that aren't live yet
   * @throws BrokenSetException when it can't start
   */
  void tryOut(CandidateSet set, Set<String> changed) throws BrokenSetException {
    checkStatements(set, changed);
    new PreviewedSet(set, harmless(), names(), beans.getEnvironment(), json).stop();
  }

  /**
   * Has the databases read the statements among these files.
   *
   * @throws BrokenSetException when one can't be carried out as it is written
   */
  void checkStatements(CandidateSet set, Set<String> names) throws BrokenSetException {
    for (String name : names) {
      String text = set.text(name);
      if (text != null && name.startsWith(CandidateSet.STATEMENTS)) {
        String whose = name.equals(OF_LEDGER) ? LEDGER : DATABASE;
        String answer = set.names().contains(mappingOf(name)) ? "success" : null;
        if (!Statements.check(name, text, answer, beans.getBean(whose, DataSource.class))) {
          return;
        }
      }
    }
  }

  /** The mapping that makes the rows of a statement, if it is one that delivers. */
  private static String mappingOf(String statement) {
    return statement
        .replace(CandidateSet.STATEMENTS, CandidateSet.MAPPINGS)
        .replaceFirst("\\.sql$", "-to-database.jslt");
  }

  /** What routes can name. */
  KnownNames names() {
    return new KnownNames(harmless().keySet(), beans.getBean(CamelContext.class));
  }

  private Map<String, Object> harmless() {
    Map<String, Object> harmless = new LinkedHashMap<>();
    HARMLESS.forEach(name -> harmless.put(name, beans.getBean(name)));
    List.of(
            "refusals",
            "zoomCommerceSignature",
            "oracleCommerceRequestQuoteSignature",
            "oracleCommerceReturnSignature",
            "hmacSignature",
            "spool")
        .forEach(name -> harmless.put(name, new OpenDoor()));
    return harmless;
  }

  /** Takes what nobody signed, refuses nobody, and has nothing in the spool. */
  public static final class OpenDoor {

    public void verify() {}

    public boolean isChallenge() {
      return false;
    }

    public void answerChallenge() {}

    public void answer(Exchange exchange, int status) {}

    public void read() {}

    public void done() {}

    public void setAside() {}
  }

  private List<Received> webhooks(Wanted wanted) {
    long said =
        List.of(wanted.payload() != null, wanted.fixture() != null, wanted.recorded() != null)
            .stream()
            .filter(is -> is)
            .count();
    if (said != 1) {
      throw new IllegalArgumentException(
          "say one of \"payload\" ({\"type\", \"body\"}), \"fixture\" (\"<type>/<case>\") and"
              + " \"recorded\" ({\"type\", \"status\", \"last\", \"ids\"})");
    }
    if (wanted.payload() != null) {
      return List.of(pasted(wanted.payload()));
    }
    return wanted.fixture() != null
        ? List.of(fixture(wanted.fixture()))
        : recorded(wanted.recorded());
  }

  private static Received pasted(Payload payload) {
    if (payload.type() == null || payload.body() == null || !payload.body().isObject()) {
      throw new IllegalArgumentException(
          "a payload has a \"type\", such as order-status-changed, and a \"body\", a JSON object");
    }
    return new Received(null, 0, payload.type(), null, payload.body().toString(), Instant.now());
  }

  private Received fixture(String name) {
    Path webhook = cases.resolve(name).resolve("webhook.json");
    if (!CASE.matcher(name).matches() || !Files.isRegularFile(webhook)) {
      throw new IllegalArgumentException(
          "there is no case %s; write <type>/<case>, as the folders below %s are called"
              .formatted(name, cases));
    }
    try {
      String type = name.substring(0, name.indexOf('/'));
      return new Received(null, 0, type, null, Files.readString(webhook), Instant.now());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Received> recorded(Recorded wanted) {
    int last = wanted.last() == null ? mostEvents : wanted.last();
    if (wanted.type() == null && wanted.ids() == null || last < 1 || last > mostEvents) {
      throw new IllegalArgumentException(
          "recorded events have a \"type\" or \"ids\", and \"last\" is 1 to " + mostEvents);
    }
    return payloads
        .masked(
            new EventFilter(
                wanted.ids(), wanted.type(), wanted.status(), null, null, null, null, null, last),
            mostSize)
        .stream()
        .map(
            event ->
                new Received(
                    (String) event.get("id"),
                    (Long) event.get("sequence"),
                    (String) event.get("type"),
                    (String) event.get("mapping"),
                    (String) event.get("body"),
                    ((Timestamp) event.get("received_at")).toInstant()))
        .toList();
  }
}
