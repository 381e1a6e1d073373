package io.commercewebhooks.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.commercewebhooks.sandbox.SalesforceCall.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An org of Salesforce on this computer, over HTTP on the loopback address, for tests and for a
 * first look without an org.
 *
 * <p>It is strict: it knows the objects and fields of the deployable metadata and the standard
 * fields that come with Opportunity, Case and Account, and refuses with Salesforce's own codes what
 * an org would refuse. It can be told to go wrong, see {@link #failNext} and {@link #failWhile}.
 * {@code /} shows its records as a page, {@code /records} as JSON; everything else asks for a token
 * from {@code /services/oauth2/token}.
 */
public final class StandInSalesforce implements AutoCloseable {

  /** The only client that may sign in. */
  public static final String CLIENT_ID = "stand-in-client";

  public static final String CLIENT_SECRET = "stand-in-secret";

  /**
   * One record that was written.
   *
   * @param key the external id it was written by
   * @param fields what the call set, as Salesforce keeps it; null values were cleared
   * @param created whether the record is new
   */
  public record Write(
      Instant at, String object, String key, Map<String, Object> fields, boolean created) {}

  /** A record about to be written, as sent. */
  public record RecordSent(String object, String key, JsonNode fields) {}

  private record Answer(int status, JsonNode body) {}

  private record PlannedFault(
      Predicate<SalesforceCall> which, SalesforceFault fault, AtomicInteger left) {}

  private record PlannedRecordFault(
      Predicate<RecordSent> which, SalesforceError error, AtomicInteger left) {}

  private static final Set<String> JWT_AUDIENCES =
      Set.of("https://login.salesforce.com", "https://test.salesforce.com");
  private static final int THREADS = 32;
  private static final int LARGEST_COLLECTION = 200;
  private static final int MOST_SUBREQUESTS = 25;
  private static final int LONGEST_URI = 16_384;
  private static final int MOST_RECORDS_LISTED = 1_000;
  private static final Charset UTF_8 = StandardCharsets.UTF_8;
  private static final String JSON = "application/json;charset=UTF-8";
  private static final String ORG_ID = SalesforceRecords.id("00D", 1);
  private static final Pattern VERSION = Pattern.compile("v(\\d{2,3})\\.0");
  private static final Pattern REFERENCE = Pattern.compile("@\\{(\\w+)\\.(\\w+)}");
  private static final SalesforceError TRIGGER_FAILED =
      new SalesforceError(
          400,
          "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
          "OnWrite: execution of AfterInsert caused by: System.LimitException: Too many SOQL queries: 101");
  private static final String ALERTED = "alerted";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  static {
    // Without it the two writes of an answer wait for each other for 40 ms on kept connections.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final Clock clock = Clock.systemUTC();
  private final SalesforceSchema schema;
  private final SalesforceRecords records;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "stand-in-salesforce");
            thread.setDaemon(true);
            return thread;
          });
  private final int port;
  private HttpServer server;

  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private volatile PublicKey jwtKey;
  private final List<Write> writes = new ArrayList<>();
  private final Map<Kind, LongAdder> calls = new EnumMap<>(Kind.class);
  private final LongAdder logins = new LongAdder();
  private final LongAdder used = new LongAdder();
  private volatile long dailyLimit = 100_000;
  private final List<PlannedFault> faults = new CopyOnWriteArrayList<>();
  private final List<PlannedRecordFault> recordFaults = new CopyOnWriteArrayList<>();
  private final Map<String, Predicate<List<String>>> triggers = new ConcurrentHashMap<>();
  private volatile String clientSecret = CLIENT_SECRET;
  private volatile String caseOwner;
  private volatile boolean duplicateAlerts;
  private volatile CountDownLatch hanging = new CountDownLatch(1);

  private StandInSalesforce(int port, SalesforceSchema schema) {
    this.schema = schema;
    this.records = new SalesforceRecords(schema, clock);
    for (Kind kind : Kind.values()) {
      calls.put(kind, new LongAdder());
    }
    server = listen(port);
    this.port = server.getAddress().getPort();
  }

  /** Starts on a free port with the metadata of {@code config/salesforce}. */
  public static StandInSalesforce start() {
    return start(0);
  }

  /**
   * Starts with the metadata of {@code config/salesforce}.
   *
   * @param port 0 for a free one
   */
  public static StandInSalesforce start(int port) {
    return start(port, Path.of("config", "salesforce"));
  }

  /** Starts with the objects and fields found in these folders. */
  public static StandInSalesforce start(int port, Path... metadata) {
    return new StandInSalesforce(port, SalesforceSchema.read(Arrays.asList(metadata)));
  }

  /** The login address; the records page is here too. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  // Looking

  /** The record with that external id, with its Id; empty when there is none. */
  public Map<String, Object> record(String object, String externalId) {
    SalesforceObject known = known(object);
    synchronized (records) {
      for (SalesforceField field : known.fields().values()) {
        if (field.externalId()) {
          List<String> ids = records.find(known, field, externalId);
          if (!ids.isEmpty()) {
            return records.get(known, ids.get(0));
          }
        }
      }
    }
    return Map.of();
  }

  /** All records of an object, the one changed last first. */
  public List<Map<String, Object>> records(String object) {
    SalesforceObject known = known(object);
    synchronized (records) {
      return SalesforcePage.newestFirst(records, known);
    }
  }

  /** Every record written through the API, in order. */
  public List<Write> writes() {
    synchronized (records) {
      return List.copyOf(writes);
    }
  }

  /** How many calls of a kind arrived, failed ones too. */
  public long calls(Kind kind) {
    return calls.get(kind).sum();
  }

  /** How many calls counted against the daily limit. */
  public long calls() {
    return used.sum();
  }

  /** How many sessions were given out. */
  public long logins() {
    return logins.sum();
  }

  // What people do in the org

  /** Creates a record as a person would; it doesn't count as a call nor as a write. */
  public String create(String object, Map<String, Object> fields) {
    ObjectNode node = MAPPER.valueToTree(fields);
    synchronized (records) {
      return records.create(known(object), node, new ArrayList<>()).id();
    }
  }

  /** Changes a record as a person would; it doesn't count as a call nor as a write. */
  public void edit(String object, String externalId, Map<String, Object> fields) {
    ObjectNode node = MAPPER.valueToTree(fields);
    String id = String.valueOf(record(object, externalId).get("Id"));
    synchronized (records) {
      records.update(known(object), id, node, new ArrayList<>());
    }
  }

  /** From now on the org's assignment rules give every Case to this owner that they run for. */
  public void assignCasesTo(String owner) {
    caseOwner = owner;
  }

  /** From now on a duplicate rule of the org alerts whoever creates a record. */
  public void alertOfDuplicates() {
    duplicateAlerts = true;
  }

  // Going wrong

  /** The next calls of the REST API, logins apart, fail. */
  public void failNext(int calls, SalesforceFault fault) {
    failNext(calls, call -> call.kind().ofTheApi(), fault);
  }

  /** The next calls that fit fail. */
  public void failNext(int calls, Predicate<SalesforceCall> which, SalesforceFault fault) {
    faults.add(new PlannedFault(which, fault, new AtomicInteger(calls)));
  }

  /** Every call that fits fails, until {@link #recover}. */
  public void failWhile(Predicate<SalesforceCall> which, SalesforceFault fault) {
    faults.add(new PlannedFault(which, fault, new AtomicInteger(Integer.MAX_VALUE)));
  }

  /**
   * Calls that fit wait until they may go on; they don't fail.
   *
   * @param inHand is counted down when one waits
   * @param go ends the wait, as half a minute does
   */
  public void holdUp(Predicate<SalesforceCall> which, CountDownLatch inHand, CountDownLatch go) {
    failWhile(
        call -> {
          if (which.test(call)) {
            inHand.countDown();
            await(go, Duration.ofSeconds(30));
          }
          return false;
        },
        SalesforceFault.unavailable());
  }

  /** Every record that fits is refused with that code, its neighbours aren't. */
  public void failRecords(Predicate<RecordSent> which, String code, String message) {
    failNextRecords(Integer.MAX_VALUE, which, code, message);
  }

  /** So many records that fit are refused with that code. */
  public void failNextRecords(int count, Predicate<RecordSent> which, String code, String message) {
    recordFaults.add(
        new PlannedRecordFault(
            which, new SalesforceError(400, code, message), new AtomicInteger(count)));
  }

  /**
   * A trigger on an object does too much, so that all records of a call are refused.
   *
   * @param tooMuch says so of the external ids that come in one call
   */
  public void failTogether(String object, Predicate<List<String>> tooMuch) {
    triggers.put(object, tooMuch);
  }

  /** Forgets all planned faults and lets hanging calls go. */
  public void recover() {
    triggers.clear();
    faults.clear();
    recordFaults.clear();
    CountDownLatch waiting = hanging;
    hanging = new CountDownLatch(1);
    waiting.countDown();
  }

  /** Lets clients sign in with this secret alone. */
  public void requireClientSecret(String secret) {
    clientSecret = secret;
  }

  /** Ends all sessions: the next call with an old token is answered with 401. */
  public void expireSessions() {
    sessions.clear();
  }

  /** Sets how much of the daily budget is used. */
  public void apiUsage(long usedCalls, long limit) {
    used.reset();
    used.add(usedCalls);
    dailyLimit = limit;
  }

  /** The key that JWT assertions must be signed for; without it any signature is accepted. */
  public void acceptJwtSignedFor(PublicKey key) {
    jwtKey = key;
  }

  /** Stops listening and cuts all connections. The records stay. */
  public synchronized void switchOff() {
    if (server != null) {
      hanging.countDown();
      server.stop(0);
      server = null;
    }
  }

  /** Listens again on the same port. */
  public synchronized void switchOn() {
    if (server == null) {
      hanging = new CountDownLatch(1);
      server = listen(port);
    }
  }

  /** Forgets records, writes, counters, sessions and faults. */
  public void clear() {
    synchronized (records) {
      records.clear();
      writes.clear();
    }
    calls.values().forEach(LongAdder::reset);
    logins.reset();
    caseOwner = null;
    duplicateAlerts = false;
    apiUsage(0, 100_000);
    expireSessions();
    recover();
  }

  @Override
  public void close() {
    switchOff();
    threads.shutdownNow();
  }

  // Answering

  private HttpServer listen(int onPort) {
    try {
      InetAddress loopback = InetAddress.getByName("127.0.0.1");
      HttpServer listening = HttpServer.create(new InetSocketAddress(loopback, onPort), 256);
      listening.setExecutor(threads);
      listening.createContext("/", this::answer);
      listening.start();
      return listening;
    } catch (IOException e) {
      throw new UncheckedIOException("the stand-in Salesforce can't listen on " + onPort, e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    URI uri = exchange.getRequestURI();
    if (uri.getRawPath().equals("/") || uri.getRawPath().equals("/records")) {
      show(exchange, uri.getRawPath());
      return;
    }
    // where the link of a mail leads: the page that has all records
    if (uri.getRawPath().startsWith("/lightning/r/")) {
      show(exchange, "/");
      return;
    }
    SalesforceCall call =
        new SalesforceCall(
            kind(exchange.getRequestMethod(), uri.getRawPath()),
            exchange.getRequestMethod(),
            uri.toString(),
            body,
            clock.instant());
    calls.get(call.kind()).increment();
    if (call.kind().ofTheApi()) {
      used.increment();
    }
    SalesforceFault fault = plannedFor(call);
    if (fault instanceof SalesforceFault.Answer planned) {
      planned.headers().forEach(exchange.getResponseHeaders()::set);
      send(exchange, planned.status(), planned.contentType(), planned.body().getBytes(UTF_8));
    } else if (fault instanceof SalesforceFault.Hang hang) {
      await(hanging, hang.atMost());
      exchange.close();
    } else if (fault instanceof SalesforceFault.Drop drop) {
      if (drop.afterWriting()) {
        answerTo(exchange, call);
      }
      exchange.close();
    } else if (fault instanceof SalesforceFault.AnswerAfterWriting planned) {
      answerTo(exchange, call);
      send(exchange, planned.status(), planned.contentType(), planned.body().getBytes(UTF_8));
    } else {
      if (fault instanceof SalesforceFault.ExpiredSession) {
        expireSessions();
      }
      Answer answer = answerTo(exchange, call);
      byte[] bytes = answer.body() == null ? new byte[0] : MAPPER.writeValueAsBytes(answer.body());
      send(exchange, answer.status(), JSON, bytes);
    }
  }

  private Answer answerTo(HttpExchange exchange, SalesforceCall call) {
    try {
      return switch (call.kind()) {
        case LOGIN -> login(call);
        case LOGOUT -> logout(exchange.getRequestURI().getRawQuery(), call);
        default -> api(exchange, call);
      };
    } catch (SalesforceError e) {
      return refused(e);
    } catch (RuntimeException e) {
      return refused(new SalesforceError(500, "UNKNOWN_EXCEPTION", e.toString()));
    }
  }

  private void send(HttpExchange exchange, int status, String contentType, byte[] body)
      throws IOException {
    exchange
        .getResponseHeaders()
        .set("Sforce-Limit-Info", "api-usage=" + used.sum() + "/" + dailyLimit);
    if (body.length > 0) {
      exchange.getResponseHeaders().set("Content-Type", contentType);
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private SalesforceFault plannedFor(SalesforceCall call) {
    for (PlannedFault planned : faults) {
      if (planned.which().test(call) && take(planned.left())) {
        return planned.fault();
      }
    }
    return null;
  }

  private static boolean take(AtomicInteger left) {
    return left.get() == Integer.MAX_VALUE
        || left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
  }

  private static void await(CountDownLatch end, Duration atMost) {
    try {
      end.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Kind kind(String method, String path) {
    if (path.equals("/services/oauth2/token")) {
      return Kind.LOGIN;
    }
    if (path.equals("/services/oauth2/revoke")) {
      return Kind.LOGOUT;
    }
    if (path.contains("/composite/sobjects/")) {
      return Kind.UPSERT_COLLECTION;
    }
    if (path.endsWith("/composite")) {
      return Kind.COMPOSITE;
    }
    if (path.matches(".*/(describe|sobjects)/?")) {
      return Kind.DESCRIBE;
    }
    if (path.matches(".*/query/?")) {
      return Kind.QUERY;
    }
    if (path.endsWith("/limits")) {
      return Kind.LIMITS;
    }
    if (path.contains("/sobjects/")) {
      return method.equals("GET") ? Kind.READ : Kind.UPSERT;
    }
    return Kind.OTHER;
  }

  private void show(HttpExchange exchange, String path) throws IOException {
    if (path.equals("/")) {
      String page;
      synchronized (records) {
        page = SalesforcePage.of(records);
      }
      send(exchange, 200, "text/html;charset=UTF-8", page.getBytes(UTF_8));
      return;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    synchronized (records) {
      for (SalesforceObject object : schema.objects()) {
        List<Map<String, Object>> newestFirst = SalesforcePage.newestFirst(records, object);
        if (!newestFirst.isEmpty()) {
          all.put(
              object.name(),
              newestFirst.subList(0, Math.min(MOST_RECORDS_LISTED, newestFirst.size())));
        }
      }
    }
    send(exchange, 200, JSON, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
  }

  // Signing in

  private Answer login(SalesforceCall call) {
    Map<String, String> form = parameters(call.body());
    return switch (form.getOrDefault("grant_type", "")) {
      case "client_credentials" ->
          CLIENT_ID.equals(form.get("client_id")) && clientSecret.equals(form.get("client_secret"))
              ? token()
              : refusedLogin("invalid_client", "invalid client credentials");
      case "urn:ietf:params:oauth:grant-type:jwt-bearer" ->
          validAssertion(form.getOrDefault("assertion", ""))
              ? token()
              : refusedLogin("invalid_grant", "invalid assertion");
      default -> refusedLogin("unsupported_grant_type", "grant type not supported");
    };
  }

  private Answer token() {
    String token = ORG_ID.substring(0, 15) + "!" + UUID.randomUUID().toString().replace("-", "");
    sessions.add(token);
    logins.increment();
    ObjectNode answer = NODES.objectNode();
    answer.put("access_token", token);
    answer.put("signature", Base64.getEncoder().encodeToString(token.getBytes(UTF_8)));
    answer.put("scope", "api");
    answer.put("instance_url", url());
    answer.put("id", url() + "/id/" + ORG_ID + "/" + SalesforceRecords.id("005", 1));
    answer.put("token_type", "Bearer");
    answer.put("issued_at", String.valueOf(clock.millis()));
    return new Answer(200, answer);
  }

  // Without this answer the Salesforce component of Camel waits for ever when it stops.
  private Answer logout(String query, SalesforceCall call) {
    String token = parameters(query).getOrDefault("token", parameters(call.body()).get("token"));
    return token != null && sessions.remove(token)
        ? new Answer(200, null)
        : refusedLogin("invalid_token", "invalid token");
  }

  private static Answer refusedLogin(String error, String description) {
    ObjectNode answer = NODES.objectNode();
    answer.put("error", error);
    answer.put("error_description", description);
    return new Answer(400, answer);
  }

  private boolean validAssertion(String assertion) {
    String[] parts = assertion.split("\\.");
    if (parts.length != 3) {
      return false;
    }
    try {
      JsonNode claims = MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
      boolean current = claims.path("exp").asLong() > clock.instant().getEpochSecond();
      boolean ours =
          CLIENT_ID.equals(claims.path("iss").asText())
              && claims.hasNonNull("sub")
              && JWT_AUDIENCES.contains(claims.path("aud").asText());
      return current && ours && signed(parts);
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private boolean signed(String[] parts) {
    if (jwtKey == null) {
      return true;
    }
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(jwtKey);
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Map<String, String> parameters(String encoded) {
    Map<String, String> values = new HashMap<>();
    for (String pair : encoded == null ? new String[0] : encoded.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(
            URLDecoder.decode(pair.substring(0, equals), UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), UTF_8));
      }
    }
    return values;
  }

  // The REST API

  private Answer api(HttpExchange exchange, SalesforceCall call) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    boolean signedIn =
        authorization != null
            && authorization.startsWith("Bearer ")
            && sessions.contains(authorization.substring(7));
    if (!signedIn) {
      throw new SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid");
    }
    if (used.sum() > dailyLimit) {
      throw new SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    }
    if (call.path().length() > LONGEST_URI) {
      throw new SalesforceError(414, "URI_TOO_LONG", "The URI is too long");
    }
    JsonNode body = call.bytes().length == 0 ? null : read(call.bytes());
    if (!"FALSE".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Sforce-Auto-Assign"))) {
      assign(body);
    }
    if (!"allowSave=true"
        .equals(exchange.getRequestHeaders().getFirst("Sforce-Duplicate-Rule-Header"))) {
      alert(body);
    }
    URI uri = exchange.getRequestURI();
    return resource(call.method(), uri.getRawPath(), uri.getRawQuery(), body);
  }

  /** Assignment rules run for the Cases that a call creates or updates. */
  private void assign(JsonNode body) {
    if (caseOwner == null || body == null) {
      return;
    }
    for (JsonNode sent : body.path("records")) {
      if (sent.at("/attributes/type").asText().equals("Case")) {
        ((ObjectNode) sent).put("OwnerId", caseOwner);
      }
    }
  }

  /** An alert that nobody passes over refuses the records of a call that would be new. */
  private void alert(JsonNode body) {
    if (!duplicateAlerts || body == null) {
      return;
    }
    for (JsonNode sent : body.path("records")) {
      ((ObjectNode) sent).withObject("attributes").put(ALERTED, true);
    }
  }

  private static JsonNode read(byte[] body) {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static SalesforceError unreadable(IOException e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return new SalesforceError(400, "JSON_PARSER_ERROR", message);
  }

  private static Answer refused(SalesforceError error) {
    ArrayNode body = NODES.arrayNode();
    if (error.status == 300) {
      for (String url : error.getMessage().split(",")) {
        body.add(url);
      }
      return new Answer(300, body);
    }
    ObjectNode entry = body.addObject();
    entry.put("message", error.getMessage());
    entry.put("errorCode", error.code);
    if (!error.fields.isEmpty()) {
      error.fields.forEach(entry.putArray("fields")::add);
    }
    return new Answer(error.status, body);
  }

  private Answer resource(String method, String rawPath, String query, JsonNode body) {
    List<String> path = segments(rawPath);
    if (path.size() < 3 || !path.get(0).equals("services") || !path.get(1).equals("data")) {
      throw SalesforceError.notFound("The requested resource does not exist");
    }
    Matcher matcher = VERSION.matcher(path.get(2));
    if (!matcher.matches()) {
      throw SalesforceError.notFound("The requested resource does not exist");
    }
    int version = Integer.parseInt(matcher.group(1));
    Map<String, String> parameters = parameters(query);
    List<String> rest = path.subList(3, path.size());
    String first = rest.isEmpty() ? "" : rest.get(0);
    if (first.equals("limits") && rest.size() == 1) {
      allow(method, "GET");
      return limits();
    }
    if (first.equals("query") && rest.size() == 1) {
      allow(method, "GET");
      return query(parameters.getOrDefault("q", ""), version);
    }
    if (first.equals("composite") && rest.size() == 1) {
      allow(method, "POST");
      return composite(body);
    }
    if (first.equals("composite") && rest.size() == 4 && rest.get(1).equals("sobjects")) {
      allow(method, "PATCH");
      return upsertCollection(rest.get(2), rest.get(3), body);
    }
    if (first.equals("sobjects")) {
      return sobjects(method, rest, parameters, body, version);
    }
    throw SalesforceError.notFound("The requested resource does not exist");
  }

  private static List<String> segments(String rawPath) {
    return Arrays.stream(rawPath.substring(1).split("/"))
        .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), UTF_8))
        .toList();
  }

  private static void allow(String method, String... allowed) {
    if (!List.of(allowed).contains(method)) {
      throw new SalesforceError(
          405,
          "METHOD_NOT_ALLOWED",
          "HTTP Method '" + method + "' not allowed. Allowed are " + String.join(",", allowed));
    }
  }

  private Answer limits() {
    ObjectNode body = NODES.objectNode();
    body.putObject("DailyApiRequests")
        .put("Max", dailyLimit)
        .put("Remaining", Math.max(0, dailyLimit - used.sum()));
    return new Answer(200, body);
  }

  private Answer sobjects(
      String method,
      List<String> rest,
      Map<String, String> parameters,
      JsonNode body,
      int version) {
    if (rest.size() == 1) {
      allow(method, "GET");
      ObjectNode answer = NODES.objectNode();
      ArrayNode list = answer.putArray("sobjects");
      schema.objects().forEach(object -> list.add(summary(object)));
      return new Answer(200, answer);
    }
    SalesforceObject object = schema.object(rest.get(1));
    if (object == null) {
      throw SalesforceError.notFound("The requested resource does not exist");
    }
    if (rest.size() == 2) {
      allow(method, "POST");
      return created(object, body);
    }
    if (rest.size() == 3 && rest.get(2).equals("describe")) {
      allow(method, "GET");
      return new Answer(200, description(object));
    }
    if (rest.size() == 4) {
      SalesforceField key = externalId(object, rest.get(2));
      allow(method, "GET", "PATCH");
      return method.equals("GET")
          ? readByKey(object, key, rest.get(3), version)
          : upsertOne(object, key, rest.get(3), parameters, body, version);
    }
    if (rest.size() == 3) {
      allow(method, "GET", "PATCH");
      return byId(method, object, rest.get(2), body, version);
    }
    throw SalesforceError.notFound("The requested resource does not exist");
  }

  private static SalesforceField externalId(SalesforceObject object, String name) {
    SalesforceField field = object.field(name);
    if (field == null || !field.externalId()) {
      throw SalesforceError.notFound(
          "Provided external ID field does not exist or is not accessible: " + name);
    }
    return field;
  }

  private Answer created(SalesforceObject object, JsonNode body) {
    ObjectNode fields = fieldsOf(body);
    synchronized (records) {
      failIfPlanned(new RecordSent(object.name(), null, fields));
      SalesforceRecords.Written written = records.create(object, fields, new ArrayList<>());
      logWrite(object, null, fields, written, new ArrayList<>());
      return new Answer(201, written(written));
    }
  }

  private Answer byId(
      String method, SalesforceObject object, String id, JsonNode body, int version) {
    synchronized (records) {
      Map<String, Object> record = records.get(object, id);
      if (record == null) {
        throw SalesforceError.notFound(
            "Provided external ID field does not exist or is not accessible: " + id);
      }
      if (method.equals("GET")) {
        return new Answer(200, shown(object, record, object.fields().keySet(), version));
      }
      ObjectNode fields = fieldsOf(body);
      logWrite(
          object,
          null,
          fields,
          records.update(object, id, fields, new ArrayList<>()),
          new ArrayList<>());
      return new Answer(204, null);
    }
  }

  private Answer readByKey(
      SalesforceObject object, SalesforceField key, String value, int version) {
    synchronized (records) {
      List<String> ids = records.find(object, key, value);
      if (ids.size() > 1) {
        throw severalMatches(object, ids, version);
      }
      if (ids.isEmpty()) {
        throw SalesforceError.notFound("The requested resource does not exist");
      }
      return new Answer(
          200, shown(object, records.get(object, ids.get(0)), object.fields().keySet(), version));
    }
  }

  private static SalesforceError severalMatches(
      SalesforceObject object, List<String> ids, int version) {
    List<String> urls = ids.stream().map(id -> recordUrl(object, id, version)).toList();
    return new SalesforceError(300, "DUPLICATE_EXTERNAL_ID", String.join(",", urls));
  }

  private Answer upsertOne(
      SalesforceObject object,
      SalesforceField key,
      String value,
      Map<String, String> parameters,
      JsonNode body,
      int version) {
    ObjectNode fields = fieldsOf(body);
    if (fields.has(key.name())) {
      throw new SalesforceError(
          400,
          "INVALID_FIELD",
          "The " + key.name() + " field should not be specified in the sobject data.");
    }
    boolean updateOnly = Boolean.parseBoolean(parameters.get("updateOnly"));
    synchronized (records) {
      List<String> ids = records.find(object, key, value);
      if (ids.size() > 1) {
        throw severalMatches(object, ids, version);
      }
      SalesforceRecords.Written written =
          upsert(object, key, value, fields, updateOnly, new ArrayList<>());
      if (written.created()) {
        return new Answer(201, written(written));
      }
      return version >= 46 ? new Answer(200, written(written)) : new Answer(204, null);
    }
  }

  private SalesforceRecords.Written upsert(
      SalesforceObject object,
      SalesforceField key,
      String value,
      ObjectNode fields,
      boolean updateOnly,
      List<Runnable> undo) {
    failIfPlanned(new RecordSent(object.name(), value, fields));
    SalesforceRecords.Written written =
        records.upsert(object, key, value, fields, updateOnly, undo);
    logWrite(object, value, fields, written, undo);
    return written;
  }

  private void failIfPlanned(RecordSent sent) {
    for (PlannedRecordFault planned : recordFaults) {
      if (planned.which().test(sent) && take(planned.left())) {
        throw planned.error();
      }
    }
  }

  private void logWrite(
      SalesforceObject object,
      String key,
      ObjectNode fields,
      SalesforceRecords.Written written,
      List<Runnable> undo) {
    Map<String, Object> record = records.get(object, written.id());
    Map<String, Object> set = new LinkedHashMap<>();
    fields
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals("attributes")) {
                set.put(name, record.get(name));
              }
            });
    Write write =
        new Write(
            clock.instant(),
            object.name(),
            key,
            Collections.unmodifiableMap(set),
            written.created());
    writes.add(write);
    undo.add(() -> writes.remove(writes.size() - 1));
  }

  private static ObjectNode fieldsOf(JsonNode body) {
    if (body instanceof ObjectNode fields) {
      return fields;
    }
    throw new SalesforceError(
        400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has none.");
  }

  private static ObjectNode written(SalesforceRecords.Written written) {
    ObjectNode node = NODES.objectNode();
    node.put("id", written.id());
    node.put("success", true);
    node.putArray("errors");
    node.put("created", written.created());
    return node;
  }

  private Answer upsertCollection(String objectName, String keyName, JsonNode body) {
    SalesforceObject object = schema.object(objectName);
    if (object == null) {
      throw SalesforceError.notFound("The requested resource does not exist");
    }
    SalesforceField key = externalId(object, keyName);
    JsonNode list = fieldsOf(body).get("records");
    if (list == null || !list.isArray() || list.isEmpty()) {
      throw new SalesforceError(400, "MISSING_ARGUMENT", "records not specified");
    }
    if (list.size() > LARGEST_COLLECTION) {
      throw new SalesforceError(
          400,
          "EXCEEDED_ID_LIMIT",
          "record limit reached. cannot submit more than "
              + LARGEST_COLLECTION
              + " records into this call");
    }
    boolean allOrNone = body.path("allOrNone").asBoolean(false);
    boolean isTooMuch =
        triggers.getOrDefault(objectName, keys -> false).test(list.findValuesAsText(keyName));
    Set<String> doubled = doubled(list, key);
    List<Object> results = new ArrayList<>(list.size());
    List<Runnable> undo = new ArrayList<>();
    boolean failed = false;
    synchronized (records) {
      for (JsonNode sent : list) {
        try {
          if (isTooMuch) {
            throw TRIGGER_FAILED;
          }
          results.add(upsertEntry(object, key, sent, doubled, undo));
        } catch (SalesforceError e) {
          results.add(e);
          failed = true;
        }
      }
      if (failed && allOrNone) {
        SalesforceRecords.takeBack(undo);
      }
    }
    ArrayNode answer = NODES.arrayNode();
    for (Object result : results) {
      if (result instanceof SalesforceError error) {
        answer.add(entry(error.code, error.getMessage(), error.fields));
      } else if (failed && allOrNone) {
        answer.add(
            entry(
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using"
                    + " AllOrNone header",
                List.of()));
      } else {
        answer.add(written((SalesforceRecords.Written) result));
      }
    }
    return new Answer(200, answer);
  }

  private SalesforceRecords.Written upsertEntry(
      SalesforceObject object,
      SalesforceField key,
      JsonNode sent,
      Set<String> doubled,
      List<Runnable> undo) {
    if (!(sent instanceof ObjectNode record)) {
      throw new SalesforceError(400, "JSON_PARSER_ERROR", "a record must be an object");
    }
    String type = record.path("attributes").path("type").asText();
    if (!type.equals(object.name())) {
      throw new SalesforceError(
          400, "INVALID_TYPE", "sObject type '" + type + "' is not " + object.name());
    }
    Object value = key.accept(record.get(key.name()));
    if (value == null) {
      throw new SalesforceError(400, "MISSING_ARGUMENT", key.name() + " not specified", key.name());
    }
    if (doubled.contains(key.comparable(value))) {
      throw new SalesforceError(
          400, "DUPLICATE_VALUE", "Duplicate external id specified: " + value, key.name());
    }
    if (record.path("attributes").has(ALERTED) && records.find(object, key, value).isEmpty()) {
      throw new SalesforceError(400, "DUPLICATES_DETECTED", "Use one of these records?");
    }
    ObjectNode fields = NODES.objectNode();
    fields.setAll(record);
    fields.remove(key.name());
    return upsert(object, key, String.valueOf(value), fields, false, undo);
  }

  private static Set<String> doubled(JsonNode list, SalesforceField key) {
    Set<String> seen = new HashSet<>();
    Set<String> doubled = new HashSet<>();
    for (JsonNode sent : list) {
      JsonNode value = sent.path(key.name());
      if (value.isTextual() && !seen.add(key.comparable(value.textValue()))) {
        doubled.add(key.comparable(value.textValue()));
      }
    }
    return doubled;
  }

  private static ObjectNode entry(String code, String message, List<String> fields) {
    ObjectNode entry = NODES.objectNode();
    entry.put("success", false);
    ObjectNode error = entry.putArray("errors").addObject();
    error.put("statusCode", code);
    error.put("message", message);
    ArrayNode names = error.putArray("fields");
    fields.forEach(names::add);
    return entry;
  }

  private Answer query(String soql, int version) {
    SalesforceQuery query = new SalesforceQuery(soql, schema);
    List<Map<String, Object>> rows;
    synchronized (records) {
      rows = query.run(records);
    }
    ObjectNode answer = NODES.objectNode();
    answer.put("totalSize", rows.size());
    answer.put("done", true);
    ArrayNode list = answer.putArray("records");
    if (!query.counting()) {
      rows.forEach(row -> list.add(shown(query.object(), row, row.keySet(), version)));
    }
    return new Answer(200, answer);
  }

  private static String recordUrl(SalesforceObject object, Object id, int version) {
    return "/services/data/v" + version + ".0/sobjects/" + object.name() + "/" + id;
  }

  private static ObjectNode shown(
      SalesforceObject object, Map<String, Object> record, Set<String> names, int version) {
    ObjectNode node = NODES.objectNode();
    node.putObject("attributes")
        .put("type", object.name())
        .put("url", recordUrl(object, record.get("Id"), version));
    for (String name : names) {
      node.set(name, MAPPER.valueToTree(record.get(name)));
    }
    return node;
  }

  private static ObjectNode summary(SalesforceObject object) {
    return NODES
        .objectNode()
        .put("name", object.name())
        .put("label", object.label())
        .put("keyPrefix", object.keyPrefix())
        .put("custom", object.name().endsWith("__c"))
        .put("createable", true)
        .put("updateable", true)
        .put("queryable", true);
  }

  private static ObjectNode description(SalesforceObject object) {
    ObjectNode answer = summary(object);
    ArrayNode fields = answer.putArray("fields");
    for (SalesforceField field : object.fields().values()) {
      fields
          .addObject()
          .put("name", field.name())
          .put("label", field.label())
          .put("type", field.type())
          .put("length", field.length())
          .put("precision", field.precision())
          .put("scale", field.scale())
          .put("custom", field.name().endsWith("__c"))
          .put("externalId", field.externalId())
          .put("idLookup", field.externalId() || field.name().equals("Id"))
          .put("unique", field.unique())
          .put("caseSensitive", field.caseSensitive())
          .put("nillable", !field.requiredOnCreate())
          .put("defaultedOnCreate", false)
          .put("createable", field.writable())
          .put("updateable", field.writable());
    }
    return answer;
  }

  // Composite

  private Answer composite(JsonNode body) {
    JsonNode list = fieldsOf(body).path("compositeRequest");
    if (!list.isArray() || list.isEmpty() || list.size() > MOST_SUBREQUESTS) {
      throw new SalesforceError(
          400,
          "INVALID_INPUT",
          "A composite request takes 1 to " + MOST_SUBREQUESTS + " subrequests");
    }
    boolean allOrNone = body.path("allOrNone").asBoolean(false);
    Map<String, Answer> answers = new LinkedHashMap<>();
    boolean failed = false;
    synchronized (records) {
      SalesforceRecords.Snapshot before = allOrNone ? records.snapshot() : null;
      int writesBefore = writes.size();
      for (JsonNode sub : list) {
        Answer answer = failed && allOrNone ? halted() : subrequest(sub, answers);
        failed |= answer.status() >= 300;
        answers.put(sub.path("referenceId").asText(), answer);
      }
      if (failed && allOrNone) {
        records.restore(before);
        writes.subList(writesBefore, writes.size()).clear();
        answers.replaceAll((reference, answer) -> answer.status() < 300 ? halted() : answer);
      }
    }
    ObjectNode answer = NODES.objectNode();
    ArrayNode responses = answer.putArray("compositeResponse");
    answers.forEach(
        (reference, each) -> {
          ObjectNode response = responses.addObject();
          response.set("body", each.body());
          response.putObject("httpHeaders");
          response.put("httpStatusCode", each.status());
          response.put("referenceId", reference);
        });
    return new Answer(200, answer);
  }

  private static Answer halted() {
    return refused(
        new SalesforceError(
            400,
            "PROCESSING_HALTED",
            "The transaction was rolled back since another operation in the same transaction"
                + " failed."));
  }

  private Answer subrequest(JsonNode sub, Map<String, Answer> before) {
    try {
      JsonNode filled = MAPPER.readTree(filled(MAPPER.writeValueAsString(sub), before));
      URI uri = URI.create(filled.path("url").asText());
      return resource(
          filled.path("method").asText(), uri.getRawPath(), uri.getRawQuery(), filled.get("body"));
    } catch (SalesforceError e) {
      return refused(e);
    } catch (IOException e) {
      return refused(unreadable(e));
    }
  }

  private static String filled(String text, Map<String, Answer> before) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            match -> {
              Answer answer = before.get(match.group(1));
              if (answer == null || answer.status() >= 300 || answer.body() == null) {
                throw new SalesforceError(
                    400,
                    "PROCESSING_HALTED",
                    "Invalid reference specified. No value for " + match.group() + " found");
              }
              return Matcher.quoteReplacement(answer.body().path(match.group(2)).asText());
            });
  }

  private SalesforceObject known(String object) {
    SalesforceObject known = schema.object(object);
    if (known == null) {
      throw new IllegalArgumentException("the org has no object " + object);
    }
    return known;
  }
}
