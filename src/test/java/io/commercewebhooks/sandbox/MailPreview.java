package io.commercewebhooks.sandbox;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import io.commercewebhooks.delivery.Letters;
import io.commercewebhooks.delivery.Letters.Case;
import io.commercewebhooks.delivery.Letters.Letter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every mail that can be sent, in every language, light and dark, as pages that link to each other:
 * one page of small pictures for each language and scheme, and of each mail its HTML and its text.
 * The mails are written anew whenever a page is asked for, so that a changed template shows at
 * once.
 */
public final class MailPreview implements AutoCloseable {

  private static final String FIRST = "index.html";
  private static final List<String> SCHEMES = List.of("light", "dark");
  private static final String CHOICE = "\\(prefers-color-scheme: dark\\)";

  private static final Pattern PAGE = Pattern.compile("([a-z]+)-(light|dark)\\.html");
  private static final Pattern MAIL =
      Pattern.compile("([a-z]+)-(light|dark)/([a-z-]+)/([\\w-]+)\\.(html|txt)");

  private final Letters letters = Letters.start();
  private final Configuration pages = new Configuration(Configuration.VERSION_2_3_34);

  /** A page and its media type. */
  public record Page(String type, String content) {}

  public MailPreview() {
    pages.setClassForTemplateLoading(MailPreview.class, "/sandbox");
    pages.setDefaultEncoding("UTF-8");
  }

  @Override
  public void close() {
    letters.close();
  }

  /**
   * The page at a path such as {@code index.html}, {@code de-dark.html}; empty if there is none.
   */
  public Optional<Page> page(String path) {
    if (path.isEmpty() || path.equals(FIRST)) {
      return page("en-light.html");
    }
    Matcher page = PAGE.matcher(path);
    if (page.matches() && Letters.languages().contains(page.group(1))) {
      return Optional.of(html(overview(page.group(1), page.group(2))));
    }
    Matcher mail = MAIL.matcher(path);
    if (!mail.matches() || !Letters.languages().contains(mail.group(1))) {
      return Optional.empty();
    }
    return Letters.cases().stream()
        .filter(one -> one.equals(new Case(mail.group(3), mail.group(4))))
        .findFirst()
        .map(one -> letters.write(one, mail.group(1)))
        .map(
            letter ->
                mail.group(5).equals("txt")
                    ? new Page("text/plain", letter.text() + "\n")
                    : html(inScheme(letter, mail.group(2))));
  }

  /** Writes all pages into a folder, to be opened without a server. */
  public void save(Path folder) {
    try {
      List<String> paths = new ArrayList<>(List.of(FIRST));
      for (String language : Letters.languages()) {
        for (String scheme : SCHEMES) {
          paths.add(language + "-" + scheme + ".html");
          for (Case one : Letters.cases()) {
            paths.add("%s-%s/%s.html".formatted(language, scheme, one));
            paths.add("%s-%s/%s.txt".formatted(language, scheme, one));
          }
        }
      }
      for (String path : paths) {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, page(path).orElseThrow().content());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Page html(String content) {
    return new Page("text/html", content);
  }

  /** A mail as a program in this scheme shows it, whatever the browser's own scheme is. */
  private static String inScheme(Letter letter, String scheme) {
    return letter.html().replaceAll(CHOICE, scheme.equals("dark") ? "all" : "not all");
  }

  private String overview(String language, String scheme) {
    Map<String, List<Map<String, String>>> groups = new LinkedHashMap<>();
    for (Case one : Letters.cases()) {
      groups
          .computeIfAbsent(one.type(), type -> new ArrayList<>())
          .add(
              Map.of(
                  "subject", letters.write(one, language).subject(),
                  "name", one.name(),
                  "template", one.booked("template"),
                  "audience", one.booked("audience"),
                  "path", language + "-" + scheme + "/" + one));
    }
    Map<String, Object> model =
        Map.of(
            "language", language,
            "scheme", scheme,
            "languages", Letters.languages(),
            "schemes", SCHEMES,
            "groups", groups);
    try {
      StringWriter page = new StringWriter();
      pages.getTemplate("mail-preview.ftlh").process(model, page);
      return page.toString();
    } catch (TemplateException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
