package io.commercewebhooks.workbench;

import com.schibsted.spt.data.jslt.JsltException;
import com.schibsted.spt.data.jslt.Parser;
import freemarker.core.ParseException;
import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.RouteChecks;
import io.commercewebhooks.config.RouteSchema;
import io.commercewebhooks.config.WrittenRoutes;
import io.commercewebhooks.config.WrittenSettings;
import io.commercewebhooks.config.WrittenYaml;
import io.commercewebhooks.delivery.EmailConfiguration;
import io.commercewebhooks.delivery.Notifications;
import io.commercewebhooks.intake.RedactionSettings;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Routes and config as they would be with some files changed: a copy in a folder of its own, gone
 * when it is closed.
 */
final class CandidateSet implements AutoCloseable {

  static final String SETTINGS = "config/application.yaml";
  static final String REDACTION = "config/redaction.yaml";
  static final String NOTIFICATIONS = "config/notifications.yaml";
  static final String STATEMENTS = "config/sql/";
  static final String TEMPLATES = "config/templates/";
  static final String MAPPINGS = "config/mappings/";

  /** What a preview can change; the rest of config is read when the service starts. */
  private static final Pattern CHANGEABLE =
      Pattern.compile(
          "routes/[\\w/-]+\\.camel\\.yaml|config/notifications\\.yaml"
              + "|config/mappings/[\\w-]+\\.jslt|config/sql/[\\w-]+\\.sql"
              + "|config/templates/[\\w/-]+\\.ftlh?");

  /** What follows the last character of ASCII. */
  private static final int ASCII = 128;

  private static final Pattern MAIL_PART = Pattern.compile("freemarker:([\\w/-]+\\.ftlh?)");

  /** What is being written; no file of a set is called so. */
  private static final String HALF = ".half";

  /** How old a file may look; the first systems take one away after ten days. */
  private static final Duration YOUNG = Duration.ofDays(1);

  private static final Set<String> WITHOUT_PREVIEW = Set.of(SETTINGS, REDACTION);

  private static final List<String> NEEDED = List.of(SETTINGS, REDACTION, NOTIFICATIONS);

  private final Path folder;
  private final Map<String, String> files;
  private Notifications notifications;
  private freemarker.template.Configuration mailTemplates;

  private CandidateSet(Path folder, Map<String, String> files) {
    this.folder = folder;
    this.files = files;
  }

  /**
   * Copies the files as they stand, changes some, and looks whether all can work together.
   *
   * @param places where the files are, by what they are called here
   * @param changes texts by name, null for a file that is deleted
   * @throws BrokenSetException with the first thing that is wrong
   */
  static CandidateSet of(Map<String, Path> places, Map<String, String> changes)
      throws IOException, BrokenSetException {
    for (String name : changes.keySet()) {
      if (!canPreview(name)) {
        throw new BrokenSetException(
            name,
            "a preview can't change this file; name files of routes/ (*.camel.yaml),"
                + " config/mappings, config/sql, config/templates, or config/notifications.yaml",
            null);
      }
      refuseHalfCharacters(name, changes.get(name));
    }
    Map<String, String> files;
    try {
      files = new TreeMap<>(FileSet.read(places).files());
    } catch (CannotStartException e) {
      throw BrokenSetException.of(e);
    }
    files.putAll(changes);
    files.values().removeIf(Objects::isNull);
    return in(Files.createTempDirectory("preview-"), files);
  }

  /** JSON can hold what no file can: one of the two halves that some characters are made of. */
  private static void refuseHalfCharacters(String name, String text) throws BrokenSetException {
    if (text != null && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new BrokenSetException(
          name, "it holds half of a character, as no file can; write the whole one", null);
    }
  }

  /** The same for a whole set, which stays below a folder as long as routes are bound to it. */
  static CandidateSet of(FileSet set, Path below) throws IOException, BrokenSetException {
    return in(Files.createTempDirectory(below, set.hash() + "-"), set.files());
  }

  /**
   * Writes the set that the service starts with, which Camel reads itself and whoever reads the
   * rest doesn't before an event comes.
   */
  static CandidateSet atStart(FileSet set, Path below) throws IOException {
    CandidateSet copy =
        new CandidateSet(Files.createTempDirectory(below, set.hash() + "-"), set.files());
    copy.write();
    return copy;
  }

