package io.commercewebhooks.failures;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a trial measured: printed as its last lines, and once more, together with those of all
 * trials, at the end of the run. The whole is also left in {@code target/failures.txt}.
 */
public final class Figures implements BeforeEachCallback, AfterEachCallback {

  private static final Path FILE = Path.of("target", "failures.txt");

  private final String trial;
  private final List<String> lines = new ArrayList<>();
  private Summary summary;

  /**
   * @param trial what each line begins with
   */
  public Figures(String trial) {
    this.trial = trial;
  }

  public void add(String format, Object... arguments) {
    lines.add(trial + ": " + String.format(Locale.ROOT, format, arguments));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    summary =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(Figures.class))
            .getOrComputeIfAbsent(Summary.class, type -> new Summary(), Summary.class);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    lines.forEach(System.out::println);
    summary.lines.addAll(lines);
  }

  /** Closed by JUnit when all trials are over. */
  private static final class Summary implements ExtensionContext.Store.CloseableResource {

    private final List<String> lines = new ArrayList<>();

    @Override
    public void close() {
      System.out.println("Figures of all trials");
      lines.forEach(System.out::println);
      try {
        Files.write(FILE, lines);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
