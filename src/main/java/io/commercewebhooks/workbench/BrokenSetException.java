package io.commercewebhooks.workbench;

import com.schibsted.spt.data.jslt.JsltException;
import freemarker.core.ParseException;
import io.commercewebhooks.config.WrittenRoutes;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;
import org.springframework.core.NestedExceptionUtils;

/** Routes or config that can't work; the message says what to write instead. */
public final class BrokenSetException extends Exception {

  private static final long serialVersionUID = 1L;

  /** How {@code CannotStartException} begins. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?s)(?<file>\\S+?), line (?<line>\\d+), column (?<column>\\d+): (?<problem>.*)");

  /** How Camel and JSLT say where. */
  private static final Pattern LINE = Pattern.compile("line:? (\\d+)");

  private static final Pattern ROUTE_FILE = Pattern.compile("[\\w./-]+\\.camel\\.yaml");
  private static final Pattern COLUMN = Pattern.compile("column:? (\\d+)");

  private static final Pattern QUOTED = Pattern.compile("'(.*)'");

  private final String file;
  private final Integer line;
  private final Integer column;

  BrokenSetException(String file, Integer line, Integer column, String problem, Throwable cause) {
    super(problem, cause);
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** What is wrong in a file as a whole; null for what is of none in particular. */
  BrokenSetException(String file, String problem, Throwable cause) {
    this(file, null, null, problem, cause);
  }

  /** The file below the folder of the service, or null when it is none in particular. */
  public String file() {
    return file;
  }

  /** Counted from 1; null when unknown. */
  public Integer line() {
    return line;
  }

  /** Counted from 1; null when unknown. */
  public Integer column() {
    return column;
  }

  /** What is wrong so many characters behind the beginning of a file's text. */
  static BrokenSetException at(
      String file, String text, int offset, String problem, Throwable cause) {
    String before = text.substring(0, offset);
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    return new BrokenSetException(file, line, offset - before.lastIndexOf('\n'), problem, cause);
  }

  /** What a complaint of {@code CannotStartException} says, in parts. */
  static BrokenSetException of(RuntimeException complaint) {
    Matcher written = WRITTEN.matcher(complaint.getMessage());
    if (!written.matches()) {
      return new BrokenSetException(null, complaint.getMessage(), complaint);
    }
    return new BrokenSetException(
        written.group("file"),
        Integer.valueOf(written.group("line")),
        Integer.valueOf(written.group("column")),
        written.group("problem"),
        complaint);
  }

  /** A template that FreeMarker can't read. */
  static BrokenSetException of(String file, ParseException failure) {
    return new BrokenSetException(
        file,
        failure.getLineNumber(),
        failure.getColumnNumber(),
        Remedies.ofTemplate(oneLine(failure.getEditorMessage())),
        failure);
  }

  /** A file that its own parser can't read; it says where in its words. */
  static BrokenSetException of(String file, Throwable failure) {
    String words = String.valueOf(failure.getMessage());
    return new BrokenSetException(
        file, number(LINE, words), number(COLUMN, words), oneLine(words), failure);
  }

  /** A mapping; of a wrong regular expression JSLT says the text, and not where it stands. */
  static BrokenSetException ofMapping(String file, String text, JsltException failure) {
    String words = oneLine(failure.getMessage());
    String said = Remedies.ofMapping(words);
    Integer written = number(LINE, words);
    if (written == null && failure.getLine() > 0) {
      return new BrokenSetException(
          file, failure.getLine(), failure.getColumn() + 1, said, failure);
    }
    Matcher quoted = QUOTED.matcher(words);
    if (written == null && quoted.find()) {
      int at = Math.max(0, text.indexOf(quoted.group(1).replace("\\", "\\\\")));
      return at(file, text, at, said, failure);
    }
    return new BrokenSetException(file, written, number(COLUMN, words), said, failure);
  }

  /** What Camel's reader of routes says, which names the file in its words. */
  static BrokenSetException ofYaml(Throwable failure) {
    Matcher file = ROUTE_FILE.matcher(String.valueOf(failure.getMessage()));
    return of(file.find() ? file.group() : null, failure);
  }

  /**
   * Routes that Camel can't make or start, with the place where the first of them is written.
   *
   * @param folder of the copy that they were read from
   * @param names what routes can name
   */
  static BrokenSetException ofRoute(Throwable failure, Path folder, KnownNames names) {
    String said = words(failure).replace(folder + "/", "");
    String words = Remedies.ofRoute(said, names);
    WrittenRoutes written = WrittenRoutes.in(folder.resolve("routes"));
    Optional<String> address = Remedies.unknownAddress(said).flatMap(written::placeOfAddress);
    List<Throwable> causes =
        Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
    Optional<String> expression =
        causes.stream()
            .filter(SimpleIllegalSyntaxException.class::isInstance)
            .map(cause -> ((SimpleIllegalSyntaxException) cause).getExpression())
            .findFirst()
            .flatMap(written::placeOfExpression);
    return causes.stream()
        .flatMap(cause -> WrittenRoutes.routeNamedBy(cause).stream())
        .findFirst()
        .flatMap(id -> address.or(() -> expression).or(() -> written.placeOf(id)))
        .map(place -> place.replace(folder + "/", "") + ": " + words)
        .map(complaint -> of(new IllegalStateException(complaint, failure)))
        .orElseGet(() -> ofYaml(new IllegalStateException(words, failure)));
  }

  /** What the innermost cause of a failure says, in one line. */
  static String words(Throwable failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    return cause.getMessage() == null
        ? cause.getClass().getSimpleName()
        : oneLine(cause.getMessage());
  }

  private static Integer number(Pattern place, String words) {
    Matcher found = place.matcher(words);
    return found.find() ? Integer.valueOf(found.group(1)) : null;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