  private static CandidateSet in(Path folder, Map<String, String> files)
      throws IOException, BrokenSetException {
    CandidateSet set = new CandidateSet(folder, files);
    try {
      set.write();
      set.checkRoutes();
      set.check();
      return set;
    } catch (IOException | RuntimeException | Error | BrokenSetException e) {
      set.close();
      throw e;
    }
  }

  /** Whether a preview can change a file of this name. */
  static boolean canPreview(String name) {
    return CHANGEABLE.matcher(name).matches();
  }

  /** Whether a file of this name takes part in a change while the service runs. */
  static boolean isChangeable(String name) {
    return canPreview(name) || WITHOUT_PREVIEW.contains(name);
  }

  private void write() throws IOException {
    for (String name : files.keySet()) {
      write(name);
    }
  }

  /** Nobody ever reads half of a file. */
  private void write(String name) throws IOException {
    Path place = file(name);
    Files.createDirectories(place.getParent());
    String text = files.get(name);
    Path half = Files.writeString(file(HALF), name.startsWith(MAPPINGS) ? inAscii(text) : text);
    Files.move(half, place, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Writes anew what is gone, and has what is there look young: systems take what has lain for some
   * days out of their folder for temporary files, and much of a set is read for the first time when
   * its first event comes.
   */
  void keep() throws IOException {
    Instant now = Instant.now();
    for (String name : files.keySet()) {
      Path place = file(name);
      if (Files.notExists(place)) {
        write(name);
      } else if (Files.getLastModifiedTime(place).toInstant().isBefore(now.minus(YOUNG))) {
        Files.setLastModifiedTime(place, FileTime.from(now));
      }
    }
  }

  /** Camel reads a mapping in the charset of the platform, whichever that is. */
  private static String inAscii(String mapping) {
    StringBuilder ascii = new StringBuilder();
    for (char c : mapping.toCharArray()) {
      ascii.append(c < ASCII ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    return ascii.toString();
  }

  private void checkRoutes() throws BrokenSetException {
    try {
      for (String name : files.keySet()) {
        if (name.startsWith("routes/")) {
          RouteSchema.check(file(name));
        }
      }
    } catch (CannotStartException e) {
      throw broken(BrokenSetException.of(e));
    }
  }

  /**
   * Looks whether all can work together.
   *
   * @throws BrokenSetException with the first thing that is wrong
   */
  void check() throws IOException, BrokenSetException {
    try {
      checkConfig();
      checkWhatIsNamed();
    } catch (CannotStartException e) {
      throw broken(BrokenSetException.of(e));
    }
    for (String name : files.keySet()) {
      if (name.startsWith(MAPPINGS)) {
        refuseEmpty(name);
        checkMapping(name);
      } else if (name.startsWith(TEMPLATES)) {
        refuseEmpty(name);
        checkTemplate(name);
      }
    }
    checkMails();
  }

  private void checkConfig() throws BrokenSetException {
    for (String name : files.keySet()) {
      if (name.matches("config/\\w+\\.yaml")) {
        WrittenYaml.read(file(name)).entries();
      }
    }
    for (String name : NEEDED) {
      if (!files.containsKey(name)) {
        throw new BrokenSetException(name, "it is missing; put it back", null);
      }
    }
    WrittenSettings.checkAll(folder, file("routes"));
    objects();
    RedactionSettings.check(file(REDACTION));
  }

  /** Looks whether what routes name is there, and whether what is there can be read together. */
  private void checkWhatIsNamed() throws IOException {
    RouteChecks routes = checks();
    routes.check();
    routes.checkConfigFiles(folder);
    notifications = new Notifications(file(NOTIFICATIONS).toString(), file(TEMPLATES).toString());
    routes.checkSaid("audience", notifications.audiences());
    Set<String> letters = letters();
    routes.checkSaid(
        "template",
        letters.stream().map(name -> name.replaceFirst(".*/", "")).collect(Collectors.toSet()));
    routes.checkMails(notifications.languages(), letters);
    mailTemplates = EmailConfiguration.mailTemplates(file(TEMPLATES).toString());
  }

  private void refuseEmpty(String name) throws BrokenSetException {
    if (files.get(name).isBlank()) {
      throw new BrokenSetException(name, 1, 1, "it is empty; write it, or delete it", null);
    }
  }

  /** Tries out what routing names in each language that has words for it. */
  private void checkMails() throws IOException, BrokenSetException {
    LetterFacts.check(files);
    MailsTriedOut mails = new MailsTriedOut(mailTemplates);
    Set<String> letters = letters();
    Set<String> booked = checks().said("template");
    for (String part : mailParts()) {
      for (String letter : letters) {
        String language = letter.replaceFirst("/.*", "");
        String mail = letter.substring(letter.indexOf('/') + 1);
        if (booked.contains(mail) && letters.contains(language + "/words")) {
          mails.write(part, language, mail);
        }
      }
    }
  }

  /** The templates that routes name, as {@code subject.ftl}. */
  private Set<String> mailParts() {
    return files.entrySet().stream()
        .filter(file -> file.getKey().startsWith("routes/"))
        .flatMap(file -> MAIL_PART.matcher(file.getValue()).results())
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The letters that there are, as {@code en/order-completed}. */
  private Set<String> letters() {
    return files.keySet().stream()
        .filter(name -> name.startsWith(TEMPLATES))
        .map(name -> name.substring(TEMPLATES.length()).replaceFirst("\\.ftlh?$", ""))
        .collect(Collectors.toSet());
  }

  /**
   * Looks whether each type that goes to Salesforce has an object there. Only what goes live needs
   * it: a preview can't bring one along.
   *
   * @throws BrokenSetException with the place where one without is booked
   */
  void checkObjects() throws BrokenSetException {
    try {
      checks().checkTypes("salesforce", "salesforce.objects", objects());
    } catch (CannotStartException e) {
      throw broken(BrokenSetException.of(e));
    }
  }

  private RouteChecks checks() {
    return new RouteChecks(WrittenRoutes.in(file("routes")));
  }

  /** The types that have an object of Salesforce. */
  private Set<String> objects() {
    WrittenYaml salesforce = WrittenYaml.read(file(SETTINGS)).entries().get("salesforce");
    WrittenYaml objects = salesforce == null ? null : salesforce.entries().get("objects");
    if (objects == null) {
      return Set.of();
    }
    for (WrittenYaml object : objects.entries().values()) {
      Map<String, WrittenYaml> said = object.entries(List.of("name", "external-id"));
      said.values().forEach(WrittenYaml::text);
      if (said.size() < 2) {
        throw object.wrong("an object has a name and an external-id; write both");
      }
    }
    return objects.entries().keySet();
  }

  private void checkMapping(String name) throws BrokenSetException {
    try {
      new Parser(new StringReader(files.get(name))).compile();
      MappingVariables.check(name, files.get(name));
    } catch (JsltException e) {
      throw broken(BrokenSetException.ofMapping(name, files.get(name), e));
    } catch (StackOverflowError e) {
      throw new BrokenSetException(
          name, "it goes on without end, or is nested too deep; nest it less", e);
    }
  }

  private void checkTemplate(String name) throws IOException, BrokenSetException {
    try {
      mailTemplates.getTemplate(name.substring(TEMPLATES.length()));
    } catch (ParseException e) {
      throw broken(BrokenSetException.of(name, e));
    }
  }

  /** The same complaint, naming files as people call them and not as the copy is called. */
  BrokenSetException broken(BrokenSetException complaint) {
    return new BrokenSetException(
        complaint.file() == null ? null : plain(complaint.file()),
        complaint.line(),
        complaint.column(),
        plain(complaint.getMessage()),
        complaint);
  }

  /** A text that names files as people call them. */
  String plain(String text) {
    return text.replace("file:", "").replace(folder + "/", "");
  }

  /** What a file says, or null when it isn't there. */
  String text(String name) {
    return files.get(name);
  }

  /** The names of all files. */
  Set<String> names() {
    return files.keySet();
  }

  /** The file or folder of the copy that is called so. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Every file below a folder of the copy. */
  Stream<Path> filesIn(String name) throws IOException {
    return Files.walk(file(name)).filter(Files::isRegularFile).sorted();
  }

  Notifications notifications() {
    return notifications;
  }

  freemarker.template.Configuration mailTemplates() {
    return mailTemplates;
  }

  @Override
  public void close() throws IOException {
    FileSystemUtils.deleteRecursively(folder);
  }
}
